package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The simulator's own evaluation of mappings: the functions that connectors' default mappings and
// common ones use, after [expressions 3]. Others are errNoEvaluation, by intent no second evaluator.

// mapped is a value on its way from source to target: a text, or a list of texts. Nothing is null.
type mapped struct {
	texts []string
	list  bool
}

func textValue(s string) mapped       { return mapped{texts: []string{s}} }
func listValue(texts []string) mapped { return mapped{texts: texts, list: true} }
func (m mapped) null() bool           { return !m.list && len(m.texts) == 0 }
func (m mapped) empty() bool          { return m.text() == "" && (!m.list || len(m.texts) == 0) }
func (m mapped) text() string         { return strings.Join(m.texts[:min(1, len(m.texts))], "") }
func truthValue(b bool) mapped        { return textValue(map[bool]string{true: "True", false: "False"}[b]) }
func (m mapped) is(other mapped) bool {
	return m.list == other.list && slices.Equal(m.texts, other.texts)
}
func numberValue(n int) (mapped, error) { return textValue(strconv.Itoa(n)), nil }

// What an expression does instead of giving a value [expressions 3.3].
var (
	errNoEvaluation   = errors.New("evaluating such an expression")
	errLeaveAttribute = errors.New("the attribute doesn't flow")
	errLeaveObject    = errors.New("the object doesn't flow")
)

// evaluation is what the expressions of one object look at.
type evaluation struct {
	values map[string]mapped // by attribute, as written
	domain string            // the tenant's default domain
}

func (e evaluation) of(s mappingSource) (mapped, error) {
	switch s.Type {
	case "Attribute":
		return e.values[s.Name], nil
	case "Constant":
		switch s.Expression {
		case "IgnoreAttributeFlow":
			return mapped{}, errLeaveAttribute
		case "IgnoreObjectFlow":
			return mapped{}, errLeaveObject
		}
		return textValue(s.Name), nil
	}
	if slices.Contains(comparisons, s.Name) {
		return e.compare(s)
	}
	if lazy, ok := lazyFunctions[s.Name]; ok {
		return lazy(e, s)
	}
	apply, ok := plainFunctions[s.Name]
	if !ok {
		return mapped{}, errNoEvaluation
	}
	given := arguments{}
	for _, p := range s.Parameters {
		v, err := e.of(p.Value)
		if err != nil {
			return mapped{}, err
		}
		given[p.Key] = append(given[p.Key], v)
	}
	if s.Name == "DefaultDomain" {
		given["domain"] = []mapped{textValue(e.domain)}
	}
	return apply(given)
}

// compare is false where an attribute is null [expressions 2, D]; equal texts are equal, and equal
// numbers; what isn't a number can't be less or more.
func (e evaluation) compare(s mappingSource) (mapped, error) {
	left, err := e.of(s.Parameters[0].Value)
	if err != nil {
		return mapped{}, err
	}
	right, err := e.of(s.Parameters[1].Value)
	if err != nil {
		return mapped{}, err
	}
	if left.null() || right.null() {
		return truthValue(false), nil
	}
	a, err1 := strconv.ParseFloat(left.text(), 64)
	b, err2 := strconv.ParseFloat(right.text(), 64)
	numbers := err1 == nil && err2 == nil
	equal := left.text() == right.text() || numbers && a == b
	switch {
	case s.Name == "=" || s.Name == "<>":
		return truthValue(equal == (s.Name == "=")), nil
	case !numbers:
		return mapped{}, fmt.Errorf("%q and %q aren't numbers", left.text(), right.text())
	}
	return truthValue(map[string]bool{"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[s.Name]), nil
}

// named is the first argument of a name, nil if it was left out.
func named(s mappingSource, key string) *mappingSource {
	for i := range s.Parameters {
		if s.Parameters[i].Key == key {
			return &s.Parameters[i].Value
		}
	}
	return nil
}

// lazyFunctions evaluate the branch that is taken alone [expressions 3.3].
var lazyFunctions map[string]func(evaluation, mappingSource) (mapped, error)

func init() {
	lazyFunctions = map[string]func(evaluation, mappingSource) (mapped, error){
		"IIF": evaluation.iif, "Switch": evaluation.switchOn, "Coalesce": evaluation.coalesce,
	}
}

func (e evaluation) iif(s mappingSource) (mapped, error) {
	condition, err := e.of(*named(s, "condition"))
	if err != nil {
		return mapped{}, err
	}
	if condition.text() == "True" {
		return e.of(*named(s, "valueIfTrue"))
	}
	return e.of(*named(s, "valueIfFalse"))
}

// switchOn takes the first key that fits; null fits the key "" [expressions 2, D].
func (e evaluation) switchOn(s mappingSource) (mapped, error) {
	source, err := e.of(*named(s, "source"))
	if err != nil {
		return mapped{}, err
	}
	for i, p := range s.Parameters {
		if p.Key != "key" {
			continue
		}
		key, err := e.of(p.Value)
		if err != nil {
			return mapped{}, err
		}
		if key.text() == source.text() {
			return e.of(s.Parameters[i+1].Value)
		}
	}
	if otherwise := named(s, "defaultValue"); otherwise != nil {
		return e.of(*otherwise)
	}
	return mapped{}, nil
}

func (e evaluation) coalesce(s mappingSource) (mapped, error) {
	for _, p := range s.Parameters {
		if v, err := e.of(p.Value); err != nil || !v.null() {
			return v, err
		}
	}
	return mapped{}, nil
}
