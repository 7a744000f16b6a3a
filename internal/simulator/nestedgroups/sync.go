package nestedgroups

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// run is one run of the nested-groups integration [atlassian 0], [atlassian 1], [atlassian 5]. It is written
// from those pages; what they leave open is in Behavior.
type run struct {
	srv    *Integration
	store  *tenant.Store
	org    *atlassian.Organization
	with   *connection
	report Report

	verified  map[string]bool // domains, with whether their accounts are claimed as they come
	elsewhere map[string]bool // addresses that other organizations manage
	byEmail   map[string]*atlassian.Account
	byID      map[string]*atlassian.Account
	mirrored  map[string]bool   // accounts in a synced group before
	taken     map[string]string // the user of an account, in this run
	members   map[int32]string  // the account of a synced user, who may be in groups
}

// sync syncs an organization. The caller holds the store's mutex and the organizations'.
func (s *Integration) sync(g *atlassian.Organization) Report {
	x := &run{
		srv: s, store: s.store, org: g, with: s.connections[g], report: Report{Skipped: []Skip{}},
		verified: map[string]bool{}, elsewhere: s.orgs.ManagedElsewhere(g), byEmail: map[string]*atlassian.Account{},
		byID:     map[string]*atlassian.Account{},
		mirrored: map[string]bool{}, taken: map[string]string{}, members: map[int32]string{},
	}
	for _, part := range []string{"domains", "accounts", "groups"} {
		g.Cover(part)
	}
	x.verifyDomains()
	for _, a := range g.Accounts {
		x.byEmail[strings.ToLower(a.Email)], x.byID[a.AccountID] = a, a
	}
	for _, group := range g.Groups {
		for _, id := range group.Members {
			x.mirrored[id] = x.mirrored[id] || group.ExternalSynced
		}
	}
	groups, users := x.scope()
	for _, ref := range users {
		x.user(ref)
	}
	slices.SortFunc(g.Accounts, func(a, b *atlassian.Account) int { return strings.Compare(a.AccountID, b.AccountID) })
	x.mirror(groups)
	x.leavers(users)
	return x.report
}

func (x *run) skip(o *tenant.Object, reason string) {
	name := o.Text("userPrincipalName")
	if o.Entity == x.store.GroupType {
		name = o.Text("displayName")
	}
	x.report.Skipped = append(x.report.Skipped, Skip{o.ID, name, reason})
}

// verifyDomains verifies the chosen domains that Entra has verified, and claims the accounts on them
// [atlassian rule 1, D]. Those under onmicrosoft.com stay out: nobody on them syncs
// [atlassian row 11]. That a domain which Entra has no more stays verified is [U].
func (x *run) verifyDomains() {
	chosen := x.with.settings.Domains
	for _, d := range x.store.Domains.All() {
		name := naming.HostName(d.ID)
		initial := d.Value("isInitial") == "true" || strings.HasSuffix(name, ".onmicrosoft.com")
		wanted := slices.ContainsFunc(chosen, func(c string) bool { return c == "*" || naming.HostName(c) == name })
		if d.Value("isVerified") != "true" || !wanted || initial && !x.srv.behavior.EntraClaimsInitial {
			continue
		}
		if held := x.org.Domain(name); held == nil || held.Attributes.Claim.Status != "verified" {
			x.org.SetProofs(name, &atlassian.Claim{ViaEntra: true})
			x.org.SetClaim(name, "verified", x.srv.behavior.EntraClaimType)
		} else if k := x.org.Claims[name]; k != nil {
			k.ByHand = false
		}
		x.srv.orgs.ClaimAccounts(x.org, name)
		x.report.Domains++
	}
	for _, d := range x.org.Domains {
		if name := naming.HostName(d.Attributes.Name); d.Verified() {
			k := x.org.Claims[name]
			x.verified[name] = k == nil || !k.ByHand
		}
	}
}

// scope is the groups that sync, and the users: those whom this run may know come first, so that they keep
// their account when another user gets their address.
func (x *run) scope() (groups, users []int32) {
	var queue []int32
	in := map[int32]bool{}
	if x.with.settings.Everyone {
		queue = slices.Clone(x.store.Groups.Refs)
		for _, ref := range x.store.Users.Refs {
			in[ref] = ref >= 0
		}
	}
	for _, id := range x.with.groups {
		if ref, ok := x.store.Lookup(id); ok {
			queue = append(queue, ref)
		}
	}
	seen := map[int32]bool{}
	for ; len(queue) > 0; queue = queue[1:] {
		ref := queue[0]
		if ref < 0 || seen[ref] || !x.store.IsGroup(ref) {
			continue
		}
		seen[ref] = true
		below := x.below(ref)
		if len(below) > x.srv.behavior.NestedGroupUsers { // [atlassian 1.3, D]; what is only in it isn't reached [I]
			x.skip(x.store.Slots[ref].Object, "the group has too many users")
			continue
		}
		groups = append(groups, ref)
		for _, u := range below {
			in[u] = true
		}
		if !x.srv.behavior.SelectedGroupsAlone {
			// a child is a group on the one level, too ([atlassian 1.4, D]; [U] for a chosen parent)
			queue = append(queue, x.store.Slots[ref].Object.Members...)
		}
	}
	for ref, yes := range in {
		if yes && x.store.Slots[ref].Object.Life == tenant.Live {
			users = append(users, ref)
		}
	}
	slices.SortFunc(users, func(a, b int32) int {
		m, n := x.store.Slots[a].Object.ID, x.store.Slots[b].Object.ID
		if known := x.with.accounts[m] != ""; known != (x.with.accounts[n] != "") {
			if known {
				return -1
			}
			return 1
		}
		return strings.Compare(m, n)
	})
	return groups, users
}

