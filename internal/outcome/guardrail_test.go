package outcome

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// night is a chain of accepted outcomes of one world.
type night struct {
	t        *testing.T
	w        *directorytest.World
	q        decision.Request
	g        Guardrails
	accepted *Outcome
}

// plan decides, compares and checks as a plan does.
func (n *night) plan() (*Changes, []Violation, []decision.Meaning, *Outcome) {
	n.t.Helper()
	d := n.w.Directory()
	l := directory.NewLookup(d)
	q := n.q
	q.Kept = n.accepted.Kept()
	s, _, err := q.Resolve(l, d)
	if err != nil {
		n.t.Fatal(err)
	}
	scope, err := q.Meanings(l, d)
	if err != nil {
		n.t.Fatal(err)
	}
	users, err := n.g.Meanings(l, d, n.accepted.Kept())
	if err != nil {
		n.t.Fatal(err)
	}
	e, err := decision.NewEngine(d, l, n.w.Organization(), s)
	if err != nil {
		n.t.Fatal(err)
	}
	list := append(scope, users...)
	p := Of(e.Decide(), n.accepted)
	drifted := p
	if n.accepted != nil {
		before, err := decision.NewEngine(d, l, n.w.Organization(), n.accepted.Settings)
		if err != nil {
			n.t.Fatal(err)
		}
		drifted = Of(before.Decide(), n.accepted)
	}
	c := Compare(n.accepted, drifted, p, Compared{Directory: d, ExpectSkipped: ExpectedSkipped(list)})
	v := n.g.Check(Check{Changes: c, Drifted: drifted, Meanings: list})
	return c, v, list, p
}

// accept applies a plan, through the state's text.
func (n *night) accept(approved bool) {
	n.t.Helper()
	_, v, list, p := n.plan()
	p.Remember(n.accepted, list, v, approved)
	raw, err := p.Encode()
	if err != nil {
		n.t.Fatal(err)
	}
	if n.accepted, err = DecodeOutcome(raw); err != nil {
		n.t.Fatal(err)
	}
}

func shown(violations []Violation) []string {
	out := []string{}
	for i := range violations {
		v := &violations[i]
		cause := v.Cause.String()
		if v.Held {
			cause = "held"
		}
		out = append(out, fmt.Sprintf("%s %s %v", v.Guardrail, cause, v.Names()))
	}
	return out
}

func newNight(t *testing.T, g Guardrails) *night {
	return &night{t: t, w: directorytest.Base(), q: request(), g: g}
}

