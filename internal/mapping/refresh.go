package mapping

import (
	"fmt"
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Refresh is what the state says of a section: of what it manages, what is
// there, in the state's own words where they mean the same.
func Refresh(live *Section, state Mapping) Mapping {
	have := live.Mapping()
	out := Mapping{
		Object:     state.Object,
		Manage:     state.Manage,
		Enabled:    have.Enabled,
		Attributes: map[string]Attribute{},
	}
	for target, row := range have.Attributes {
		before, managed := state.Attributes[target]
		switch {
		case managed && EqualAttribute(row, before):
			out.Attributes[target] = before
		case managed || state.Manage == ManageAll:
			if managed && EqualExpression(row.Expression, before.Expression) {
				row.Expression = before.Expression
			}
			out.Attributes[target] = row
		}
	}
	if state.Actions != nil {
		out.Actions = have.Actions
	}
	for _, part := range filterParts {
		before, now, to := *part.of(&state), *part.of(&have), part.of(&out)
		switch {
		case before == nil:
		case EqualFilter(now, before):
			*to = before
		case now == nil:
			*to = &scoping.Spec{AnyOf: []scoping.SpecGroup{}}
		default:
			*to = now
		}
	}
	return out
}

// Importable is what of a section a configuration can say: rows and filters that
// aren't of the documented language, and rows that write nothing, stay as they
// are, beside it.
func Importable(live *Section) (m Mapping, left map[string]string) {
	m, left = live.Mapping(), map[string]string{}
	priorities := map[int]string{}
	for _, target := range slices.Sorted(maps.Keys(m.Attributes)) {
		a := m.Attributes[target]
		why := a.unwritable(target)
		if other, taken := priorities[a.MatchingPriority]; why == "" && taken && a.MatchingPriority > 0 {
			why = fmt.Sprintf("its matching priority %d is %s's too", a.MatchingPriority, other)
		}
		if why != "" {
			left[target] = why
			delete(m.Attributes, target)
			continue
		}
		priorities[a.MatchingPriority] = target
	}
	maps.Copy(left, m.Unreadable)
	for _, part := range filterParts {
		f := part.of(&m)
		if *f == nil {
			continue
		}
		if _, err := scoping.Compile((*f).Filter().Groups, nil, scoping.Options{}); err != nil {
			left[part.name], *f = err.Error(), nil
		}
	}
	return m, left
}

// unwritable says why a row can't be configuration, "" where it can.
func (a Attribute) unwritable(target string) string {
	switch {
	case target == "":
		return "it has no target attribute"
	case a.Unreadable != "":
		return a.Unreadable
	case !slices.ContainsFunc(Applies, func(x struct{ Apply, FlowType string }) bool {
		return x.Apply == a.Apply || a.Apply == ""
	}):
		return fmt.Sprintf("the flow type %q isn't documented", a.Apply)
	case a.Expression == "" && a.Default == nil:
		return "it has neither a source nor a default"
	}
	return ""
}
