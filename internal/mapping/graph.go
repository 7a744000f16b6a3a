package mapping

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// graphObjectMapping is Graph's form [graph 3.5], as far as it decides.
type graphObjectMapping struct {
	Enabled           *bool             `json:"enabled"`
	FlowTypes         string            `json:"flowTypes"`
	SourceObjectName  string            `json:"sourceObjectName"`
	TargetObjectName  string            `json:"targetObjectName"`
	Scope             *scoping.Filter   `json:"scope"`
	AttributeMappings []json.RawMessage `json:"attributeMappings"`
}

type graphAttributeMapping struct {
	DefaultValue        *string `json:"defaultValue"`
	FlowType            string  `json:"flowType"`
	MatchingPriority    int     `json:"matchingPriority"`
	TargetAttributeName string  `json:"targetAttributeName"`
	// Source is nil for a row that writes its default [graph 3.5].
	Source *expression.Source `json:"source"`
}

// FromGraph reads one objectMapping of a job's schema; enabled is false where
// the service says that it is switched off. A row or a filter that can't be read
// leaves its target unknown and nothing else.
func FromGraph(raw []byte) (m Mapping, enabled bool, err error) {
	var g graphObjectMapping
	if err := json.Unmarshal(raw, &g); err != nil {
		return m, false, fmt.Errorf("an object mapping has another shape than documented: %w", err)
	}
	m = Mapping{
		Object: Object{g.SourceObjectName, g.TargetObjectName}, Manage: ManageAll,
		Attributes: make(map[string]Attribute, len(g.AttributeMappings)), Actions: actionsOf(g.FlowTypes),
	}
	for _, row := range g.AttributeMappings {
		target, a := attributeFromGraph(row)
		m.Attributes[target] = a
	}
	if g.Scope != nil {
		m.Filter = specOf(g.Scope.Groups)
		m.InputFilter = specOf(g.Scope.InputFilterGroups)
		m.CategoryFilter = specOf(g.Scope.CategoryFilterGroups)
	}
	return m, g.Enabled == nil || *g.Enabled, nil
}

func specOf(groups []scoping.Group) *scoping.Spec {
	if len(groups) == 0 {
		return nil
	}
	spec := scoping.Filter{Groups: groups}.Spec()
	return &spec
}

// attributeFromGraph reads one row, as far as it can be read.
func attributeFromGraph(raw []byte) (target string, a Attribute) {
	var g graphAttributeMapping
	if err := json.Unmarshal(raw, &g); err != nil {
		var named struct {
			TargetAttributeName string `json:"targetAttributeName"`
		}
		_ = json.Unmarshal(raw, &named) // without a name, it is the row "" that is unknown
		return named.TargetAttributeName, Attribute{Unreadable: "the row has another shape than documented"}
	}
	a = Attribute{MatchingPriority: g.MatchingPriority, Apply: ApplyOf(g.FlowType), Default: g.DefaultValue}
	if g.Source == nil {
		return g.TargetAttributeName, a
	}
	e, err := expression.FromSource(*g.Source)
	if err != nil {
		a.Expression, a.Unreadable = g.Source.Expression, err.Error()
		return g.TargetAttributeName, a
	}
	a.Expression = e.Canonical()
	if _, err := e.Compile(expressionContext(a)); err != nil {
		a.Unreadable = err.Error() // such as a function that isn't of the language
	}
	return g.TargetAttributeName, a
}

// expressionContext is what a row of a job allows of an expression.
func expressionContext(a Attribute) expression.Context {
	return expression.Context{NoUniqueValue: true, EntraSource: true, Matching: a.MatchingPriority > 0}
}

// actionsOf reads Graph's flags string: "Add, Update, Delete", with or without
// spaces.
func actionsOf(flowTypes string) []string {
	actions := []string{}
	for _, f := range strings.Split(flowTypes, ",") {
		switch strings.ToLower(strings.TrimSpace(f)) {
		case "add":
			actions = append(actions, ActionCreate)
		case "update":
			actions = append(actions, ActionUpdate)
		case "delete":
			actions = append(actions, ActionDelete)
		}
	}
	return actions
}

// FlowTypes writes Graph's flags string.
func FlowTypes(actions []string) string {
	words := map[string]string{ActionCreate: "Add", ActionUpdate: "Update", ActionDelete: "Delete"}
	var out []string
	for _, a := range []string{ActionCreate, ActionUpdate, ActionDelete} {
		for _, have := range actions {
			if have == a {
				out = append(out, words[a])
			}
		}
	}
	return strings.Join(out, ", ")
}
