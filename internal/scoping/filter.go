package scoping

import (
	"encoding/json"
	"fmt"
)

// Filter is Graph's form. Groups decide whether an object that leaves them is
// deprovisioned; InputFilterGroups filter earlier, without deprovisioning;
// CategoryFilterGroups are experimental. [D] Only one of the three is evaluated
// at a time: Compile takes a list of groups.
type Filter struct {
	Groups               []Group `json:"groups"`
	InputFilterGroups    []Group `json:"inputFilterGroups,omitempty"`
	CategoryFilterGroups []Group `json:"categoryFilterGroups,omitempty"`
}

// Group is a list of clauses that must all be true.
type Group struct {
	Name    string   `json:"name"`
	Clauses []Clause `json:"clauses"`
}

// Clause is one test of an attribute.
type Clause struct {
	OperatorName      string  `json:"operatorName"`
	SourceOperandName string  `json:"sourceOperandName"`
	TargetOperand     Operand `json:"targetOperand"`
}

// Operand holds what an attribute is compared with.
type Operand struct {
	Values []string `json:"values"`
}

// Spec is the form of HCL: { any_of = [ { name = "…", all_of = [ { attribute =
// "…", operator = "…", values = ["…"] } ] } ] }.
type Spec struct {
	AnyOf []SpecGroup `json:"any_of"`
}

// SpecGroup is a group in HCL.
type SpecGroup struct {
	Name  string       `json:"name,omitempty"`
	AllOf []SpecClause `json:"all_of"`
}

// SpecClause is a clause in HCL.
type SpecClause struct {
	Attribute string   `json:"attribute"`
	Operator  string   `json:"operator"`
	Values    []string `json:"values,omitempty"`
}

// Filter converts to Graph's form. Groups without a name are numbered: Graph's
// groups have names.
func (s Spec) Filter() Filter {
	out := Filter{Groups: make([]Group, len(s.AnyOf))}
	for i, g := range s.AnyOf {
		group := Group{Name: g.Name, Clauses: make([]Clause, len(g.AllOf))}
		if group.Name == "" {
			group.Name = fmt.Sprintf("group %d", i+1)
		}
		for k, c := range g.AllOf {
			values := c.Values
			if values == nil {
				values = []string{}
			}
			group.Clauses[k] = Clause{
				OperatorName:      c.Operator,
				SourceOperandName: c.Attribute,
				TargetOperand:     Operand{values},
			}
		}
		out.Groups[i] = group
	}
	return out
}

// Spec converts the groups to the form of HCL.
func (f Filter) Spec() Spec {
	out := Spec{AnyOf: make([]SpecGroup, len(f.Groups))}
	for i, g := range f.Groups {
		group := SpecGroup{Name: g.Name, AllOf: make([]SpecClause, len(g.Clauses))}
		for k, c := range g.Clauses {
			group.AllOf[k] = SpecClause{Attribute: c.SourceOperandName, Operator: c.OperatorName}
			if len(c.TargetOperand.Values) > 0 {
				group.AllOf[k].Values = c.TargetOperand.Values
			}
		}
		out.AnyOf[i] = group
	}
	return out
}

// ParseJSON reads a filter in either form: Graph's, which has "groups", or
// HCL's, which has "any_of". null and {} are the filter that takes everything.
func ParseJSON(data []byte) (Filter, error) {
	var form struct {
		AnyOf *json.RawMessage `json:"any_of"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return Filter{}, fmt.Errorf("the filter isn't a JSON object: %w", err)
	}
	if form.AnyOf != nil {
		var s Spec
		if err := json.Unmarshal(data, &s); err != nil {
			return Filter{}, fmt.Errorf("the filter isn't of the form any_of, all_of: %w", err)
		}
		return s.Filter(), nil
	}
	var f Filter
	if err := json.Unmarshal(data, &f); err != nil {
		return Filter{}, fmt.Errorf("the filter isn't of Graph's form: %w", err)
	}
	return f, nil
}

// Attributes lists the attributes that the groups test, each once, in order.
func Attributes(groups []Group) []string {
	var out []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, c := range g.Clauses {
			if !seen[c.SourceOperandName] {
				seen[c.SourceOperandName] = true
				out = append(out, c.SourceOperandName)
			}
		}
	}
	return out
}
