package outcome

import (
	"os"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// run plans a world after what was accepted last.
type run struct {
	result  *decision.Result
	outcome *Outcome
	changes *Changes
	drifted *Outcome
}

func overSCIM() decision.Request { return decision.Request{Connector: decision.SCIM} }

// plan decides after a, compares, and gives what would be accepted.
func plan(t *testing.T, w *directorytest.World, q decision.Request, a *Outcome) run {
	t.Helper()
	d := w.Directory()
	l := directory.NewLookup(d)
	q.Kept = a.Kept()
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngineAfter(d, l, w.Organization(), s, a.History())
	if err != nil {
		t.Fatal(err)
	}
	r := e.Decide()
	p := Of(r, a)
	drifted := p
	if a != nil {
		old, err := decision.NewEngineAfter(d, l, w.Organization(), a.Settings, a.History())
		if err != nil {
			t.Fatal(err)
		}
		drifted = Of(old.Decide(), a)
	}
	changes := Compare(a, drifted, p, Compared{Directory: d})
	p.Expect(e.DecideAsRead())
	p.Remember(a, nil, nil, false)
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if p, err = DecodeOutcome(text); err != nil {
		t.Fatal(err)
	}
	return run{r, p, changes, drifted}
}

func (r run) of(t *testing.T, id string) string {
	t.Helper()
	row := r.outcome.find(id)
	if row == nil {
		t.Fatalf("no row of %s", id)
	}
	return row.Text
}

// Each step is planned after the one before was accepted.
func TestBasis_Ages(t *testing.T) {
	moved := func(w *directorytest.World, mail string) { w.Named("ann@").Mail = mail }
	type step struct {
		change func(w *directorytest.World)
		what   func(q *decision.Request)
		lost   bool // the state is lost before
		want   string
		kind   Kind // of the user's change; kindCount for none
	}
	const (
		synced  = "sync: domain_verified (company.com, managed, inferred)"
		outside = "sync: external_scim (new.example, external); warning: unlinks_on_update"
		broken  = "skip: unlinked (new.example, external)"
		unsure  = "unknown: link_unknown (company.com, managed, inferred)"
	)
	assume := func(q *decision.Request) { q.VerifiedDomains = []string{"new.example"} }
	move := func(w *directorytest.World) { moved(w, "ann@new.example") }
	back := func(w *directorytest.World) { moved(w, "ann@company.com") }
	cases := map[string][]step{
		"a mail moves to an unverified domain": {
			{nil, nil, false, synced, Joined},
			{nil, nil, false, synced, kindCount},
			{move, nil, false, broken, Lost},
			{nil, nil, false, broken, kindCount},
		},
		"put back before the cycle": {
			{nil, nil, false, synced, Joined},
			{move, nil, false, broken, Lost},
			{back, nil, false, unsure, Reason},
		},
		"a what-if taken back": {
			{move, assume, false, "sync: domain_verified (new.example, managed, inferred)", Joined},
			{nil, nil, false, outside, Unmanaged},
		},
		"state lost": {{nil, nil, false, synced, Joined}, {move, nil, true, outside, Joined}},
		"an external's title changes": {
			{move, nil, false, outside, Joined},
			{
				func(w *directorytest.World) { w.Named("ann@").UserPrincipalName = "ann.new@company.com" },
				nil,
				false,
				broken,
				Lost,
			},
		},
		"the domain lapses": {
			{nil, nil, false, synced, Joined},
			{func(w *directorytest.World) { w.Claims["company.com"] = directory.ClaimUnverified }, nil, false,
				"sync: external_scim (company.com, external); warning: unlinks_on_update", Unmanaged},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(directorytest.Employee("ann@company.com"), "Staff")
			var a *Outcome
			for i, s := range steps {
				if s.change != nil {
					s.change(w)
				}
				q := overSCIM()
				if s.what != nil {
					s.what(&q)
				}
				if s.lost {
					a = nil
				}
				r := plan(t, w, q, a)
				if got := r.of(t, id); got != s.want {
					t.Errorf("step %d: got %s, want %s", i, got, s.want)
				}
				got := kindCount
				for _, x := range r.changes.List {
					if x.ID == id {
						got = x.Kind
					}
				}
				if got != s.kind {
					t.Errorf("step %d: got kind %d, want %d", i, got, s.kind)
				}
				a = r.outcome
			}
		})
	}
}

