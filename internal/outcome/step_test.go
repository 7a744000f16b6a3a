package outcome

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// Every pair of states has its kind: what a user was, and what they are.
func TestKindOfEveryPair(t *testing.T) {
	const absentState, managed, externalAccount, skipped, unknownSynced, unknownSkipped = "absent", "managed", "external", "skip", "unknown who synced", "unknown who didn't"
	states := []string{absentState, managed, externalAccount, skipped, unknownSynced, unknownSkipped}
	want := map[string]map[string]string{
		absentState: {
			absentState: "", managed: "joined", externalAccount: "joined", skipped: "missed",
			unknownSynced: "missed", unknownSkipped: "missed",
		},
		managed: {
			absentState: "lost", managed: "", externalAccount: "unmanaged+reason", skipped: "lost",
			unknownSynced: "uncertain", unknownSkipped: "uncertain",
		},
		externalAccount: {
			absentState: "lost", managed: "reason", externalAccount: "", skipped: "lost",
			unknownSynced: "uncertain", unknownSkipped: "uncertain",
		},
		skipped: {
			absentState: "reason", managed: "gained", externalAccount: "gained", skipped: "",
			unknownSynced: "reason", unknownSkipped: "reason",
		},
		unknownSynced: { // it was managed
			absentState: "lost", managed: "known again", externalAccount: "unmanaged+reason", skipped: "lost",
			unknownSynced: "", unknownSkipped: "",
		},
		unknownSkipped: {
			absentState: "reason", managed: "gained", externalAccount: "gained", skipped: "known again",
			unknownSynced: "", unknownSkipped: "",
		},
	}
	rows := map[string]*Row{
		managed: {
			ID:      "u",
			Name:    "u@c.d",
			Address: "u@c.d",
			Verdict: decision.Sync,
			Code:    "domain_verified",
			Text:    "sync: domain_verified (c.d, managed, inferred)",
			Account: decision.Managed,
		},
		externalAccount: {
			ID:      "u",
			Name:    "u@c.d",
			Address: "u@c.d",
			Verdict: decision.Sync,
			Code:    "guest",
			Text:    "sync: guest (c.d, external)",
			Account: decision.External,
		},
		skipped: {
			ID:      "u",
			Name:    "u@c.d",
			Verdict: decision.Skip,
			Code:    "external_member",
			Text:    "skip: external_member (c.d, Member)",
		},
		unknownSynced: {
			ID:      "u",
			Name:    "u@c.d",
			Verdict: decision.Unknown,
			Code:    "members_unreadable",
			Text:    "unknown: members_unreadable (g)",
		},
		unknownSkipped: {
			ID:      "u",
			Name:    "u@c.d",
			Verdict: decision.Unknown,
			Code:    "members_unreadable",
			Text:    "unknown: members_unreadable (g)",
		},
	}
	outcome := func(state string) *Outcome {
		o := &Outcome{Sets: [][]int32{nil}}
		if r := rows[state]; r != nil {
			o.Rows = []Row{*r}
		}
		switch state {
		case unknownSynced:
			o.Past = []PastRow{{Row: *rows[managed]}}
		case unknownSkipped:
			o.Past = []PastRow{{Row: *rows[skipped]}}
		}
		return o
	}
	dir := directory.NewBuilder(nil)
	dir.AddUser(directory.User{ID: "u", AccountEnabled: directory.True}, nil, 0)
	in := Compared{Directory: dir.Build(directorytest.TenantID, nil)}
	for _, from := range states {
		for _, to := range states {
			t.Run(from+" to "+to, func(t *testing.T) {
				a, p := outcome(from), outcome(to)
				c := Compare(a, p, p, in)
				got := ""
				switch {
				case len(c.List) == 1:
					got = c.List[0].Kinds.String()
				case len(c.KnownAgain) == 1:
					got = "known again"
				}
				if got != want[from][to] || len(c.List)+len(c.KnownAgain) > 1 {
					t.Errorf("got %q, want %q: %+v", got, want[from][to], c.List)
				}
			})
		}
	}
}

