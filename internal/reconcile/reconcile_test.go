package reconcile

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

const (
	perClass = 10
	users    = 12 * perClass
)

var lastSync = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// fixture is a directory of which everybody is in the groups Staff and, inside
// it, Team, and an organization that is as predicted.
type fixture struct {
	b       *directory.Builder
	team    directory.GraphGroup
	org     *directory.Organization
	changed map[string]time.Time
}

func address(i int) string { return fmt.Sprintf("u%03d@company.com", i) }
func id(i int) string      { return fmt.Sprintf("id-%03d", i) }

func newFixture() *fixture {
	p := &fixture{b: directory.NewBuilder(nil), changed: map[string]time.Time{}}
	p.team = directory.GraphGroup{ID: "g-team", DisplayName: "Team", SecurityEnabled: true}
	p.org = &directory.Organization{
		ID:              "org",
		AccountsCovered: true,
		Domains:         []directory.Claim{{Name: "company.com", Type: "dns", Status: directory.ClaimVerified}},
		Groups: []directory.AccountGroup{
			{ID: "a-staff", Name: "Staff", ExternalSynced: true},
			{ID: "a-team", Name: "Team", ExternalSynced: true},
			{ID: "a-own", Name: "Own", Members: []string{"acc-000"}},
		},
	}
	for i := range users {
		p.b.AddUser(
			directory.User{
				ID:                id(i),
				UserPrincipalName: address(i),
				Mail:              address(i),
				UserType:          "Member",
				AccountEnabled:    directory.True,
			},
			nil,
			directory.HasUserType|directory.HasAccountEnabled,
		)
		p.team.Members = append(p.team.Members, directory.GraphMember{Type: "user", ID: id(i)})
		p.account(fmt.Sprintf("acc-%03d", i), address(i), "a-staff", "a-team")
	}
	return p
}

func (p *fixture) account(id, email string, groups ...string) {
	p.org.Accounts = append(
		p.org.Accounts,
		directory.Account{
			AccountID:        id,
			Email:            email,
			ClaimStatus:      "managed",
			AccountStatus:    "active",
			Status:           "active",
			ManagementSource: "synced",
		},
	)
	for _, g := range groups {
		at := slices.IndexFunc(p.org.Groups, func(x directory.AccountGroup) bool { return x.ID == g })
		p.org.Groups[at].Members = append(p.org.Groups[at].Members, id)
	}
}

func (p *fixture) without(group, account string) {
	at := slices.IndexFunc(p.org.Groups, func(x directory.AccountGroup) bool { return x.ID == group })
	p.org.Groups[at].Members = slices.DeleteFunc(p.org.Groups[at].Members, func(m string) bool { return m == account })
}

func (p *fixture) drop(account string) {
	p.org.Accounts = slices.DeleteFunc(p.org.Accounts, func(a directory.Account) bool { return a.AccountID == account })
	p.without("a-staff", account)
	p.without("a-team", account)
}

func (p *fixture) input(t *testing.T) Input {
	t.Helper()
	staff := directory.GraphGroup{
		ID:              "g-staff",
		DisplayName:     "Staff",
		SecurityEnabled: true,
		Members:         []directory.GraphMember{{Type: "group", ID: "g-team"}},
	}
	p.b.AddGroup(staff)
	p.b.AddGroup(p.team)
	d := p.b.Build("t", nil)
	l := directory.NewLookup(d)
	s, _, err := decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff"}}.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	p.org.Sort()
	e, err := decision.NewEngine(d, l, p.org, s)
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		Result:       e.Decide(),
		Organization: p.org,
		LastSync:     lastSync,
		Changed:      func(i int32) time.Time { return p.changed[d.Users[i].ID] },
	}
}

func classes(r *Report) map[Class]int {
	out := map[Class]int{}
	for _, m := range r.Mismatches {
		out[m.Class]++
	}
	return out
}

