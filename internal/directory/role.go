package directory

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// NoRole is the role of an assignment without one [graph 2].
const NoRole = "00000000-0000-0000-0000-000000000000"

// AppRole is a role of an application by which somebody is assigned to it.
type AppRole struct {
	ID string `json:"id"`
	// Value and DisplayName are "" where the application doesn't declare the role,
	// or where the assignment has none.
	Value       string `json:"value,omitempty"`
	DisplayName string `json:"display_name,omitempty"`
	// Assigned are the object ids of the groups and users with the role, ascending.
	Assigned []string `json:"assigned"`
}

// graphRole is Graph's appRole, as far as an expression sees it.
type graphRole struct {
	ID          string `json:"id"`
	Value       string `json:"value"`
	DisplayName string `json:"displayName"`
}

// assignment is one entry of a job's "assigned": an object id, or Graph's
// appRoleAssignment.
type assignment struct {
	PrincipalID string `json:"principalId"`
	AppRoleID   string `json:"appRoleId"`
}

// UnmarshalJSON reads either form.
func (a *assignment) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(raw)), `"`) {
		return json.Unmarshal(raw, &a.PrincipalID)
	}
	type plain assignment
	return json.Unmarshal(raw, (*plain)(a))
}

// rolesOf are the roles by which somebody is assigned; nil unless the
// application's roles, and the role of each assignment, were read.
func rolesOf(declared []graphRole, assigned []assignment) []AppRole {
	if declared == nil {
		return nil
	}
	byID := map[string]*AppRole{}
	for _, a := range assigned {
		if a.AppRoleID == "" {
			return nil
		}
		id := strings.ToLower(a.AppRoleID)
		if byID[id] == nil {
			byID[id] = &AppRole{ID: id}
		}
		byID[id].Assigned = append(byID[id].Assigned, strings.ToLower(a.PrincipalID))
	}
	for _, r := range declared {
		if have := byID[strings.ToLower(r.ID)]; have != nil {
			have.Value, have.DisplayName = r.Value, r.DisplayName
		}
	}
	out := make([]AppRole, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		r := *byID[id]
		r.Assigned = sortedUnique(r.Assigned)
		out = append(out, r)
	}
	return out
}

// AsIfAssigned is the job as if exactly some groups and users were assigned, by
// object id: each by the roles that it has, or by one that nobody says.
func (j *Job) AsIfAssigned(ids []string) *Job {
	if j.Roles == nil {
		return j
	}
	out, rest := *j, slices.Clone(ids)
	out.Roles = nil
	for _, r := range j.Roles {
		held := slices.DeleteFunc(slices.Clone(r.Assigned), func(id string) bool { return !slices.Contains(ids, id) })
		rest = slices.DeleteFunc(rest, func(id string) bool { return slices.Contains(held, id) })
		if r.Assigned = held; len(held) > 0 {
			out.Roles = append(out.Roles, r)
		}
	}
	out.Roles = append(out.Roles, AppRole{Assigned: rest})
	return &out
}

// RoleUnsure stands in the place of a role that somebody may have or not: of an
// assigned group that isn't a security group, which assigns nobody.
const RoleUnsure = -1

// RolesOf are, for each user, the positions in Roles of those that they have:
// their own, and those of the security groups that they are direct members of
// [graph 2]. Users without any are left out.
func (j *Job) RolesOf(d *Directory) map[int32][]int {
	out := map[int32][]int{}
	add := func(user int32, role int) {
		if have := out[user]; len(have) == 0 || have[len(have)-1] != role {
			out[user] = append(have, role)
		}
	}
	for role := range j.Roles {
		for _, id := range j.Roles[role].Assigned {
			if u := d.UserByID(id); u >= 0 {
				add(u, role)
			}
			if g := d.GroupByID(id); g >= 0 {
				held := role
				if !d.Groups[g].SecurityEnabled {
					held = RoleUnsure
				}
				for _, u := range d.Groups[g].Users {
					add(u, held)
				}
			}
		}
	}
	return out
}
