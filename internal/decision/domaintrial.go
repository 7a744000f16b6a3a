package decision

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// domainTrial decides again what one domain's verification decides, domain
// after domain, in the same memory. It knows no rule: a decision can only
// change with a domain whose state it looked at, and usersByDomain finds those by
// watching the decisions themselves. Scope and mappings are settled before any
// domain is looked at, so they stay.
type domainTrial struct {
	Result // with states of its own, and the decisions of the domain's users alone
	base   *Result
}

func newDomainTrial(base *Result) *domainTrial {
	t := &domainTrial{Result: *base, base: base}
	t.org, t.Decisions = base.org.Fork(), make([]Decision, len(base.Decisions))
	t.target = t.org
	return t
}

// usersByDomain gives, by the position of each wanted domain, the users whose decision
// looks at its state, in or out of scope, ascending. It decides everybody once
// more.
func (r *Result) usersByDomain(wanted func(domain int32) bool) [][]int32 {
	users := make([][]int32, len(r.org.States))
	var asked []int32
	watched := *r
	watched.org = r.org.Fork()
	watched.org.Asked = &asked
	watched.target = watched.org
	for i := range int32(len(r.Decisions)) {
		asked = asked[:0]
		watched.decideOne(i, nil)
		for _, d := range asked {
			if n := len(users[d]); wanted(d) && (n == 0 || users[d][n-1] != i) {
				users[d] = append(users[d], i)
			}
		}
	}
	return users
}

// flip turns a domain's verification round, decides the users who look at it again and
// calls changed for each of them in scope who is decided otherwise; then it turns it
// back.
//
// Users who share an address share its domain, and whether they sync rests on
// no other domain: those on the domain itself are all among those users, and
// who asked for it as the other candidate still shares what they shared.
func (t *domainTrial) flip(domain int32, usersByDomain []int32, changed func(user int32, d Decision)) {
	was := t.org.States[domain]
	t.org.States[domain] ^= atlassian.Verified
	t.org.States[domain] &^= atlassian.Expiring
	t.doubted, t.shared, t.taken = nil, nil, nil
	table := newAddressTable(&t.Result, len(usersByDomain))
	for _, i := range usersByDomain {
		d := t.decideOne(i, nil)
		sharing := d.Code.Verdict() == Sync
		if sharing && t.base.namesakes[i] != "" {
			d, sharing = t.duplicate(d), false // on no domain
		}
		if sharing && d.Domain != domain {
			if t.base.doubted[i] {
				d = doubtful(d)
			}
			switch {
			case t.base.taken[i]:
				u := t.service.sent(&t.Result, i)
				d = t.target.Taken(i, &u, d)
			case len(t.base.shared[i]) > 0:
				d = t.duplicate(d)
			}
		}
		t.Decisions[i] = d
		if sharing && d.Domain == domain {
			table.add(i)
		}
	}
	table.doubt(slices.Values(usersByDomain))
	table.mark()
	for _, i := range usersByDomain {
		if written, ok := t.WhatIf.WrittenBack[t.Directory.Users[i].ID]; ok {
			t.revertOne(i, written)
		}
		if d := t.Decisions[i]; d != t.base.Decisions[i] && t.InScope(i) {
			changed(i, d)
		}
	}
	t.org.States[domain] = was
}

// DomainChange is what turning a domain's verification round does to the users
// in scope. Names are principal names, or object ids, sorted.
type DomainChange struct {
	// Gained don't sync now, or it is unknown, and then would; Lost sync now and
	// then wouldn't, or it would be unknown; Other are decided otherwise without
	// that: another code, kind of account, confidence or warning.
	Gained, Lost, Other                int
	GainedNames, LostNames, OtherNames []string
}

// change counts and names whom flipping a domain decides otherwise, with at
// most limit names of each kind.
func (t *domainTrial) change(domain int32, usersByDomain []int32, limit int, ids bool) *DomainChange {
	c := &DomainChange{}
	t.flip(domain, usersByDomain, func(i int32, d Decision) {
		was, is := t.base.Decisions[i].Code.Verdict() == Sync, d.Code.Verdict() == Sync
		n, names := &c.Other, &c.OtherNames
		switch {
		case is && !was:
			n, names = &c.Gained, &c.GainedNames
		case was && !is:
			n, names = &c.Lost, &c.LostNames
		}
		*n++
		*names = keepFirst(*names, t.shownUser(i, ids), limit)
	})
	return c
}

// shownUser is the name under which a user is shown.
func (r *Result) shownUser(i int32, ids bool) string {
	u := &r.Directory.Users[i]
	if ids || u.UserPrincipalName == "" {
		return u.ID
	}
	return u.UserPrincipalName
}

// keepFirst puts a name into a sorted list of at most limit, so that of a
// million names only those that are shown are held and sorted.
func keepFirst(list []string, name string, limit int) []string {
	if len(list) >= limit {
		if len(list) == 0 || name >= list[len(list)-1] {
			return list
		}
		list = list[:len(list)-1]
	}
	at, _ := slices.BinarySearch(list, name)
	return slices.Insert(list, at, name)
}

// ExpiringDomain is a domain whose verification is about to lapse, with the
// users who sync only because of it.
type ExpiringDomain struct {
	Domain string
	Users  int
	// Names are the first of them.
	Names []string
}

// Expiring tells which users would no longer sync if the verification of a
// domain with claim status missing_token lapsed: by domain, ascending, with at
// most limit names; only domains on which somebody's decision rests so. That
// a verification resource promises the domain verified again (what-if) takes
// nothing away: until it is, they are at risk. That missing_token is the grace
// period before the lapse is inferred [atlassian 3.1]. Where no domain is in
// it, it costs next to nothing.
func (r *Result) Expiring(limit int, ids bool) []ExpiringDomain {
	lapsing := make([]bool, len(r.org.States))
	for d, name := range r.Tenant.DomainNames()[:len(lapsing)] {
		claim, ok := r.org.Claim(name)
		lapsing[d] = ok && claim.Status == directory.ClaimMissingToken && !r.org.VerifiedBySync(name)
	}
	if !slices.Contains(lapsing, true) {
		return nil
	}
	var out []ExpiringDomain
	trial := newDomainTrial(r)
	for d, users := range r.usersByDomain(func(d int32) bool { return lapsing[d] }) {
		if len(users) == 0 {
			continue
		}
		if c := trial.change(int32(d), users, limit, ids); c.Lost > 0 {
			out = append(out, ExpiringDomain{Domain: r.Tenant.DomainName(int32(d)), Users: c.Lost, Names: c.LostNames})
		}
	}
	slices.SortFunc(out, func(a, b ExpiringDomain) int { return strings.Compare(a.Domain, b.Domain) })
	return out
}
