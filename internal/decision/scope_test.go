package decision

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

func TestFlattening(t *testing.T) {
	w := newWorld()
	w.group("Grandchild", "")
	w.nest("Child", "Grandchild")
	w.nest("Grandchild", "Child")      // a cycle
	w.nest("Grandchild", "Grandchild") // a group that contains itself
	w.nest("Other", "Grandchild")      // a parent that isn't in scope
	deep := w.user(employee("deep@company.com"), "Grandchild")
	top := w.user(employee("top@company.com"), "Staff", "Other")
	skipped := w.user(external("p@fabrikam.com", TypeMember), "Staff", "Child")
	r := w.decide(t, request())
	groups := func(id string) string { return strings.Join(r.GroupsOf(r.Directory.UserByID(id)), ",") }
	if got := groups(deep); got != "Child,Grandchild,Staff" {
		t.Errorf("a member of a child is in the child and each parent in scope: %s", got)
	}
	if got := groups(top); got != "Staff" {
		t.Errorf("a group that isn't in scope doesn't exist in Atlassian: %s", got)
	}
	if got := groups(skipped); got != "" {
		t.Errorf("a skipped user is skipped for every group: %s", got)
	}
	got, err := r.Outcome(nil).GroupsJSON()
	if err != nil || got != `{"Child":1,"Grandchild":1,"Staff":2}` {
		t.Error(got, err)
	}
}

func TestEveryone(t *testing.T) {
	w := newWorld()
	in, out := w.user(employee("a@company.com"), "Other"), w.user(employee("b@company.com"))
	q := request()
	q.Groups, q.Everyone = nil, true
	r := w.decide(t, q)
	for _, id := range []string{in, out} {
		if got := text(t, r, id); got != "sync: domain_verified (company.com, managed)" {
			t.Error(got)
		}
	}
	if n := len(r.Groups()); n != 3 {
		t.Errorf("all groups sync: %d", n)
	}
	w.below = []string{"g-staff"}
	d := w.directory()
	if _, _, err := q.Resolve(directory.NewLookup(d), d); err == nil || !strings.Contains(err.Error(), "whole tenant") {
		t.Errorf("everyone over a part of the tenant must be refused: %v", err)
	}
}

func TestGroupTooLarge(t *testing.T) {
	w := newWorld()
	w.group("Team", "")
	w.nest("Other", "Team") // Other is selected too, and small
	for i := range maxGroupUsers + 1 {
		w.user(directory.User{ID: fmt.Sprintf("many-%05d", i), UserPrincipalName: fmt.Sprintf("m%d@company.com", i), UserType: TypeMember}, "Child")
	}
	only := w.user(employee("only@company.com"), "Child")
	also := w.user(employee("also@company.com"), "Child", "Team")
	q := request()
	q.Groups = []string{"Staff", "Other"}
	r := w.decide(t, q)
	if got := text(t, r, only); got != "skip: group_too_large (Staff)" {
		t.Error(got)
	}
	if got := text(t, r, also); got != "sync: domain_verified (company.com, managed)" {
		t.Errorf("who is in a group that syncs, syncs: %s", got)
	}
	if got, err := r.Outcome(nil).GroupsJSON(); err != nil || got != `{"Other":1,"Team":1}` {
		t.Errorf("groups over the limit don't sync: %s %v", got, err)
	}
}

func TestGroupNameConflict(t *testing.T) {
	w := newWorld()
	w.taken = []directory.AccountGroup{{ID: "1", Name: "Staff"}, {ID: "2", Name: "Child", ExternalSynced: true}}
	id := w.user(employee("a@company.com"), "Staff")
	if got := text(t, w.decide(t, request()), id); got != "skip: group_name_conflict (Staff, inferred)" {
		t.Error(got)
	}
	w.taken[0].ExternalSynced = true
	if got := text(t, w.decide(t, request()), id); got != "sync: domain_verified (company.com, managed)" {
		t.Error(got)
	}
}

func TestMembersUnreadable(t *testing.T) {
	w := newWorld()
	w.at("Child").Members = append(w.at("Child").Members, directory.GraphMember{Type: "user", ID: "bare"})
	seen := w.user(employee("a@company.com"), "Staff")
	out := w.user(employee("b@company.com"), "Other")
	o := w.decide(t, request()).Outcome(nil)
	if got := o.find("bare"); got == nil || got.Text != "unknown: members_unreadable (Child)" {
		t.Errorf("%+v", got)
	}
	if o.find(out) != nil {
		t.Error("ids are known, so who isn't among them isn't in scope")
	}
	// The whole membership withheld: who isn't seen may be in it.
	w.at("Child").HiddenMembership, w.at("Child").Members = true, nil
	r := w.decide(t, request())
	if got := text(t, r, out); got != "unknown: members_unreadable (Child)" {
		t.Error(got)
	}
	if got := text(t, r, seen); got != "sync: domain_verified (company.com, managed)" {
		t.Error(got)
	}
}

