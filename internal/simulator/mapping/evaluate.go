package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The simulator's own evaluation of mappings: the functions that connectors' default mappings and
// common ones use, after [expressions 3]. Others are errNoEvaluation, by intent no second evaluator.

// Value is a value on its way from source to target: a text, or a list of texts. Nothing is null.
type Value struct {
	Texts []string
	List  bool
	Ref   bool // the text is the id of another object in the source
}

// RefValue is a reference to another object of the source.
func RefValue(id string) Value { return Value{Texts: []string{id}, Ref: true} }

// TextValue is a text.
func TextValue(s string) Value { return Value{Texts: []string{s}} }

// ListValue is a list of texts.
func ListValue(texts []string) Value { return Value{Texts: texts, List: true} }

// Null says whether there is nothing.
func (m Value) Null() bool { return !m.List && len(m.Texts) == 0 }

// Empty says whether there is nothing, or the empty text or list.
func (m Value) Empty() bool { return m.Text() == "" && (!m.List || len(m.Texts) == 0) }

// Text is the text, or the first of a list.
func (m Value) Text() string { return strings.Join(m.Texts[:min(1, len(m.Texts))], "") }

// BoolValue is a truth as provisioning writes it.
func BoolValue(b bool) Value { return TextValue(map[bool]string{true: "True", false: "False"}[b]) }

// Equal says whether two values are the same.
func (m Value) Equal(other Value) bool {
	return m.List == other.List && slices.Equal(m.Texts, other.Texts)
}
func numberValue(n int) (Value, error) { return TextValue(strconv.Itoa(n)), nil }

// What an expression does instead of giving a value [expressions 3.3].
var (
	ErrNotEvaluated  = errors.New("evaluating such an expression")
	ErrSkipAttribute = errors.New("the attribute doesn't flow")
	ErrSkipObject    = errors.New("the object doesn't flow")
)

// Evaluation is what the expressions of one object look at.
type Evaluation struct {
	Values map[string]Value // by attribute, as written
	Domain string           // the tenant's default domain
	// Resolve is the id that an object of the source has in the target; false if it isn't there. Nil: of nobody.
	Resolve func(id string) (string, bool)
}

// Resolved is a value as the target has it: of a reference the id there, nothing where there is none.
func (e Evaluation) Resolved(v Value) Value {
	if !v.Ref {
		return v
	}
	if e.Resolve != nil {
		if id, ok := e.Resolve(v.Text()); ok {
			return TextValue(id)
		}
	}
	return Value{}
}

// Eval is the value of a source.
func (e Evaluation) Eval(s Source) (Value, error) {
	switch s.Type {
	case "Attribute":
		return e.Values[s.Name], nil
	case "Constant":
		switch s.Expression {
		case "IgnoreAttributeFlow":
			return Value{}, ErrSkipAttribute
		case "IgnoreObjectFlow":
			return Value{}, ErrSkipObject
		}
		if variable.MatchString(s.Expression) { // its value is the job's, and not in the schema
			return Value{}, ErrNotEvaluated
		}
		return TextValue(s.Name), nil
	}
	if slices.Contains(Comparisons, s.Name) {
		return e.compare(s)
	}
	if lazy, ok := branchFunctions[s.Name]; ok {
		return lazy(e, s)
	}
	apply, ok := valueFunctions[s.Name]
	if !ok {
		return Value{}, ErrNotEvaluated
	}
	given := arguments{}
	for _, p := range s.Parameters {
		v, err := e.Eval(p.Value)
		if err != nil {
			return Value{}, err
		}
		given[p.Key] = append(given[p.Key], v)
	}
	if s.Name == "DefaultDomain" {
		given["domain"] = []Value{TextValue(e.Domain)}
	}
	return apply(given)
}

// compare is false where an attribute is null [expressions 2, D]; equal texts are equal, and equal
// numbers; what isn't a number can't be less or more.
func (e Evaluation) compare(s Source) (Value, error) {
	left, err := e.Eval(s.Parameters[0].Value)
	if err != nil {
		return Value{}, err
	}
	right, err := e.Eval(s.Parameters[1].Value)
	if err != nil {
		return Value{}, err
	}
	if left.Null() || right.Null() {
		return BoolValue(false), nil
	}
	a, err1 := strconv.ParseFloat(left.Text(), 64)
	b, err2 := strconv.ParseFloat(right.Text(), 64)
	numbers := err1 == nil && err2 == nil
	equal := left.Text() == right.Text() || numbers && a == b
	switch {
	case s.Name == "=" || s.Name == "<>":
		return BoolValue(equal == (s.Name == "=")), nil
	case !numbers:
		return Value{}, fmt.Errorf("%q and %q aren't numbers", left.Text(), right.Text())
	}
	return BoolValue(map[string]bool{"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[s.Name]), nil
}

// named is the first argument of a name, nil if it was left out.
func named(s Source, key string) *Source {
	for i := range s.Parameters {
		if s.Parameters[i].Key == key {
			return &s.Parameters[i].Value
		}
	}
	return nil
}

// branchFunctions evaluate the branch that is taken alone [expressions 3.3].
var branchFunctions map[string]func(Evaluation, Source) (Value, error)

func init() {
	branchFunctions = map[string]func(Evaluation, Source) (Value, error){
		"IIF": Evaluation.iif, "Switch": Evaluation.switchOn, "Coalesce": Evaluation.coalesce,
	}
}

func (e Evaluation) iif(s Source) (Value, error) {
	condition, err := e.Eval(*named(s, "condition"))
	if err != nil {
		return Value{}, err
	}
	if condition.Text() == "True" {
		return e.Eval(*named(s, "valueIfTrue"))
	}
	if otherwise := named(s, "valueIfFalse"); otherwise != nil {
		return e.Eval(*otherwise)
	}
	return Value{}, nil
}

// switchOn takes the first key that fits; null fits the key "" [expressions 2, D].
func (e Evaluation) switchOn(s Source) (Value, error) {
	source, err := e.Eval(*named(s, "source"))
	if err != nil {
		return Value{}, err
	}
	for i, p := range s.Parameters {
		if p.Key != "key" {
			continue
		}
		key, err := e.Eval(p.Value)
		if err != nil {
			return Value{}, err
		}
		if key.Text() == source.Text() {
			return e.Eval(s.Parameters[i+1].Value)
		}
	}
	if otherwise := named(s, "defaultValue"); otherwise != nil {
		return e.Eval(*otherwise)
	}
	return Value{}, nil
}

func (e Evaluation) coalesce(s Source) (Value, error) {
	for _, p := range s.Parameters {
		if v, err := e.Eval(p.Value); err != nil || !v.Null() {
			return v, err
		}
	}
	return Value{}, nil
}

// Walk visits a source and those in its parameters.
func Walk(s Source, visit func(Source)) {
	visit(s)
	for _, p := range s.Parameters {
		Walk(p.Value, visit)
	}
}

// FromJSON is a value of JSON on its way through a mapping: truths are written True and False
// [expressions 2].
func FromJSON(raw string) Value {
	switch {
	case strings.HasPrefix(raw, `"`):
		return TextValue(rawjson.Unquote(raw))
	case strings.HasPrefix(raw, "["):
		return ListValue(rawjson.Strings(raw))
	case raw == "true" || raw == "false":
		return BoolValue(raw == "true")
	case raw == "" || raw == "null" || strings.HasPrefix(raw, "{"):
		return Value{}
	}
	return TextValue(raw)
}
