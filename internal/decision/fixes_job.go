package decision

import (
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// candidates of a job: an assigned group, assigning the child group, mail.
func (j *jobService) candidates(r *Result, i int32) []candidate {
	u := &r.Directory.Users[i]
	var out []candidate
	if r.scope.Users[i]&tenant.Direct == 0 {
		out = append(out, j.scopeCandidates(r, i)...)
	}
	if m, _ := r.view.Mail(i); m == "" {
		mail := u.UserPrincipalName
		if tenant.HasExtName(mail) {
			mail = tenant.HomeAddress(mail)
		}
		if tenant.DomainOf(mail) != "" {
			out = append(out, candidate{
				change: "Set mail to an address at " + tenant.DomainOf(mail) + ", or map another attribute to the " +
					"work email",
				who: "this tenant (User Administrator, Exchange; Application Administrator for the mapping)",
				try: WhatIf{Mails: map[string]string{u.ID: mail}},
			})
		}
	}
	return out
}

func (j *jobService) scopeCandidates(r *Result, i int32) []candidate {
	u := &r.Directory.Users[i]
	var out []candidate
	for _, g := range r.scope.Selected {
		if r.scope.Exists[g] && r.Directory.Groups[g].MembershipRule == "" {
			out = append(out, candidate{
				change: fmt.Sprintf(
					"Add the user to the assigned group %q",
					r.groupShown(g),
				),
				who: "this tenant (owner of the group)",
				try: WhatIf{Members: map[string][]string{r.Directory.Groups[g].ID: {u.ID}}},
			})
			break
		}
	}
	if child := j.childOf(r, i); child >= 0 {
		out = append(out, candidate{
			change: fmt.Sprintf(
				"Assign the child group %q to the application",
				r.groupShown(child),
			),
			who:     "this tenant (Application Administrator)",
			effect:  "Its other direct members come too.",
			caveats: j.target.groupLoss(),
			try:     WhatIf{Assigned: []string{r.Directory.Groups[child].ID}},
		})
	}
	return out
}

// childOf is a group below an assigned one that the user is a direct member
// of, -1 for none.
func (j *jobService) childOf(r *Result, i int32) int32 {
	seen := make([]bool, len(r.Directory.Groups))
	todo := slices.Clone(r.scope.Selected)
	for len(todo) > 0 {
		g := todo[0]
		todo = todo[1:]
		if seen[g] {
			continue
		}
		seen[g] = true
		group := &r.Directory.Groups[g]
		if j.isMember(group, i) && group.SecurityEnabled && !slices.Contains(r.scope.Selected, g) {
			return g
		}
		todo = append(todo, group.Groups...)
	}
	return -1
}

func (*jobService) isMember(g *directory.Group, i int32) bool {
	_, ok := slices.BinarySearch(g.Users, i)
	return ok
}