func TestGuardrails(t *testing.T) {
	zero, one, two, three := int64(0), int64(1), int64(2), int64(3)
	half, tenth, none := 50.0, 10.0, 0.0
	child := request()
	child.Groups = []string{"Child"} // this plan loses ann, guest and the groups Staff and Team
	gone := func(n *night) { delete(n.w.Claims, "company.com") }
	hires := func(k int, address func(int) string) func(*night) {
		return func(n *night) {
			for i := range k {
				n.w.User(directorytest.Employee(address(i)), "Staff")
			}
		}
	}
	disable := func(k int) func(*night) {
		return func(n *night) {
			for i := range k {
				n.w.Named(fmt.Sprintf("new%d", i)).AccountEnabled = directory.False
			}
		}
	}
	at := func(i int) string { return fmt.Sprintf("new%d@company.com", i) }
	nothing := func(*night) {}
	cases := []struct {
		name          string
		g             Guardrails
		before, after func(*night)
		q             decision.Request
		want          []string
	}{
		{"nothing set", Guardrails{}, nothing, gone, request(), nil},
		{
			"max_lost by drift",
			Guardrails{MaxLost: &one},
			nothing,
			gone,
			request(),
			[]string{"max_lost drift [ann@company.com ben@company.com]"},
		},
		{
			"max_lost, leavers aren't counted",
			Guardrails{MaxLost: &zero},
			nothing,
			func(n *night) { n.w.Delete(n.w.Named("ann").ID) },
			request(),
			nil,
		},
		{
			"max_lost_percent",
			Guardrails{MaxLostPercent: &half},
			nothing,
			gone,
			request(),
			[]string{"max_lost_percent drift [ann@company.com ben@company.com]"},
		},
		{"max_lost_percent of zero, nobody lost", Guardrails{MaxLostPercent: &none}, nothing, nothing, request(), nil},
		{
			"max_lost and max_groups_lost by this plan",
			Guardrails{MaxLost: &one, MaxGroupsLost: &one},
			nothing,
			nothing,
			child,
			[]string{
				"max_lost this_plan [ann@company.com guest_fabrikam.com#EXT#@company.onmicrosoft.com]",
				"max_groups_lost this_plan [group Staff group Team]",
			},
		},
		{
			"max_lost of drift and this plan together",
			Guardrails{MaxLost: &two},
			nothing,
			func(n *night) { n.w.Leave("Child", n.w.Named("ben").ID) },
			child,
			[]string{
				"max_lost this_plan [ann@company.com ben@company.com guest_fabrikam.com#EXT#@company.onmicrosoft.com]",
			},
		},
		{
			"max_lost within the limit",
			Guardrails{MaxLost: &three},
			nothing,
			func(n *night) { n.w.Leave("Child", n.w.Named("ben").ID) },
			child,
			nil,
		},
		{
			"max_left",
			Guardrails{MaxLeft: &zero},
			nothing,
			func(n *night) { n.w.Delete(n.w.Named("ann").ID) },
			request(),
			[]string{"max_left drift [ann@company.com]"},
		},
		{
			"max_left_percent, five leavers",
			Guardrails{MaxLeftPercent: &tenth},
			hires(8, at),
			disable(5),
			request(),
			nil,
		},
		{
			"max_left_percent, six leavers",
			Guardrails{MaxLeftPercent: &tenth},
			hires(8, at),
			disable(6),
			request(),
			[]string{
				"max_left_percent drift [new0@company.com new1@company.com new2@company.com new3@company.com " +
					"new4@company.com new5@company.com]",
			},
		},
		{
			"max_gained, hires",
			Guardrails{MaxGained: &one},
			nothing,
			hires(2, at),
			request(),
			[]string{"max_gained drift [new0@company.com new1@company.com]"},
		},
		{
			"max_gained, a type that lets in",
			Guardrails{MaxGained: &zero},
			nothing,
			func(n *night) { n.w.Named("member").UserType = decision.TypeGuest },
			request(),
			[]string{
				"max_gained drift [member_fabrikam.com#EXT#@company.onmicrosoft.com]",
			},
		},
		{
			"max_gained, guests",
			Guardrails{MaxGained: &zero},
			nothing,
			func(n *night) { n.w.User(directorytest.External("g2@fabrikam.com", decision.TypeGuest), "Staff") },
			request(),
			[]string{
				"max_gained drift [g2_fabrikam.com#EXT#@company.onmicrosoft.com]",
			},
		},
		{
			"max_groups_lost by drift",
			Guardrails{MaxGroupsLost: &zero},
			nothing,
			func(n *night) { n.w.RemoveGroup("Team") },
			request(),
			[]string{"max_groups_lost drift [group Team]"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := newNight(t, c.g)
			c.before(n)
			n.accept(false)
			c.after(n)
			n.q = c.q
			_, v, _, _ := n.plan()
			if got := shown(v); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

// What an entry meant is kept: a user who was deleted, hidden or renamed is
// still the one who must sync.
func TestMustSyncKeepsItsMeaning(t *testing.T) {
	ann := Guardrails{MustSync: []string{"ann@company.com"}}
	cases := []struct {
		name   string
		g      Guardrails
		change func(*directorytest.World)
		want   string
		advice string
	}{
		{
			"deleted",
			ann,
			func(w *directorytest.World) { w.Delete(w.Named("ann").ID) },
			"must_sync drift [ann@company.com (object id u-000 isn't in the tenant any more)]",
			"",
		},
		{
			"disabled",
			ann,
			func(w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False },
			"must_sync drift [ann@company.com (skip: account_disabled (company.com, managed, inferred))]",
			"",
		},
		{"unreadable", ann, func(w *directorytest.World) {
			id := w.Named("ann").ID
			w.Delete(id)
			w.Join("Staff", id)
		}, "must_sync drift [ann@company.com (unknown: members_unreadable (Staff))]", ""},
		{
			"renamed, and syncing",
			ann,
			func(w *directorytest.World) { w.Rename("ann", "anna@company.com") },
			"",
			`"ann@company.com" is called "anna@company.com" now`,
		},
		{
			"renamed, and not syncing",
			ann,
			func(w *directorytest.World) { w.Rename("ann", "anna@elsewhere.com") },
			"must_sync drift [ann@company.com (now anna@elsewhere.com: skip: domain_not_verified (elsewhere.com))]",
			"",
		},
		{
			"out of the groups",
			ann,
			func(w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) },
			"must_sync drift [ann@company.com (not in scope)]",
			"",
		},
		{"the name moves to another", ann, func(w *directorytest.World) {
			w.Rename("ann", "anna@company.com")
			w.User(directorytest.Employee("ann@company.com"), "Other")
		}, `name_moved drift [guardrails.must_sync: "ann@company.com" (meant object id u-000, which is called otherwise now; u-004 bears the name: not in scope)]`, ""},
		{"deleted, and the name taken", ann, func(w *directorytest.World) {
			w.Delete(w.Named("ann").ID)
			w.User(
				directory.User{
					ID:                "u-new",
					UserPrincipalName: "ann@company.com",
					Mail:              "ann@company.com",
					UserType:          decision.TypeMember,
				},
				"Staff",
			)
		}, `name_moved drift [guardrails.must_sync: "ann@company.com" (meant object id u-000, which is gone; u-new bears the name now: sync: domain_verified (company.com, managed, inferred))]`, ""},
		{"another has it as mail", ann, func(w *directorytest.World) {
			w.User(
				directory.User{
					UserPrincipalName: "x@company.com",
					Mail:              "ann@company.com",
					UserType:          decision.TypeMember,
				},
				"Other",
			)
		}, "", "Another user bears the name as well (u-004)"},
		{
			"must_not_sync evaded by a rename",
			Guardrails{MustNotSync: []string{"member@fabrikam.com"}},
			func(w *directorytest.World) {
				w.Named("member").Mail = "m@company.com"
			},
			"must_not_sync drift [member@fabrikam.com (now member_fabrikam.com#EXT#@company.onmicrosoft.com: sync: " +
				"domain_verified (company.com, managed, inferred))]",
			"",
		},
		{
			"must_not_sync evaded by a new account",
			Guardrails{MustNotSync: []string{"member@fabrikam.com"}},
			func(w *directorytest.World) {
				w.Delete(w.Named("member").ID)
				w.User(
					directory.User{
						ID:                "u-new",
						UserPrincipalName: "member@fabrikam.com",
						Mail:              "member@company.com",
						UserType:          decision.TypeMember,
					},
					"Staff",
				)
			},
			`name_moved drift [guardrails.must_not_sync: "member@fabrikam.com" (meant object id u-003, which is gone; u-new bears the name now: sync: domain_verified (company.com, managed, inferred); warning: mail_upn_domain_differ)]`,
			"",
		},
		{
			"must_not_sync of somebody who is gone",
			Guardrails{MustNotSync: []string{"member@fabrikam.com"}},
			func(w *directorytest.World) { w.Delete(w.Named("member").ID) },
			"",
			"isn't in the directory's reading any more",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := newNight(t, c.g)
			n.accept(false)
			c.change(n.w)
			_, v, list, p := n.plan()
			if got := strings.Join(shown(v), "\n"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			advice := strings.Join(Advise(list, p, v, false), "\n")
			if !strings.Contains(advice, c.advice) || c.advice == "" && advice != "" {
				t.Errorf("advice: got %q, want %q", advice, c.advice)
			}
			// A person accepts it: it is held from then on, until it changes.
			if c.want == "" {
				return
			}
			n.accept(false)
			if _, v, _, _ := n.plan(); len(v) != 1 || !v[0].Held {
				t.Errorf("accepted, but not held: %v", shown(v))
			}
		})
	}
}

// Who is accepted under a name that another took is still watched: deleted or
// hidden afterwards, they violate it anew; so does a group of the scope.
func TestHeldNameMoved(t *testing.T) {
	taken := func(w *directorytest.World) {
		w.Rename("ann", "anna@company.com")
		w.User(
			directory.User{
				ID:                "u-new",
				UserPrincipalName: "ann@company.com",
				Mail:              "ann@company.com",
				UserType:          "Member",
			},
			"Staff",
		)
	}
	swap := func(w *directorytest.World) {
		w.At("Staff").DisplayName = "Everybody"
		w.At("Other").DisplayName = "Staff"
	}
	cases := map[string]struct {
		first, then func(*directorytest.World)
		want        string
	}{
		"deleted": {taken, func(w *directorytest.World) { w.Delete("u-000") }, "name_moved drift"},
		"hidden": {taken, func(w *directorytest.World) {
			w.Delete("u-000")
			w.Join("Staff", "u-000")
		}, "must_sync drift"},
		"disabled": {
			taken,
			func(w *directorytest.World) { w.Named("anna").AccountEnabled = directory.False },
			"must_sync drift",
		},
		"the group, deleted": {swap, func(w *directorytest.World) { w.Dissolve("Everybody") }, "name_moved drift"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := newNight(t, Guardrails{MustSync: []string{"ann@company.com"}})
			n.accept(false)
			c.first(n.w)
			n.accept(false)
			if _, v, _, _ := n.plan(); len(v) != 1 || !v[0].Held {
				t.Fatalf("accepted: %v", shown(v))
			}
			c.then(n.w)
			_, v, _, _ := n.plan()
			if got := strings.Join(shown(v), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A held violation is one no longer once the decision of the same user changes.
func TestHeldUntilItChanges(t *testing.T) {
	n := newNight(t, Guardrails{MustSync: []string{"member@fabrikam.com"}})
	if _, v, _, _ := n.plan(); len(v) != 1 || v[0].Cause != ThisPlan || v[0].Held {
		t.Fatalf("on create: %v", shown(v))
	}
	n.accept(true)
	if _, v, _, _ := n.plan(); len(v) != 1 || !v[0].Held {
		t.Fatalf("accepted: %v", shown(v))
	}
	n.w.Named("member").AccountEnabled = directory.False
	if _, v, _, _ := n.plan(); len(v) != 1 || v[0].Held || v[0].Cause != Drift {
		t.Errorf("disabled since: %v", shown(v))
	}
}

// An approved name takes its new meaning; one that is only accepted keeps the
// old one.
func TestApprovedNameMoves(t *testing.T) {
	for _, approved := range []bool{true, false} {
		n := newNight(t, Guardrails{MustSync: []string{"ann@company.com"}})
		n.accept(false)
		n.w.Delete(n.w.Named("ann").ID)
		n.w.User(
			directory.User{
				ID:                "u-new",
				UserPrincipalName: "ann@company.com",
				Mail:              "ann@company.com",
				UserType:          decision.TypeMember,
			},
			"Staff",
		)
		n.accept(approved)
		want := map[bool]string{true: "u-new", false: "u-000"}[approved]
		if got := n.accepted.Kept().Get(decision.ArgMustSync, "ann@company.com"); got != want {
			t.Errorf("approved %v: got %s, want %s", approved, got, want)
		}
	}
}

// A group of the scope is the one that was accepted, whatever it and others are
// called now.
func TestScopeKeepsItsGroups(t *testing.T) {
	type change func(*directorytest.World)
	twin := func(id, name string) change {
		return func(w *directorytest.World) {
			w.Groups = append(w.Groups, directory.GraphGroup{ID: id, DisplayName: name, SecurityEnabled: true})
		}
	}
	swap := func(w *directorytest.World) {
		w.At("Staff").DisplayName = "swapping"
		w.At("Other").DisplayName = "Staff"
		w.At("swapping").DisplayName = "Other"
	}
	cases := map[string]struct {
		change       change
		want, advice string
	}{
		"a second group of the name": {twin("g-zz", "Staff"), "", "Another group bears the name as well (g-zz)"},
		"renamed": {
			func(w *directorytest.World) { w.At("Staff").DisplayName = "Everybody" },
			"",
			`is called "Everybody" now`,
		},
		"swapped with another": {
			swap,
			`name_moved drift [scope.groups: "Staff" (meant object id g-staff, which is called otherwise now; g-other bears the name)]`,
			"",
		},
		"deleted, and the name taken": {func(w *directorytest.World) {
			w.Dissolve("Staff")
			twin("g-zz", "Staff")(w)
		}, `name_moved drift [scope.groups: "Staff" (meant object id g-staff, which is gone; g-zz bears the name now)]`, ""},
		"deleted": {
			func(w *directorytest.World) { w.Dissolve("Staff") },
			`name_moved drift [scope.groups: "Staff" (object id g-staff isn't in the tenant any more)]`,
			"",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := newNight(t, Guardrails{})
			n.accept(false)
			c.change(n.w)
			changes, v, list, p := n.plan()
			if got := strings.Join(shown(v), "\n"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if advice := strings.Join(Advise(list, p, v, false), "\n"); !strings.Contains(advice, c.advice) {
				t.Errorf("advice: got %q, want %q", advice, c.advice)
			}
			for _, x := range changes.List {
				if x.Cause != Drift {
					t.Errorf("what happened in the tenant isn't drift: %+v", x)
				}
			}
		})
	}
}

// approve covers exactly what would happen: another cause, another user, another
// decision, another moment is another hash, and nothing to accept has none.
func TestApprovalHash(t *testing.T) {
	g := Guardrails{MustSync: []string{"ann@company.com"}}
	hash := func(change func(*night)) string {
		n := newNight(t, g)
		n.accept(false)
		change(n)
		c, v, _, _ := n.plan()
		return c.ApprovalHash(v)
	}
	hashes := map[string]string{}
	for name, change := range map[string]func(*night){
		"disabled":          func(n *night) { n.w.Named("ann").AccountEnabled = directory.False },
		"deleted":           func(n *night) { n.w.Delete(n.w.Named("ann").ID) },
		"domain lapsed":     func(n *night) { delete(n.w.Claims, "company.com") },
		"out of the groups": func(n *night) { n.w.Leave("Staff", n.w.Named("ann").ID) },
		"by this plan":      func(n *night) { n.q.Groups = []string{"Child"} },
		"after another apply": func(n *night) {
			n.accept(false)
			n.w.Named("ann").AccountEnabled = directory.False
		},
	} {
		h := hash(change)
		if len(h) != 16 || h != hash(change) {
			t.Errorf("%s: got %q and %q, want the same 16 digits", name, h, hash(change))
		}
		for other, g := range hashes {
			if g == h {
				t.Errorf("%s and %s have the hash %s", name, other, h)
			}
		}
		hashes[name] = h
	}
	if h := hash(func(*night) {}); h != "" {
		t.Errorf("a hash of nothing: %s", h)
	}
	// What is held isn't accepted again.
	n := newNight(t, g)
	n.w.Named("ann").AccountEnabled = directory.False
	n.accept(true)
	if c, v, _, _ := n.plan(); len(v) != 1 || c.ApprovalHash(v) != "" {
		t.Errorf("held: %v has hash %q", shown(v), c.ApprovalHash(v))
	}
}

// An entry that fits nobody is said at each plan.
func TestEntryFitsNobody(t *testing.T) {
	n := newNight(
		t,
		Guardrails{MustNotSync: []string{"nobody@company.com"}, ExpectSkipped: []string{"ann@company.com"}},
	)
	for range 2 {
		_, v, list, p := n.plan()
		got := strings.Join(Advise(list, p, v, false), "\n")
		for _, want := range []string{`guardrails.must_not_sync: "nobody@company.com" fits no user`, `guardrails.expect_skipped: "ann@company.com" syncs`} {
			if !strings.Contains(got, want) {
				t.Errorf("got %q, want %q in it", got, want)
			}
		}
		n.accept(false)
	}
	n = newNight(t, Guardrails{MustSync: []string{"nobody@company.com"}})
	if _, v, _, _ := n.plan(); len(v) != 1 || !strings.Contains(shown(v)[0], "isn't in the directory's reading") {
		t.Errorf("%v", shown(v))
	}
}

// An accepted outcome of the first edition is read: what it lacks is not known,
// and never a change.
func TestAcceptedOfTheFirstEdition(t *testing.T) {
	n := newNight(t, Guardrails{MustSync: []string{"member@fabrikam.com"}})
	n.accept(false)
	n.accepted.Memory = Memory{blank: true}
	for i := range n.accepted.Rows {
		n.accepted.Rows[i].External = false
	}
	c, v, _, _ := n.plan()
	if c.Any() || len(v) != 1 || !v[0].Held {
		t.Errorf("%+v %v", c.List, shown(v))
	}
	if got := n.accepted.Kept().Get(decision.ArgScopeGroups, "Staff"); got != "g-staff" {
		t.Errorf("scope: got %q", got)
	}
}

// The text of version 1, as a state has it, is read with verdict and code.
func TestDecodeOutcome_Version1(t *testing.T) {
	raw, err := os.ReadFile("testdata/accepted-v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	o, err := DecodeOutcome(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	synced := 0
	for i := range o.Rows {
		r := &o.Rows[i]
		if !strings.HasPrefix(r.Text, r.Verdict.String()+": "+r.Code) || r.Code == "" {
			t.Errorf("%s: %q is read as %s, %s", r.ID, r.Text, r.Verdict, r.Code)
		}
		if r.Verdict == decision.Sync {
			synced++
		}
	}
	if len(o.Rows) == 0 || synced == 0 || !o.Memory.blank {
		t.Errorf("%d rows, %d of them sync, blank %v", len(o.Rows), synced, o.Memory.blank)
	}
}
