package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
)

const tenantID = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"

// world is a small tenant and organization.
type world struct {
	b       *directory.Builder
	staff   directory.GraphGroup
	domains []directory.Claim
	groups  []directory.GraphGroup
	n       int
}

// group adds a group inside Staff, with everybody in it.
func (w *world) group(g directory.GraphGroup) {
	w.groups = append(w.groups, g)
	w.staff.Members = append(w.staff.Members, directory.GraphMember{Type: "group", ID: g.ID})
}

func userOf(name, mail, userType string) directory.User {
	return directory.User{UserPrincipalName: name, Mail: mail, UserType: userType}
}

func directoryUser(id, name, mail, userType string) directory.User {
	return directory.User{ID: id, UserPrincipalName: name, Mail: mail, UserType: userType}
}

func claimOf(name string) directory.Claim {
	return directory.Claim{Name: name, Type: name, Status: name}
}

// newWorld has company.com verified on both sides and the group Staff.
func newWorld() *world {
	w := &world{
		b:     directory.NewBuilder(nil),
		staff: directory.GraphGroup{ID: "g-staff", DisplayName: "Staff", SecurityEnabled: true},
	}
	w.domains = []directory.Claim{{Name: "company.com", Type: "dns", Status: directory.ClaimVerified}}
	w.b.AddDomain(directory.Domain{Name: "company.com", IsVerified: true, IsDefault: true})
	return w
}

func (w *world) user(u directory.User) {
	if u.ID == "" {
		u.ID = fmt.Sprintf("u-%07d", w.n)
	}
	w.n++
	u.AccountEnabled = directory.True
	w.b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
	w.staff.Members = append(w.staff.Members, directory.GraphMember{Type: "user", ID: u.ID})
}

func (w *world) employee(address string) {
	w.user(directory.User{UserPrincipalName: address, Mail: address, UserType: decision.TypeMember})
}

func (w *world) external(address, userType string) {
	w.user(
		directory.User{
			UserPrincipalName: strings.ReplaceAll(address, "@", "_") + "#EXT#@company.com",
			Mail:              address,
			UserType:          userType,
			CreationType:      "Invitation",
		},
	)
}

// decide decides with Staff in scope.
func (w *world) decide(t testing.TB) *decision.Result {
	t.Helper()
	for _, g := range w.groups {
		for _, m := range w.staff.Members {
			if m.Type == "user" {
				g.Members = append(g.Members, m)
			}
		}
		w.b.AddGroup(g)
	}
	w.b.AddGroup(w.staff)
	return w.asked(t, decision.Request{Connector: decision.NestedGroups, Groups: []string{w.staff.ID}})
}

// everyone decides with all in scope, and without Staff.
func (w *world) everyone(t testing.TB) *decision.Result {
	t.Helper()
	return w.asked(t, decision.Request{Connector: decision.NestedGroups, Everyone: true})
}

func (w *world) asked(t testing.TB, q decision.Request) *decision.Result {
	t.Helper()
	d := w.b.Build(tenantID, nil)
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	o := &directory.Organization{ID: "org", Domains: w.domains}
	o.Sort()
	e, err := decision.NewEngine(d, l, o, s)
	if err != nil {
		t.Fatal(err)
	}
	return e.Decide()
}

// company is the world of most tests: four situations, and people who sync.
func company() *world {
	w := newWorld()
	for _, name := range []string{"amara.okafor", "bob.nyberg", "clara.jensen", "dora.lind"} {
		w.employee(name + "@company.com")
	}
	for _, name := range []string{"adele.vance", "alex.wilber", "diego.siciliani"} {
		w.external(name+"@fabrikam.example", decision.TypeMember)
	}
	w.external("lynne.robbins@fabrikam.example", decision.TypeGuest)
	w.employee("leila.karimi@legacy.company.com")
	w.user(directory.User{UserPrincipalName: "no address", UserType: decision.TypeMember})
	return w
}

// reconciled compares with an organization that has nobody.
func reconciled(r *decision.Result) (*reconcile.Report, *reconcile.Calibration) {
	in := reconcile.Input{Result: r, Organization: &directory.Organization{ID: "org", AccountsCovered: true}}
	in.Changed = zeroTime
	c, _ := reconcile.Calibrate(in, func(identifier, external string) (*decision.Result, error) {
		s := r.Settings
		s.ConnectorSettings.UserIdentifier, s.ConnectorSettings.ExternalUsers = identifier, external
		e, err := decision.NewEngine(r.Directory, r.Lookup, r.Organization, s)
		if err != nil {
			return nil, err
		}
		return e.Decide(), nil
	}, 0)
	return reconcile.Reconcile(in), c
}

func reportOf(t testing.TB, w *world, change func(*Input)) *Report {
	t.Helper()
	in := Input{Result: w.decide(t), MaxFixes: 100}
	in.Reconciliation, in.Calibration = reconciled(in.Result)
	if change != nil {
		change(&in)
	}
	return New(in)
}

// changesOf are changes of users of some names.
func changesOf(names ...string) *outcome.ChangeList {
	out := &outcome.ChangeList{Severity: outcome.SeverityReview, Total: len(names)}
	for _, n := range names {
		out.Changes = append(out.Changes, outcome.ListedChange{
			Who: n, Kind: "renamed", Cause: "drift", Before: "name " + n, After: "name new." + n,
		})
	}
	return out
}

func someChanges() *outcome.ChangeList { return changesOf("bob.nyberg@company.com") }
