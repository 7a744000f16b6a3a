package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Schema is a job's synchronization schema as the service sent it. What isn't
// changed keeps its bytes: a PUT replaces the whole [graph 3.5].
type Schema struct {
	root  *node
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

	node                             *node
	edited                           bool // since node was read
	sourceDirectory, targetDirectory string
}

// entraDirectory is the name of Entra ID in schemas [graph 3.5].
const entraDirectory = "Azure Active Directory"

// ParseSchema reads a schema.
func ParseSchema(raw []byte) (*Schema, error) {
	root, err := parseNode(raw)
	if err == nil && root.kind != '{' {
		err = errors.New("it is of another kind")
	}
	if err != nil {
		return nil, fmt.Errorf("the job's schema isn't a JSON object: %w", err)
	}
	s := &Schema{root: root}
	for _, r := range root.member("synchronizationRules").elements() {
		if r.kind != '{' {
			return nil, errors.New("the job's schema has a synchronization rule that is no object")
		}
		one := rule{
			id: r.textOf("id"), name: norm.NFC.String(r.textOf("name")),
			sourceDirectory: r.textOf("sourceDirectoryName"), targetDirectory: r.textOf("targetDirectoryName"),
		}
		for _, m := range r.member("objectMappings").elements() {
			if m.kind != '{' {
				return nil, fmt.Errorf("rule %s of the job's schema has an object mapping that is no object", one.name)
			}
			section := sectionOf(m)
			section.Rule, section.RuleID = one.name, one.id
			section.sourceDirectory, section.targetDirectory = one.sourceDirectory, one.targetDirectory
			one.sections = append(one.sections, section)
		}
		s.rules = append(s.rules, one)
	}
	return s, nil
}

// sectionOf reads an object mapping. A CLI brings all text into the normal form
// NFC, so that names are compared in it.
func sectionOf(m *node) *Section {
	enabled := m.member("enabled")
	return &Section{
		Object:  Object{norm.NFC.String(m.textOf("sourceObjectName")), norm.NFC.String(m.textOf("targetObjectName"))},
		Enabled: enabled == nil || enabled.kind != 'f',
		node:    m,
	}
}

// Bytes writes the schema with what was changed.
func (s *Schema) Bytes() ([]byte, error) {
	if context := s.root.member("@odata.context"); context != nil {
		context.dropped = true // it says where the answer came from
	}
	return s.root.render(nil), nil
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
	switch {
	case len(e.Found) > 1 && len(slices.Compact(slices.Sorted(slices.Values(e.Found)))) == 1:
		return fmt.Sprintf("the job's schema has %d times %s: they can't be told apart, so that none of them can be "+
			"managed",
			len(e.Found), what)
	case len(e.Found) > 1:
		return "several rules of the job's schema have " + what + ": set \"rule\" to one of " + strings.Join(
			e.Found,
			", ",
		)
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
	// FromEntra says that the source is Entra ID.
	FromEntra bool
}

// Attributes lists what the directories of the schema say of the two kinds of
// object.
func (s *Schema) Attributes(m *Section) Attributes {
	return Attributes{
		Source:    s.attributesOf(m.sourceDirectory, m.Object.Source),
		Target:    s.attributesOf(m.targetDirectory, m.Object.Target),
		FromEntra: m.FromEntra(),
	}
}

// FromEntra reports whether the objects come from Entra ID, and not from a
// system of human resources or a domain.
func (m *Section) FromEntra() bool {
	return m.sourceDirectory == "" || strings.EqualFold(m.sourceDirectory, entraDirectory)
}

func (s *Schema) attributesOf(directory, object string) []string {
	for _, d := range s.root.member("directories").elements() {
		if d.textOf("name") != directory {
			continue
		}
		for _, o := range d.member("objects").elements() {
			if norm.NFC.String(o.textOf("name")) != object {
				continue
			}
			names := []string{}
			for _, a := range o.member("attributes").elements() {
				names = append(names, norm.NFC.String(a.textOf("name")))
			}
			slices.Sort(names)
			return names
		}
	}
	return nil
}

// Mapping reads the section in our form. A row that isn't of the documented
// language keeps the service's text, and says why: it is still somebody's row.
func (m *Section) Mapping() Mapping {
	m.renew()
	enabled := m.Enabled
	out := Mapping{
		Object: m.Object, Manage: ManageAll, Enabled: &enabled, Actions: actionsOf(m.node.textOf("flowTypes")),
		Attributes: map[string]Attribute{}, Unreadable: map[string]string{},
	}
	for _, row := range m.rows() {
		a := attributeFromGraph(row, !m.FromEntra())
		a.Expression = norm.NFC.String(a.Expression)
		if a.Default != nil {
			text := norm.NFC.String(*a.Default)
			a.Default = &text
		}
		out.Attributes[targetOf(row)] = a
	}
	m.filters(&out)
	return out
}

// rows are the attribute mappings.
func (m *Section) rows() []*node {
	return slices.DeleteFunc(slices.Clone(m.node.member("attributeMappings").elements()), func(n *node) bool {
		return n.kind != '{'
	})
}

func targetOf(row *node) string { return norm.NFC.String(row.textOf("targetAttributeName")) }

// row is the attribute mapping of a target, nil where there is none.
func (m *Section) row(target string) *node {
	var out *node
	for _, row := range m.rows() {
		if targetOf(row) == target {
			out = row
		}
	}
	return out
}

// SameMappings reports whether two schemas have the same object mappings, by
// their meaning.
func SameMappings(a, b *Schema) bool {
	return slices.EqualFunc(sorted(a), sorted(b), func(x, y *Section) bool {
		if x.Rule != y.Rule || x.Object != y.Object || x.Enabled != y.Enabled {
			return false
		}
		p, q := x.Mapping(), y.Mapping()
		return equalActions(p.Actions, q.Actions) && maps.EqualFunc(p.Attributes, q.Attributes, EqualAttribute) &&
			!slices.ContainsFunc(filterParts, func(f filterPart) bool { return !EqualFilter(*f.of(&p), *f.of(&q)) })
	})
}

func sorted(s *Schema) []*Section {
	return slices.SortedFunc(slices.Values(s.Sections()), func(x, y *Section) int {
		return cmp.Or(
			cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Object.Source, y.Object.Source),
			cmp.Compare(x.Object.Target, y.Object.Target),
		)
	})
}
