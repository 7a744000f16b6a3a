package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Directory is what a schema says of the source or the target [graph 3.5].
type Directory struct {
	ID, Name string
	ReadOnly *bool
	Objects  []DirectoryObject
}

// DirectoryObject is a kind of object of a directory.
type DirectoryObject struct {
	Name       string
	Attributes []Definition
}

// Definition is an attribute of a kind of object. What is nil the schema doesn't say.
type Definition struct {
	Name, Type, Mutability                              string
	Required, Multivalued, CaseExact, Anchor, FlowsNull *bool
	Default                                             *string
	// APIExpressions are where the attribute stands in a source's answer, by the version
	// of its API.
	APIExpressions map[string]string
	// References are the kinds of object that a reference may name.
	References []string
	// Metadata is what the service notes, by its keys.
	Metadata map[string]string
}

// AttributeTypes and Mutabilities are the values that Graph documents [graph 3.5]. The
// first is taken of a definition that has none: it is the enumeration's zero.
var (
	AttributeTypes = []string{"String", "Integer", "Reference", "Binary", "Boolean", "DateTime"}
	Mutabilities   = []string{"ReadWrite", "ReadOnly", "Immutable", "WriteOnly"}
)

// TypeOrZero and MutabilityOrZero are those that the schema says, or what it means where
// it says none.
func (d Definition) TypeOrZero() string { return cmp.Or(d.Type, AttributeTypes[0]) }

// MutabilityOrZero is as TypeOrZero.
func (d Definition) MutabilityOrZero() string { return cmp.Or(d.Mutability, Mutabilities[0]) }

// Directories are the directories of a schema in its order; nil where it has none.
func (s *Schema) Directories() []Directory {
	var out []Directory
	for _, d := range s.root.member("directories").elements() {
		one := Directory{
			ID:       d.textOf("id"),
			Name:     nameOf(d),
			ReadOnly: d.truthOf("readOnly"),
			Objects:  []DirectoryObject{},
		}
		for _, o := range d.member("objects").elements() {
			object := DirectoryObject{Name: nameOf(o), Attributes: []Definition{}}
			for _, a := range o.member("attributes").elements() {
				if a.kind == '{' {
					object.Attributes = append(object.Attributes, definitionOf(a))
				}
			}
			one.Objects = append(one.Objects, object)
		}
		out = append(out, one)
	}
	return out
}

func nameOf(n *node) string { return norm.NFC.String(n.textOf("name")) }

func definitionOf(a *node) Definition {
	out := Definition{
		Name: nameOf(a), Type: documented(AttributeTypes, a.textOf("type")),
		Mutability: documented(Mutabilities, a.textOf("mutability")),
		Required:   a.truthOf("required"), Multivalued: a.truthOf("multivalued"), CaseExact: a.truthOf("caseExact"),
		Anchor: a.truthOf("anchor"), FlowsNull: a.truthOf("flowNullValues"),
		APIExpressions: pairsOf(a.member("apiExpressions")), Metadata: pairsOf(a.member("metadata")),
	}
	if v := a.member("defaultValue"); v != nil && v.kind == '"' {
		text := norm.NFC.String(a.textOf("defaultValue"))
		out.Default = &text
	}
	for _, r := range a.member("referencedObjects").elements() {
		if name := norm.NFC.String(r.textOf("referencedObjectName")); name != "" {
			out.References = append(out.References, name)
		}
	}
	return out
}

// documented is a value as the documentation spells it: some pages have it in lower
// case [graph 3.5].
func documented(values []string, v string) string {
	for _, d := range values {
		if strings.EqualFold(d, v) {
			return d
		}
	}
	return v
}

// truthOf is a member that is true or false, nil where it is neither.
func (n *node) truthOf(name string) *bool {
	v := n.member(name)
	if v == nil || v.kind != 't' && v.kind != 'f' {
		return nil
	}
	yes := v.kind == 't'
	return &yes
}

// pairsOf are the pairs of key and value of a list.
func pairsOf(list *node) map[string]string {
	out := map[string]string{}
	for _, p := range list.elements() {
		if v := p.member("value"); v != nil && v.kind == '"' {
			out[norm.NFC.String(p.textOf("key"))] = norm.NFC.String(p.textOf("value"))
		}
	}
	return out
}

// AttributeKey names an attribute of a schema's directories.
type AttributeKey struct{ Directory, Object, Name string }

