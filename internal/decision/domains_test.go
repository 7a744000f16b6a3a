package decision

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func engineOf(t testing.TB, w *directorytest.World, q Request) *Engine {
	t.Helper()
	d := w.Directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(d, l, w.Organization(), s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func reportOf(t *testing.T, list []DomainReport, name string) DomainReport {
	t.Helper()
	for _, d := range list {
		if d.Name == name {
			return d
		}
	}
	t.Fatalf("no report of %s in %+v", name, list)
	return DomainReport{}
}

func TestDomains(t *testing.T) {
	w := directorytest.New()
	w.Claims["fabrikam.com"] = directory.ClaimUnverified
	w.Claims["lapsing.com"] = directory.ClaimMissingToken
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	away := directorytest.Employee("bo@company.com")
	away.Mail = "bo@fabrikam.com"
	w.User(away, "Staff")
	w.User(directorytest.External("member@fabrikam.com", TypeMember), "Child")
	w.User(directorytest.External("guest@fabrikam.com", TypeGuest), "Staff")
	w.User(directorytest.External("old@fabrikam.com", ""), "Other")
	w.User(directorytest.Employee("l@lapsing.com"), "Staff")
	w.User(directorytest.External("rosa@gmail.com", TypeMember), "Staff")
	noMail := directorytest.External("k@contoso.com", TypeGuest)
	noMail.Mail = ""
	w.User(noMail, "Staff")
	e := engineOf(t, w, request())
	r := e.Decide()
	list := r.Domains(10, false)
	for i := range r.Decisions {
		r.Fixes(int32(i)) // tries mails on other domains, which nobody has
	}
	if diff := gocmp.Diff(list, e.Decide().Domains(10, false)); diff != "" {
		t.Error(diff)
	}
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
	}
	if got := strings.Join(names, " "); got != "company.com company.onmicrosoft.com contoso.com fabrikam.com "+
		"gmail.com lapsing.com" {
		t.Error(got)
	}
	want := DomainReport{
		Name:       "fabrikam.com",
		Claims:     []directory.Claim{{Name: "fabrikam.com", Type: "dns", Status: "unverified"}},
		Home:       DomainUsers{Users: 3, Members: 1, Guests: 1, Untyped: 1, External: 3},
		Tested:     DomainUsers{Users: 4, Members: 2, Guests: 1, Untyped: 1, External: 3, Internal: 1},
		Synced:     1,
		Skipped:    2,
		NotInScope: 1,
		IfVerified: &DomainChange{
			Gained:      2,
			Other:       1,
			GainedNames: []string{"bo@company.com", "member_fabrikam.com#EXT#@company.onmicrosoft.com"},
			OtherNames:  []string{"guest_fabrikam.com#EXT#@company.onmicrosoft.com"},
		},
	}
	if diff := gocmp.Diff(want, reportOf(t, list, "fabrikam.com")); diff != "" {
		t.Error(diff)
	}
	want = DomainReport{
		Name:            "company.com",
		InEntra:         true,
		VerifiedInEntra: true,
		Verified:        true,
		Claims:          []directory.Claim{{Name: "company.com", Type: "dns", Status: "verified"}},
		Home: DomainUsers{
			Users:    2,
			Members:  2,
			Internal: 2,
		},
		Tested: DomainUsers{Users: 1, Members: 1, Internal: 1},
		Synced: 1,
		// Bo's other address loses its verification too, so nothing differs any more.
		IfNotVerified: &DomainChange{
			Lost:       1,
			Other:      1,
			LostNames:  []string{"ann@company.com"},
			OtherNames: []string{"bo@company.com"},
		},
	}
	if diff := gocmp.Diff(want, reportOf(t, list, "company.com")); diff != "" {
		t.Error(diff)
	}
	if d := reportOf(
		t,
		list,
		"gmail.com",
	); d.IfVerified != nil || d.IfNotVerified != nil || !d.PublicMail ||
		d.Skipped != 1 {
		t.Errorf("%+v", d)
	}
	if d := reportOf(
		t,
		list,
		"contoso.com",
	); d.Home.Guests != 1 || d.Tested.Users != 0 || d.IfVerified == nil ||
		!gocmp.Equal(*d.IfVerified, DomainChange{}) {
		t.Errorf("%+v", d)
	}
	if d := reportOf(t, list, "lapsing.com"); !d.Verified || d.IfVerified != nil || d.IfNotVerified.Lost != 1 {
		t.Errorf("%+v", d)
	}
	if d := reportOf(
		t,
		list,
		"company.onmicrosoft.com",
	); !d.InEntra || d.Tested.Users != 0 ||
		d.ManagedAccounts != nil {
		t.Errorf("%+v", d)
	}
}

// What verifies a domain beside its claim counts: the sync, and what is
// assumed, also of a domain that nobody has seen.
func TestDomainsVerifiedWithoutClaim(t *testing.T) {
	w := directorytest.New()
	w.Domains = append(w.Domains, directory.Domain{Name: "legacy.company.com", IsVerified: true})
	w.User(directorytest.Employee("i@legacy.company.com"), "Staff")
	q := request()
	q.ConnectorSettings.EntraDomains, q.VerifiedDomains = []string{"*"}, []string{"nobody.example"}
	list := decide(t, w, q).Domains(1, false)
	for _, name := range []string{"company.com", "legacy.company.com", "nobody.example"} {
		if d := reportOf(t, list, name); !d.Verified || d.IfNotVerified == nil || d.IfVerified != nil {
			t.Errorf("%+v", d)
		}
	}
	if d := reportOf(t, list, "legacy.company.com"); d.IfNotVerified.Lost != 1 || d.Claims != nil {
		t.Errorf("%+v", d)
	}
}

func TestDomainsSCIM(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.Claims["lapsing.com"] = directory.ClaimMissingToken
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(directorytest.Employee("nested@company.com"), "Child")
	w.User(directorytest.External("m@fabrikam.com", TypeMember), "Staff")
	w.User(directorytest.Employee("l@lapsing.com"), "Staff")
	r := decide(t, w, scimRequest())
	list := r.Domains(10, true)
	// Without a rule about domains nobody is gained or lost, but the account is
	// another.
	if d := reportOf(
		t,
		list,
		"company.com",
	); d.Tested.Users != 1 || d.Home.Users != 2 || d.IfNotVerified.Lost != 0 ||
		!slices.Equal(d.IfNotVerified.OtherNames, []string{"u-000"}) {
		t.Errorf("%+v %+v", d, d.IfNotVerified)
	}
	if d := reportOf(t, list, "fabrikam.com"); d.IfVerified.Gained != 0 || d.IfVerified.Other != 1 {
		t.Errorf("%+v", d)
	}
	if e := r.Expiring(10, false); e != nil {
		t.Errorf("%+v", e)
	}
}

func TestDomainsOfAccountsAndClaims(t *testing.T) {
	w := directorytest.New()
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	e := engineOf(t, w, request())
	e.Organization.AccountsCovered = true
	e.Organization.Accounts = []directory.Account{
		{Email: "a@Company.com", ClaimStatus: "managed"}, {Email: "b@company.com", ClaimStatus: "managed"},
		{Email: "c@company.com", ClaimStatus: "unmanaged"}, {Email: "d@sub.company.com", ClaimStatus: "managed"},
	}
	e.Organization.Domains = append(
		e.Organization.Domains,
		directory.Claim{Name: "company.com", Type: "http", Status: "unverified"},
	)
	d := reportOf(t, e.Decide().Domains(10, false), "company.com")
	if d.ManagedAccounts == nil || *d.ManagedAccounts != 2 || len(d.Claims) != 2 || !d.Verified {
		t.Errorf("%+v", d)
	}
}

// Names are the first in order, whatever the order of users; counts are whole.
func TestDomainsNamesAreLimited(t *testing.T) {
	w := directorytest.New()
	for i := range 30 {
		w.User(directorytest.Employee(fmt.Sprintf("u%02d@company.com", (i*7)%30)), "Staff")
	}
	r := decide(t, w, request())
	c := reportOf(t, r.Domains(3, false), "company.com").IfNotVerified
	if c.Lost != 30 || !slices.Equal(c.LostNames, []string{"u00@company.com", "u01@company.com", "u02@company.com"}) {
		t.Errorf("%+v", c)
	}
	if c := reportOf(
		t,
		r.Domains(2, true),
		"company.com",
	).IfNotVerified; !slices.Equal(
		c.LostNames,
		[]string{"u-000", "u-001"},
	) {
		t.Errorf("%+v", c)
	}
	if c := reportOf(t, r.Domains(0, false), "company.com").IfNotVerified; c.Lost != 30 || c.LostNames != nil {
		t.Errorf("%+v", c)
	}
}

func TestExpiring(t *testing.T) {
	w := directorytest.New()
	w.Claims["lapsing.com"], w.Claims["guests.com"] = directory.ClaimMissingToken, directory.ClaimMissingToken
	w.Domains = append(w.Domains, directory.Domain{Name: "legacy.company.com", IsVerified: true})
	w.Claims["assumed.com"], w.Claims["legacy.company.com"] = directory.ClaimMissingToken, directory.ClaimMissingToken
	w.User(directorytest.Employee("b@lapsing.com"), "Staff")
	w.User(directorytest.Employee("a@lapsing.com"), "Child")
	w.User(directorytest.Employee("out@lapsing.com"), "Other")
	w.User(directorytest.External("g@guests.com", TypeGuest), "Staff") // syncs all the same
	w.User(directorytest.Employee("x@assumed.com"), "Staff")
	w.User(directorytest.Employee("y@legacy.company.com"), "Staff")
	q := request()
	q.VerifiedDomains, q.ConnectorSettings.EntraDomains = []string{"assumed.com"}, []string{"legacy.company.com"}
	r := decide(t, w, q)
	// Assumed to be verified again isn't verified; what the sync verifies is.
	assumed := ExpiringDomain{Domain: "assumed.com", Users: 1, Names: []string{"x@assumed.com"}}
	want := []ExpiringDomain{
		assumed,
		{Domain: "lapsing.com", Users: 2, Names: []string{"a@lapsing.com", "b@lapsing.com"}},
	}
	if diff := gocmp.Diff(want, r.Expiring(10, false)); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(
		ExpiringDomain{Domain: "lapsing.com", Users: 2, Names: []string{"u-000"}},
		r.Expiring(1, true)[1],
	); diff != "" {
		t.Error(diff)
	}
}

// anyTenant is anyWorld with mails elsewhere, members and groups that can't be
// read, and names that are taken.
func anyTenant(t *rapid.T) *directorytest.World {
	w := directorytest.Any(t)
	domain := rapid.SampledFrom(
		[]string{"company.com", "fabrikam.com", "gmail.com", "legacy.company.com", "company.onmicrosoft.com"},
	)
	for i := range w.Users {
		if rapid.IntRange(0, 2).Draw(t, "elsewhere") == 0 {
			w.Users[i].Mail = fmt.Sprintf("u%d@%s", rapid.IntRange(0, 3).Draw(t, "mail"), domain.Draw(t, "mail domain"))
		}
	}
	if rapid.Bool().Draw(t, "unreadable") {
		w.At("Child").Members = append(w.At("Child").Members, directory.GraphMember{Type: "user", ID: "nobody"})
	}
	if rapid.IntRange(0, 3).Draw(t, "hidden") == 0 {
		w.Group("Secret", "")
		w.At("Secret").HiddenMembership = true
		w.Nest("Staff", "Secret")
	}
	if rapid.Bool().Draw(t, "accounts") {
		for i := range w.Users {
			w.Accounts = append(
				w.Accounts,
				directory.Account{
					AccountID:     w.Users[i].ID,
					Email:         w.Users[i].Mail,
					ClaimStatus:   "managed",
					AccountStatus: "active",
				},
			)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "taken") == 0 {
		w.Taken = []directory.AccountGroup{
			{ID: "t", Name: rapid.SampledFrom([]string{"Staff", "Child"}).Draw(t, "name")},
		}
	}
	return w
}

func anyRequest(t *rapid.T, tb testing.TB, w *directorytest.World) Request {
	q := request()
	q.ConnectorSettings.ExternalUsers = rapid.SampledFrom([]string{ExternalUsersGuest, ExternalUsersNotMember, ExternalUsersExternal}).
		Draw(t, "exception")
	q.ConnectorSettings.UserIdentifier = rapid.SampledFrom([]string{IdentifierEmail, IdentifierUserPrincipalName}).
		Draw(t, "tested")
	q.Everyone = rapid.IntRange(0, 4).Draw(t, "everyone") == 0
	q.ConnectorSettings.EntraDomains = rapid.SampledFrom([][]string{nil, {"legacy.company.com"}, {"*"}}).
		Draw(t, "entra")
	if rapid.Bool().Draw(t, "scim") {
		w.Jobs = directorytest.SCIM(tb, "").Jobs
		q.Connector, q.Groups, q.ConnectorSettings.EntraDomains = SCIM, nil, nil
	}
	if rapid.Bool().Draw(t, "assume") {
		q.VerifiedDomains = []string{
			rapid.SampledFrom([]string{"fabrikam.com", "company.com", "gmail.com"}).Draw(t, "assumed"),
		}
	}
	for _, u := range w.Users {
		if rapid.IntRange(0, 5).Draw(t, "retyped") == 0 {
			q.UserTypes = with(q.UserTypes, u.ID, TypeGuest)
		}
	}
	return q
}

// turned is the tenant with a domain's verification turned round: with nothing
// left that would verify it, or assumed.
func turned(
	t testing.TB,
	w *directorytest.World,
	q Request,
	written map[string]string,
	domain string,
	verified bool,
) *Result {
	w = w.Clone()
	w.Claims = maps.Clone(w.Claims)
	if verified {
		delete(w.Claims, domain)
		var chosen []string
		for _, d := range w.Domains {
			if d.Name != domain && len(q.ConnectorSettings.EntraDomains) > 0 &&
				(q.ConnectorSettings.EntraDomains[0] == "*" || slices.Contains(q.ConnectorSettings.EntraDomains, d.Name)) {
				chosen = append(chosen, d.Name)
			}
		}
		q.ConnectorSettings.EntraDomains = chosen
		q.VerifiedDomains = slices.DeleteFunc(
			slices.Clone(q.VerifiedDomains),
			func(d string) bool { return d == domain },
		)
	} else {
		q.VerifiedDomains = append(slices.Clone(q.VerifiedDomains), domain)
	}
	e := engineOf(t, w, q)
	e.Settings.WhatIf.WrittenBack = written
	return e.Decide()
}

// difference is the change between two results, user by user.
func difference(before, after *Result) DomainChange {
	var c DomainChange
	for i := range before.Decisions {
		if !before.InScope(int32(i)) {
			continue
		}
		name := before.Directory.Users[i].UserPrincipalName
		a, b := before.Decisions[i], after.Decisions[i]
		is := func(d Decision) bool { return d.Code.Verdict() == Sync }
		a.Domain, b.Domain = 0, 0 // a position, which is another engine's
		switch {
		case is(b) && !is(a):
			c.Gained, c.GainedNames = c.Gained+1, append(c.GainedNames, name)
		case is(a) && !is(b):
			c.Lost, c.LostNames = c.Lost+1, append(c.LostNames, name)
		case a != b:
			c.Other, c.OtherNames = c.Other+1, append(c.OtherNames, name)
		}
	}
	for _, names := range [][]string{c.GainedNames, c.LostNames, c.OtherNames} {
		slices.Sort(names)
	}
	return c
}

// Deciding again only who looked at a domain gives what deciding everybody
// again on a tenant of its own gives, domain by domain.
func TestDomainsDecideAsEverybody(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := anyTenant(rt)
		q := anyRequest(rt, t, w)
		var written map[string]string
		for _, u := range w.Users {
			if rapid.IntRange(0, 5).Draw(rt, "written back") == 0 {
				written = with(written, u.ID, TypeMember)
			}
		}
		e := engineOf(t, w, q)
		e.Settings.WhatIf.WrittenBack = written
		r := e.Decide()
		was := slices.Clone(r.Decisions)
		tested := map[string]int{}
		for i := range r.Decisions {
			tested[tenant.DomainOf(r.Address(int32(i)))]++
		}
		delete(tested, "")
		var expiring []ExpiringDomain
		for _, d := range r.Domains(100, false) {
			if d.Tested.Users != tested[d.Name] || d.Synced+d.Skipped+d.Unknown+d.NotInScope != d.Tested.Users {
				rt.Fatalf("%d users are tested on %+v", tested[d.Name], d)
			}
			delete(tested, d.Name)
			if d.Verified == (d.IfNotVerified == nil) ||
				(d.IfVerified == nil) != (d.Verified || d.PublicMail || strings.HasSuffix(d.Name, tenant.InitialSuffix)) {
				rt.Fatalf("%+v", d)
			}
			got := cmp.Or(d.IfVerified, d.IfNotVerified)
			if got == nil {
				continue
			}
			want := difference(r, turned(t, w, q, written, d.Name, d.Verified))
			if diff := gocmp.Diff(want, *got); diff != "" {
				rt.Fatalf("%s, verified %t: %s", d.Name, d.Verified, diff)
			}
			if claimed(r, d.Name, func(c directory.Claim) bool { return c.Status == directory.ClaimMissingToken }) &&
				!r.org.VerifiedBySync(d.Name) &&
				want.Lost > 0 {
				expiring = append(expiring, ExpiringDomain{d.Name, want.Lost, want.LostNames})
			}
		}
		if len(tested) > 0 {
			rt.Fatalf("not reported: %v", tested)
		}
		if diff := gocmp.Diff(expiring, r.Expiring(100, false)); diff != "" {
			rt.Fatal(diff)
		}
		if !slices.Equal(was, r.Decisions) {
			rt.Fatal("the trials left traces in the result")
		}
	})
}

