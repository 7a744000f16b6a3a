package decision

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// base is a world with an accepted outcome, for tests that change it.
func base() *world {
	w := newWorld()
	w.group("Team", "")
	w.nest("Staff", "Team")
	w.user(employee("ann@company.com"), "Staff")
	w.user(employee("ben@company.com"), "Child")
	w.user(external("guest@fabrikam.com", TypeGuest), "Staff")
	w.user(external("member@fabrikam.com", TypeMember), "Staff")
	return w
}

func (w *world) named(upn string) *directory.User {
	for i := range w.users {
		if strings.HasPrefix(w.users[i].UserPrincipalName, upn) {
			return &w.users[i]
		}
	}
	panic(upn)
}

func (w *world) leave(group, id string) {
	g := w.at(group)
	for i, m := range g.Members {
		if m.ID == id {
			g.Members = append(g.Members[:i:i], g.Members[i+1:]...)
		}
	}
}

func (w *world) delete(id string) {
	for i := range w.users {
		if w.users[i].ID == id {
			w.users = append(w.users[:i:i], w.users[i+1:]...)
			break
		}
	}
	for i := range w.groups {
		w.leave(w.groups[i].DisplayName, id)
	}
}

func TestKindsOfDrift(t *testing.T) {
	cases := map[string]struct {
		change func(*world)
		want   Kind
	}{
		"added":                      {func(w *world) { w.user(employee("new@company.com"), "Staff") }, Gained},
		"added and skipped":          {func(w *world) { w.user(external("m2@fabrikam.com", TypeMember), "Staff") }, Reason},
		"removed from the group":     {func(w *world) { w.leave("Staff", w.named("ann").ID) }, Lost},
		"deleted":                    {func(w *world) { w.delete(w.named("ann").ID) }, Left},
		"disabled":                   {func(w *world) { w.named("ann").AccountEnabled = directory.False }, Left},
		"disabled and out":           {func(w *world) { w.named("ann").AccountEnabled = directory.False; w.leave("Staff", w.named("ann").ID) }, Left},
		"renamed":                    {func(w *world) { w.named("ann").UserPrincipalName = "anna@company.com" }, Renamed},
		"other mail":                 {func(w *world) { w.named("ann").Mail = "anna@company.com" }, Renamed},
		"mail gone, #EXT#":           {func(w *world) { w.named("guest").Mail = "" }, Uncertain},
		"guest becomes member":       {func(w *world) { w.named("guest").UserType = TypeMember }, Lost},
		"member becomes guest":       {func(w *world) { w.named("member").UserType = TypeGuest }, Gained},
		"moved to another group":     {func(w *world) { w.leave("Child", w.named("ben").ID); w.join("Team", w.named("ben").ID) }, Groups},
		"invitation pending":         {func(w *world) { w.named("guest").ExternalUserState = "PendingAcceptance" }, Reason},
		"claim missing_token":        {func(w *world) { w.claims["company.com"] = directory.ClaimMissingToken }, Reason},
		"claim gone":                 {func(w *world) { delete(w.claims, "company.com") }, Lost},
		"a group appears":            {func(w *world) { w.group("Empty", ""); w.nest("Staff", "Empty") }, Groups},
		"a group vanishes":           {func(w *world) { w.removeGroup("Team") }, Groups},
		"a group is renamed":         {func(w *world) { w.at("Team").DisplayName = "Crew" }, Renamed},
		"a skipped user is renamed":  {func(w *world) { w.named("member").UserPrincipalName = "x_fabrikam.com#EXT#@company.onmicrosoft.com" }, Renamed},
		"a skipped user leaves":      {func(w *world) { w.delete(w.named("member").ID) }, Reason},
		"a skipped user is disabled": {func(w *world) { w.named("member").AccountEnabled = directory.False }, Reason},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := base()
			a := w.decide(t, request()).Outcome(nil)
			c.change(w)
			r := w.decide(t, request())
			p := r.Outcome(a)
			changes := Compare(a, p, p, r.Directory)
			for _, k := range Kinds {
				for cause, n := range changes.Counts[k] {
					want := 0
					if k == c.want && Cause(cause) == Drift {
						want = 1
						if name == "claim missing_token" || name == "claim gone" {
							want = 2 // ann and ben
						}
					}
					if n != want {
						t.Errorf("%s by %s: %d, want %d", k, Cause(cause), n, want)
					}
				}
			}
		})
	}
}

func (w *world) join(group, id string) {
	w.at(group).Members = append(w.at(group).Members, directory.GraphMember{Type: "user", ID: id})
}

