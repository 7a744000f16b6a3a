package decisiontest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// childOfCycle: the child group that is offered has the user, is read by the service,
// and isn't assigned; groups that hold each other end the search.
func childOfCycle(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.Group("Empty", "")
	w.Group("Mail", "")
	w.Group("Deep", "")
	w.At("Mail").SecurityEnabled = false
	w.Nest("Staff", "Empty")
	w.Nest("Empty", "Staff")
	w.Nest("Child", "Mail")
	w.Nest("Mail", "Deep")
	ann := w.User(directorytest.Employee("ann@company.com"), "Deep", "Mail")
	lone := w.User(directorytest.Employee("lone@company.com"), "Mail")
	r := decide(t, w, scimRequest())
	offered := func(id string) string {
		var out []string
		for _, f := range r.Fixes(r.Directory.UserByID(id)) {
			if strings.HasPrefix(f.Change, "Assign the child") {
				out = append(out, f.Change)
			}
		}
		return strings.Join(out, "; ")
	}
	if got := offered(ann); got != `Assign the child group "Deep" to the application` {
		t.Errorf("got %q", got)
	}
	if got := offered(lone); got != "" {
		t.Errorf("only in a group that isn't read: got %q", got)
	}
}

// switchNotes: what leaving a connector takes with it.
func switchNotes(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.Domains = append(w.Domains, directory.Domain{Name: "legacy.company.com", IsVerified: true})
	q := request()
	q.ConnectorSettings.EntraDomains = []string{"legacy.company.com"}
	nested, scim := decide(t, w, q), decide(t, w, scimRequest())
	app := decide(t, w, decision.Request{Connector: decision.SCIMApplication})
	for name, c := range map[string]struct {
		from, to *decision.Result
		want     []string
	}{
		"the same":               {nested, nested, nil},
		"to another application": {scim, app, nil},
		"to SCIM": {nested, scim, []string{
			"can't be used at the same time", "removes the domains", "is deleted in Atlassian",
			"legacy.company.com is verified by the nested-groups sync",
		}},
		"to nested groups": {scim, nested, []string{"can't be used at the same time", "matched by primary e-mail"}},
	} {
		notes := decision.SwitchNotes(c.from, c.to)
		if len(notes) != len(c.want) {
			t.Errorf("%s: got %+v", name, notes)
			continue
		}
		for i, part := range c.want {
			if !strings.Contains(notes[i].Text, part) {
				t.Errorf("%s: note %d is %q, want %q", name, i, notes[i].Text, part)
			}
		}
	}
}

// atTheLimit: a group that is as large as the limit syncs.
func atTheLimit(t *testing.T) {
	w := directorytest.New()
	for range nestedgroups.MaxGroupUsers {
		w.User(directorytest.Employee("x@company.com"))
	}
	for i := range w.Users {
		w.Join("Staff", w.Users[i].ID)
	}
	r := decide(t, w, request())
	if len(r.HeldGroups()) != 0 {
		t.Errorf("got %+v", r.HeldGroups())
	}
}

