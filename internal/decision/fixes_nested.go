package decision

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// candidates of the nested-groups reader, in the order in which the owner of the
// problem would think of them. For a user of this tenant: their own domain, mail, a
// group; Guest only where nothing else helps. For a user from elsewhere: the type,
// the domain, a group, mail. Where a group waits, what frees it, and nothing else.
func (n nestedService) candidates(r *Result, i int32) []candidate {
	if b, blocked := r.scope.Blocked[i]; blocked {
		return []candidate{r.freeingCandidate(b)}
	}
	domain, mail, group, guest := n.domainCandidate(
		r,
		i,
	), n.mailCandidates(
		r,
		i,
	), n.groupCandidate(
		r,
		i,
	), n.typeCandidate(
		r,
		i,
	)
	if !r.Tenant.External(i) {
		for k := range guest {
			guest[k].last = true
			guest[k].caveats = "The user is of this tenant, not a guest. " + guest[k].caveats
		}
		return slices.Concat(domain, mail, group, guest)
	}
	return slices.Concat(group, guest, domain, mail)
}

// freeingCandidate frees a group that waits: accept, rename, take away its default
// access, or split it [atlassian 1.4].
func (r *Result) freeingCandidate(b tenant.Block) candidate {
	name := r.groupShown(b.Group)
	c := candidate{
		who: "the organization's administrator", joins: true,
		try: WhatIf{Freed: []string{r.Directory.Groups[b.Group].ID}},
	}
	switch r.scope.Held[b.Group] {
	case tenant.OverLimit:
		c.change, c.who = fmt.Sprintf(
			"Split the group %q into groups of at most 10,000 users",
			name,
		), "this tenant (owner of the group)"
	case tenant.DefaultAccess:
		c.change = fmt.Sprintf("Take the default access away from the group %q in Atlassian, then accept it in the "+
			"sync settings; or rename one of the two", name)
	default:
		c.change = fmt.Sprintf("Accept the group %q in the sync settings, or rename one of the two", name)
		c.caveats = "If it is a default access group of a product, it can't be accepted: take its default access " +
			"away first."
	}
	return c
}

// groupCandidate joins a selected group that syncs and isn't dynamic.
func (nestedService) groupCandidate(r *Result, i int32) []candidate {
	g := joinable(r)
	if g < 0 || r.InScope(i) && !r.scope.OnlyDynamic(i) {
		return nil
	}
	suffix := ""
	if r.InScope(i) {
		suffix = ", which doesn't read userType"
	}
	return []candidate{
		{
			change: fmt.Sprintf(
				"Add the user to the group %q%s",
				r.groupShown(g),
				suffix,
			),
			who:   "this tenant (owner of the group)",
			joins: true,
			try:   WhatIf{Members: map[string][]string{r.Directory.Groups[g].ID: {r.Directory.Users[i].ID}}},
		},
	}
}

// joinable is a selected group that comes and isn't dynamic, -1 for none.
func joinable(r *Result) int32 {
	for _, g := range r.scope.Selected {
		if r.scope.Exists[g] && r.Directory.Groups[g].MembershipRule == "" {
			return g
		}
	}
	return -1
}

func externalOnly(r *Result, i int32, text string) string {
	if r.Tenant.External(i) {
		return text
	}
	return ""
}

func (nestedService) typeCandidate(r *Result, i int32) []candidate {
	if r.typeOf(i) == TypeGuest {
		return nil
	}
	var undone []string
	who := "this tenant (User Administrator)"
	written := r.writtenBack(i)
	switch {
	case written == TypeMember:
		undone = append(undone, "The source tenant's mapping of userType has flowType Always: it writes Member back "+
			"at the source user's next change, so this doesn't last.")
	case r.Tenant.External(i) && written == "":
		who += "; to last, the source tenant: the mapping of userType in its cross-tenant synchronization"
		undone = append(undone, "A cross-tenant mapping of userType with flowType Always writes Member back at the "+
			"source user's next change; ObjectAddOnly, the default, doesn't.")
	}
	if r.Directory.Users[i].OnPremisesSyncEnabled == directory.True {
		undone = append(undone, "The user is mastered on premises.")
	}
	if names := r.dynamicGroupsOf(i); len(names) > 0 {
		undone = append(
			undone,
			"It disturbs the dynamic group "+strings.Join(
				names,
				", ",
			)+", whose rule reads userType: the membership may change.",
		)
	}
	if r.scope.OnlyDynamic(i) {
		undone = append(undone, onlyDynamicNote)
	}
	const access = "Conditional access and guest restrictions that read userType apply to the user from then on."
	out := []candidate{
		{
			change:      "Set userType to Guest",
			who:         who,
			changesType: true,
			caveats:     strings.Join(append(undone, access), " "),
			try:         WhatIf{UserTypes: map[string]string{r.Directory.Users[i].ID: TypeGuest}},
		},
	}
	if written != TypeMember {
		return out
	}
	return append([]candidate{r.sourceCandidate()}, out...) // what lasts comes first
}

