package directorytest

import (
	"fmt"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Synthetic is a large tenant in memory: five memberships a user, nested
// groups, guests and members of partners.
func Synthetic(users, groups int) (*directory.Directory, *directory.Organization) {
	b := directory.NewBuilder(nil)
	for g := range groups {
		gg := directory.GraphGroup{
			ID:          fmt.Sprintf("00000000-0000-4000-a000-%012x", g),
			DisplayName: fmt.Sprintf("Group %d", g),
		}
		for _, child := range []int{2*g + 1, 2*g + 2} {
			if child < groups {
				gg.Members = append(
					gg.Members,
					directory.GraphMember{Type: "group", ID: fmt.Sprintf("00000000-0000-4000-a000-%012x", child)},
				)
			}
		}
		for i := range 5 * users / groups {
			gg.Members = append(
				gg.Members,
				directory.GraphMember{
					Type: "user",
					ID:   fmt.Sprintf("11111111-1111-4111-8111-%012x", (g*7919+i*31)%users),
				},
			)
		}
		b.AddGroup(gg)
	}
	for i := range users {
		address := fmt.Sprintf("user%d@company.com", i)
		u := directory.User{
			ID:                fmt.Sprintf("11111111-1111-4111-8111-%012x", i),
			UserPrincipalName: address,
			Mail:              address,
			UserType:          "Member",
			AccountEnabled:    directory.True,
		}
		switch i % 20 {
		case 0:
			u = External(fmt.Sprintf("user%d@partner%d.com", i, i%50), "Guest")
		case 1, 2:
			u = External(fmt.Sprintf("user%d@fabrikam.com", i), "Member")
		case 3:
			u.AccountEnabled = directory.False
		}
		u.ID = fmt.Sprintf("11111111-1111-4111-8111-%012x", i)
		if u.AccountEnabled == directory.Absent {
			u.AccountEnabled = directory.True
		}
		b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
	}
	b.AddDomain(directory.Domain{Name: "company.com", IsVerified: true})
	return b.Build(
			TenantID,
			nil,
		), &directory.Organization{
			ID:      "org",
			Domains: []directory.Claim{{Name: "company.com", Type: "dns", Status: "verified"}},
		}
}