// unpredictable values are unknown, and leave out nobody who doesn't need them.
func unpredictable(t *testing.T) {
	for name, c := range map[string]struct {
		rows []string
		want string
	}{
		"an address drawn by lot": {
			[]string{"!userName", "[userPrincipalName]", `emails[type eq "work"].value`, `NewGuid()`},
			"unknown: attribute_unknown",
		},
		"a title drawn by lot": {
			[]string{
				"!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]", "title", `NewGuid()`,
			},
			"sync: domain_verified",
		},
		"two rows leave them out": {
			[]string{
				"!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]",
				"aFirst", "IgnoreObjectFlow", "title", "IgnoreObjectFlow",
			},
			"skip: mapping_error (aFirst",
		},
	} {
		w := directorytest.SCIM(t, directorytest.Mapping(t, "", c.rows...))
		id := w.User(directorytest.Employee("ann@company.com"), "Staff")
		if got := decided(t, decide(t, w, scimRequest()), id); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// twoSources: one source tenant has one entry.
func twoSources(t *testing.T) {
	w := directorytest.New()
	w.User(directorytest.External("ann@fabrikam.com", decision.TypeMember), "Staff")
	d := w.Directory()
	entry := func(domain string) decision.CrossTenant {
		return decision.CrossTenant{
			HomeDomains: []string{domain},
			Mapping: `{"version":1,"object":{"source":"User","target":"User"},"actions":["create","update"],` +
				`"manage":"all","attributes":{"userType":{"expression":"\"Member\"","apply":"always"}}}`,
		}
	}
	if _, _, err := decision.WrittenBack(
		[]decision.CrossTenant{entry("fabrikam.com"), entry("contoso.com")},
		d,
	); err != nil {
		t.Errorf("two tenants: got %v", err)
	}
	_, _, err := decision.WrittenBack([]decision.CrossTenant{entry("fabrikam.com"), entry("Fabrikam.com")}, d)
	if err == nil || !strings.Contains(err.Error(), "another entry has the home domain fabrikam.com") {
		t.Errorf("one tenant twice: got %v", err)
	}
}

// secondMatch: where the job has no row of userName, matching by externalId is offered,
// wherever the mapping of users stands.
func secondMatch(t *testing.T) {
	w := directorytest.SCIM(
		t,
		directorytest.Mapping(t, "", "externalId", "[objectId]", `!emails[type eq "work"].value`, "[mail]"),
	)
	w.Jobs[0].Mappings = []string{w.Jobs[0].Mappings[1], w.Jobs[0].Mappings[0]}
	id := w.User(directorytest.Employee("ann@company.com"), "Staff")
	r := decide(t, w, scimRequest())
	fixes := r.Fixes(r.Directory.UserByID(id))
	if len(fixes) == 0 || !strings.HasPrefix(fixes[0].Change, "Match users by externalId first") {
		t.Errorf("got %+v", fixes)
	}
}

// emptyWhatIf: each assumption by itself is one.
func emptyWhatIf(t *testing.T) {
	if w := (decision.WhatIf{}); !w.Empty() {
		t.Error("nothing isn't empty")
	}
	one := map[string]string{"a": "b"}
	for name, w := range map[string]decision.WhatIf{
		"user_types": {UserTypes: one}, "verified_domains": {VerifiedDomains: []string{"a"}},
		"members":  {Members: map[string][]string{"a": {"b"}}},
		"mappings": {Mappings: []string{"a"}}, "running": {Running: true},
		"written back": {WrittenBack: one}, "mails": {Mails: one},
		"assigned": {Assigned: []string{"a"}}, "freed": {Freed: []string{"a"}},
	} {
		if w.Empty() {
			t.Errorf("%s is empty", name)
		}
	}
}

// sourceByMail: whom the source tenant knows by mail alone is found by it.
func sourceByMail(t *testing.T) {
	source := directorytest.New()
	u := directorytest.Employee("ann@fabrikam.com")
	u.UserType = "Member"
	source.User(u, "Staff")
	target := directorytest.New()
	other := directorytest.External("someone@fabrikam.com", decision.TypeGuest)
	other.Mail = "ann@fabrikam.com"
	id := target.User(other, "Staff")
	mailless := directorytest.External("nobody@fabrikam.com", decision.TypeGuest)
	mailless.Mail = ""
	none := target.User(mailless, "Staff")
	from := source.Directory()
	from.TenantID = "5c6e0a3f-7c39-4d0f-8f8c-1f6f0f2c9b77"
	types, _, err := decision.WrittenBack([]decision.CrossTenant{
		{
			Mapping: `{"version":1,"object":{"source":"User","target":"User"},"actions":["create","update"],` +
				`"manage":"all","attributes":{"userType":{"expression":"[userType]","apply":"always"}}}`,
			Source:      from,
			HomeDomains: []string{"fabrikam.com"},
		},
	}, target.Directory())
	if err != nil {
		t.Fatal(err)
	}
	if types[id] != "Member" || types[none] != "" {
		t.Errorf("got %v", types)
	}
}
