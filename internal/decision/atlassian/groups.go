package atlassian

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
)

// Obstacle says what keeps a group out by its name: it gives a product's default
// access, or a group of the organization's own has the name
// ([atlassian rows 49-50]). Whether names compare with case isn't known, so one
// that differs in case alone counts as taken.
func (t *Target) Obstacle(v *tenant.View, group int32) tenant.Obstacle {
	name := v.Groups[group].DisplayName
	for _, d := range t.DefaultAccessGroups {
		if strings.EqualFold(d, name) {
			return tenant.DefaultAccess
		}
	}
	if t.taken(name) {
		return tenant.NameTaken
	}
	return ""
}

func (t *Target) taken(name string) bool {
	if !t.Organization.AccountsCovered {
		return false
	}
	taken := false
	for i := range t.Organization.Groups {
		g := &t.Organization.Groups[i]
		if !strings.EqualFold(g.Name, name) {
			continue
		}
		if g.ExternalSynced {
			return false
		}
		taken = true
	}
	return taken
}

// HoldGroups marks the groups of a scope that don't come as they are: names that
// are taken (over SCIM; the nested-groups reader asks for itself), two Entra
// groups of one name ([atlassian row 51]), and renames ([atlassian row 52]). Where the
// mapping of groups is off ([atlassian row 47]), none of that is asked: what is there
// isn't looked at any more, and stays.
func (t *Target) HoldGroups(v *tenant.View, s *tenant.Scope) {
	byName := map[string][]int32{}
	for g, in := range s.Groups {
		if in {
			name := t.targetName(v, int32(g))
			byName[name] = append(byName[name], int32(g))
		}
	}
	for g, in := range s.Groups {
		at := int32(g)
		was := t.nameBefore(v, at)
		off := s.Held[at] == tenant.MappingOff
		if off && was != "" {
			s.Exists[g] = true
		}
		if !in || !s.Exists[g] {
			continue
		}
		if !t.DomainRule && was != "" && was != v.Groups[g].DisplayName {
			if s.Names == nil {
				s.Names = map[int32]string{}
			}
			s.Names[at] = was // it stays, under its old name
			if !off {
				s.Held[at] = tenant.RenameUnsupported
			}
			continue
		}
		if off {
			continue
		}
		if !t.DomainRule {
			if o := t.Obstacle(v, at); o != "" && t.recorded(v, at) == "" {
				s.Held[at], s.Exists[g] = o, false
				continue
			}
		}
		if same := byName[t.targetName(v, at)]; len(same) > 1 && !t.first(v, at, same) {
			s.Held[at], s.Exists[g] = tenant.SameName, false
		}
	}
}

// targetName is the name for which a group asks in the target, for comparing: over SCIM
// one that stands there keeps its old name, which a new group can't have then, while its
// new name stays free ([atlassian rows 51-52]).
func (t *Target) targetName(v *tenant.View, group int32) string {
	name := v.Groups[group].DisplayName
	if was := t.nameBefore(v, group); was != "" && !t.DomainRule {
		name = was
	}
	return strings.ToLower(name)
}

// first reports that, of several groups of one name, this one is known to stand
// in the target already.
func (t *Target) first(v *tenant.View, group int32, same []int32) bool {
	if t.DomainRule || t.nameBefore(v, group) == "" {
		return false
	}
	for _, other := range same {
		if other != group && t.nameBefore(v, other) != "" {
			return false
		}
	}
	return true
}

// nameBefore is the name under which a group stands in the target, as read or as
// accepted last; "" where that isn't known.
func (t *Target) nameBefore(v *tenant.View, group int32) string {
	if name := t.recorded(v, group); name != "" {
		return name
	}
	if t.History.GroupName != nil {
		return t.History.GroupName(v.Groups[group].ID)
	}
	return ""
}

// recorded is the name of a group's own record; "" where none was read.
func (t *Target) recorded(v *tenant.View, group int32) string {
	if t.records == nil {
		return ""
	}
	return t.records.groupByID[strings.ToLower(v.Groups[group].ID)]
}
