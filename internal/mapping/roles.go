package mapping

import (
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// rolesReader gives the app roles that users have by a job's assignments: their
// own, and those of groups that they are direct members of. Nothing is known of
// who has none: they aren't assigned, and whoever takes them all the same isn't the
// assignment; nor of a role without a name, which no page describes.
func rolesReader(d *directory.Directory, job *directory.Job) reader {
	byUser := job.RolesOf(d)
	values := make(map[int32]expression.Value, len(byUser))
	shared := map[string]expression.Value{} // many have the same roles
	for user, have := range byUser {
		key := make([]byte, 0, 4*len(have))
		for _, role := range have {
			key = append(key, byte(role), byte(role>>8), byte(role>>16), ',')
		}
		if _, ok := shared[string(key)]; !ok {
			shared[string(key)] = rolesValue(job, have)
		}
		values[user] = shared[string(key)]
	}
	return func(i int32) expression.Value {
		if v, ok := values[i]; ok {
			return v
		}
		return UnknownRoles
	}
}

// UnknownRoles are the app roles of somebody of whom none are known.
var UnknownRoles = expression.UnreadValue(expression.NeedsRoles)

func rolesValue(job *directory.Job, have []int) expression.Value {
	roles := make([]expression.Role, 0, len(have))
	for _, at := range have {
		if at == directory.RoleUnsure {
			return UnknownRoles
		}
		r := &job.Roles[at]
		if r.Value == "" && r.DisplayName == "" {
			return UnknownRoles
		}
		roles = append(roles, expression.Role{ID: r.ID, Value: r.Value, DisplayName: r.DisplayName})
	}
	return expression.RolesValue(roles)
}