// sourceCandidate changes what the source tenant writes: everybody whom it
// writes gets the type.
func (r *Result) sourceCandidate() candidate {
	types := map[string]string{}
	for id, t := range r.WhatIf.WrittenBack {
		if t == TypeMember {
			types[id] = TypeGuest
		}
	}
	return candidate{
		change:  "Change userType to Guest in the source tenant's cross-tenant mapping",
		who:     "the source tenant (Hybrid Identity Administrator)",
		effect:  "It lasts: the source writes Guest for all whom it writes, from their next change or a full cycle on.",
		caveats: "Conditional access and guest restrictions that read userType apply to the users from then on.",
		try:     WhatIf{UserTypes: types, WrittenBack: types},
	}
}

// dynamicGroupsOf are the dynamic groups, in scope or not, that the user is a
// member of and whose rule reads userType.
func (r *Result) dynamicGroupsOf(i int32) []string {
	var names []string
	for g := range r.Directory.Groups {
		group := &r.Directory.Groups[g]
		if !tenant.ReadsUserType(group.MembershipRule) {
			continue
		}
		if _, member := slices.BinarySearch(group.Users, i); member {
			names = append(names, fmt.Sprintf("%q", r.groupShown(int32(g))))
		}
	}
	return names
}

// mailCandidates: the user's home address where there is no mail; the
// principal name where the mail is shared or lies on an unverified domain; an
// address on the tenant's verified default domain.
func (n nestedService) mailCandidates(r *Result, i int32) []candidate {
	u := &r.Directory.Users[i]
	current, _ := r.view.Mail(i)
	var tries []string
	switch {
	case tenant.HasExtName(u.UserPrincipalName) && current == "":
		if home := tenant.HomeAddress(u.UserPrincipalName); home != "" {
			tries = append(tries, home)
		}
	case !r.Tenant.External(i):
		if r.Tenant.UPNDomain(i) >= 0 {
			tries = append(tries, u.UserPrincipalName)
		}
		if d := n.verifiedOwnDomain(r); d != "" {
			tries = append(tries, tenant.LocalPart(u.UserPrincipalName)+"@"+d)
		}
	}
	var out []candidate
	for _, mail := range tries {
		if strings.EqualFold(mail, current) || tenant.DomainOf(mail) == "" ||
			slices.ContainsFunc(out, func(c candidate) bool { return c.try.Mails[u.ID] == mail }) {
			continue
		}
		out = append(out, candidate{
			change: "Set mail to an address at " + tenant.DomainOf(mail), who: "this tenant (User Administrator, " +
				"Exchange)",
			effect: "The mail tried is the local part of the principal name at that domain.",
			caveats: externalOnly(r, i, "The source tenant's synchronization writes mail at the source user's next "+
				"change."),
			try: WhatIf{Mails: map[string]string{u.ID: mail}},
		})
	}
	return out
}

// verifiedOwnDomain is the tenant's default domain, else its first, that is
// verified on both sides.
func (nestedService) verifiedOwnDomain(r *Result) string {
	own := slices.Clone(r.Directory.Domains)
	slices.SortStableFunc(
		own,
		func(a, b directory.Domain) int { return cmp.Compare(btoi(b.IsDefault), btoi(a.IsDefault)) },
	)
	for _, d := range own {
		if d.IsVerified && r.org.State(r.Tenant.DomainAt(d.Name))&atlassian.Verified != 0 {
			return d.Name
		}
	}
	return ""
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