func (k AttributeKey) String() string {
	return fmt.Sprintf("%q of %q in the directory %q", k.Name, k.Object, k.Directory)
}

// PlaceError says that a schema has no place for an attribute, or more than one.
type PlaceError struct {
	Key AttributeKey
	// Argument is the one that is wrong: directory or object.
	Argument string
	Found    int
	Have     []string
}

func (e *PlaceError) Error() string {
	name := e.Key.Directory
	if e.Argument == "object" {
		name = e.Key.Object
	}
	if e.Found > 1 {
		return fmt.Sprintf(
			"the job's schema has %d times the %s %q: they can't be told apart, so that none of them can "+
				"be managed",
			e.Found,
			e.Argument,
			name,
		)
	}
	if len(e.Have) == 0 {
		return fmt.Sprintf("the job's schema has no %s %q: it lists none", e.Argument, name)
	}
	return fmt.Sprintf("the job's schema has no %s %q. It has: %s", e.Argument, name, strings.Join(e.Have, "; "))
}

// attributesNode is the object that lists an attribute. The error is a *PlaceError.
func (s *Schema) attributesNode(k AttributeKey) (*node, error) {
	directory, err := onlyNamed(s.root.member("directories"), k.Directory, &PlaceError{Key: k, Argument: "directory"})
	if err != nil {
		return nil, err
	}
	return onlyNamed(directory.member("objects"), k.Object, &PlaceError{Key: k, Argument: "object"})
}

func onlyNamed(list *node, name string, e *PlaceError) (*node, error) {
	var found *node
	for _, n := range list.elements() {
		e.Have = append(e.Have, nameOf(n))
		if nameOf(n) == name {
			found = n
			e.Found++
		}
	}
	if e.Found != 1 {
		return nil, e
	}
	return found, nil
}

// definitionNodes are the definitions of an attribute; there should be one.
func definitionNodes(object *node, name string) []*node {
	return slices.DeleteFunc(slices.Clone(object.member("attributes").elements()), func(n *node) bool {
		return n.kind != '{' || nameOf(n) != name
	})
}

// Definition finds an attribute; nil where there is none. The error is a *PlaceError.
func (s *Schema) Definition(k AttributeKey) (*Definition, error) {
	object, err := s.attributesNode(k)
	if err != nil {
		return nil, err
	}
	found := definitionNodes(object, k.Name)
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // that there is none is no error
	}
	d := definitionOf(found[len(found)-1])
	return &d, nil
}

// newDefinition is a definition that is new, with Graph's members in the order of its
// documentation (learn.microsoft.com/graph/synchronization-configure-with-custom-target-attributes).
type newDefinition struct {
	Anchor         bool       `json:"anchor"`
	APIExpressions []graphKey `json:"apiExpressions"`
	CaseExact      bool       `json:"caseExact"`
	Default        *string    `json:"defaultValue"`
	FlowsNull      bool       `json:"flowNullValues"`
	Metadata       []graphKey `json:"metadata"`
	Multivalued    bool       `json:"multivalued"`
	Mutability     string     `json:"mutability"`
	Name           string     `json:"name"`
	Required       bool       `json:"required"`
	References     []string   `json:"referencedObjects"`
	Type           string     `json:"type"`
}

// graphKey is a pair of key and value.
type graphKey struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func keysOf(pairs map[string]string) []graphKey {
	out := []graphKey{}
	for k, v := range pairs {
		out = append(out, graphKey{k, v})
	}
	slices.SortFunc(out, func(a, b graphKey) int { return strings.Compare(a.Key, b.Key) })
	return out
}

func isTrue(b *bool) bool { return b != nil && *b }

// EqualDefinition reports whether two definitions agree in what is managed of them: not
// in references, metadata, the anchor and whether nothing flows.
func EqualDefinition(a, b Definition) bool { return len(definitionChanges(a, b)) == 0 }

// memberChange is a member of a definition to write.
type memberChange struct {
	name  string
	value any
}

