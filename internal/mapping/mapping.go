package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Values of Mapping.Manage.
const (
	ManageListed = "listed"
	ManageAll    = "all"
)

// Actions of a mapping, in the order of Graph's flowTypes.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionDelete = "delete"
)

// Object names the two kinds of object that a mapping joins.
type Object struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Attribute says how one target attribute is filled.
type Attribute struct {
	// Expression is in canonical form; a constant is a quoted text. "" is a row
	// without a source, which writes its default [graph 3.5].
	Expression string `json:"expression,omitempty"`
	// MatchingPriority above 0 makes it a matching attribute, tried in ascending
	// order [expressions 5].
	MatchingPriority int `json:"matching_priority,omitempty"`
	// Apply is when it flows: a value of Applies; "" is "always".
	Apply string `json:"apply,omitempty"`
	// Default is used where the expression gives null.
	Default *string `json:"default,omitempty"`
	// Unreadable is why the job's own row can't be read, "" where it can: what it
	// gives isn't known.
	Unreadable string `json:"-"`
}

// Mapping is an object mapping. A nil Actions or Filter says nothing of them.
type Mapping struct {
	Object Object
	// Manage is ManageListed or ManageAll: what isn't listed stays, or goes.
	Manage string
	// Enabled says whether the mapping is on; nil says nothing of it.
	Enabled    *bool
	Actions    []string
	Attributes map[string]Attribute
	// Filter is the scoping filter. InputFilter and CategoryFilter narrow it
	// further, without deprovisioning who leaves them [expressions 6].
	Filter, InputFilter, CategoryFilter *scoping.Spec
	// Unreadable says, by a filter's name, why the job's own can't be read.
	Unreadable map[string]string
}

// Off reports a mapping that says that it is switched off.
func (m *Mapping) Off() bool { return m.Enabled != nil && !*m.Enabled }

// Applies are the values of apply, with Graph's flowType of each
// [graph 3.5].
var Applies = []struct{ Apply, FlowType string }{
	{"always", "Always"},
	{"on_create", "ObjectAddOnly"},
	{"multi_value_add_only", "MultiValueAddOnly"},
	{"value_add_only", "ValueAddOnly"},
	{"attribute_add_only", "AttributeAddOnly"},
}

// FlowType is Graph's word for an apply.
func FlowType(apply string) (string, error) {
	for _, a := range Applies {
		if a.Apply == apply || apply == "" && a.Apply == "always" {
			return a.FlowType, nil
		}
	}
	return "", fmt.Errorf("unknown apply %q", apply)
}

// ApplyOf is our word for Graph's flowType; one that isn't known stays as it
// came.
func ApplyOf(flowType string) string {
	for _, a := range Applies {
		if strings.EqualFold(a.FlowType, flowType) {
			return a.Apply
		}
	}
	return flowType
}

// effective is the JSON of a mapping as it travels through a plan.
type effective struct {
	Version    int                  `json:"version"`
	Object     Object               `json:"object"`
	Enabled    *bool                `json:"enabled,omitempty"` // left out: it is on
	Actions    *[]string            `json:"actions,omitempty"`
	Manage     string               `json:"manage"`
	Attributes map[string]Attribute `json:"attributes"`
	Filter     json.RawMessage      `json:"scoping_filter,omitempty"`
	Input      json.RawMessage      `json:"input_filter,omitempty"`
	Category   json.RawMessage      `json:"category_filter,omitempty"`
}

const effectiveVersion = 1

// Canonical gives the mapping with its expressions, actions and filter in
// canonical form: equal meaning, equal value. The error names the attribute.
func (m Mapping) Canonical() (Mapping, error) {
	out := Mapping{
		Object:     m.Object,
		Manage:     m.Manage,
		Enabled:    m.Enabled,
		Attributes: make(map[string]Attribute, len(m.Attributes)),
	}
	if out.Manage == "" {
		out.Manage = ManageListed
	}
	if m.Actions != nil {
		out.Actions = []string{} // no action at all is something else than as the job has it
	}
	for _, a := range []string{ActionCreate, ActionUpdate, ActionDelete} {
		if slices.Contains(m.Actions, a) {
			out.Actions = append(out.Actions, a)
		}
	}
	for target, a := range m.Attributes {
		if a.Expression != "" {
			e, err := expression.Parse(a.Expression)
			if err != nil {
				return out, &AttributeError{target, err}
			}
			a.Expression = e.Canonical()
		}
		if a.Apply == "always" {
			a.Apply = ""
		}
		out.Attributes[target] = a
	}
	for _, part := range filterParts {
		f, err := canonicalFilter(*part.of(&m))
		if err != nil {
			return out, &AttributeError{part.name, err}
		}
		*part.of(&out) = f
	}
	return out, nil
}

