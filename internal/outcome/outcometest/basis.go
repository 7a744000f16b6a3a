package outcometest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
)

// Each step is planned after the one before was accepted.
func basisAges(t *testing.T) {
	moved := func(w *directorytest.World, mail string) { w.Named("ann@").Mail = mail }
	type step struct {
		change func(w *directorytest.World)
		what   func(q *decision.Request)
		lost   bool // the state is lost before
		want   string
		kind   string // of the user's change; "" for none
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
			{nil, nil, false, synced, outcome.Joined.String()},
			{nil, nil, false, synced, ""},
			{move, nil, false, broken, outcome.Lost.String()},
			{nil, nil, false, broken, ""},
		},
		"put back before the cycle": {
			{nil, nil, false, synced, outcome.Joined.String()},
			{move, nil, false, broken, outcome.Lost.String()},
			{back, nil, false, unsure, outcome.Reason.String()},
		},
		"a what-if taken back": {
			{move, assume, false, "sync: domain_verified (new.example, managed, inferred)", outcome.Joined.String()},
			{nil, nil, false, outside, outcome.Unmanaged.String()},
		},
		"state lost": {
			{nil, nil, false, synced, outcome.Joined.String()},
			{move, nil, true, outside, outcome.Joined.String()},
		},
		"an external's title changes": {
			{move, nil, false, outside, outcome.Joined.String()},
			{
				func(w *directorytest.World) { w.Named("ann@").UserPrincipalName = "ann.new@company.com" },
				nil,
				false,
				broken,
				outcome.Lost.String(),
			},
		},
		"the domain lapses": {
			{nil, nil, false, synced, outcome.Joined.String()},
			{func(w *directorytest.World) { w.Claims["company.com"] = directory.ClaimUnverified }, nil, false,
				"sync: external_scim (company.com, external); warning: unlinks_on_update", outcome.Unmanaged.String()},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(directorytest.Employee("ann@company.com"), "Staff")
			var a *outcome.Outcome
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
				r := Plan(t, w, q, a)
				if got := rowOf(t, r.Outcome, id).Text; got != s.want {
					t.Errorf("step %d: got %s, want %s", i, got, s.want)
				}
				got := ""
				for _, x := range r.Changes.List {
					if x.ID == id {
						got = x.Kind.String()
					}
				}
				if got != s.kind {
					t.Errorf("step %d: got kind %q, want %q", i, got, s.kind)
				}
				a = r.Outcome
			}
		})
	}
}

// While the service doesn't run, what the target holds stays as it was.
func whileStopped(t *testing.T) {
	w := directorytest.SCIM(t, "")
	id := w.User(directorytest.Employee("ann@company.com"), "Staff")
	first := Plan(t, w, overSCIM(), nil)
	w.Jobs[0].Health = directory.Health{State: directory.ServiceQuarantined, Since: "2026-11-10T00:00:00Z"}
	newcomer := w.User(directorytest.Employee("new@company.com"), "Staff")
	second := Plan(t, w, overSCIM(), first.Outcome)
	if second.Changes.Total(outcome.Service) != 1 {
		t.Errorf("the quarantine is a change: got %+v", second.Changes.Counts)
	}
	if got := second.Changes.Severity(false, outcome.SetOf(outcome.DefaultReview())); got != outcome.SeverityReview {
		t.Errorf("got severity %s", got)
	}
	if b := rowOf(t, second.Outcome, newcomer).Basis; b.Link != held.LinkNone {
		t.Errorf("nobody is provisioned: got %+v", b)
	}
	if b := rowOf(t, second.Outcome, id).Basis; b.Link != held.Linked {
		t.Errorf("who was there stays: got %+v", b)
	}
	third := Plan(t, w, overSCIM(), second.Outcome)
	if third.Changes.Any() {
		t.Errorf("the same state is no change: got %+v", third.Changes.List)
	}
	g := outcome.Guardrails{MustSync: []string{"ann@company.com", "new@company.com"}}
	d := w.Directory()
	meanings, err := g.Meanings(directory.NewLookup(d), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := g.Check(outcome.Check{Changes: third.Changes, Drifted: third.Outcome, Meanings: meanings})
	if len(v) != 1 || len(v[0].Items) != 1 || v[0].Items[0].ID != newcomer ||
		!strings.Contains(v[0].Items[0].Note, "quarantined") {
		t.Errorf("who isn't provisioned doesn't satisfy must_sync: got %+v", v)
	}
}

// A group keeps the name under which it was accepted [atlassian row 52].
func keptGroupName(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	a := Plan(t, w, overSCIM(), nil)
	w.At("Staff").DisplayName = "People"
	r := Plan(t, w, overSCIM(), a.Outcome)
	if len(r.Outcome.Groups) != 1 || r.Outcome.Groups[0].Name != "Staff" {
		t.Errorf("got %+v", r.Outcome.Groups)
	}
	if len(r.Outcome.Held) != 1 || r.Outcome.Held[0].Obstacle != "rename_unsupported" {
		t.Errorf("got %+v", r.Outcome.Held)
	}
	if again := Plan(t, w, overSCIM(), r.Outcome); again.Changes.Any() || again.Outcome.Groups[0].Name != "Staff" {
		t.Errorf("got %+v", again.Changes.List)
	}
}

// Without names, a kept address is still known for the same.
func keptWithoutNames(t *testing.T) {
	w := directorytest.SCIM(t, "")
	id := w.User(directorytest.External("p@fabrikam.com", decision.TypeGuest), "Staff")
	a := Plan(t, w, overSCIM(), nil).Outcome.WithoutNames()
	if b := rowOf(t, a, id).Basis; strings.Contains(b.Address, "fabrikam") || b.Address == "" {
		t.Errorf("got %q", b.Address)
	}
	if r := Plan(t, w, overSCIM(), a); !strings.HasPrefix(rowOf(t, r.Outcome, id).Text, "sync: ") {
		t.Errorf("got %s", rowOf(t, r.Outcome, id).Text)
	}
}
