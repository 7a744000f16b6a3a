package mapping

import (
	"bytes"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// graphRow is a row that is new, with Graph's members in Graph's order
// [graph 3.5].
type graphRow struct {
	DefaultValue            *string            `json:"defaultValue"`
	ExportMissingReferences bool               `json:"exportMissingReferences"`
	FlowBehavior            string             `json:"flowBehavior"`
	FlowType                string             `json:"flowType"`
	MatchingPriority        int                `json:"matchingPriority"`
	Source                  *expression.Source `json:"source"`
	TargetAttributeName     string             `json:"targetAttributeName"`
}

// renew reads what was written. What was written is JSON, so that it can be read.
func (m *Section) renew() {
	if m.edited && m.node.renew() == nil {
		m.edited = false
	}
}

// set writes a row: of one that is there, only what differs.
func (m *Section) set(target string, a Attribute) error {
	m.edited = true
	flow, err := FlowType(a.Apply)
	if err != nil {
		return err
	}
	next := graphRow{
		DefaultValue: a.Default, FlowBehavior: "FlowWhenChanged", FlowType: flow, MatchingPriority: a.MatchingPriority,
		TargetAttributeName: target,
	}
	if a.Expression != "" {
		e, err := expression.Parse(a.Expression)
		if err != nil {
			return &AttributeError{target, err}
		}
		source := e.Source()
		next.Source = &source
	}
	row := m.row(target)
	if row == nil {
		return m.add(next)
	}
	have := attributeFromGraph(row, true)
	all := have.Unreadable != ""
	for _, part := range []struct {
		same  bool
		name  string
		value any
	}{
		{equalDefault(have.Default, a.Default), "defaultValue", next.DefaultValue},
		{flowOf(have.Apply) == flow, "flowType", next.FlowType},
		{have.MatchingPriority == a.MatchingPriority, "matchingPriority", next.MatchingPriority},
		{EqualExpression(have.Expression, a.Expression), "source", next.Source},
	} {
		if part.same && !all {
			continue
		}
		if err := row.set(part.name, part.value); err != nil {
			return err
		}
	}
	return nil
}

// add appends a row.
func (m *Section) add(row graphRow) error {
	text, err := encode(row)
	if err != nil {
		return err
	}
	return m.addRow(text)
}

func (m *Section) addRow(text []byte) error {
	list := m.node.member("attributeMappings")
	if list == nil || list.kind != '[' {
		if err := m.node.set("attributeMappings", rawText("[]")); err != nil {
			return err
		}
		m.edited = true
		m.renew()
		list = m.node.member("attributeMappings")
	}
	m.edited = true
	list.added = append(list.added, text)
	return nil
}

// rawText is JSON that is written as it is.
type rawText []byte

// MarshalJSON gives the text.
func (r rawText) MarshalJSON() ([]byte, error) { return r, nil }

// restore takes a row away, and puts another section's in its place where there
// is one.
func (m *Section) restore(target string, from *Section) error {
	m.edited = true
	var back *node
	if from != nil {
		back = from.row(target)
	}
	row := m.row(target)
	for _, other := range m.rows() {
		if targetOf(other) == target && (other != row || back == nil) {
			other.dropped = true
		}
	}
	switch {
	case back == nil:
		return nil
	case row == nil:
		return m.addRow(back.raw())
	}
	row.text = back.raw()
	return nil
}

func (m *Section) setActions(actions []string) error {
	m.edited = true
	return m.node.set("flowTypes", FlowTypes(actions))
}

func (m *Section) setEnabled(enabled bool) error {
	m.Enabled, m.edited = enabled, true
	return m.node.set("enabled", enabled)
}

// graphGroup and graphClause are a filter's parts as the service stores them: no
// operand for an operator that takes none [expressions 6, O].
type graphGroup struct {
	Name    string        `json:"name"`
	Clauses []graphClause `json:"clauses"`
}

type graphClause struct {
	OperatorName      string           `json:"operatorName"`
	SourceOperandName string           `json:"sourceOperandName"`
	TargetOperand     *scoping.Operand `json:"targetOperand"`
}

// setFilters writes some of the filters of the scope; a group that means the
// same under the same name keeps its bytes, and the filters that aren't named
// stay.
func (m *Section) setFilters(names []string, from Mapping) error {
	if len(names) == 0 {
		return nil
	}
	m.edited = true
	scope := m.node.member("scope")
	texts := map[string]rawText{}
	for _, part := range filterParts {
		texts[part.member] = rawText("[]")
		for _, name := range names {
			if name != part.name {
				continue
			}
			text, err := groupsText(*part.of(&from), scope.member(part.member))
			if err != nil {
				return err
			}
			texts[part.member] = text
			if scope != nil && scope.kind == '{' {
				if err := scope.set(part.member, text); err != nil {
					return err
				}
			}
		}
	}
	if scope == nil || scope.kind != '{' {
		return m.node.set("scope", texts)
	}
	return nil
}

// groupsText writes the groups of a filter.
func groupsText(spec *scoping.Spec, there *node) (rawText, error) {
	if spec == nil {
		spec = &scoping.Spec{}
	}
	out := []byte("[")
	for i, g := range spec.Filter().Groups {
		if i > 0 {
			out = append(out, ',')
		}
		if have := sameGroup(there, spec.AnyOf[i]); have != nil {
			out = append(out, have.raw()...)
			continue
		}
		stored := graphGroup{Name: g.Name, Clauses: []graphClause{}}
		for _, c := range g.Clauses {
			clause := graphClause{OperatorName: c.OperatorName, SourceOperandName: c.SourceOperandName}
			if len(c.TargetOperand.Values) > 0 {
				clause.TargetOperand = &scoping.Operand{Values: c.TargetOperand.Values}
			}
			stored.Clauses = append(stored.Clauses, clause)
		}
		text, err := encode(stored)
		if err != nil {
			return nil, err
		}
		out = append(out, text...)
	}
	return append(out, ']'), nil
}

// sameGroup is a group that is there already, nil where none is.
func sameGroup(there *node, want scoping.SpecGroup) *node {
	one := scoping.Spec{AnyOf: []scoping.SpecGroup{want}}
	for _, n := range there.elements() {
		have := scoping.Filter{Groups: []scoping.Group{groupOf(n)}}.Spec()
		if have.AnyOf[0].Name == want.Name && EqualFilter(&have, &one) && !bytes.Equal(n.raw(), []byte("null")) {
			return n
		}
	}
	return nil
}