// What is as predicted agrees wholly, whatever the spelling of addresses.
func TestAgreement(t *testing.T) {
	p := newFixture()
	for i := range p.org.Accounts {
		if i%2 == 0 {
			p.org.Accounts[i].Email = " " + string([]rune("U")) + p.org.Accounts[i].Email[1:5] + "Company.COM. "
		}
	}
	r := Reconcile(p.input(t))
	if r.Compared != users || r.Agreed != users || len(r.Mismatches) != 0 || r.Percent() != 100 {
		t.Errorf("%d of %d: %+v", r.Agreed, r.Compared, r.Mismatches)
	}
	if n := r.Confusion["sync: domain_verified"]["synced"]; n != users {
		t.Errorf("%+v", r.Confusion)
	}
}

// A percentage isn't a little less than it is: min_agreement is held against it.
func TestPercent(t *testing.T) {
	for _, c := range []struct {
		agreed, compared int
		want             float64
	}{{57, 100, 57}, {29, 100, 29}, {2, 3, 66.66}, {9999, 10_000, 99.99}, {99_999, 100_000, 99.99}, {0, 5, 0}, {0, 0, 100}, {1_000_000, 1_000_000, 100}} {
		if got := (&Report{Agreed: c.agreed, Compared: c.compared}).Percent(); got != c.want {
			t.Errorf("%d of %d: %v, want %v", c.agreed, c.compared, got, c.want)
		}
	}
}

