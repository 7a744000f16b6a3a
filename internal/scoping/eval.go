package scoping

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// Match tells whether an object is in scope. The row has the attributes by the
// slots of Attributes. A failing clause is an error only where the others don't
// decide: then it isn't known whether the object is in scope, and expression's
// OutOfSteps tells whether a regular expression is why.
func (p *Program) Match(row expression.Row) (bool, error) {
	if len(p.groups) == 0 {
		return true, nil
	}
	var failure error
	for i := range p.groups {
		ok, err := p.group(i, row)
		if ok {
			return true, nil
		}
		if err != nil && failure == nil {
			failure = err
		}
	}
	return false, failure
}

// Counted reports whether Match may run out of a regular expression's steps.
func (p *Program) Counted() bool {
	for _, g := range p.groups {
		for _, t := range g {
			if t.regex != nil && t.regex.Counted() {
				return true
			}
		}
	}
	return false
}

func (p *Program) group(i int, row expression.Row) (bool, error) {
	var failure error
	for k := range p.groups[i] {
		t := &p.groups[i][k]
		if t.unknown != nil {
			failure = t.unknown
			continue
		}
		var v expression.Value
		if t.slot < len(row) {
			v = row[t.slot]
		}
		ok, err := p.clause(t, v)
		switch {
		case err != nil:
			failure = err
		case !ok:
			return false, nil
		}
	}
	return failure == nil, failure
}

// clause evaluates one test. "Scoping filters will return false if the value
// is null / empty", but for IS NULL. [D SCO]
func (p *Program) clause(t *test, v expression.Value) (bool, error) {
	if v.IsNullOrEmpty() {
		return t.op == IsNull || t.op.negative() && p.options.NullUnderNot == NullUnderNotPasses, nil
	}
	switch t.op {
	case IsNull:
		return false, nil
	case IsNotNull:
		return true, nil
	default: // the other operators compare the value
	}
	list, isList := v.List()
	if !isList {
		return p.single(t, v)
	}
	if p.options.MultiValued == MultiValuedFails {
		return false, t.fail("the attribute is multi-valued, and filtering on such attributes isn't supported")
	}
	for _, s := range list {
		ok, err := p.single(t, expression.TextValue(s))
		if err != nil || ok == (p.options.MultiValued == MultiValuedAny) {
			return ok, err
		}
	}
	return p.options.MultiValued == MultiValuedAll, nil
}

func (t *test) fail(format string, args ...any) error {
	e := t.at
	e.Message = fmt.Sprintf(format, args...)
	return &e
}

// single evaluates one test of one value that is neither null nor empty.
func (p *Program) single(t *test, v expression.Value) (bool, error) {
	if b, ok := v.Bool(); ok && (t.op == IsTrue || t.op == IsFalse) {
		return b == (t.op == IsTrue), nil
	}
	var buf [20]byte
	if n, ok := v.Int(); ok {
		return p.number(t, n, strconv.AppendInt(buf[:0], n, 10))
	}
	s, ok := v.Text()
	if !ok {
		if _, isRoles := v.Roles(); isRoles {
			return false, t.fail("app role assignments can't be filtered on")
		}
		s = v.String() // True or False, which are constants
	}
	return p.text(t, s)
}

// number evaluates a test of an integer without making its digits a string
// where that can be helped.
func (p *Program) number(t *test, n int64, digits []byte) (bool, error) {
	switch t.op {
	case BitsSet, BitsNotSet:
		// "value AND number is not 0 / is 0" [expressions 6, O]
		if mask, err := strconv.ParseInt(t.value, 10, 64); err == nil {
			return (n&mask != 0) == (t.op == BitsSet), nil
		}
		return false, t.fail("%s takes a whole number; the operand is %q", t.op, t.value)
	case Equals:
		return string(digits) == t.value, nil
	case NotEquals:
		return string(digits) != t.value, nil
	case GreaterThan, GreaterThanOrEquals:
		if limit, err := strconv.ParseInt(t.value, 10, 64); err == nil && n >= 0 {
			return n > limit || n == limit && t.op == GreaterThanOrEquals, nil
		}
	default: // compared as text
	}
	return p.text(t, string(digits))
}

func (p *Program) text(t *test, s string) (bool, error) {
	switch t.op {
	case Equals:
		return s == t.value, nil
	case NotEquals:
		return s != t.value, nil
	case IsTrue:
		return strings.EqualFold(s, "true"), nil
	case IsFalse:
		return strings.EqualFold(s, "false"), nil
	case BitsSet, BitsNotSet:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return false, t.fail("%s tests the bits of a whole number; the value is %q", t.op, s)
		}
		return p.number(t, n, []byte(s))
	case Includes:
		return strings.Contains(s, t.value), nil
	case EndsWith:
		return p.endsWith(s, t.value), nil
	case GreaterThan, GreaterThanOrEquals:
		if !isInteger(s) {
			if p.options.NotInteger == NotIntegerFalse {
				return false, nil
			}
			return false, t.fail("%s compares whole numbers 0, 1, 2, ...; the value is %q", t.op, s)
		}
		c := compareIntegers(s, t.value)
		return c > 0 || c == 0 && t.op == GreaterThanOrEquals, nil
	default: // a regular expression
	}
	ok, err := p.matches(t.regex, s)
	if err != nil {
		e := t.at
		e.Message, e.inner = err.Error(), err
		return false, &e
	}
	return ok == (t.op == RegexMatch), nil
}

func (p *Program) matches(re *dotnet.Regex, s string) (bool, error) {
	if p.options.Regex == RegexWhole {
		return re.MatchWhole(s)
	}
	return re.Match(s)
}

func (p *Program) endsWith(s, end string) bool {
	if !p.options.EndsWithIgnoresCase {
		return strings.HasSuffix(s, end)
	}
	for end != "" {
		a, n := utf8.DecodeLastRuneInString(s)
		b, k := utf8.DecodeLastRuneInString(end)
		if n == 0 || !dotnet.EqualFold(a, b) {
			return false
		}
		s, end = s[:len(s)-n], end[:len(end)-k]
	}
	return true
}

// compareIntegers compares decimal digits of any length.
func compareIntegers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