func (w *world) removeGroup(name string) {
	for i := range w.groups {
		if w.groups[i].DisplayName == name {
			w.groups = append(w.groups[:i:i], w.groups[i+1:]...)
			break
		}
	}
	w.leave("Staff", "g-"+strings.ToLower(name))
}

func TestNoChange(t *testing.T) {
	w := base()
	a := w.decide(t, request()).Outcome(nil)
	// What decides nothing is no change.
	w.named("ann").CreationType = "EmailVerified"
	w.named("ann").OtherMails = []string{"x@y.z"}
	w.user(employee("elsewhere@company.com"), "Other")
	w.at("Other").DisplayName = "Others"
	r := w.decide(t, request())
	p := r.Outcome(a)
	if c := Compare(a, p, p, r.Directory); c.Any() || c.Severity(false, nil) != SeverityNone {
		t.Errorf("%+v", c.List)
	}
	if a.Fingerprint() != p.Fingerprint() {
		t.Error("the fingerprint moved")
	}
}

// A to D is drift, D to P this plan's effect.
func TestCauses(t *testing.T) {
	w := base()
	a := w.decide(t, request()).Outcome(nil)
	w.named("ann").AccountEnabled = directory.False // drift
	q := request()
	q.UserTypes = map[string]string{w.named("member").ID: TypeGuest} // this plan
	drifted := w.decide(t, request()).Outcome(a)
	r := w.decide(t, q)
	c := Compare(a, drifted, r.Outcome(a), r.Directory)
	if c.Counts[Left][Drift] != 1 || c.Counts[Gained][ThisPlan] != 1 || len(c.List) != 2 {
		t.Errorf("%v", c.Counts)
	}
	if s := c.Severity(false, []string{"lost"}); s != SeverityReview {
		t.Errorf("a plan's effect is for a person to see: %s", s)
	}
	// Drift that the plan undoes is no change.
	w = base()
	a = w.decide(t, request()).Outcome(nil)
	w.named("guest").UserType = TypeMember
	q = request()
	q.UserTypes = map[string]string{w.named("guest").ID: TypeGuest}
	r = w.decide(t, q)
	if c := Compare(a, w.decide(t, request()).Outcome(a), r.Outcome(a), r.Directory); len(c.List) != 0 {
		t.Errorf("%+v", c.List)
	}
	// The same facts under newer rules.
	w = base()
	a = w.decide(t, request()).Outcome(nil)
	a.RulesVersion = RulesVersion - 1
	for i := range a.Rows {
		if a.Rows[i].Name == "ann@company.com" {
			a.Rows[i].Text = "skip: domain_not_verified (company.com)"
		}
	}
	r = w.decide(t, request())
	p := r.Outcome(a)
	if c := Compare(a, p, p, r.Directory); c.Counts[Gained][NewRules] != 1 || len(c.List) != 1 {
		t.Errorf("%v", c.Counts)
	}
}

func TestSeverity(t *testing.T) {
	w := base()
	a := w.decide(t, request()).Outcome(nil)
	w.user(employee("new@company.com"), "Staff")
	w.named("ann").AccountEnabled = directory.False
	r := w.decide(t, request())
	p := r.Outcome(a)
	c := Compare(a, p, p, r.Directory)
	for _, s := range []struct {
		blocked bool
		review  []string
		want    string
	}{{false, []string{"lost", "groups", "uncertain"}, SeverityAuto}, {false, []string{"left"}, SeverityReview}, {false, nil, SeverityAuto}, {true, nil, SeverityBlocked}} {
		if got := c.Severity(s.blocked, s.review); got != s.want {
			t.Errorf("%+v: %s", s, got)
		}
	}
	if got := Compare(nil, nil, p, r.Directory).Severity(false, nil); got != SeverityReview {
		t.Errorf("the create is for a person to see: %s", got)
	}
}