// Ten planted deviations of each class are each found, and classed right.
func TestDeviations(t *testing.T) {
	p := newFixture()
	for k := range perClass {
		acc := func(block int) string { return fmt.Sprintf("acc-%03d", block*perClass+k) }
		// Created after the last sync, so not there yet.
		p.drop(acc(0))
		p.changed[id(k)] = lastSync.Add(time.Hour)
		// Not there, and nothing changed.
		p.drop(acc(1))
		p.changed[id(perClass+k)] = lastSync.Add(-time.Hour)
		p.account(fmt.Sprintf("orphan-%d", k), fmt.Sprintf("gone%d@company.com", k), "a-staff")
		p.account(fmt.Sprintf("second-%d", k), address(2*perClass+k), "a-staff")
		p.without("a-team", acc(3))
		// Two users of the directory with the address of one account.
		i := 4*perClass + k
		twin := directory.User{
			ID:                "twin-" + id(i),
			UserPrincipalName: "twin-" + address(i),
			Mail:              address(i),
			UserType:          "Member",
			AccountEnabled:    directory.True,
		}
		p.b.AddUser(twin, nil, directory.HasUserType|directory.HasAccountEnabled)
		p.team.Members = append(p.team.Members, directory.GraphMember{Type: "user", ID: twin.ID})
	}
	in := p.input(t)
	r := Reconcile(in)
	want := map[Class]int{
		Pending:          perClass,
		PredictedWrong:   perClass,
		Orphan:           perClass,
		Duplicate:        perClass,
		MissingFromGroup: perClass,
		AmbiguousJoin:    2 * perClass,
	}
	for class, n := range classes(r) {
		if want[class] != n {
			t.Errorf("%s: %d, want %d", class, n, want[class])
		}
		delete(want, class)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	// Without the time of the last sync, what is pending can't be told.
	in.LastSync = time.Time{}
	if got := classes(Reconcile(in)); got[PendingOrWrong] != 2*perClass || got[Pending]+got[PredictedWrong] != 0 {
		t.Errorf("%v", got)
	}
}

// Members of a child only, in the parent's account group too many.
func TestExtraInGroup(t *testing.T) {
	p := newFixture()
	lone := directory.User{
		ID:                "lone",
		UserPrincipalName: "lone@company.com",
		Mail:              "lone@company.com",
		UserType:          "Member",
		AccountEnabled:    directory.True,
	}
	p.b.AddUser(lone, nil, directory.HasUserType|directory.HasAccountEnabled)
	p.b.AddGroup(
		directory.GraphGroup{
			ID:              "g-other",
			DisplayName:     "Other",
			SecurityEnabled: true,
			Members:         []directory.GraphMember{{Type: "user", ID: "lone"}},
		},
	)
	p.team.Members = append(p.team.Members, directory.GraphMember{Type: "group", ID: "g-other"})
	p.org.Groups = append(p.org.Groups, directory.AccountGroup{ID: "a-other", Name: "Other", ExternalSynced: true})
	p.account("acc-lone", "lone@company.com", "a-staff", "a-team", "a-other")
	p.account("acc-x", "x@company.com")
	p.drop("acc-x")
	at := slices.IndexFunc(p.org.Groups, func(g directory.AccountGroup) bool { return g.ID == "a-other" })
	p.org.Groups[at].Members = append(p.org.Groups[at].Members, "acc-000")
	p.org.Groups = append(p.org.Groups, directory.AccountGroup{ID: "a-left", Name: "Left", ExternalSynced: true})
	got := classes(Reconcile(p.input(t)))
	if got[ExtraInGroup] != 1 || got[GroupExtra] != 1 || len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// SCIM records are joined by externalId before any address, and show links.
func TestSCIMRecords(t *testing.T) {
	p := newFixture()
	in := p.input(t)
	s := &directory.SCIMDirectory{
		Groups: []directory.SCIMGroup{{ID: "sg", DisplayName: "Staff"}, {ID: "st", DisplayName: "Team"}},
	}
	for i := range users {
		u := directory.SCIMUser{
			ID:         fmt.Sprintf("s-%d", i),
			ExternalID: id(i),
			UserName:   "old-" + address(i),
			Active:     true,
			AccountID:  "acc",
		}
		switch {
		case i < perClass:
			u.AccountID = ""
		case i < 2*perClass:
			u.Active = false
		case i < 3*perClass:
			u.ExternalID, u.UserName = "", address(i)
		}
		s.Users = append(s.Users, u)
		for g := range s.Groups {
			s.Groups[g].Members = append(s.Groups[g].Members, u.ID)
		}
	}
	in.SCIM = s
	r := Reconcile(in)
	if got := classes(
		r,
	); got[UnlinkedRecord] != perClass || got[PredictedWrong] != perClass || len(got) != 2 ||
		r.Agreed != users-2*perClass {
		t.Errorf("%v %d", got, r.Agreed)
	}
}

// Accounts' states count, not records alone; and managed accounts that nothing of
// Entra's ends are listed.
func TestSCIMAccounts(t *testing.T) {
	p := newFixture()
	in := p.input(t)
	s := &directory.SCIMDirectory{}
	for i := range users {
		s.Users = append(
			s.Users,
			directory.SCIMUser{
				ID:         fmt.Sprintf("s-%d", i),
				ExternalID: id(i),
				UserName:   address(i),
				Active:     true,
				AccountID:  fmt.Sprintf("a-%d", i),
			},
		)
	}
	in.SCIM = s
	org := directory.Organization{ID: "org", AccountsCovered: true}
	for i := range users {
		status := "active"
		if i < perClass {
			status = "inactive"
		}
		org.Accounts = append(
			org.Accounts,
			directory.Account{
				AccountID:     fmt.Sprintf("a-%d", i),
				Email:         address(i),
				ClaimStatus:   "managed",
				AccountStatus: status,
			},
		)
	}
	org.Accounts = append(
		org.Accounts,
		directory.Account{
			AccountID:     "gone",
			Email:         "gone@company.com",
			ClaimStatus:   "managed",
			AccountStatus: "active",
		},
		directory.Account{
			AccountID:     "ended",
			Email:         "ended@company.com",
			ClaimStatus:   "managed",
			AccountStatus: "inactive",
		},
		directory.Account{
			AccountID:     "partner",
			Email:         "partner@else.example",
			ClaimStatus:   "unmanaged",
			AccountStatus: "active",
		},
	)
	in.Organization = &org
	r := Reconcile(in)
	got := classes(r)
	if got[AccountDeactivated] != perClass || got[NoUser] != 1 || got[OutOfScope] != 0 {
		t.Errorf("got %v", got)
	}
	if r.Percent() == 100 {
		t.Error("100 % agreement over deactivated accounts")
	}
}
