package usertype

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// staff are five people in two groups, one group inside the other.
func staff() *directorytest.World {
	w := directorytest.New()
	for _, name := range []string{"ann", "ben", "cid", "dan", "eve"} {
		w.User(directorytest.Employee(name+"@company.com"), "Staff")
	}
	w.Join("Child", w.User(directorytest.External("fay@fabrikam.com", "Member")))
	return w
}

func evaluate(t *testing.T, w *directorytest.World, wave int, kept decision.Resolved, rules ...Rule) (*Plan, error) {
	t.Helper()
	d := w.Directory()
	return Evaluate(rules, d, directory.NewLookup(d), wave, kept)
}

// Explicit types, and how many are converted at once.
func TestEvaluate_Types(t *testing.T) {
	w := staff()
	w.Users[1].OnPremisesSyncEnabled = directory.True
	types := map[string]string{"u-000": "Guest", "u-001": "Guest", "U-002": "Guest", "u-003": "Member", "gone": "Guest"}
	for wave, want := range map[int]Plan{
		0: {Changes: 2, Blocked: 1}, 1: {Changes: 1, Remaining: 1, Blocked: 1}, 2: {Changes: 2, Blocked: 1}, 3: {Changes: 2, Blocked: 1},
	} {
		p, err := evaluate(
			t,
			w,
			wave,
			nil,
			Rule{Name: "r", Types: types},
			Rule{Name: "rest", Match: &Match{Groups: []string{"Staff"}}, Type: "Member"},
		)
		if err != nil {
			t.Fatal(err)
		}
		if p.Changes != want.Changes || p.Remaining != want.Remaining || p.Blocked != want.Blocked {
			t.Errorf("wave %d: got %+v", wave, p)
		}
		counts := []RuleCount{{Matched: 4, Decided: 4, Gone: 1}, {Matched: 6, Decided: 2}}
		if diff := cmp.Diff(counts, p.Rules); diff != "" {
			t.Errorf("wave %d: %s", wave, diff)
		}
		var after []string
		for _, a := range p.Assignments {
			after = append(after, a.After())
		}
		if got := strings.Join(after, " "); wave == 1 && got != "Guest Member Member Member Member Member" {
			t.Errorf("got %s", got)
		}
		if a := p.Assignments[1]; a.Blocked != BlockedOnPremises || a.Wave || !a.Differs() || a.Rule != 0 {
			t.Errorf("got %+v", a)
		}
	}
}

// Members that can't all be read are said, of groups below too.
func TestEvaluate_Unreadable(t *testing.T) {
	w := staff()
	w.At("Child").HiddenMembership = true // and Graph gives nobody then
	w.Leave("Child", "u-005")
	rule := Rule{Name: "r", Match: &Match{Groups: []string{"Staff", "Child"}}, Type: "Guest"}
	p, err := evaluate(t, w, 0, nil, rule, rule)
	if err != nil || cmp.Diff([]string{"Child"}, p.Unreadable) != "" {
		t.Errorf("got %v, %v", p, err)
	}
	p, err = evaluate(t, staff(), 0, nil, rule)
	if err != nil || len(p.Unreadable) != 0 {
		t.Errorf("all can be read: got %v, %v", p, err)
	}
	d := w.Directory()
	if _, unreadable, err := Matched(rule.Match, d, directory.NewLookup(d)); err != nil || len(unreadable) != 1 {
		t.Errorf("got %v, %v", unreadable, err)
	}
}

// The first user and the first group are like the others.
func TestEvaluate_First(t *testing.T) {
	w := directorytest.New()
	w.Groups = nil
	w.Group("Staff", "")
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	for name, m := range map[string]*Match{"users": {Users: []string{"ann@company.com"}}, "groups": {Groups: []string{"Staff"}}} {
		p, err := evaluate(t, w, 0, nil, Rule{Name: "r", Match: m, Type: "Guest"})
		if err != nil || p.Changes != 1 {
			t.Errorf("%s: got %+v, %v", name, p, err)
		}
	}
	p, err := evaluate(t, w, 0, nil, Rule{Name: "r", Types: map[string]string{"u-000": "Guest"}})
	if err != nil || p.Changes != 1 || p.Rules[0].Gone != 0 {
		t.Errorf("types: got %+v, %v", p, err)
	}
}

