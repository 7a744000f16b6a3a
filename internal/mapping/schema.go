package mapping

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Schema is a job's synchronization schema as the service sent it. What isn't
// understood survives: a PUT replaces the whole [graph 3.5].
type Schema struct {
	root  map[string]any
	rules []rule
}

// rule is a synchronization rule, as far as it is understood.
type rule struct {
	id, name, sourceDirectory, targetDirectory string
	sections                                   []*Section
}

// Section is one object mapping of a schema.
type Section struct {
	// Rule and RuleID name the synchronization rule it belongs to.
	Rule, RuleID string
	Object       Object
	// Enabled is false where the service says that the mapping is switched off.
	Enabled bool

	raw                              map[string]any
	sourceDirectory, targetDirectory string
}

// ParseSchema reads a schema.
func ParseSchema(raw []byte) (*Schema, error) {
	s := &Schema{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&s.root); err != nil {
		return nil, fmt.Errorf("the job's schema isn't a JSON object: %w", err)
	}
	list, _ := s.root["synchronizationRules"].([]any)
	for _, item := range list {
		r, ok := item.(map[string]any)
		if !ok {
			return nil, errors.New("the job's schema has a synchronization rule that is no object")
		}
		one := rule{id: textOf(r, "id"), name: textOf(r, "name"), sourceDirectory: textOf(r, "sourceDirectoryName"), targetDirectory: textOf(r, "targetDirectoryName")}
		mappings, _ := r["objectMappings"].([]any)
		for _, item := range mappings {
			m, ok := item.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("rule %s of the job's schema has an object mapping that is no object", one.name)
			}
			enabled, isBool := m["enabled"].(bool)
			one.sections = append(one.sections, &Section{
				Rule: one.name, RuleID: one.id, Object: Object{textOf(m, "sourceObjectName"), textOf(m, "targetObjectName")}, Enabled: enabled || !isBool,
				raw: m, sourceDirectory: one.sourceDirectory, targetDirectory: one.targetDirectory,
			})
		}
		s.rules = append(s.rules, one)
	}
	return s, nil
}

func textOf(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// Bytes writes the schema with what was changed.
func (s *Schema) Bytes() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	root := maps.Clone(s.root)
	delete(root, "@odata.context") // it says where the answer came from
	err := enc.Encode(root)
	return b.Bytes(), err
}

// Sections are all object mappings, in the schema's order.
func (s *Schema) Sections() []*Section {
	var out []*Section
	for _, r := range s.rules {
		out = append(out, r.sections...)
	}
	return out
}

// SectionError says that a schema has not exactly one object mapping of a name.
type SectionError struct {
	Rule   string // "" where none was asked for
	Object Object
	// Found are the rules that have it; Have is what the schema has.
	Found, Have []string
}

func (e *SectionError) Error() string {
	what := fmt.Sprintf("an object mapping from %q to %q", e.Object.Source, e.Object.Target)
	if e.Rule != "" {
		what += fmt.Sprintf(" in the rule %q", e.Rule)
	}
	if len(e.Found) > 1 {
		return "several rules of the job's schema have " + what + ": set \"rule\" to one of " + strings.Join(e.Found, ", ")
	}
	return "the job's schema has no " + strings.TrimPrefix(what, "an ") + ". It has: " + strings.Join(e.Have, "; ")
}

// Section finds an object mapping. The rule may be left out where one alone
// has such a mapping. The error is a *SectionError.
func (s *Schema) Section(rule string, o Object) (*Section, error) {
	var found []*Section
	e := &SectionError{Rule: rule, Object: o}
	for _, m := range s.Sections() {
		e.Have = append(e.Have, fmt.Sprintf("%s: %q to %q", m.Rule, m.Object.Source, m.Object.Target))
		if m.Object == o && (rule == "" || m.Rule == rule) {
			found = append(found, m)
			e.Found = append(e.Found, m.Rule)
		}
	}
	if len(found) != 1 {
		return nil, e
	}
	return found[0], nil
}

// Attributes are the names that a schema's directories have for one object
// mapping, each nil where the schema doesn't say.
type Attributes struct {
	Source, Target []string
}

// Attributes lists what the directories of the schema say of the two kinds of
// object.
func (s *Schema) Attributes(m *Section) Attributes {
	return Attributes{s.attributesOf(m.sourceDirectory, m.Object.Source), s.attributesOf(m.targetDirectory, m.Object.Target)}
}

func (s *Schema) attributesOf(directory, object string) []string {
	directories, _ := s.root["directories"].([]any)
	for _, item := range directories {
		d, _ := item.(map[string]any)
		if textOf(d, "name") != directory {
			continue
		}
		objects, _ := d["objects"].([]any)
		for _, item := range objects {
			o, _ := item.(map[string]any)
			if textOf(o, "name") != object {
				continue
			}
			names := []string{}
			attributes, _ := o["attributes"].([]any)
			for _, item := range attributes {
				a, _ := item.(map[string]any)
				names = append(names, textOf(a, "name"))
			}
			slices.Sort(names)
			return names
		}
	}
	return nil
}

