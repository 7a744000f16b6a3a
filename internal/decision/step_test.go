package decision

import (
	"fmt"
	"slices"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
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
		managed:         {ID: "u", Name: "u@c.d", Address: "u@c.d", Verdict: Sync, Code: "domain_verified", Text: "sync: domain_verified (c.d, managed)", Account: Managed},
		externalAccount: {ID: "u", Name: "u@c.d", Address: "u@c.d", Verdict: Sync, Code: "guest", Text: "sync: guest (c.d, external)", Account: External},
		skipped:         {ID: "u", Name: "u@c.d", Verdict: Skip, Code: "external_member", Text: "skip: external_member (c.d, Member)"},
		unknownSynced:   {ID: "u", Name: "u@c.d", Verdict: Unknown, Code: "members_unreadable", Text: "unknown: members_unreadable (g)"},
		unknownSkipped:  {ID: "u", Name: "u@c.d", Verdict: Unknown, Code: "members_unreadable", Text: "unknown: members_unreadable (g)"},
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
	in := Compared{Directory: dir.Build(tenantID, nil)}
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
	w := base()
	ann := w.named("ann").ID
	first := w.decide(t, request()).Outcome(nil)
	// The first night: not among the users any more, but still a member.
	w.users = slices.DeleteFunc(w.users, func(u directory.User) bool { return u.ID == ann })
	r := w.decide(t, request())
	second := r.Outcome(first)
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
	w.leave("Staff", ann)
	r = w.decide(t, request())
	third := r.Outcome(second)
	c = Compare(second, third, third, Compared{Directory: r.Directory})
	if c.Total(Lost) != 1 || len(c.List) != 1 {
		t.Errorf("second night: %v %+v", c.Counts, c.List)
	}
	none := int64(0)
	if v := (Guardrails{MaxLost: &none}).Check(Check{Changes: c, Drifted: third}); len(v) != 1 || v[0].Items[0].ID != ann {
		t.Errorf("max_lost doesn't see it: %+v", v)
	}
	// Everybody unknown, and accepted: percent of nobody is still too much.
	half := 50.0
	if v := (Guardrails{MaxLostPercent: &half}).Check(Check{Changes: &Changes{List: c.List}, Drifted: third}); len(v) != 1 {
		t.Errorf("max_lost_percent of nobody: %+v", v)
	}
}

