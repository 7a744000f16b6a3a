package decisiontest

import (
	"errors"
	"fmt"
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func everyone(t *testing.T) {
	w := directorytest.New()
	in, out := w.User(directorytest.Employee("a@company.com"), "Other"), w.User(directorytest.Employee("b@company.com"))
	q := request()
	q.Groups, q.Everyone = nil, true
	r := decide(t, w, q)
	for _, id := range []string{in, out} {
		if got := decided(t, r, id); got != "sync: domain_verified (company.com, managed, inferred)" {
			t.Error(got)
		}
	}
	if n := len(r.Groups()); n != 3 {
		t.Errorf("all groups sync: %d", n)
	}
	w.Below = []string{"g-staff"}
	d := w.Directory()
	if _, _, err := q.Resolve(directory.NewLookup(d), d); err == nil || !strings.Contains(err.Error(), "whole tenant") {
		t.Errorf("everyone over a part of the tenant must be refused: %v", err)
	}
}

func groupNameConflict(t *testing.T) {
	w := directorytest.New()
	w.Taken = []directory.AccountGroup{{ID: "1", Name: "Staff"}, {ID: "2", Name: "Child", ExternalSynced: true}}
	id := w.User(directorytest.Employee("a@company.com"), "Staff")
	if got := decided(t, decide(t, w, request()), id); got != "unknown: group_name_conflict (Staff, inferred)" {
		t.Error(got)
	}
	w.Taken[0].ExternalSynced = true
	if got := decided(t, decide(t, w, request()), id); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Error(got)
	}
}

func whatIfMembers(t *testing.T) {
	w := directorytest.New()
	id := w.User(directorytest.Employee("new.hire@company.com"))
	q := request()
	q.Members = map[string][]string{"Child": {"new.hire@company.com"}}
	r := decide(t, w, q)
	if got := decided(t, r, id); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Error(got)
	}
	if got := strings.Join(r.GroupsOf(r.Directory.UserByID(id)), ","); got != "Child,Staff" {
		t.Error(got)
	}
	if line := decision.AssumedLine(r.WhatIf); line != "1 new membership in 1 group" {
		t.Error(line)
	}
}

func dynamicGroupWarning(t *testing.T) {
	w := directorytest.New()
	w.Group("Members", `(user.userType -eq "Member")`)
	w.Nest("Staff", "Members")
	id := w.User(directorytest.External("p@fabrikam.com", decision.TypeMember), "Members")
	plain := w.User(directorytest.Employee("a@company.com"), "Members")
	q := request()
	q.UserTypes = map[string]string{id: decision.TypeGuest}
	r := decide(t, w, q)
	if got := decided(t, r, id); got != "sync: guest (fabrikam.com, external, inferred); warning: dynamic_group" {
		t.Error(got)
	}
	if got := decided(t, r, plain); strings.Contains(got, "warning") {
		t.Errorf("only whose type is assumed is warned of: %s", got)
	}
}

func resolveErrors(t *testing.T) {
	w := directorytest.New()
	w.Group("Twin", "")
	w.Groups = append(w.Groups, directory.GraphGroup{ID: "g-twin2", DisplayName: "Twin"})
	w.User(directorytest.Employee("a@company.com"), "Staff")
	d := w.Directory()
	l := directory.NewLookup(d)
	cases := []struct {
		change func(*decision.Request)
		path   string
		want   string
	}{
		{func(q *decision.Request) { q.Groups = []string{"Nobody"} }, "scope.groups", `No group "Nobody"`},
		{func(q *decision.Request) { q.Groups = []string{"staff"} }, "scope.groups", `No group "staff"`},
		{func(q *decision.Request) { q.Groups = []string{"Twin"} }, "scope.groups", "g-twin, g-twin2"},
		{
			func(q *decision.Request) { q.ConnectorSettings.EntraDomains = []string{"a@b"} },
			"connector_settings.entra_domains",
			"no domain name",
		},
		{func(q *decision.Request) { q.VerifiedDomains = []string{""} }, "what_if.verified_domains", "no domain name"},
		{
			func(q *decision.Request) { q.UserTypes = map[string]string{"a@company.com": "guest"} },
			"what_if.user_types",
			"Member or Guest",
		},
		{
			func(q *decision.Request) { q.UserTypes = map[string]string{"nobody@company.com": "Guest"} },
			"what_if.user_types",
			"No user",
		},
		{
			func(q *decision.Request) { q.Members = map[string][]string{"Staff": {"nobody@company.com"}} },
			"what_if.members",
			"No user",
		},
		{func(q *decision.Request) { q.Connector = decision.SCIM }, "service_principal", "no service principal's job"},
		{func(q *decision.Request) { q.Connector = "x" }, "connector", "unknown connector"},
	}
	for _, c := range cases {
		q := request()
		c.change(&q)
		_, _, err := q.Resolve(l, d)
		var a *decision.ArgumentError
		if !asArgument(err, &a) || strings.Join(a.Path, ".") != c.path || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %s at %s, got %v", c.want, c.path, err)
		}
	}
	q := request()
	q.Groups, q.Kept = []string{"Old name"}, decision.Resolved{decision.ArgScopeGroups: {"Old name": "g-staff"}}
	s, _, err := q.Resolve(l, d)
	if err != nil || len(s.Groups) != 1 || s.Groups[0].ID != "g-staff" {
		t.Errorf("a renamed group is the same group: %+v %v", s.Groups, err)
	}
}

func asArgument(err error, into **decision.ArgumentError) bool {
	return errors.As(err, into)
}

func groupTooLarge(t *testing.T) {
	w := directorytest.New()
	w.Group("Team", "")
	w.Nest("Other", "Team") // Other is selected too, and small
	for i := range nestedgroups.MaxGroupUsers + 1 {
		w.User(
			directory.User{
				ID:                fmt.Sprintf("many-%05d", i),
				UserPrincipalName: fmt.Sprintf("m%d@company.com", i),
				UserType:          decision.TypeMember,
			},
			"Child",
		)
	}
	only := w.User(directorytest.Employee("only@company.com"), "Child")
	also := w.User(directorytest.Employee("also@company.com"), "Child", "Team")
	q := request()
	q.Groups = []string{"Staff", "Other"}
	r := decide(t, w, q)
	if got := decided(t, r, only); got != "unknown: group_too_large (Staff, inferred)" {
		t.Error(got)
	}
	if got := decided(t, r, also); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Errorf("who is in a group that syncs, syncs: %s", got)
	}
	var synced []string
	for _, g := range r.Groups() {
		synced = append(synced, g.Name)
	}
	if got := strings.Join(synced, ","); got != "Other,Team" {
		t.Errorf("groups over the limit don't sync: got %s", got)
	}
}
