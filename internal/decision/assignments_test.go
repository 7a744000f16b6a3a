package decision_test

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// An access request is planned before it is granted: who is to be assigned counts as
// assigned, a group with its direct members.
func TestAssignments(t *testing.T) {
	w := directorytest.SCIM(t, "")
	staff := w.User(directorytest.Employee("staff@company.com"), "Staff")
	other := w.User(directorytest.Employee("other@company.com"), "Other")
	alone := w.User(directorytest.Employee("alone@company.com"))
	d := w.Directory()
	l := directory.NewLookup(d)
	for name, c := range map[string]struct {
		assigned map[string]string
		groups   []string
		over     string
		in       []string
		err      string
	}{
		"nobody":                      {in: []string{staff}},
		"a group by name":             {assigned: map[string]string{"Other": ""}, in: []string{staff, other}},
		"a group by id":               {assigned: map[string]string{"g-other": ""}, in: []string{staff, other}},
		"a user":                      {assigned: map[string]string{"alone@company.com": ""}, in: []string{staff, alone}},
		"beside a scope":              {assigned: map[string]string{alone: ""}, groups: []string{"Other"}, in: []string{other, alone}},
		"nobody of the name":          {assigned: map[string]string{"Nobody": ""}, err: "what_if.assignments"},
		"nobody of the address":       {assigned: map[string]string{"no@company.com": ""}, err: "no@company.com"},
		"two roles":                   {assigned: map[string]string{"Other": "", "g-other": "User"}, err: "two roles"},
		"a connector without a job's": {assigned: map[string]string{"Other": ""}, over: decision.NestedGroups, groups: []string{"Staff"}, err: "no application"},
	} {
		t.Run(name, func(t *testing.T) {
			q := decision.Request{Connector: decision.SCIM, Groups: c.groups, Assignments: c.assigned}
			if c.over != "" {
				q.Connector = c.over
			}
			s, _, err := q.Resolve(l, d)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			e, err := decision.NewEngine(d, l, w.Organization(), s)
			if err != nil {
				t.Fatal(err)
			}
			r := e.Decide()
			want := map[string]bool{}
			for _, id := range c.in {
				want[id] = true
			}
			for _, id := range []string{staff, other, alone} {
				if got := r.InScope(d.UserByID(id)); got != want[id] {
					t.Errorf("%s: got in scope %t, want %t", id, got, want[id])
				}
			}
			told := 0
			r.WarnAssumptions(func(_, text string) {
				if strings.Contains(text, "assignment") {
					told++
				}
			})
			if got, want := told == 1, len(c.assigned) > 0; got != want {
				t.Errorf("got %d warnings of assignments, with %d", told, len(c.assigned))
			}
		})
	}
}

// A name of who is to be assigned goes on meaning the object that it meant when it was
// accepted, as other names do.
func TestAssignments_NamesAreKept(t *testing.T) {
	w := directorytest.SCIM(t, "")
	ann := w.User(directorytest.Employee("ann@company.com"))
	q := decision.Request{
		Connector:   decision.SCIM,
		Assignments: map[string]string{"Other": "", "ann@company.com": "", "Child": ""},
	}
	resolve := func(kept decision.Resolved) (decision.Resolved, decision.Settings, error) {
		d := w.Directory()
		l := directory.NewLookup(d)
		q.Kept = kept
		list, err := q.Meanings(l, d)
		if err != nil {
			return nil, decision.Settings{}, err
		}
		out := decision.Resolved{}
		for _, m := range list {
			out.Set(m.Argument, m.Entry, m.ID)
		}
		s, _, err := q.Resolve(l, d)
		return out, s, err
	}
	kept, _, err := resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{"Other": "g-other", "ann@company.com": ann, "Child": "g-child"} {
		if got := kept.Get(decision.ArgAssignments, name); got != id {
			t.Errorf("%s: got %q, want %q", name, got, id)
		}
	}
	w.At("Other").DisplayName = "Another"
	w.At("Child").DisplayName = "Other" // another group takes the name
	w.Named("ann@").UserPrincipalName = "anna@company.com"
	w.User(directorytest.Employee("ann@company.com"))
	delete(q.Assignments, "Child")
	_, s, err := resolve(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"g-other", ann} {
		if _, assigned := s.WhatIf.Assignments[id]; !assigned {
			t.Errorf("%s isn't assigned: %v", id, s.WhatIf.Assignments)
		}
	}
	w.Dissolve("Another")
	if _, _, err = resolve(kept); err == nil || !strings.Contains(err.Error(), "isn't in the tenant any more") {
		t.Errorf("got %v", err)
	}
}

// Somebody who is disabled and in no assigned group breaks no rule of the target's.
func TestDisabledOutOfScope(t *testing.T) {
	for _, connector := range []string{decision.SCIM, decision.SCIMApplication} {
		w := directorytest.SCIM(t, "")
		off := directorytest.Employee("off@company.com")
		off.AccountEnabled = directory.False
		id := w.User(off, "Other")
		d := w.Directory()
		l := directory.NewLookup(d)
		s, _, err := decision.Request{Connector: connector}.Resolve(l, d)
		if err != nil {
			t.Fatal(err)
		}
		e, err := decision.NewEngine(d, l, w.Organization(), s)
		if err != nil {
			t.Fatal(err)
		}
		r := e.Decide()
		if got := r.Text(d.UserByID(id)); !strings.HasPrefix(got, "skip: account_disabled") {
			t.Errorf("%s: got %s", connector, got)
		}
		r.Explain(d.UserByID(id))
	}
}