// What unknown hid isn't taken for a departure: who synced before it and is gone
// after it is lost, also where the account was deleted meanwhile.
func TestLossThroughUnknown(t *testing.T) {
	w := directorytest.Base()
	ann := w.Named("ann").ID
	first := Of(decide(t, w, request()), nil)
	// The first night: not among the users any more, but still a member.
	w.Users = slices.DeleteFunc(w.Users, func(u directory.User) bool { return u.ID == ann })
	r := decide(t, w, request())
	second := Of(r, first)
	c := Compare(first, second, second, Compared{Directory: r.Directory})
	if c.Total(Uncertain) != 1 || len(c.List) != 1 || c.Severity(false, SetOf(DefaultReview())) != SeverityReview {
		t.Fatalf("first night: %+v", c.List)
	}
	raw, err := second.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if second, err = DecodeOutcome(raw); err != nil {
		t.Fatal(err)
	}
	// The second: gone as a whole.
	w.Leave("Staff", ann)
	r = decide(t, w, request())
	third := Of(r, second)
	c = Compare(second, third, third, Compared{Directory: r.Directory})
	if c.Total(Lost) != 1 || len(c.List) != 1 {
		t.Errorf("second night: %v %+v", c.Counts, c.List)
	}
	none := int64(0)
	if v := (Guardrails{MaxLost: &none}).Check(
		Check{Changes: c, Drifted: third},
	); len(v) != 1 ||
		v[0].Items[0].ID != ann {
		t.Errorf("max_lost doesn't see it: %+v", v)
	}
	// Everybody unknown, and accepted: percent of nobody is still too much.
	half := 50.0
	if v := (Guardrails{MaxLostPercent: &half}).Check(
		Check{Changes: &Changes{List: c.List}, Drifted: third},
	); len(
		v,
	) != 1 {
		t.Errorf("max_lost_percent of nobody: %+v", v)
	}
}

// Who is unknown and comes back as they were is no change, but the state moves.
func TestKnownAgain(t *testing.T) {
	w := directorytest.Base()
	first := Of(decide(t, w, request()), nil)
	child := w.At("Child").Members
	w.At("Child").HiddenMembership, w.At("Child").Members = true, nil
	second := Of(decide(t, w, request()), first)
	w.At("Child").HiddenMembership, w.At("Child").Members = false, child
	r := decide(t, w, request())
	third := Of(r, second)
	c := Compare(second, third, third, Compared{Directory: r.Directory})
	if len(c.List) != 0 || len(c.KnownAgain) == 0 || !c.Any() ||
		c.Severity(false, SetOf(DefaultReview())) != SeverityAuto {
		t.Errorf("%+v %+v", c.List, c.KnownAgain)
	}
	if len(third.Past) != 0 {
		t.Errorf("what is known again is still remembered: %+v", third.Past)
	}
}

// Severity looks at every difference of a user and a group, not at the first.
func TestSeverityOfEveryDifference(t *testing.T) {
	review := SetOf(DefaultReview())
	cases := map[string]struct {
		change func(*directorytest.World)
		watch  []string
		kinds  string
		want   string
	}{
		"renamed": {
			func(w *directorytest.World) { w.Named("ann").UserPrincipalName = "anna@company.com" },
			nil,
			"renamed",
			SeverityAuto,
		},
		"renamed, and out of a group": {func(w *directorytest.World) {
			w.Named("ben").UserPrincipalName = "benno@company.com"
			w.Leave("Child", w.Named("benno").ID)
			w.Join("Staff", w.Named("benno").ID)
		}, nil, "groups+renamed", SeverityReview},
		"renamed, and into an admin group": {func(w *directorytest.World) {
			w.Named("ann").UserPrincipalName = "anna@company.com"
			w.Join("Team", w.Named("anna").ID)
		}, nil, "groups+renamed", SeverityReview},
		"a hire": {
			func(w *directorytest.World) { w.User(directorytest.Employee("new@company.com"), "Team") },
			nil,
			"joined",
			SeverityAuto,
		},
		"a hire, another watched": {
			func(w *directorytest.World) { w.User(directorytest.Employee("new@company.com"), "Staff") },
			[]string{"tea*"},
			"joined",
			SeverityAuto,
		},
		"a hire into a watched": {
			func(w *directorytest.World) { w.User(directorytest.Employee("new@company.com"), "Team") },
			[]string{"TEA*"},
			"joined+groups",
			SeverityReview,
		},
		"a guest": {func(w *directorytest.World) {
			w.User(directorytest.External("g2@fabrikam.com", decision.TypeGuest), "Staff")
		}, nil, "joined_external", SeverityReview},
		"one more external member": {func(w *directorytest.World) {
			w.User(directorytest.External("m2@fabrikam.com", decision.TypeMember), "Staff")
		}, nil, "missed", SeverityReview},
		"one disabled": {
			func(w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False },
			nil,
			"left",
			SeverityAuto,
		},
		"a new one who is disabled": {func(w *directorytest.World) {
			w.Named(w.NameOf(w.User(directorytest.Employee("off@company.com"), "Staff"))).AccountEnabled = directory.False
		}, nil, "reason", SeverityAuto},
		"a group renamed": {
			func(w *directorytest.World) { w.At("Team").DisplayName = "site-admins" },
			nil,
			"groups",
			SeverityReview,
		},
		"claim of a domain gone": {
			func(w *directorytest.World) { delete(w.Claims, "company.com") },
			nil,
			"lost",
			SeverityReview,
		},
		"another mail, elsewhere": {func(w *directorytest.World) {
			w.Claims["other.com"] = directory.ClaimVerified
			w.Named("ann").Mail = "ann@other.com"
		}, nil, "readdressed+reason", SeverityReview},
		"another mail, same domain": {
			func(w *directorytest.World) { w.Named("ann").Mail = "a.n@company.com" },
			nil,
			"renamed",
			SeverityAuto,
		},
		"a guest's other mail": {
			func(w *directorytest.World) { w.Named("guest").Mail = "other@fabrikam.com" },
			nil,
			"readdressed",
			SeverityReview,
		},
		"a type that lets in": {
			func(w *directorytest.World) { w.Named("member").UserType = decision.TypeGuest },
			nil,
			"gained+groups",
			SeverityReview,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.Base()
			a := Of(decide(t, w, request()), nil)
			c.change(w)
			r := decide(t, w, request())
			p := Of(r, a)
			changes := Compare(a, p, p, Compared{Directory: r.Directory, Watch: c.watch})
			if len(changes.List) == 0 || changes.List[0].Kinds.String() != c.kinds {
				t.Fatalf("got %+v, want %s", changes.List, c.kinds)
			}
			if got := changes.Severity(false, review); got != c.want {
				t.Errorf("severity: got %s, want %s", got, c.want)
			}
			// Without names the same is told.
			h, hp := a.WithoutNames(), p.WithoutNames()
			hidden := Compare(h, hp, hp, Compared{Directory: r.Directory, Watch: c.watch})
			if fmt.Sprint(hidden.Counts) != fmt.Sprint(changes.Counts) {
				t.Errorf("without names: got %v, want %v", hidden.Counts, changes.Counts)
			}
		})
	}
}