// definitionChanges are the members that differ. API expressions that are nil aren't
// managed.
func definitionChanges(have, want Definition) []memberChange {
	var out []memberChange
	add := func(same bool, name string, value any) {
		if !same {
			out = append(out, memberChange{name, value})
		}
	}
	add(have.TypeOrZero() == want.TypeOrZero(), "type", want.Type)
	add(have.MutabilityOrZero() == want.MutabilityOrZero(), "mutability", want.Mutability)
	add(isTrue(have.Required) == isTrue(want.Required), "required", isTrue(want.Required))
	add(isTrue(have.Multivalued) == isTrue(want.Multivalued), "multivalued", isTrue(want.Multivalued))
	add(isTrue(have.CaseExact) == isTrue(want.CaseExact), "caseExact", isTrue(want.CaseExact))
	add(equalDefault(have.Default, want.Default), "defaultValue", want.Default)
	if want.APIExpressions != nil {
		add(slices.Equal(keysOf(have.APIExpressions), keysOf(want.APIExpressions)), "apiExpressions",
			keysOf(want.APIExpressions))
	}
	return out
}

// SetDefinition writes an attribute: of one that is there only the members that differ.
// It reports whether anything was to be written. The error is a *PlaceError.
func (s *Schema) SetDefinition(k AttributeKey, want Definition) (bool, error) {
	object, err := s.attributesNode(k)
	if err != nil {
		return false, err
	}
	found := definitionNodes(object, k.Name)
	if len(found) == 0 {
		text, err := encode(newDefinition{
			CaseExact: isTrue(want.CaseExact), Default: want.Default, Multivalued: isTrue(want.Multivalued),
			Mutability: want.Mutability, Name: k.Name, Required: isTrue(want.Required), Type: want.Type,
			APIExpressions: keysOf(want.APIExpressions), Metadata: []graphKey{}, References: []string{},
		})
		if err != nil {
			return false, err
		}
		return true, addElement(object, "attributes", text)
	}
	changes := definitionChanges(definitionOf(found[len(found)-1]), want)
	for _, c := range changes {
		if err := found[len(found)-1].set(c.name, c.value); err != nil {
			return false, err
		}
	}
	return len(changes) > 0, nil
}

// addElement appends to a list that is a member of an object, which may lack it.
func addElement(object *node, name string, text []byte) error {
	list := object.member(name)
	if list == nil || list.kind != '[' {
		return object.set(name, rawText("["+string(text)+"]"))
	}
	list.added = append(list.added, text)
	return nil
}

// RemoveDefinition takes an attribute away, or gives it what the template has of it. It
// reports whether anything was to be written. The error is a *PlaceError.
func (s *Schema) RemoveDefinition(k AttributeKey, template *Schema) (bool, error) {
	object, err := s.attributesNode(k)
	if err != nil {
		return false, err
	}
	found := definitionNodes(object, k.Name)
	if len(found) == 0 {
		return false, nil
	}
	if back := template.definitionNode(k); back != nil {
		last := found[len(found)-1]
		if EqualDefinition(definitionOf(last), definitionOf(back)) {
			return false, nil
		}
		last.text = back.raw()
		return true, nil
	}
	for _, n := range found {
		n.dropped = true
	}
	return true, nil
}

// definitionNode is the template's definition, nil where it has none.
func (s *Schema) definitionNode(k AttributeKey) *node {
	if s == nil {
		return nil
	}
	object, err := s.attributesNode(k)
	if err != nil {
		return nil
	}
	if found := definitionNodes(object, k.Name); len(found) > 0 {
		return found[len(found)-1]
	}
	return nil
}

// Rows names the object mappings that have a row of an attribute as their target.
func (s *Schema) Rows(k AttributeKey) (rules []string) {
	for _, r := range s.rules {
		for _, m := range r.sections {
			if norm.NFC.String(r.targetDirectory) == k.Directory && m.Object.Target == k.Object &&
				m.row(k.Name) != nil {
				rules = append(rules, fmt.Sprintf("%s (%s to %s)", r.name, m.Object.Source, m.Object.Target))
			}
		}
	}
	return rules
}

// Keys are the attributes of all directories that can be told apart, in the
// schema's order; with a template, those that it lacks or describes otherwise.
func (s *Schema) Keys(template *Schema) (keys []AttributeKey) {
	seen := map[AttributeKey]bool{}
	for _, d := range s.Directories() {
		for _, o := range d.Objects {
			for _, a := range o.Attributes {
				k := AttributeKey{Directory: d.Name, Object: o.Name, Name: a.Name}
				have, err := s.Definition(k)
				if seen[k] || err != nil || have == nil || a.Name == "" {
					continue
				}
				seen[k] = true
				if template != nil {
					if own, err := template.Definition(k); err == nil && own != nil && EqualDefinition(*have, *own) {
						continue
					}
				}
				keys = append(keys, k)
			}
		}
	}
	return keys
}
