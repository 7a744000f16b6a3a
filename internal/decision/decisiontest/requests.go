package decisiontest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

const (
	goneID = "11111111-2222-4333-8444-555555555555"
	planOf = `{"version":1,"object":{"source":"User","target":"User"},"actions":["create","update","delete"],` +
		`"manage":"all","attributes":{"userName":{"expression":"[userPrincipalName]","matching":1},` +
		`"emails[type eq \"work\"].value":{"expression":"[mail]"}}}`
)

// kept is what one name meant.
func kept(argument, entry, id string) decision.Resolved {
	k := decision.Resolved{}
	k.Set(argument, entry, id)
	return k
}

// requests: what a configuration may ask, and what of it is refused or told.
func requests(t *testing.T) {
	for name, c := range map[string]struct {
		scim bool
		ask  func(q *decision.Request)
		// want is the error, or the notices, "" for neither.
		want string
		then func(t *testing.T, r *decision.Result)
	}{
		"linked again": {
			scim: true,
			ask: func(q *decision.Request) {
				q.ConnectorSettings.Relinked = []string{"ben@company.com", "u-000", goneID, "ann@company.com"}
			},
			then: func(t *testing.T, r *decision.Result) {
				if diff := cmp.Diff([]string{"u-000", "u-001"}, r.Settings.ConnectorSettings.Relinked); diff != "" {
					t.Error(diff)
				}
			},
		},
		"linked again, and not there": {
			scim: true,
			ask:  func(q *decision.Request) { q.ConnectorSettings.Relinked = []string{"nobody@company.com"} },
			want: `connector_settings.relinked: No user "nobody@company.com"`,
		},
		"a domain of Microsoft's zone": {
			ask: func(q *decision.Request) {
				q.ConnectorSettings.EntraDomains = []string{"company.onmicrosoft.com", "company.com", "else.example"}
			},
			want: "company.onmicrosoft.com is a domain of Microsoft's zone; else.example isn't a verified domain of " +
				"the Entra tenant",
		},
		"every domain, and one by name": {
			ask: func(q *decision.Request) {
				q.ConnectorSettings.EntraDomains = []string{"*", "company.com", "Company.com"}
			},
			then: func(t *testing.T, r *decision.Result) {
				if diff := cmp.Diff([]string{"*", "company.com"}, r.Settings.ConnectorSettings.EntraDomains); diff != "" {
					t.Error(diff)
				}
			},
		},
		"what is no domain": {
			ask:  func(q *decision.Request) { q.ConnectorSettings.EntraDomains = []string{"*", "no domain"} },
			want: `"no domain" is no domain name`,
		},
		"no such job": {
			scim: true, ask: func(q *decision.Request) { q.ServicePrincipal = "Other app" },
			want: `0 service principals of the directory's reading are called "Other app"`,
		},
		"the job that was meant": {
			scim: true,
			ask: func(q *decision.Request) {
				q.ServicePrincipal, q.Kept = "Atlassian", kept(decision.ArgServicePrincipal, "Atlassian", goneID)
			},
			want: `the service principal "Atlassian" was accepted with object id ` + goneID + ", and the reading holds another",
		},
		"no type": {
			ask:  func(q *decision.Request) { q.UserTypes = map[string]string{"ann@company.com": "guest"} },
			want: `the type of "ann@company.com" is "guest"; it must be Member or Guest`,
		},
		"two types for one": {
			ask: func(q *decision.Request) {
				q.UserTypes = map[string]string{"ann@company.com": "Guest", "u-000": "Member"}
			},
			want: "user u-000 is given two types, Guest and Member",
		},
		"a type for who is gone": {
			ask: func(q *decision.Request) { q.UserTypes = map[string]string{goneID: "Guest", "u-000": "Guest"} },
			then: func(t *testing.T, r *decision.Result) {
				if diff := cmp.Diff(map[string]string{"u-000": "Guest"}, r.Settings.WhatIf.UserTypes); diff != "" {
					t.Error(diff)
				}
			},
		},
		"a type for nobody": {
			ask:  func(q *decision.Request) { q.UserTypes = map[string]string{"nobody@company.com": "Guest"} },
			want: "nobody@company.com",
		},
		"no domain": {
			ask: func(q *decision.Request) { q.VerifiedDomains = []string{"not a domain"} }, want: `"not a domain" is no domain name`,
		},
		"domains": {
			ask: func(q *decision.Request) { q.VerifiedDomains = []string{"B.example", "a.example", "b.example"} },
			then: func(t *testing.T, r *decision.Result) {
				if diff := cmp.Diff([]string{"a.example", "b.example"}, r.Settings.WhatIf.VerifiedDomains); diff != "" {
					t.Error(diff)
				}
			},
		},
		"a group that is gone": {
			ask: func(q *decision.Request) {
				q.Members = map[string][]string{"Team": {"u-000"}}
				q.Kept = kept(decision.ArgScopeGroups, "Team", goneID)
			},
			want: `the group "Team" was accepted with object id ` + goneID + ", which isn't in the tenant any more",
		},
		"members of no group": {
			ask:  func(q *decision.Request) { q.Members = map[string][]string{"No such": {"u-000"}} },
			want: "No such",
		},
		"nobody as a member": {
			ask:  func(q *decision.Request) { q.Members = map[string][]string{"Other": {"nobody@company.com"}} },
			want: "nobody@company.com",
		},
		"members": {
			ask: func(q *decision.Request) {
				q.Members = map[string][]string{"Other": {"u-001", "ann@company.com"}, "Child": {}}
			},
			then: func(t *testing.T, r *decision.Result) {
				want := map[string][]string{"g-other": {"u-000", "u-001"}}
				if diff := cmp.Diff(want, r.Settings.WhatIf.Members); diff != "" {
					t.Error(diff)
				}
			},
		},
		"a planned mapping that isn't one": {
			scim: true, ask: func(q *decision.Request) { q.Mappings = []string{planOf, "{"} }, want: "what_if",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, q := directorytest.New(), request()
			if c.scim {
				w, q = directorytest.SCIM(t, ""), scimRequest()
				w.Jobs[0].DisplayName = "Atlassian"
			}
			w.User(directorytest.Employee("ann@company.com"), "Staff")
			w.User(directorytest.Employee("ben@company.com"), "Staff")
			c.ask(&q)
			d := w.Directory()
			l := directory.NewLookup(d)
			s, notices, err := q.Resolve(l, d)
			if err == nil {
				var e *decision.Engine
				if e, err = decision.NewEngine(d, l, w.Organization(), s); err == nil && c.then != nil {
					c.then(t, e.Decide())
				}
			}
			got := fmt.Sprint(err)
			if err == nil {
				got = ""
				for _, n := range notices {
					got += strings.Split(n.Text, ",")[0] + "; "
				}
			}
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// requestMeanings: what the groups and the job of a request mean, to be kept.
func requestMeanings(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.Jobs[0].DisplayName = "Atlassian"
	d := w.Directory()
	l := directory.NewLookup(d)
	q := scimRequest()
	q.Groups, q.ServicePrincipal = []string{"Child", "Staff"}, "Atlassian"
	list, err := q.Meanings(l, d)
	if err != nil || len(list) != 3 || list[0].ID != "g-child" || list[2].ID != d.Jobs[0].ServicePrincipalID {
		t.Errorf("got %+v, %v", list, err)
	}
	q.ServicePrincipal = ""
	if list, err = q.Meanings(l, d); err != nil || len(list) != 2 {
		t.Errorf("no name, no meaning: got %+v, %v", list, err)
	}
	q.ServicePrincipal = "Other"
	if _, err = q.Meanings(l, d); err == nil || !strings.Contains(err.Error(), `are called "Other"`) {
		t.Errorf("got %v", err)
	}
	q.Groups, q.ServicePrincipal = []string{"Staff", "No such"}, "Atlassian"
	if _, err = q.Meanings(l, d); err == nil || !strings.Contains(err.Error(), "No such") {
		t.Errorf("got %v", err)
	}
}

// otherConnector is refused where settings come from elsewhere.
func otherConnector(t *testing.T) {
	d := directorytest.New().Directory()
	for _, s := range []decision.Settings{{Connector: "other"}, {Connector: decision.SCIM, ServicePrincipal: goneID}} {
		if _, err := decision.NewEngine(d, directory.NewLookup(d), &directory.Organization{}, s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}

// advice is what is said of a name that leads elsewhere, or nowhere.
func advice(t *testing.T) {
	for want, m := range map[string]decision.Meaning{
		`a: "x" fits no user in the directory's reading.`: {},
		"": {ID: "1"},
		`a: "x" meant object id 1, which isn't in the directory's reading `: {ID: "1", Gone: true},
		`a: "x" is called "y" now (object id 1). It is the same user`:       {ID: "1", Now: "y"},
		`a: "x" means object id 1, as accepted. Another user bears the name as well (2, 3, 4, 5, 6);`: {
			ID: "1", Others: []string{"2", "3", "4", "5", "6", "7"},
		},
	} {
		m.Argument, m.Entry = "a", "x"
		got := m.Advice("user")
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	moved := decision.Meaning{ID: "1", Gone: true, Others: []string{"2"}}
	if got := moved.Advice("user"); got != "" {
		t.Errorf("who bears the name now is a violation: got %q", got)
	}
}

// groupMeanings: a name keeps the group that it meant.
func groupMeanings(t *testing.T) {
	w := directorytest.New()
	w.Group("Team", "")
	w.At("Team").ID = "g-2"
	w.Group("Team", "")
	w.Groups[len(w.Groups)-1].ID = "g-3"
	d := w.Directory()
	l := directory.NewLookup(d)
	if _, err := decision.GroupMeaning(l, d, nil, decision.ArgScopeGroups, "Team"); err == nil {
		t.Error("one of two is taken")
	}
	m, err := decision.GroupMeaning(l, d, kept(decision.ArgScopeGroups, "Team", "g-2"), decision.ArgScopeGroups, "Team")
	if err != nil || m.ID != "g-2" || m.Gone || m.Now != "" || m.New || strings.Join(m.Others, " ") != "g-3" {
		t.Errorf("kept: got %+v, %v", m, err)
	}
	m, err = decision.GroupMeaning(l, d, kept(decision.ArgScopeGroups, "Gone", goneID), decision.ArgScopeGroups, "Gone")
	if err != nil || !m.Gone || m.ID != goneID {
		t.Errorf("gone: got %+v, %v", m, err)
	}
	m, err = decision.GroupMeaning(l, d, kept(decision.ArgScopeGroups, "Was", "g-2"), decision.ArgScopeGroups, "Was")
	if err != nil || m.Now != "Team" || m.Moved() {
		t.Errorf("renamed: got %+v, %v", m, err)
	}
	w.Below = []string{"g-2"}
	d = w.Directory()
	_, err = decision.GroupMeaning(directory.NewLookup(d), d, kept(decision.ArgScopeGroups, "Gone", goneID),
		decision.ArgScopeGroups, "Gone")
	if err == nil || !strings.Contains(err.Error(), "which is limited to some groups, doesn't hold it") {
		t.Errorf("a part of the tenant: got %v", err)
	}
}

// severalMeanings names the entry that fits several, by its place.
func severalMeanings(t *testing.T) {
	w := directorytest.New()
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	for range 2 {
		w.User(
			directory.User{UserPrincipalName: fmt.Sprintf("x%d@company.com", len(w.Users)), Mail: "both@company.com"},
			"Staff",
		)
	}
	bare := directory.User{ID: "u-9", UserType: "Member"}
	w.User(bare, "Staff")
	d := w.Directory()
	l := directory.NewLookup(d)
	list, err := decision.Meanings(l, d, nil, decision.ArgMustSync, []string{"ann@company.com", "both@company.com"})
	if err == nil || !strings.Contains(err.Error(), "both@company.com") || list != nil {
		t.Errorf("got %v, %v", list, err)
	}
	m, err := decision.UserMeaning(
		l,
		d,
		kept(decision.ArgMustSync, "old@company.com", "u-9"),
		decision.ArgMustSync,
		"old@company.com",
	)
	if err != nil || m.Now != "u-9" {
		t.Errorf("who has no name is called by id: got %+v, %v", m, err)
	}
}

// assumedLine tells each assumption.
func assumedLine(t *testing.T) {
	w := decision.WhatIf{
		UserTypes:       map[string]string{"a": decision.TypeGuest, "b": decision.TypeMember, "c": decision.TypeGuest},
		VerifiedDomains: []string{"x.example", "y.example"},
		Members:         map[string][]string{"g": {"a", "b"}, "h": {"c"}}, Mappings: []string{"{}"}, Running: true,
		WrittenBack: map[string]string{"a": "Member"},
	}
	want := "userType of 3 users (2 Guest, 1 Member); verified domains x.example, y.example; 3 new memberships in " +
		"2 groups; 1 planned mapping; the job is started or restarted; userType of 1 user written by the source tenant"
	if got := decision.AssumedLine(w); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := decision.AssumedLine(decision.WhatIf{}); got != "" {
		t.Errorf("got %q", got)
	}
}

// freedGroups: what frees a group that waits depends on why it does.
func freedGroups(t *testing.T) {
	for want, c := range map[string]struct {
		set func(w *directorytest.World)
		ask func(q *decision.Request)
	}{
		`Split the group "Staff" into groups of at most 10,000 users`: {set: func(w *directorytest.World) {
			for range nestedgroups.MaxGroupUsers {
				w.User(directorytest.Employee("x@company.com"))
			}
			members := w.At("Staff")
			for i := range w.Users[1:] {
				members.Members = append(members.Members, directory.GraphMember{Type: "user", ID: w.Users[1+i].ID})
			}
		}},
		`Accept the group "Staff" in the sync settings, or rename one of the two`: {set: func(w *directorytest.World) {
			w.Taken = []directory.AccountGroup{{ID: "t", Name: "staff"}}
		}},
		`Take the default access away from the group "Staff" in Atlassian`: {ask: func(q *decision.Request) {
			q.ConnectorSettings.DefaultAccessGroups = []string{"Staff"}
		}},
	} {
		w, q := directorytest.New(), request()
		w.User(directorytest.Employee("ann@company.com"), "Staff")
		if c.set != nil {
			c.set(w)
		}
		if c.ask != nil {
			c.ask(&q)
		}
		var all []string
		for _, f := range decide(t, w, q).Fixes(0) {
			all = append(all, f.Change)
		}
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("got %q, want %s", all, want)
		}
	}
}

// sourceTenants: what of a source tenant can't be told is said.
func sourceTenants(t *testing.T) {
	target := directorytest.New()
	for i := range 12 {
		target.User(directorytest.External(fmt.Sprintf("m%02d@fabrikam.com", i), decision.TypeMember), "Staff")
	}
	source := directorytest.New()
	source.Domains = append(source.Domains, directory.Domain{Name: "fabrikam.com", IsVerified: true})
	for i := range 12 {
		source.User(directorytest.Employee(fmt.Sprintf("m%02d@fabrikam.com", i)), "Staff")
	}
	for i := range 12 {
		source.User(directorytest.Employee(fmt.Sprintf("n%02d@fabrikam.com", i)), "Staff")
	}
	source.Jobs = directorytest.SCIM(t, "").Jobs
	from := source.Directory()
	from.TenantID = "5c6e0a3f-7c39-4d0f-8f8c-1f6f0f2c9b77"
	with := func(rows, filter string) string {
		return `{"version":1,"object":{"source":"User","target":"User"},"actions":["create","update"],"manage":"all"` +
			filter + `,"attributes":{` + rows + `}}`
	}
	unclear := `,"scoping_filter":{"any_of":[{"all_of":[{"attribute":"mail","operator":"Greater_Than","values":["3"]}]}]}`
	for name, c := range map[string]struct {
		entry decision.CrossTenant
		want  string
	}{
		"newcomers": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"\"Member\""}`, ""), Source: from},
			"12 users of the source tenant would newly come: n00@fabrikam.com, n01@fabrikam.com",
		},
		"more newcomers than are named": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"\"Member\""}`, ""), Source: from}, " more. They aren't in this directory yet",
		},
		"another type": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"\"Other\""}`, ""), Source: from}, "The type of 12 users can't be told",
		},
		"an expression that fails": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"Error(\"x\")"}`, ""), Source: from}, "The type of 12 users can't be told",
		},
		"no expression": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"IIF("}`, ""), Source: from}, "userType",
		},
		"a filter that can't be told": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"\"Member\""}`, unclear), Source: from}, "Whether the source tenant's job takes 24 users can't be told",
		},
		"its own reading": {
			decision.CrossTenant{Mapping: with(`"userType":{"expression":"\"Member\""}`, ""), Source: target.Directory()},
			"directory is this tenant's own reading",
		},
	} {
		c.entry.HomeDomains = []string{"fabrikam.com"}
		_, texts, err := decision.WrittenBack([]decision.CrossTenant{c.entry}, target.Directory())
		if got := strings.Join(texts, "\n") + fmt.Sprint(err); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
