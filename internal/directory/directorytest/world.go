// Package directorytest has a small tenant and organization for tests, described
// in Go.
package directorytest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// TenantID is the id of every such tenant.
const TenantID = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"

// World is a small tenant and organization for tests, described in Go.
type World struct {
	Users   []directory.User
	Groups  []directory.GraphGroup
	Domains []directory.Domain
	Claims  map[string]string
	// Again are claims of domains that are claimed already.
	Again []directory.Claim
	Taken []directory.AccountGroup
	// Accounts and Records are what the organization holds; nil is not read.
	Accounts []directory.Account
	Records  *directory.SCIMDirectory
	Below    []string
	Jobs     []directory.Job
}

// New has company.com verified on both sides and the groups Staff (to be
// selected), Child (inside it) and Other (not in scope).
func New() *World {
	w := &World{Claims: map[string]string{"company.com": directory.ClaimVerified}}
	w.Domains = []directory.Domain{
		{Name: "company.com", IsVerified: true, IsDefault: true},
		{Name: "company.onmicrosoft.com", IsVerified: true, IsInitial: true},
	}
	w.Group("Staff", "")
	w.Group("Child", "")
	w.Group("Other", "")
	w.Nest("Staff", "Child")
	return w
}

// Group adds a group; rule is its membership rule, "" for none.
func (w *World) Group(name, rule string) {
	w.Groups = append(
		w.Groups,
		directory.GraphGroup{
			ID:              "g-" + strings.ToLower(name),
			DisplayName:     name,
			SecurityEnabled: true,
			MembershipRule:  rule,
		},
	)
}

// Nest puts a group into another.
func (w *World) Nest(parent, child string) {
	w.At(parent).Members = append(
		w.At(parent).Members,
		directory.GraphMember{Type: "group", ID: "g-" + strings.ToLower(child)},
	)
}

// At gives a group by its name.
func (w *World) At(group string) *directory.GraphGroup {
	for i := range w.Groups {
		if w.Groups[i].DisplayName == group {
			return &w.Groups[i]
		}
	}
	panic("no group " + group)
}

// User adds a user to groups and gives the id.
func (w *World) User(u directory.User, groups ...string) string {
	if u.ID == "" {
		u.ID = fmt.Sprintf("u-%03d", len(w.Users))
	}
	if u.AccountEnabled == directory.Absent {
		u.AccountEnabled = directory.True
	}
	w.Users = append(w.Users, u)
	for _, g := range groups {
		w.At(g).Members = append(w.At(g).Members, directory.GraphMember{Type: "user", ID: u.ID})
	}
	return u.ID
}

// Employee is an internal Member with mail and principal name alike.
func Employee(address string) directory.User {
	return directory.User{UserPrincipalName: address, Mail: address, UserType: "Member"}
}

// External is a user from another tenant with the mail of their home.
func External(address, userType string) directory.User {
	return directory.User{
		UserPrincipalName: strings.ReplaceAll(address, "@", "_") + "#EXT#@company.onmicrosoft.com", Mail: address,
		UserType: userType, CreationType: "Invitation", ExternalUserState: "Accepted",
	}
}

// Directory builds the tenant.
func (w *World) Directory() *directory.Directory {
	b := directory.NewBuilder(nil)
	for _, u := range w.Users {
		b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
	}
	for _, g := range w.Groups {
		b.AddGroup(g)
	}
	for _, d := range w.Domains {
		b.AddDomain(d)
	}
	d := b.Build(TenantID, w.Below)
	d.Jobs = w.Jobs
	return d
}

// Organization builds the organization.
func (w *World) Organization() *directory.Organization {
	o := &directory.Organization{
		ID:              "org",
		AccountsCovered: w.Taken != nil || w.Accounts != nil,
		Groups:          w.Taken,
		Accounts:        w.Accounts,
		Records:         w.Records,
	}
	for name, status := range w.Claims {
		o.Domains = append(o.Domains, directory.Claim{Name: name, Type: "dns", Status: status})
	}
	o.Domains = append(o.Domains, w.Again...)
	o.Sort()
	return o
}

// Named gives the user whose principal name begins so.
func (w *World) Named(upn string) *directory.User {
	for i := range w.Users {
		if strings.HasPrefix(w.Users[i].UserPrincipalName, upn) {
			return &w.Users[i]
		}
	}
	panic(upn)
}

// Leave takes a member out of a group.
func (w *World) Leave(group, id string) {
	g := w.At(group)
	for i, m := range g.Members {
		if m.ID == id {
			g.Members = append(g.Members[:i:i], g.Members[i+1:]...)
		}
	}
}

// Delete removes a user, from the groups too.
func (w *World) Delete(id string) {
	for i := range w.Users {
		if w.Users[i].ID == id {
			w.Users = append(w.Users[:i:i], w.Users[i+1:]...)
			break
		}
	}
	for i := range w.Groups {
		w.Leave(w.Groups[i].DisplayName, id)
	}
}

// Join adds a user to a group.
func (w *World) Join(group, id string) {
	w.At(group).Members = append(w.At(group).Members, directory.GraphMember{Type: "user", ID: id})
}

// RemoveGroup deletes a group that is in Staff.
func (w *World) RemoveGroup(name string) {
	for i := range w.Groups {
		if w.Groups[i].DisplayName == name {
			w.Groups = append(w.Groups[:i:i], w.Groups[i+1:]...)
			break
		}
	}
	w.Leave("Staff", "g-"+strings.ToLower(name))
}

// Rename gives a user another principal name and mail.
func (w *World) Rename(was, is string) {
	u := w.Named(was)
	u.UserPrincipalName, u.Mail = is, is
}

// Dissolve deletes a group that is in no other.
func (w *World) Dissolve(name string) {
	w.Groups = slices.DeleteFunc(w.Groups, func(g directory.GraphGroup) bool { return g.DisplayName == name })
}

// NameOf is the principal name of a user.
func (w *World) NameOf(id string) string {
	for _, u := range w.Users {
		if u.ID == id {
			return u.UserPrincipalName
		}
	}
	panic(id)
}

// Base is a world with an accepted outcome, for tests that change it.
func Base() *World {
	w := New()
	w.Group("Team", "")
	w.Nest("Staff", "Team")
	w.User(Employee("ann@company.com"), "Staff")
	w.User(Employee("ben@company.com"), "Child")
	w.User(External("guest@fabrikam.com", "Guest"), "Staff")
	w.User(External("member@fabrikam.com", "Member"), "Staff")
	return w
}