// What a plan adds to drift of the same kind is the plan's, and for a person.
func TestPlanBehindDrift(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	w.Leave("Child", w.Named("ben").ID)
	w.Join("Staff", w.Named("ben").ID) // drift: out of Child
	q := request()
	q.Members = map[string][]string{"Team": {"ben@company.com"}} // this plan: into Team
	drifted := Of(decide(t, w, request()), a)
	r := decide(t, w, q)
	c := Compare(a, drifted, Of(r, a), Compared{Directory: r.Directory})
	if len(c.List) != 1 || c.List[0].Cause != ThisPlan || c.Severity(false, 0) != SeverityReview {
		t.Errorf("%+v", c.List)
	}
	// A leaver by drift stays one, whatever this plan changes of their row.
	w = directorytest.Base()
	a = Of(decide(t, w, request()), nil)
	w.Named("ann").AccountEnabled = directory.False
	q = request()
	q.Groups = []string{"Child"}
	drifted = Of(decide(t, w, request()), a)
	r = decide(t, w, q)
	c = Compare(a, drifted, Of(r, a), Compared{Directory: r.Directory})
	if c.Counts[Left][Drift] != 1 {
		t.Errorf("%v", c.Counts)
	}
}

// What is assumed decides about those who come later, and a plan doesn't show a
// write-only what-if: a night that would accept another one is for a person.
func TestSeverityOfOtherAssumptions(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	w.User(directorytest.Employee("new@company.com"), "Staff")
	q := request()
	q.VerifiedDomains = []string{"dev.company.com"}
	r := decide(t, w, q)
	p, d := Of(r, a), Of(decide(t, w, request()), a)
	c := Compare(a, d, p, Compared{Directory: r.Directory})
	if got := c.Severity(false, SetOf(DefaultReview())); got != SeverityReview || c.Counts[Joined][Drift] != 1 {
		t.Errorf("got %s, %v", got, c.Counts)
	}
	if text := (PlanText{}).Body(c); !strings.Contains(text, "assumed from now on (settings, what_if): verified "+
		"domains dev.company.com") {
		t.Errorf("got %s", text)
	}
}

// Nobody is lost in silence by being disabled for a night: who is enabled again
// and doesn't sync is missed, and so is a hire whose account was made ahead.
func TestMissedOnceEnabled(t *testing.T) {
	w := directorytest.Base()
	guest := w.Named("guest")
	first := Of(decide(t, w, request()), nil)
	guest.AccountEnabled = directory.False
	second := Of(decide(t, w, request()), first)
	guest.AccountEnabled, guest.UserType = directory.True, decision.TypeMember
	r := decide(t, w, request())
	third := Of(r, second)
	c := Compare(second, third, third, Compared{Directory: r.Directory})
	if c.Total(Missed) != 1 || c.Severity(false, SetOf(DefaultReview())) != SeverityReview {
		t.Errorf("got %v: %+v", c.Counts, c.List)
	}
}

// Who is meant not to sync isn't missed.
func TestExpectSkipped(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	id := w.User(directorytest.External("m2@fabrikam.com", decision.TypeMember), "Staff")
	r := decide(t, w, request())
	p := Of(r, a)
	c := Compare(a, p, p, Compared{Directory: r.Directory, ExpectSkipped: []string{id}})
	if len(c.List) != 1 || c.List[0].Kind != Reason {
		t.Errorf("%+v", c.List)
	}
}