// below is the users of a group, nesting flattened [atlassian 1.4, D].
func (x *run) below(group int32) []int32 {
	return slices.DeleteFunc(x.store.TransitiveMembers(group, math.MaxInt64), func(ref int32) bool {
		o := x.store.Slots[ref].Object
		return o.Entity != x.store.UserType || o.Life != tenant.Live
	})
}

// address is the address that is tested, and the account's: the chosen identifier, where it is one [atlassian 1.3];
// else
// the other, as far as Behavior says. What Entra calls an external user here is no address of theirs
// [atlassian 1.5], [atlassian row 16, U].
func (x *run) address(o *tenant.Object) string {
	candidates := []string{o.Text("mail"), o.Text("userPrincipalName")}
	if x.with.settings.UserIdentifier == principalName {
		slices.Reverse(candidates)
	}
	if !x.srv.behavior.IdentifierFallback {
		candidates = candidates[:1]
	}
	for _, c := range candidates {
		local, domain, ok := naming.CutLast(c, "@")
		if !ok || local == "" || strings.ContainsAny(c, " \t") ||
			!naming.DomainName.MatchString(naming.HostName(domain)) {
			continue
		}
		if !isExtName(c) || x.srv.behavior.ExtAddress {
			return c
		}
	}
	return ""
}

func isExtName(name string) bool { return strings.Contains(strings.ToUpper(name), "#EXT#@") }

// external says who syncs whatever their domain; the pages don't define it [atlassian rule 2, U].
func (x *run) external(o *tenant.Object) bool {
	switch x.srv.behavior.ExternalException {
	case env.ExternalNotMember:
		return o.Text("userType") != "Member"
	case env.ExternalExtName:
		return isExtName(o.Text("userPrincipalName"))
	}
	return o.Text("userType") == "Guest"
}

// user provisions one user, or says why not.
func (x *run) user(ref int32) {
	o := x.store.Slots[ref].Object
	email := x.address(o)
	_, domain, _ := naming.CutLast(email, "@")
	claims, verified := x.verified[naming.HostName(domain)]
	switch {
	case email == "":
		x.skip(o, "no usable address")
		return
	case !verified && !x.external(o): // [atlassian rule 1, D]
		x.skip(o, "the domain of "+email+" isn't verified")
		return
	}
	a := x.match(o, email, verified)
	if a != nil && x.taken[a.AccountID] != "" { // one address is one account [atlassian 1.5, I]
		x.skip(o, "another user has the address "+email)
		return
	}
	known := a != nil && (x.with.accounts[o.ID] == a.AccountID ||
		a.ManagementSource != nil && *a.ManagementSource == "synced" || x.mirrored[a.AccountID])
	enabled := o.Value("accountEnabled") != "false"
	if !enabled && !known { // [atlassian row 20, U]
		x.skip(o, "disabled, and never synced")
		return
	}
	if a == nil {
		a = x.create(email)
		a.Name = o.Text("displayName")
	}
	if claims && !x.elsewhere[strings.ToLower(email)] {
		a.ClaimStatus = "managed"
	}
	x.taken[a.AccountID], x.with.accounts[o.ID] = o.ID, a.AccountID
	if a.ClaimStatus != "managed" && !enabled {
		// the account isn't ours to deactivate: it loses its groups [atlassian row 19, I]
		x.skip(o, "disabled, and not managed")
		return
	}
	x.follow(a, o, enabled)
	x.members[ref] = a.AccountID
	x.report.Users++
}

// follow makes a managed account what its user is; of another nothing can be set [atlassian 1.6]. That one
// who is deactivated stays in their groups is [U].
func (x *run) follow(a *atlassian.Account, o *tenant.Object, enabled bool) {
	if a.ClaimStatus != "managed" {
		return
	}
	synced := "synced"
	a.ManagementSource, a.Name = &synced, cmp.Or(o.Text("displayName"), a.Name)
	a.AccountStatus, a.Status = "active", "active"
	if !enabled {
		a.AccountStatus, a.Status = "inactive", "deactivated"
	}
}

// match finds the account of an address, else the one that the user had, whose address changes then: a managed
// one's can, to a verified domain ([atlassian 1.2]: by address at first [D], by the object id later [I]).
func (x *run) match(o *tenant.Object, email string, verified bool) *atlassian.Account {
	if a := x.byEmail[strings.ToLower(email)]; a != nil {
		return a
	}
	a := x.byID[x.with.accounts[o.ID]]
	if a == nil || a.ClaimStatus != "managed" || !verified || x.taken[a.AccountID] != "" {
		return nil
	}
	delete(x.byEmail, strings.ToLower(a.Email))
	a.Email = email
	x.byEmail[strings.ToLower(email)] = a
	return a
}

// create makes an account that is nobody's yet. An id that an account got for its former address isn't free.
func (x *run) create(email string) *atlassian.Account {
	seed := "account " + x.org.ID + " " + strings.ToLower(email)
	for x.byID[naming.StableID(seed)] != nil {
		seed += "+"
	}
	a := &atlassian.Account{
		AccountID: naming.StableID(seed), AccountType: "atlassian", Email: email,
		ClaimStatus: "unmanaged", Status: "active", AccountStatus: "active", MembershipStatus: "active",
	}
	x.org.Accounts = append(x.org.Accounts, a)
	x.byEmail[strings.ToLower(email)], x.byID[a.AccountID] = a, a
	return a
}
