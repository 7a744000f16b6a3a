package outcome

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func TestKindsOfDrift(t *testing.T) {
	cases := map[string]struct {
		change func(*directorytest.World)
		want   Kind
	}{
		"added": {func(w *directorytest.World) { w.User(directorytest.Employee("new@company.com"), "Staff") }, Joined},
		"added and skipped": {func(w *directorytest.World) {
			w.User(directorytest.External("m2@fabrikam.com", decision.TypeMember), "Staff")
		}, Missed},
		"removed from the group": {func(w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }, Lost},
		"deleted":                {func(w *directorytest.World) { w.Delete(w.Named("ann").ID) }, Left},
		"disabled": {
			func(w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False },
			Left,
		},
		"disabled and out": {func(w *directorytest.World) {
			w.Named("ann").AccountEnabled = directory.False
			w.Leave("Staff", w.Named("ann").ID)
		}, Left},
		"renamed": {
			func(w *directorytest.World) { w.Named("ann").UserPrincipalName = "anna@company.com" },
			Renamed,
		},
		"other mail":       {func(w *directorytest.World) { w.Named("ann").Mail = "anna@company.com" }, Renamed},
		"mail gone, #EXT#": {func(w *directorytest.World) { w.Named("guest").Mail = "" }, Uncertain},
		"guest becomes member": {
			func(w *directorytest.World) { w.Named("guest").UserType = decision.TypeMember },
			Lost,
		},
		"member becomes guest": {
			func(w *directorytest.World) { w.Named("member").UserType = decision.TypeGuest },
			Gained,
		},
		"moved to another group": {
			func(w *directorytest.World) { w.Leave("Child", w.Named("ben").ID); w.Join("Team", w.Named("ben").ID) },
			Groups,
		},
		"invitation pending": {
			func(w *directorytest.World) { w.Named("guest").ExternalUserState = "PendingAcceptance" },
			Reason,
		},
		"claim missing_token": {
			func(w *directorytest.World) { w.Claims["company.com"] = directory.ClaimMissingToken },
			Reason,
		},
		"claim gone": {func(w *directorytest.World) { delete(w.Claims, "company.com") }, Lost},
		"a group appears": {
			func(w *directorytest.World) { w.Group("Empty", ""); w.Nest("Staff", "Empty") },
			Groups,
		},
		"a group vanishes":   {func(w *directorytest.World) { w.RemoveGroup("Team") }, Groups},
		"a group is renamed": {func(w *directorytest.World) { w.At("Team").DisplayName = "Crew" }, Groups},
		"a skipped user is renamed": {func(w *directorytest.World) {
			w.Named("member").UserPrincipalName = "x_fabrikam.com#EXT#@company.onmicrosoft.com"
		}, Renamed},
		"a skipped user leaves": {func(w *directorytest.World) { w.Delete(w.Named("member").ID) }, Reason},
		"a skipped user is disabled": {
			func(w *directorytest.World) { w.Named("member").AccountEnabled = directory.False },
			Reason,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.Base()
			a := Of(decide(t, w, request()), nil)
			c.change(w)
			r := decide(t, w, request())
			p := Of(r, a)
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

func TestNoChange(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	// What decides nothing is no change.
	w.Named("ann").CreationType = "EmailVerified"
	w.Named("ann").OtherMails = []string{"x@y.z"}
	w.User(directorytest.Employee("elsewhere@company.com"), "Other")
	w.At("Other").DisplayName = "Others"
	r := decide(t, w, request())
	p := Of(r, a)
	if c := Compare(a, p, p, Compared{Directory: r.Directory}); c.Any() || c.Severity(false, 0) != SeverityNone {
		t.Errorf("%+v", c.List)
	}
	if a.Fingerprint() != p.Fingerprint() {
		t.Error("the fingerprint moved")
	}
}

// A to D is drift, D to P this plan's effect.
func TestCauses(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	w.Named("ann").AccountEnabled = directory.False // drift
	q := request()
	q.UserTypes = map[string]string{w.Named("member").ID: decision.TypeGuest} // this plan
	drifted := Of(decide(t, w, request()), a)
	r := decide(t, w, q)
	c := Compare(a, drifted, Of(r, a), Compared{Directory: r.Directory})
	if c.Counts[Left][Drift] != 1 || c.Counts[Gained][ThisPlan] != 1 || len(c.List) != 2 {
		t.Errorf("%v", c.Counts)
	}
	if s := c.Severity(false, SetOf([]string{"lost"})); s != SeverityReview {
		t.Errorf("a plan's effect is for a person to see: %s", s)
	}
	// Drift that the plan undoes is no change.
	w = directorytest.Base()
	a = Of(decide(t, w, request()), nil)
	w.Named("guest").UserType = decision.TypeMember
	q = request()
	q.UserTypes = map[string]string{w.Named("guest").ID: decision.TypeGuest}
	r = decide(t, w, q)
	if c := Compare(a, Of(decide(t, w, request()), a), Of(r, a), Compared{Directory: r.Directory}); len(c.List) != 0 {
		t.Errorf("%+v", c.List)
	}
	// The same facts under newer rules.
	w = directorytest.Base()
	a = Of(decide(t, w, request()), nil)
	a.RulesVersion = decision.RulesVersion - 1
	for i := range a.Rows {
		if a.Rows[i].Name == "ann@company.com" {
			a.Rows[i].Verdict, a.Rows[i].Text = decision.Skip, "skip: domain_not_verified (company.com)"
		}
	}
	r = decide(t, w, request())
	p := Of(r, a)
	if c := Compare(a, p, p, Compared{Directory: r.Directory}); c.Counts[Gained][NewRules] != 1 || len(c.List) != 1 {
		t.Errorf("%v", c.Counts)
	}
}

func TestSeverity(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	w.User(directorytest.Employee("new@company.com"), "Staff")
	w.Named("ann").AccountEnabled = directory.False
	r := decide(t, w, request())
	p := Of(r, a)
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
	w := directorytest.Base()
	q := request()
	q.UserTypes = map[string]string{w.Named("member").ID: decision.TypeGuest}
	a := Of(decide(t, w, q), nil)
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
	if err != nil ||
		!strings.HasPrefix(d, `{"ann@company.com":"sync: domain_verified (company.com, managed, inferred)",`) {
		t.Error(d, err)
	}
	d, err = a.Decisions(true, true)
	if err != nil || d != `{}` {
		t.Error(d, err)
	}
}

func FuzzDecodeOutcome(f *testing.F) {
	w := directorytest.Base()
	raw, err := Of(decide(f, w, request()), nil).Encode()
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
