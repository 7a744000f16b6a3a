package decision

import (
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
		"added":                      {func(w *world) { w.user(employee("new@company.com"), "Staff") }, Joined},
		"added and skipped":          {func(w *world) { w.user(external("m2@fabrikam.com", TypeMember), "Staff") }, Missed},
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
		"a group is renamed":         {func(w *world) { w.at("Team").DisplayName = "Crew" }, Groups},
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
			changes := Compare(a, p, p, Compared{Directory: r.Directory})
			for k := range kindCount {
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
	if c := Compare(a, p, p, Compared{Directory: r.Directory}); c.Any() || c.Severity(false, 0) != SeverityNone {
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
	c := Compare(a, drifted, r.Outcome(a), Compared{Directory: r.Directory})
	if c.Counts[Left][Drift] != 1 || c.Counts[Gained][ThisPlan] != 1 || len(c.List) != 2 {
		t.Errorf("%v", c.Counts)
	}
	if s := c.Severity(false, SetOf([]string{"lost"})); s != SeverityReview {
		t.Errorf("a plan's effect is for a person to see: %s", s)
	}
	// Drift that the plan undoes is no change.
	w = base()
	a = w.decide(t, request()).Outcome(nil)
	w.named("guest").UserType = TypeMember
	q = request()
	q.UserTypes = map[string]string{w.named("guest").ID: TypeGuest}
	r = w.decide(t, q)
	if c := Compare(a, w.decide(t, request()).Outcome(a), r.Outcome(a), Compared{Directory: r.Directory}); len(c.List) != 0 {
		t.Errorf("%+v", c.List)
	}
	// The same facts under newer rules.
	w = base()
	a = w.decide(t, request()).Outcome(nil)
	a.RulesVersion = RulesVersion - 1
	for i := range a.Rows {
		if a.Rows[i].Name == "ann@company.com" {
			a.Rows[i].Verdict, a.Rows[i].Text = Skip, "skip: domain_not_verified (company.com)"
		}
	}
	r = w.decide(t, request())
	p := r.Outcome(a)
	if c := Compare(a, p, p, Compared{Directory: r.Directory}); c.Counts[Gained][NewRules] != 1 || len(c.List) != 1 {
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
	c := Compare(a, p, p, Compared{Directory: r.Directory})
	for _, s := range []struct {
		blocked bool
		review  []string
		want    string
	}{{false, []string{"lost", "groups", "uncertain"}, SeverityAuto}, {false, []string{"left"}, SeverityReview}, {false, nil, SeverityAuto}, {true, nil, SeverityBlocked}} {
		if got := c.Severity(s.blocked, SetOf(s.review)); got != s.want {
			t.Errorf("%+v: %s", s, got)
		}
	}
	if got := Compare(nil, nil, p, Compared{Directory: r.Directory}).Severity(false, 0); got != SeverityReview {
		t.Errorf("the create is for a person to see: %s", got)
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
