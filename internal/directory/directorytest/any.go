package directorytest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Any draws a small tenant with everything that decides.
func Any(t *rapid.T) *World {
	w := New()
	domain := rapid.SampledFrom(
		[]string{"company.com", "fabrikam.com", "gmail.com", "legacy.company.com", "bücher.example", ""},
	)
	typ := rapid.SampledFrom([]string{"Member", "Guest", "", "Other"})
	status := rapid.SampledFrom([]string{"verified", "missing_token", "unverified"})
	for _, d := range []string{"company.com", "fabrikam.com", "xn--bcher-kva.example"} {
		if rapid.Bool().Draw(t, "listed") {
			w.Claims[d] = status.Draw(t, "status")
		}
	}
	n := rapid.IntRange(0, 12).Draw(t, "users")
	for i := range n {
		d := domain.Draw(t, "domain")
		address := fmt.Sprintf("u%d@%s", rapid.IntRange(0, 6).Draw(t, "local"), d)
		u := Employee(address)
		if rapid.Bool().Draw(t, "external") {
			u = External(address, "")
		}
		u.UserType = typ.Draw(t, "type")
		u.ID = fmt.Sprintf("id-%02d", i)
		u.UserPrincipalName = fmt.Sprintf("%d-%s", i, u.UserPrincipalName)
		if rapid.Bool().Draw(t, "mailless") {
			u.Mail = ""
		}
		u.AccountEnabled = directory.OptionalBoolOf(rapid.IntRange(0, 4).Draw(t, "enabled") > 0)
		w.User(u, rapid.SampledFrom([]string{"Staff", "Child", "Other"}).Draw(t, "group"))
	}
	return w
}

// Clone copies a world, so that the copy can be changed.
func (w *World) Clone() *World {
	c := *w
	c.Users = append([]directory.User(nil), w.Users...)
	c.Groups = append([]directory.GraphGroup(nil), w.Groups...)
	for i := range c.Groups {
		c.Groups[i].Members = append([]directory.GraphMember(nil), w.Groups[i].Members...)
	}
	return &c
}
