package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Unknown lists planned target attributes, and source attributes with where
// they are used, that the schema's directories don't have. Lists that the
// schema lacks find nothing.
func (m Mapping) Unknown(a Attributes) (targets []string, sources []UnknownSource) {
	source := func(where, name string) {
		if a.Source != nil && !slices.Contains(a.Source, name) {
			sources = append(sources, UnknownSource{where, name, expression.Nearest(name, a.Source)})
		}
	}
	for _, target := range slices.Sorted(maps.Keys(m.Attributes)) {
		if a.Target != nil && !slices.Contains(a.Target, target) {
			targets = append(targets, target)
		}
		e, err := expression.Parse(m.Attributes[target].Expression)
		if err != nil {
			continue
		}
		for _, name := range e.Attributes() {
			source(target, name)
		}
	}
	for _, part := range filterParts {
		f := *part.of(&m)
		if f == nil {
			continue
		}
		for _, name := range scoping.Attributes(f.Filter().Groups) {
			source(part.name, name)
		}
	}
	return targets, sources
}

// Maps reports whether the mapping has a row of a target.
func (m Mapping) Maps(target string) bool {
	_, ok := m.Attributes[target]
	return ok
}

// Only is the mapping with the named rows and filters alone.
func (m Mapping) Only(names []string) Mapping {
	out := m
	out.Attributes = map[string]Attribute{}
	for target, a := range m.Attributes {
		if slices.Contains(names, target) {
			out.Attributes[target] = a
		}
	}
	for _, part := range filterParts {
		if !slices.Contains(names, part.name) {
			*part.of(&out) = nil
		}
	}
	return out
}

// Without is the mapping without the rows and filters that another has alike.
func (m Mapping) Without(held Mapping) Mapping {
	var names []string
	for target, a := range m.Attributes {
		if have, ok := held.Attributes[target]; !ok || !EqualAttribute(have, a) {
			names = append(names, target)
		}
	}
	for _, part := range filterParts {
		if f := *part.of(&m); f != nil && !EqualFilter(f, *part.of(&held)) {
			names = append(names, part.name)
		}
	}
	return m.Only(names)
}

// UnknownSource is a source attribute that the schema doesn't have.
type UnknownSource struct {
	// Where is the target attribute, or a filter's name.
	Where, Name string
	// Nearest is what was probably meant, or "".
	Nearest string
}

// Case reports a name that is the schema's but for upper and lower case: the
// service refuses the schema [expressions 1, R].
func (u UnknownSource) Case() bool {
	return u.Nearest != u.Name && strings.EqualFold(u.Nearest, u.Name)
}

func (u UnknownSource) String() string {
	s := fmt.Sprintf("%s uses the source attribute %s", u.Where, u.Name)
	if u.Nearest != "" {
		s += fmt.Sprintf(" (did you mean %s?)", u.Nearest)
	}
	return s
}

// UniqueValues are the planned targets that use SelectUniqueValue, which only
// jobs from a system of human resources take [expressions 3.6].
func (m Mapping) UniqueValues() []string {
	var out []string
	for target, a := range m.Attributes {
		if e, err := expression.Parse(
			a.Expression,
		); err == nil &&
			slices.Contains(e.Facts().Functions, "SelectUniqueValue") {
			out = append(out, target)
		}
	}
	slices.Sort(out)
	return out
}