// Who is unknown and comes back as they were is no change, but the state moves.
func TestKnownAgain(t *testing.T) {
	w := base()
	first := w.decide(t, request()).Outcome(nil)
	child := w.at("Child").Members
	w.at("Child").HiddenMembership, w.at("Child").Members = true, nil
	second := w.decide(t, request()).Outcome(first)
	w.at("Child").HiddenMembership, w.at("Child").Members = false, child
	r := w.decide(t, request())
	third := r.Outcome(second)
	c := Compare(second, third, third, Compared{Directory: r.Directory})
	if len(c.List) != 0 || len(c.KnownAgain) == 0 || !c.Any() || c.Severity(false, SetOf(DefaultReview())) != SeverityAuto {
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
		change func(*world)
		watch  []string
		kinds  string
		want   string
	}{
		"renamed": {func(w *world) { w.named("ann").UserPrincipalName = "anna@company.com" }, nil, "renamed", SeverityAuto},
		"renamed, and out of a group": {func(w *world) {
			w.named("ben").UserPrincipalName = "benno@company.com"
			w.leave("Child", w.named("benno").ID)
			w.join("Staff", w.named("benno").ID)
		}, nil, "groups+renamed", SeverityReview},
		"renamed, and into an admin group": {func(w *world) {
			w.named("ann").UserPrincipalName = "anna@company.com"
			w.join("Team", w.named("anna").ID)
		}, nil, "groups+renamed", SeverityReview},
		"a hire":                   {func(w *world) { w.user(employee("new@company.com"), "Team") }, nil, "joined", SeverityAuto},
		"a hire, another watched":  {func(w *world) { w.user(employee("new@company.com"), "Staff") }, []string{"tea*"}, "joined", SeverityAuto},
		"a hire into a watched":    {func(w *world) { w.user(employee("new@company.com"), "Team") }, []string{"TEA*"}, "joined+groups", SeverityReview},
		"a guest":                  {func(w *world) { w.user(external("g2@fabrikam.com", TypeGuest), "Staff") }, nil, "joined_external", SeverityReview},
		"one more external member": {func(w *world) { w.user(external("m2@fabrikam.com", TypeMember), "Staff") }, nil, "missed", SeverityReview},
		"one disabled":             {func(w *world) { w.named("ann").AccountEnabled = directory.False }, nil, "left", SeverityAuto},
		"a new one who is disabled": {func(w *world) {
			w.named(w.name(w.user(employee("off@company.com"), "Staff"))).AccountEnabled = directory.False
		}, nil, "reason", SeverityAuto},
		"a group renamed":        {func(w *world) { w.at("Team").DisplayName = "site-admins" }, nil, "groups", SeverityReview},
		"claim of a domain gone": {func(w *world) { delete(w.claims, "company.com") }, nil, "lost", SeverityReview},
		"another mail, elsewhere": {func(w *world) {
			w.claims["other.com"] = directory.ClaimVerified
			w.named("ann").Mail = "ann@other.com"
		}, nil, "readdressed+reason", SeverityReview},
		"another mail, same domain": {func(w *world) { w.named("ann").Mail = "a.n@company.com" }, nil, "renamed", SeverityAuto},
		"a guest's other mail":      {func(w *world) { w.named("guest").Mail = "other@fabrikam.com" }, nil, "readdressed", SeverityReview},
		"a type that lets in":       {func(w *world) { w.named("member").UserType = TypeGuest }, nil, "gained+groups", SeverityReview},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := base()
			a := w.decide(t, request()).Outcome(nil)
			c.change(w)
			r := w.decide(t, request())
			p := r.Outcome(a)
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

func (w *world) name(id string) string {
	for _, u := range w.users {
		if u.ID == id {
			return u.UserPrincipalName
		}
	}
	panic(id)
}

// What a plan adds to drift of the same kind is the plan's, and for a person.
func TestPlanBehindDrift(t *testing.T) {
	w := base()
	a := w.decide(t, request()).Outcome(nil)
	w.leave("Child", w.named("ben").ID)
	w.join("Staff", w.named("ben").ID) // drift: out of Child
	q := request()
	q.Members = map[string][]string{"Team": {"ben@company.com"}} // this plan: into Team
	drifted := w.decide(t, request()).Outcome(a)
	r := w.decide(t, q)
	c := Compare(a, drifted, r.Outcome(a), Compared{Directory: r.Directory})
	if len(c.List) != 1 || c.List[0].Cause != ThisPlan || c.Severity(false, 0) != SeverityReview {
		t.Errorf("%+v", c.List)
	}
	// A leaver by drift stays one, whatever this plan changes of their row.
	w = base()
	a = w.decide(t, request()).Outcome(nil)
	w.named("ann").AccountEnabled = directory.False
	q = request()
	q.Groups = []string{"Child"}
	drifted = w.decide(t, request()).Outcome(a)
	r = w.decide(t, q)
	c = Compare(a, drifted, r.Outcome(a), Compared{Directory: r.Directory})
	if c.Counts[Left][Drift] != 1 {
		t.Errorf("%v", c.Counts)
	}
}

// Nobody is lost in silence by being disabled for a night: who is enabled again
// and doesn't sync is missed, and so is a hire whose account was made ahead.
func TestMissedOnceEnabled(t *testing.T) {
	w := base()
	guest := w.named("guest")
	first := w.decide(t, request()).Outcome(nil)
	guest.AccountEnabled = directory.False
	second := w.decide(t, request()).Outcome(first)
	guest.AccountEnabled, guest.UserType = directory.True, TypeMember
	r := w.decide(t, request())
	third := r.Outcome(second)
	c := Compare(second, third, third, Compared{Directory: r.Directory})
	if c.Total(Missed) != 1 || c.Severity(false, SetOf(DefaultReview())) != SeverityReview {
		t.Errorf("got %v: %+v", c.Counts, c.List)
	}
}

// Who is meant not to sync isn't missed.
func TestExpectSkipped(t *testing.T) {
	w := base()
	a := w.decide(t, request()).Outcome(nil)
	id := w.user(external("m2@fabrikam.com", TypeMember), "Staff")
	r := w.decide(t, request())
	p := r.Outcome(a)
	c := Compare(a, p, p, Compared{Directory: r.Directory, ExpectSkipped: []string{id}})
	if len(c.List) != 1 || c.List[0].Kind != Reason {
		t.Errorf("%+v", c.List)
	}
}