func TestGuardrails(t *testing.T) {
	one, half := int64(1), 50.0
	zero := int64(0)
	check := func(t *testing.T, g Guardrails, change func(*world), q Request) []Violation {
		t.Helper()
		w := base()
		a := w.decide(t, request()).Outcome(nil)
		change(w)
		drifted := w.decide(t, request()).Outcome(a)
		r := w.decide(t, q)
		v, err := g.Check(Compare(a, drifted, r.Outcome(a), r.Directory), drifted, r.Lookup, r.Directory, false)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	gone := func(w *world) { delete(w.claims, "company.com") } // ann and ben are lost
	child := request()
	child.Groups = []string{"Child"} // this plan loses ann, guest and the groups Staff and Team
	cases := []struct {
		name   string
		g      Guardrails
		change func(*world)
		q      Request
		want   []string
	}{
		{"none", Guardrails{}, gone, request(), nil},
		{"max_lost by drift", Guardrails{MaxLost: &one}, gone, request(), []string{"max_lost drift [ann@company.com ben@company.com]"}},
		{"leavers aren't counted", Guardrails{MaxLost: &zero}, func(w *world) { w.delete(w.named("ann").ID) }, request(), nil},
		{"percent", Guardrails{MaxLostPercent: &half}, gone, request(), []string{"max_lost_percent drift [ann@company.com ben@company.com]"}},
		{"by this plan", Guardrails{MaxLost: &one, MaxGroupsLost: &one}, func(*world) {}, child, []string{
			"max_lost this_plan [ann@company.com guest_fabrikam.com#EXT#@company.onmicrosoft.com]", "max_groups_lost this_plan [group Staff group Team]"}},
		{"must_sync by drift", Guardrails{MustSync: []string{"ann@company.com"}, HeldMustSync: []string{"ann@company.com"}}, gone, request(),
			[]string{"must_sync drift [ann@company.com (skip: domain_not_verified (company.com))]"}},
		{"unknown never satisfies must_sync", Guardrails{MustSync: []string{"guest@fabrikam.com"}}, func(w *world) { w.named("guest").OtherMails, w.named("guest").Mail = nil, "" }, request(), nil},
		{"must_not_sync", Guardrails{MustNotSync: []string{"ben@company.com"}}, func(*world) {}, request(), []string{"must_not_sync this_plan [ben@company.com (sync: domain_verified (company.com, managed))]"}},
		{"a new entry counts as the plan's", Guardrails{MustSync: []string{"member@fabrikam.com"}}, func(*world) {}, request(),
			[]string{"must_sync this_plan [member@fabrikam.com (skip: external_member (fabrikam.com, Member, reported))]"}},
		{"an entry that was accepted is held", Guardrails{MustSync: []string{"member@fabrikam.com"}, HeldMustSync: []string{"member@fabrikam.com"}}, func(*world) {}, request(),
			[]string{"must_sync held [member@fabrikam.com (skip: external_member (fabrikam.com, Member, reported))]"}},
		{"nobody of that name", Guardrails{MustSync: []string{"nobody@company.com"}}, func(*world) {}, request(), []string{"must_sync this_plan [nobody@company.com (isn't in the directory's reading)]"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, v := range check(t, c.g, c.change, c.q) {
				cause := v.Cause.String()
				if v.Held {
					cause = "held"
				}
				got = append(got, fmt.Sprintf("%s %s %v", v.Guardrail, cause, v.Names))
			}
			if c.name == "unknown never satisfies must_sync" {
				if len(got) != 1 || !strings.Contains(got[0], "isn't in the directory") {
					// The mail is gone, so the name finds nobody: it still must sync.
					t.Errorf("%v", got)
				}
				return
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestApprovalHash(t *testing.T) {
	a := []Violation{{Guardrail: "max_lost", IDs: []string{"2", "1"}}, {Guardrail: "must_sync", IDs: []string{"3"}}}
	b := []Violation{{Guardrail: "must_sync", IDs: []string{"3"}}, {Guardrail: "max_lost", IDs: []string{"1", "2"}}}
	if ApprovalHash(a) != ApprovalHash(b) || len(ApprovalHash(a)) != 16 {
		t.Error("the hash depends on the order, or has another length")
	}
	b[1].IDs = append(b[1].IDs, "4")
	if ApprovalHash(a) == ApprovalHash(b) {
		t.Error("another set has the same hash")
	}
}

func TestOutcomeRoundTrip(t *testing.T) {
	w := base()
	q := request()
	q.UserTypes = map[string]string{w.named("member").ID: TypeGuest}
	a := w.decide(t, q).Outcome(nil)
	raw, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, err := DecodeOutcome(raw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Encode()
	if err != nil || again != raw || a.Fingerprint() != b.Fingerprint() {
		t.Errorf("the round trip changes it: %v", err)
	}
	d, err := a.Decisions(false, false)
	if err != nil || !strings.HasPrefix(d, `{"ann@company.com":"sync: domain_verified (company.com, managed)",`) {
		t.Error(d, err)
	}
	d, err = a.Decisions(true, true)
	if err != nil || d != `{}` {
		t.Error(d, err)
	}
}

func FuzzDecodeOutcome(f *testing.F) {
	w := base()
	raw, err := w.decide(f, request()).Outcome(nil).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add("")
	f.Add("dXNyZEEB")
	f.Fuzz(func(_ *testing.T, s string) {
		if o, err := DecodeOutcome(s); err == nil {
			_ = o.Fingerprint()
		}
	})
}