// counting counts the decisions of a service.
type counting struct {
	service
	n int
}

func (c *counting) adjust(r *Result, user int32, d Decision) Decision {
	c.n++
	return c.service.adjust(r, user, d)
}

// manyDomains is a tenant in which every user has a mail on one of many
// domains and a name on another, the worst case.
func manyDomains(t testing.TB, users, domains int) *Engine {
	b := directory.NewBuilder(nil)
	g := directory.GraphGroup{ID: "g", DisplayName: "Staff", SecurityEnabled: true}
	for i := range users {
		u := directorytest.Employee(fmt.Sprintf("u%d@name%d.example", i, i%domains))
		u.ID, u.AccountEnabled = fmt.Sprintf("u-%07d", i), directory.True
		u.Mail = fmt.Sprintf("u%d@mail%d.example", i, (i*7)%domains)
		b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
		g.Members = append(g.Members, directory.GraphMember{Type: "user", ID: u.ID})
	}
	b.AddGroup(g)
	d := b.Build(directorytest.TenantID, nil)
	s, _, err := Request{Connector: NestedGroups, Everyone: true}.Resolve(directory.NewLookup(d), d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(d, directory.NewLookup(d), &directory.Organization{ID: "org"}, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// However many the domains, a user is decided once to see which of them count
// and once for each of the two addresses.
func TestDomainsDecideLinearly(t *testing.T) {
	const users = 1000
	for _, domains := range []int{1, 10, 1000} {
		e := manyDomains(t, users, domains)
		r := e.Decide()
		count := &counting{service: e.service}
		e.service = count
		if n := len(r.Domains(10, false)); n != 2*domains {
			t.Errorf("%d reports for %d domains", n, 2*domains)
		}
		if count.n > 3*users {
			t.Errorf("%d domains: %d decisions for %d users", 2*domains, count.n, users)
		}
		count.n = 0
		if r.Expiring(10, false) != nil || count.n != 0 {
			t.Errorf("%d decisions although nothing expires", count.n)
		}
	}
}

// with sets a key of a map that may be nil.
func with(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}