// Names keep what they meant; which are others' now is an error, and which are old is
// said once.
func TestEvaluate_Kept(t *testing.T) {
	kept := decision.Resolved{}
	kept.Set(argGroups, "People", "g-staff")
	kept.Set(argUsers, "old@company.com", "u-000")
	m := &Match{Groups: []string{"People"}, Users: []string{"old@company.com"}}
	p, err := evaluate(
		t,
		staff(),
		0,
		kept,
		Rule{Name: "r", Match: m, Type: "Guest"},
		Rule{Name: "s", Match: m, Type: "Guest"},
	)
	if err != nil || len(p.Renamed) != 2 || p.Changes != 1 {
		t.Fatalf("got %+v, %v", p, err)
	}
	if p.Resolved.Get(argGroups, "People") != "g-staff" || p.Resolved.Get(argUsers, "old@company.com") != "u-000" {
		t.Errorf("got %v", p.Resolved)
	}
	w := staff()
	w.Group("People", "")
	var moved *MovedError
	if _, err := evaluate(t, w, 0, kept, Rule{Name: "r", Match: m, Type: "Guest"}); !errors.As(err, &moved) ||
		!strings.Contains(
			err.Error(),
			`rules[0].match.groups: "People" meant object id g-staff at the last apply; now g-people bears the name`,
		) {
		t.Errorf("got %v", err)
	}
	kept = decision.Resolved{}
	kept.Set(argGroups, "Gone", "g-gone")
	_, err = evaluate(t, staff(), 0, kept, Rule{Name: "r", Match: &Match{Groups: []string{"Gone"}}, Type: "Guest"})
	if err == nil || !strings.Contains(err.Error(), "which isn't in the tenant any more") {
		t.Errorf("got %v", err)
	}
	kept = decision.Resolved{}
	kept.Set(argUsers, "gone@company.com", "u-gone")
	_, err = evaluate(
		t,
		staff(),
		0,
		kept,
		Rule{Name: "r", Match: &Match{Users: []string{"gone@company.com"}}, Type: "Guest"},
	)
	if err == nil || !strings.Contains(err.Error(), "gone@company.com") {
		t.Errorf("got %v", err)
	}
}

// A filter that fails for somebody says for whom, in which rule.
func TestFilterFails(t *testing.T) {
	w := staff()
	d := w.Directory()
	m := &Match{Filter: &scoping.Spec{AnyOf: []scoping.SpecGroup{{AllOf: []scoping.SpecClause{
		{Attribute: "mail", Operator: "Greater_Than", Values: []string{"3"}},
	}}}}}
	_, err := evaluate(
		t,
		w,
		0,
		nil,
		Rule{Name: "q", Match: &Match{Users: []string{}}},
		Rule{Name: "r", Match: m, Type: "Guest"},
	)
	var rule *RuleError
	if !errors.As(err, &rule) || rule.Rule != 1 ||
		!strings.HasPrefix(err.Error(), "rules[1].match.filter: ann@company.com: ") {
		t.Errorf("got %v", err)
	}
	if rule != nil && !errors.Is(rule, rule.Err) {
		t.Error("the cause is lost")
	}
	if _, _, err := Matched(
		m,
		d,
		directory.NewLookup(d),
	); err == nil ||
		!strings.HasPrefix(err.Error(), "match.filter: ann@company.com: ") {
		t.Errorf("got %v", err)
	}
	if _, _, err := RecordTypes(m, d, directory.NewLookup(d)); err == nil {
		t.Error("no error")
	}
}

func TestReadsUserType(t *testing.T) {
	w := directorytest.New()
	w.Group("Z", `user.UserType -eq "Guest"`)
	w.Group("B", `(user.usertype -ne "Guest")`)
	w.Group("C", `user.department -eq "x"`)
	if diff := cmp.Diff([]string{"B", "Z"}, ReadsUserType(w.Directory())); diff != "" {
		t.Error(diff)
	}
}