// Mapping reads the section in our form. A row whose expression isn't of the
// documented language keeps the service's text: it is still somebody's row.
func (m *Section) Mapping() Mapping {
	out := Mapping{Object: m.Object, Manage: ManageAll, Actions: actionsOf(textOf(m.raw, "flowTypes")), Attributes: map[string]Attribute{}}
	for _, row := range m.rows() {
		out.Attributes[textOf(row, "targetAttributeName")] = attributeOf(row)
	}
	if groups, _ := m.groups(); len(groups) > 0 {
		spec := scoping.Filter{Groups: groups}.Spec()
		out.Filter = &spec
	}
	return out
}

func (m *Section) rows() []map[string]any {
	list, _ := m.raw["attributeMappings"].([]any)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		if row, ok := item.(map[string]any); ok {
			out = append(out, row)
		}
	}
	return out
}

// groups are the groups of the scoping filter; readable is false where the
// service's filter has another shape than documented.
func (m *Section) groups() (list []scoping.Group, readable bool) {
	var scope struct {
		Groups []scoping.Group `json:"groups"`
	}
	if !into(m.raw["scope"], &scope) {
		return nil, false
	}
	for _, g := range scope.Groups {
		for i := range g.Clauses {
			g.Clauses[i].OperatorName = scoping.PortalName(g.Clauses[i].OperatorName)
		}
	}
	return scope.Groups, true
}

// into reads a part of the schema into a value.
func into(part, value any) bool {
	raw, err := json.Marshal(part)
	return err == nil && json.Unmarshal(raw, value) == nil
}

func attributeOf(row map[string]any) Attribute {
	raw, err := json.Marshal(row)
	if err != nil {
		return Attribute{Expression: textOf(row, "targetAttributeName")}
	}
	_, a := attributeFromGraph(raw)
	if a.Default != nil && *a.Default == "" {
		a.Default = nil
	}
	return a
}

// set writes a row: what Graph has beside our arguments stays as it is.
func (m *Section) set(target string, a Attribute) error {
	flow, err := FlowType(a.Apply)
	if err != nil {
		return err
	}
	e, err := expression.Parse(a.Expression)
	if err != nil {
		return &AttributeError{target, err}
	}
	row := map[string]any{"targetAttributeName": target, "flowBehavior": "FlowWhenChanged", "exportMissingReferences": false}
	list, _ := m.raw["attributeMappings"].([]any)
	at := len(list)
	for i, item := range list {
		if have, ok := item.(map[string]any); ok && textOf(have, "targetAttributeName") == target {
			row, at = have, i
		}
	}
	row["source"], row["flowType"], row["matchingPriority"], row["defaultValue"] = e.Source(), flow, a.MatchingPriority, nil
	if a.Default != nil {
		row["defaultValue"] = *a.Default
	}
	if at == len(list) {
		list = append(list, row)
	}
	m.raw["attributeMappings"] = list
	return nil
}

// restore takes a row away, and puts another section's in its place where there
// is one.
func (m *Section) restore(target string, from *Section) {
	list, _ := m.raw["attributeMappings"].([]any)
	list = slices.DeleteFunc(list, func(item any) bool {
		row, ok := item.(map[string]any)
		return ok && textOf(row, "targetAttributeName") == target
	})
	if from != nil {
		for _, row := range from.rows() {
			if textOf(row, "targetAttributeName") == target {
				list = append(list, row)
			}
		}
	}
	m.raw["attributeMappings"] = list
}

func (m *Section) setActions(actions []string) { m.raw["flowTypes"] = FlowTypes(actions) }

// setFilter writes the groups of the scope; other kinds of groups stay.
func (m *Section) setFilter(f *scoping.Spec) {
	scope, ok := m.raw["scope"].(map[string]any)
	if !ok {
		scope = map[string]any{"categoryFilterGroups": []any{}, "inputFilterGroups": []any{}}
	}
	groups := []scoping.Group{}
	if f != nil {
		groups = append(groups, f.Filter().Groups...)
	}
	scope["groups"] = groups
	m.raw["scope"] = scope
}

// SameMappings reports whether two schemas have the same object mappings, by
// their meaning.
func SameMappings(a, b *Schema) bool {
	return slices.EqualFunc(sorted(a), sorted(b), func(x, y *Section) bool {
		if x.Rule != y.Rule || x.Object != y.Object || x.Enabled != y.Enabled {
			return false
		}
		p, q := x.Mapping(), y.Mapping()
		return equalActions(p.Actions, q.Actions) && EqualFilter(p.Filter, q.Filter) && maps.EqualFunc(p.Attributes, q.Attributes, EqualAttribute)
	})
}

func sorted(s *Schema) []*Section {
	return slices.SortedFunc(slices.Values(s.Sections()), func(x, y *Section) int {
		return cmp.Or(cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Object.Source, y.Object.Source), cmp.Compare(x.Object.Target, y.Object.Target))
	})
}
