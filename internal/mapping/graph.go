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
	Enabled           *bool                   `json:"enabled"`
	FlowTypes         string                  `json:"flowTypes"`
	SourceObjectName  string                  `json:"sourceObjectName"`
	TargetObjectName  string                  `json:"targetObjectName"`
	Scope             *scoping.Filter         `json:"scope"`
	AttributeMappings []graphAttributeMapping `json:"attributeMappings"`
}

type graphAttributeMapping struct {
	DefaultValue        *string           `json:"defaultValue"`
	FlowType            string            `json:"flowType"`
	MatchingPriority    int               `json:"matchingPriority"`
	TargetAttributeName string            `json:"targetAttributeName"`
	Source              expression.Source `json:"source"`
}

// FromGraph reads one objectMapping of a job's schema; enabled is false where
// the service says that it is switched off.
func FromGraph(raw []byte) (m Mapping, enabled bool, err error) {
	var g graphObjectMapping
	if err := json.Unmarshal(raw, &g); err != nil {
		return m, false, fmt.Errorf("an object mapping has another shape than documented: %w", err)
	}
	m = Mapping{Object: Object{g.SourceObjectName, g.TargetObjectName}, Manage: ManageAll, Attributes: make(map[string]Attribute, len(g.AttributeMappings)), Actions: actionsOf(g.FlowTypes)}
	for _, a := range g.AttributeMappings {
		e, err := expression.FromSource(a.Source)
		if err != nil {
			return m, false, &AttributeError{a.TargetAttributeName, err}
		}
		m.Attributes[a.TargetAttributeName] = Attribute{Expression: e.Canonical(), MatchingPriority: a.MatchingPriority, Apply: ApplyOf(a.FlowType), Default: a.DefaultValue}
	}
	if g.Scope != nil && len(g.Scope.Groups) > 0 {
		spec := g.Scope.Spec()
		m.Filter = &spec
	}
	return m, g.Enabled == nil || *g.Enabled, nil
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
