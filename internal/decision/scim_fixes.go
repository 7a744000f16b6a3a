package decision

import (
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// candidates of the SCIM connector: enabling, an assigned group, assigning the
// child group, mail.
func (c *scim) candidates(r *Result, i int32) []candidate {
	u := &r.Directory.Users[i]
	var out []candidate
	if r.isDisabled(i) {
		out = append(out, candidate{
			change: "Enable the account", who: "this tenant (User Administrator), or the source tenant where the account comes from one",
			try: WhatIf{Enabled: map[string]bool{u.ID: true}},
		})
	}
	if r.scope.users[i]&inDirect == 0 {
		out = append(out, c.scopeCandidates(r, i)...)
	}
	if m, _ := r.mailOf(i); m == "" {
		mail := u.UserPrincipalName
		if r.external[i] {
			mail = homeAddress(mail)
		}
		if domainOf(mail) != "" {
			out = append(out, candidate{
				change: "Set mail to an address at " + domainOf(mail) + ", or map another attribute to the work email",
				who:    "this tenant (User Administrator, Exchange; Application Administrator for the mapping)",
				try:    WhatIf{Mails: map[string]string{u.ID: mail}},
			})
		}
	}
	return out
}

func (c *scim) scopeCandidates(r *Result, i int32) []candidate {
	u := &r.Directory.Users[i]
	var out []candidate
	for _, g := range r.scope.selected {
		if r.scope.exists[g] && r.Directory.Groups[g].MembershipRule == "" {
			out = append(out, candidate{
				change: fmt.Sprintf("Add the user to the assigned group %q", r.groupShown(g)), who: "this tenant (owner of the group)", joins: true,
				try: WhatIf{Members: map[string][]string{r.Directory.Groups[g].ID: {u.ID}}},
			})
			break
		}
	}
	if child := c.childOf(r, i); child >= 0 {
		out = append(out, candidate{
			change: fmt.Sprintf("Assign the child group %q to the application", r.groupShown(child)), who: "this tenant (Application Administrator)", joins: true,
			effect: "Its other direct members come too.", undoneBy: "Taking the assignment away deletes the group in Atlassian with its permissions.",
			try: WhatIf{assigned: []string{r.Directory.Groups[child].ID}},
		})
	}
	return out
}

// childOf is a group below an assigned one that the user is a direct member
// of, -1 for none.
func (c *scim) childOf(r *Result, i int32) int32 {
	seen := make([]bool, len(r.Directory.Groups))
	todo := slices.Clone(r.scope.selected)
	for len(todo) > 0 {
		g := todo[0]
		todo = todo[1:]
		if seen[g] {
			continue
		}
		seen[g] = true
		group := &r.Directory.Groups[g]
		if c.isMember(group, i) && group.SecurityEnabled && !slices.Contains(r.scope.selected, g) {
			return g
		}
		todo = append(todo, group.Groups...)
	}
	return -1
}

func (*scim) isMember(g *directory.Group, i int32) bool {
	_, ok := slices.BinarySearch(g.Users, i)
	return ok
}
