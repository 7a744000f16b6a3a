package provisioning

import (
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Scope is who the job takes: direct members of assigned groups, and users
// assigned themselves ([graph 2], [atlassian 2.1], documented). Groups that
// aren't security-enabled aren't read. Users and groups are objects of their own:
// what keeps a group out doesn't keep its members out.
func (s *Service) Scope(v *tenant.View) *tenant.Scope {
	scope := tenant.NewScope(v)
	closed := s.assign(v, scope)
	scope.Everyone = s.Everyone
	if s.Everyone {
		for i := range scope.Users {
			scope.Users[i] = tenant.Direct | tenant.Static
		}
	}
	for _, g := range scope.Selected {
		scope.Reach(v, g)
	}
	for _, g := range closed {
		scope.Held[g] = tenant.NotSecurityEnabled
		for _, u := range v.Groups[g].Users {
			if scope.Users[u]&tenant.Direct != 0 {
				continue
			}
			if _, ok := scope.NotReadable[u]; !ok {
				scope.NotReadable[u] = g
			}
			scope.Users[u] |= tenant.Nested
		}
	}
	// Reach marks child groups; over SCIM they are no groups of the target's.
	for g := range scope.Groups {
		scope.Groups[g] = false
	}
	for _, g := range scope.Selected {
		scope.Groups[g] = true
		switch {
		case !s.groupsOn:
			scope.Held[g] = tenant.MappingOff
		case s.Needs.GroupLimit > 0 && len(v.Groups[g].Users)+len(scope.Extra[g]) > s.Needs.GroupLimit:
			scope.Held[g] = tenant.OverLimit // it comes, and lacks somebody
			scope.Exists[g] = true
		default:
			scope.Exists[g] = true
		}
	}
	return scope
}

// assign finds the assigned groups and users: those of the scope where it names
// groups, else the job's. closed are assigned groups that aren't
// security-enabled.
func (s *Service) assign(v *tenant.View, scope *tenant.Scope) (closed []int32) {
	ids := slices.Concat(v.WhatIf.Assigned, slices.Sorted(maps.Keys(v.WhatIf.Assignments)))
	if len(s.Groups) == 0 {
		ids = slices.Concat(ids, s.Job.Assigned)
	} else {
		ids = slices.Concat(ids, s.Groups)
	}
	for _, id := range ids {
		if g := v.GroupByID(id); g >= 0 {
			scope.Selected = append(scope.Selected, g)
		} else if u := v.UserByID(id); u >= 0 {
			scope.Users[u] |= tenant.Direct | tenant.Static | tenant.Alone
		}
	}
	slices.Sort(scope.Selected)
	scope.Selected = slices.Compact(scope.Selected)
	for _, g := range scope.Selected {
		if !v.Groups[g].SecurityEnabled {
			closed = append(closed, g)
		}
	}
	scope.Selected = slices.DeleteFunc(scope.Selected, func(g int32) bool { return !v.Groups[g].SecurityEnabled })
	return closed
}

// entitled are the users who are assigned with a role of the application's own, directly
// or as direct members of a group; nil where the target doesn't ask for one, or roles
// aren't known: they weren't read, or others count as assigned.
func (s *Service) entitled(v *tenant.View) []bool {
	if !s.Needs.RoleRequired || s.roles == nil || s.roles.Roles == nil {
		return nil
	}
	out := make([]bool, len(v.Users))
	own := func(role int) bool { return role >= 0 && s.roles.Roles[role].ID != directory.NoRole }
	for u, have := range s.roles.RolesOf(v.Directory) {
		out[u] = slices.ContainsFunc(have, own)
	}
	mark := func(id string) {
		if u := v.UserByID(id); u >= 0 {
			out[u] = true
		}
	}
	join := func(group string) {
		for _, id := range v.WhatIf.Members[group] {
			mark(id)
		}
	}
	for at := range s.roles.Roles {
		if own(at) {
			for _, id := range s.roles.Roles[at].Assigned {
				join(id)
			}
		}
	}
	for id, role := range v.WhatIf.Assignments {
		if role == "" {
			continue
		}
		mark(id)
		join(id)
		if g := v.GroupByID(id); g >= 0 {
			for _, u := range v.Groups[g].Users {
				out[u] = true
			}
		}
	}
	return out
}
