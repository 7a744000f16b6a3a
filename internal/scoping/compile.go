package scoping

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// Program is a compiled list of groups. It is safe for concurrent use.
type Program struct {
	options Options
	attrs   []string
	groups  [][]test
}

// test is a compiled clause.
type test struct {
	slot  int
	op    Operator
	value string
	regex *dotnet.Regex
	at    Error // the place, for failures
	// unknown is why it can't be evaluated, nil where it can.
	unknown error
}

// Attributes lists the attribute of each slot of a row.
func (p *Program) Attributes() []string { return p.attrs }

// Compile checks groups and prepares them for evaluation. attributes are those
// that exist, in the order of the rows' slots; nil means any, and then the
// slots are in the order of the groups' own attributes. The error is of type
// Errors.
func Compile(groups []Group, attributes []string, options Options) (*Program, error) {
	p, _, err := compile(groups, attributes, options)
	return p, err
}

// Check is Compile for its mistakes and warnings.
func Check(groups []Group, attributes []string, options Options) ([]Warning, error) {
	_, warnings, err := compile(groups, attributes, options)
	return warnings, err
}

type compiler struct {
	program  *Program
	slots    map[string]int
	open     bool
	errs     Errors
	warnings []Warning
}

func compile(groups []Group, attributes []string, options Options) (*Program, []Warning, error) {
	c := &compiler{program: &Program{options: options}, slots: map[string]int{}, open: attributes == nil}
	c.program.attrs = append(c.program.attrs, attributes...)
	for i, name := range attributes {
		c.slots[name] = i
	}
	for i, g := range groups {
		var tests []test
		if len(g.Clauses) == 0 {
			e := &Error{Group: i, GroupName: g.Name, Clause: -1, Message: "the group has no clauses",
				Suggestion: "remove the group; a filter without groups takes everything"}
			if !options.Partly {
				c.errs = append(c.errs, e)
				continue
			}
			tests = append(tests, test{slot: -1, unknown: e})
		}
		for k, clause := range g.Clauses {
			at := Error{
				Group:     i,
				GroupName: g.Name,
				Clause:    k,
				Attribute: clause.SourceOperandName,
				Operator:  clause.OperatorName,
			}
			if t, ok := c.clause(clause, at); ok {
				tests = append(tests, t)
			}
		}
		c.program.groups = append(c.program.groups, tests)
	}
	if len(c.errs) > 0 {
		return nil, c.warnings, c.errs
	}
	return c.program, c.warnings, nil
}

func (c *compiler) fail(at Error, message, suggestion string) {
	at.Message, at.Suggestion = message, suggestion
	c.errs = append(c.errs, &at)
}

func (c *compiler) clause(clause Clause, at Error) (test, bool) {
	before, read := len(c.errs), len(c.program.attrs)
	t, ok := c.test(clause, at)
	if ok || !c.program.options.Partly {
		return t, ok
	}
	for _, name := range c.program.attrs[read:] { // nobody reads it for this clause
		delete(c.slots, name)
	}
	c.program.attrs = c.program.attrs[:read]
	t.slot, t.unknown = -1, c.errs[before]
	c.errs = c.errs[:before]
	return t, true
}

func (c *compiler) test(clause Clause, at Error) (test, bool) {
	before := len(c.errs)
	if unread := c.program.options.Unread; unread != nil {
		if why := unread(clause.SourceOperandName); why != "" {
			at.Message = why
			return test{slot: -1, unknown: &at}, true
		}
	}
	t := test{slot: c.slot(clause.SourceOperandName, at), at: at}
	op, ok := c.program.options.lookup(clause.OperatorName)
	if !ok {
		c.unknownOperator(clause.OperatorName, at)
		return t, false
	}
	t.op = op
	values := clause.TargetOperand.Values
	switch {
	case op.Unary() && strings.Join(values, "") != "": // [""] is how some exports write "no value"
		c.fail(at, fmt.Sprintf("%s takes no value (number given: %d)", op, len(values)), "")
	case !op.Unary() && len(values) == 0:
		c.fail(at, fmt.Sprintf("%s takes exactly one value, and values isn't set", op),
			"is the key spelled right? The keys of a clause are attribute, operator and values; a CLI drops any other "+
				"without a word")
	case !op.Unary() && len(values) != 1:
		c.fail(at, fmt.Sprintf("%s takes exactly one value (number given: %d); what several would mean isn't "+
			"documented", op, len(values)),
			"write a group for each value: groups are combined by OR")
	case !op.Unary():
		t.value = values[0]
		c.value(&t, at)
	}
	if len(c.errs) > before {
		return t, false
	}
	c.lint(t, at)
	return t, true
}

func (c *compiler) slot(name string, at Error) int {
	slot, ok := c.slots[name]
	switch {
	case ok:
	case strings.TrimSpace(name) == "":
		c.fail(at, "the attribute's name is missing", "")
	case c.open:
		slot = len(c.program.attrs)
		c.slots[name] = slot
		c.program.attrs = append(c.program.attrs, name)
	default:
		near := expression.Nearest(name, c.program.attrs)
		if near != "" {
			near = "did you mean " + near + "? Attribute names are case-sensitive"
		}
		c.fail(at, "the source has no attribute "+strconv.Quote(name), near)
	}
	return slot
}

func (c *compiler) unknownOperator(name string, at Error) {
	for bad, reason := range rejected {
		if bad == name || fold(bad) == fold(name) && fold(name) != "" {
			c.fail(at, "the operator can't be used: "+reason, "")
			return
		}
	}
	near := ""
	if name != "" {
		near = expression.Nearest(name, OperatorNames())
	}
	if near != "" {
		near = "did you mean " + strconv.Quote(near) + "?"
	} else {
		near = "the operators are " + strings.Join(OperatorNames(), ", ")
	}
	c.fail(at, "unknown operator "+strconv.Quote(name), near)
}

// value checks what an attribute is compared with.
func (c *compiler) value(t *test, at Error) {
	switch t.op {
	case RegexMatch, NotRegexMatch:
		re, err := dotnet.CompileRegex(t.value)
		if err != nil {
			c.fail(at, err.Error(), "")
		}
		t.regex = re
	case BitsSet, BitsNotSet:
		if _, err := strconv.ParseInt(t.value, 10, 64); err != nil {
			c.fail(at, fmt.Sprintf("%s tests bits, and takes a whole number as mask; %q is none", t.op, t.value), "")
		}
	case GreaterThan, GreaterThanOrEquals:
		if !isInteger(t.value) {
			c.fail(at, fmt.Sprintf("%s compares whole numbers 0, 1, 2, ...; %q is none", t.op, t.value), "")
		}
	default: // the other operators take any value
	}
}

func isInteger(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