func canonicalFilter(s *scoping.Spec) (*scoping.Spec, error) {
	if s == nil {
		return nil, nil
	}
	raw, err := scoping.Canonical(s.Filter().Groups, scoping.Options{})
	if err != nil {
		return nil, err
	}
	f, err := scoping.ParseJSON(raw)
	if err != nil {
		return nil, err
	}
	out := f.Spec()
	return &out, nil
}

// AttributeError is a mistake in the expression of one target attribute, or in
// a filter.
type AttributeError struct {
	// Target is the target attribute, or the filter's name.
	Target string
	Err    error
}

func (e *AttributeError) Error() string { return e.Target + ": " + e.Err.Error() }
func (e *AttributeError) Unwrap() error { return e.Err }

// Effective writes the mapping as it travels: canonical, without ids.
func (m Mapping) Effective() (string, error) {
	c, err := m.Canonical()
	if err != nil {
		return "", err
	}
	e := effective{Version: effectiveVersion, Object: c.Object, Manage: c.Manage, Attributes: c.Attributes}
	if c.Actions != nil {
		e.Actions = &c.Actions
	}
	if c.Off() {
		e.Enabled = c.Enabled
	}
	for _, f := range []struct {
		from *scoping.Spec
		to   *json.RawMessage
	}{{c.Filter, &e.Filter}, {c.InputFilter, &e.Input}, {c.CategoryFilter, &e.Category}} {
		if f.from == nil {
			continue
		}
		if *f.to, err = json.Marshal(f.from); err != nil {
			return "", err
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// ParseEffective reads what Effective wrote.
func ParseEffective(text string) (Mapping, error) {
	var e effective
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return Mapping{}, errors.New("this is no mapping: expected the attribute \"effective\" of a " +
			"usersync_provisioning_mapping")
	}
	if e.Version != effectiveVersion {
		return Mapping{}, fmt.Errorf(
			"the mapping has version %d; this provider reads version %d",
			e.Version,
			effectiveVersion,
		)
	}
	on := true
	m := Mapping{Object: e.Object, Manage: e.Manage, Enabled: &on, Attributes: e.Attributes}
	if e.Enabled != nil {
		m.Enabled = e.Enabled
	}
	if e.Actions != nil {
		m.Actions = *e.Actions
	}
	for _, f := range []struct {
		from json.RawMessage
		to   **scoping.Spec
	}{{e.Filter, &m.Filter}, {e.Input, &m.InputFilter}, {e.Category, &m.CategoryFilter}} {
		if len(f.from) == 0 {
			continue
		}
		*f.to = &scoping.Spec{}
		if err := json.Unmarshal(f.from, *f.to); err != nil {
			return Mapping{}, fmt.Errorf("the mapping's scoping filter: %w", err)
		}
	}
	return m, nil
}

// Overlay lays a planned mapping over what the job has: listed attributes
// replace the job's, the others stay, unless all are managed.
func Overlay(job, planned Mapping) Mapping {
	out := job
	out.Manage, out.Attributes, out.Unreadable = ManageAll, map[string]Attribute{}, maps.Clone(job.Unreadable)
	if planned.Manage != ManageAll {
		maps.Copy(out.Attributes, job.Attributes)
	}
	maps.Copy(out.Attributes, planned.Attributes)
	if planned.Enabled != nil {
		out.Enabled = planned.Enabled
	}
	if planned.Actions != nil {
		out.Actions = planned.Actions
	}
	for _, part := range filterParts {
		if f := *part.of(&planned); f != nil {
			*part.of(&out) = f
			delete(out.Unreadable, part.name)
		}
	}
	return out
}