// A user who was accepted through a group whose members can't be read any more
// isn't lost: nobody knows.
func TestUnreadableIsNoLoss(t *testing.T) {
	w := newWorld()
	id := w.user(employee("a@company.com"), "Child")
	a := w.decide(t, request()).Outcome(nil)
	w.at("Child").HiddenMembership, w.at("Child").Members = true, nil
	r := w.decide(t, request())
	p := r.Outcome(a)
	c := Compare(a, p, p, Compared{Directory: r.Directory})
	if c.Total(Uncertain) != 1 || c.Total(Lost) != 0 || p.find(id) == nil {
		t.Errorf("%v", c.Counts)
	}
}

func TestWhatIfMembers(t *testing.T) {
	w := newWorld()
	id := w.user(employee("new.hire@company.com"))
	q := request()
	q.Members = map[string][]string{"Child": {"new.hire@company.com"}}
	r := w.decide(t, q)
	if got := text(t, r, id); got != "sync: domain_verified (company.com, managed)" {
		t.Error(got)
	}
	if got := strings.Join(r.GroupsOf(r.Directory.UserByID(id)), ","); got != "Child,Staff" {
		t.Error(got)
	}
	if line := r.WhatIf.Line(); line != "1 new membership in 1 group" {
		t.Error(line)
	}
}

func TestDynamicGroupWarning(t *testing.T) {
	w := newWorld()
	w.group("Members", `(user.userType -eq "Member")`)
	w.nest("Staff", "Members")
	id := w.user(external("p@fabrikam.com", TypeMember), "Members")
	plain := w.user(employee("a@company.com"), "Members")
	q := request()
	q.UserTypes = map[string]string{id: TypeGuest}
	r := w.decide(t, q)
	if got := text(t, r, id); got != "sync: guest (fabrikam.com, external, inferred); warning: dynamic_group" {
		t.Error(got)
	}
	if got := text(t, r, plain); strings.Contains(got, "warning") {
		t.Errorf("only whose type is assumed is warned of: %s", got)
	}
}

func TestResolveErrors(t *testing.T) {
	w := newWorld()
	w.group("Twin", "")
	w.groups = append(w.groups, directory.GraphGroup{ID: "g-twin2", DisplayName: "Twin"})
	w.user(employee("a@company.com"), "Staff")
	d := w.directory()
	l := directory.NewLookup(d)
	cases := []struct {
		change func(*Request)
		path   string
		want   string
	}{
		{func(q *Request) { q.Groups = []string{"Nobody"} }, "scope.groups", `No group "Nobody"`},
		{func(q *Request) { q.Groups = []string{"staff"} }, "scope.groups", `No group "staff"`},
		{func(q *Request) { q.Groups = []string{"Twin"} }, "scope.groups", "g-twin, g-twin2"},
		{func(q *Request) { q.EntraDomains = []string{"a@b"} }, "entra_domains", "no domain name"},
		{func(q *Request) { q.VerifiedDomains = []string{""} }, "what_if.verified_domains", "no domain name"},
		{func(q *Request) { q.UserTypes = map[string]string{"a@company.com": "guest"} }, "what_if.user_types", "Member or Guest"},
		{func(q *Request) { q.UserTypes = map[string]string{"nobody@company.com": "Guest"} }, "what_if.user_types", "No user"},
		{func(q *Request) { q.Members = map[string][]string{"Staff": {"nobody@company.com"}} }, "what_if.members", "No user"},
		{func(q *Request) { q.Connector = SCIM }, "service_principal", "no service principal's job"},
		{func(q *Request) { q.Connector = "x" }, "connector", "unknown connector"},
	}
	for _, c := range cases {
		q := request()
		c.change(&q)
		_, _, err := q.Resolve(l, d)
		var a *ArgumentError
		if !asArgument(err, &a) || strings.Join(a.Path, ".") != c.path || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %s at %s, got %v", c.want, c.path, err)
		}
	}
	q := request()
	q.Groups, q.Kept = []string{"Old name"}, Resolved{argScopeGroups: {"Old name": "g-staff"}}
	s, _, err := q.Resolve(l, d)
	if err != nil || len(s.Groups) != 1 || s.Groups[0].ID != "g-staff" {
		t.Errorf("a renamed group is the same group: %+v %v", s.Groups, err)
	}
}

func asArgument(err error, into **ArgumentError) bool {
	a, ok := err.(*ArgumentError)
	*into = a
	return ok
}