// While the service doesn't run, what the target holds stays as it was.
func TestBasis_ServiceStopped(t *testing.T) {
	w := directorytest.SCIM(t, "")
	id := w.User(directorytest.Employee("ann@company.com"), "Staff")
	first := plan(t, w, overSCIM(), nil)
	w.Jobs[0].Health = directory.Health{State: directory.ServiceQuarantined, Since: "2026-11-10T00:00:00Z"}
	newcomer := w.User(directorytest.Employee("new@company.com"), "Staff")
	second := plan(t, w, overSCIM(), first.outcome)
	if second.changes.Total(Service) != 1 {
		t.Errorf("the quarantine is a change: got %+v", second.changes.Counts)
	}
	if got := second.changes.Severity(false, SetOf(DefaultReview())); got != SeverityReview {
		t.Errorf("got severity %s", got)
	}
	if b := second.outcome.find(newcomer).Basis; b.Link != atlassian.LinkNone {
		t.Errorf("nobody is provisioned: got %+v", b)
	}
	if b := second.outcome.find(id).Basis; b.Link != atlassian.Linked {
		t.Errorf("who was there stays: got %+v", b)
	}
	third := plan(t, w, overSCIM(), second.outcome)
	if third.changes.Any() {
		t.Errorf("the same state is no change: got %+v", third.changes.List)
	}
	g := Guardrails{MustSync: []string{"ann@company.com", "new@company.com"}}
	d := w.Directory()
	meanings, err := g.Meanings(directory.NewLookup(d), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := g.Check(Check{Changes: third.changes, Drifted: third.outcome, Meanings: meanings})
	if len(v) != 1 || len(v[0].Items) != 1 || v[0].Items[0].ID != newcomer ||
		!strings.Contains(v[0].Items[0].Note, "quarantined") {
		t.Errorf("who isn't provisioned doesn't satisfy must_sync: got %+v", v)
	}
}

// A group keeps the name under which it was accepted [atlassian row 52].
func TestBasis_GroupRenamed(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	a := plan(t, w, overSCIM(), nil)
	w.At("Staff").DisplayName = "People"
	r := plan(t, w, overSCIM(), a.outcome)
	if len(r.outcome.Groups) != 1 || r.outcome.Groups[0].Name != "Staff" {
		t.Errorf("got %+v", r.outcome.Groups)
	}
	if len(r.outcome.Held) != 1 || r.outcome.Held[0].Obstacle != "rename_unsupported" {
		t.Errorf("got %+v", r.outcome.Held)
	}
	if again := plan(t, w, overSCIM(), r.outcome); again.changes.Any() || again.outcome.Groups[0].Name != "Staff" {
		t.Errorf("got %+v", again.changes.List)
	}
}

// Without names, a kept address is still known for the same.
func TestBasis_WithoutNames(t *testing.T) {
	w := directorytest.SCIM(t, "")
	id := w.User(directorytest.External("p@fabrikam.com", decision.TypeGuest), "Staff")
	a := plan(t, w, overSCIM(), nil).outcome.WithoutNames()
	if b := a.find(id).Basis; strings.Contains(b.Address, "fabrikam") || b.Address == "" {
		t.Errorf("got %q", b.Address)
	}
	if r := plan(t, w, overSCIM(), a); !strings.HasPrefix(r.of(t, id), "sync: ") {
		t.Errorf("got %s", r.of(t, id))
	}
}

// The text of version 2 is read; what it lacks isn't known, and no change.
func TestDecodeOutcome_Version2(t *testing.T) {
	raw, err := os.ReadFile("testdata/accepted-v2.txt")
	if err != nil {
		t.Fatal(err)
	}
	o, err := DecodeOutcome(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	s := o.Settings.ConnectorSettings
	if s.ExternalUsers != decision.ExternalUsersExternal || s.UserIdentifier != decision.IdentifierUserPrincipalName ||
		len(s.EntraDomains) != 1 ||
		o.Memory.Revision != 1 {
		t.Errorf("got %+v, revision %d", s, o.Memory.Revision)
	}
	if o.History().User != nil {
		t.Error("it has no history")
	}
	q := request()
	q.ConnectorSettings = s
	r := plan(t, directorytest.Base(), q, o)
	if r.changes.Total(Service) != 0 {
		t.Errorf("the service wasn't known: got %+v", r.changes.List)
	}
	for _, x := range r.changes.List {
		if x.Cause != NewRules {
			t.Errorf("%s: got %s by %s", x.ID, x.Kind, x.Cause)
		}
	}
}
