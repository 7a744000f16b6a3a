package decisiontest

import (
	"fmt"
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

func scimRequest() decision.Request { return decision.Request{Connector: decision.SCIM} }

// scimTable is the SCIM column of [atlassian rows 1-25]: a case begins with
// its row's number.
func scimTable(t *testing.T) {
	pending := directorytest.External("p@fabrikam.com", decision.TypeGuest)
	pending.ExternalUserState = "PendingAcceptance"
	noMail := directorytest.External("k@fabrikam.com", decision.TypeGuest)
	noMail.Mail = ""
	upnOnly := directorytest.Employee("a@company.com")
	upnOnly.Mail = ""
	disabled := directorytest.Employee("a@company.com")
	disabled.AccountEnabled = directory.False
	mixed := directorytest.Employee("a@company.com")
	mixed.Mail = "a@unverified.com"
	withType := func(u directory.User, typ string) directory.User { u.UserType = typ; return u }
	tests := []struct {
		row   string
		user  directory.User
		group string
		want  string
	}{
		{"1", directorytest.Employee("a@company.com"), "Staff", "sync: domain_verified (company.com, managed, " +
			"inferred)"},
		{"2 nested only", directorytest.Employee("a@company.com"), "Child", "skip: nested_only"},
		{
			"3 guest on a verified domain",
			withType(directorytest.External("a@company.com", ""), decision.TypeGuest),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"4 no type",
			withType(directorytest.Employee("a@company.com"), ""),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"5 cross-tenant member on a verified domain",
			directorytest.External("a@company.com", decision.TypeMember),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"6 guest",
			directorytest.External("p@fabrikam.com", decision.TypeGuest),
			"Staff",
			"sync: external_scim (fabrikam.com, external); warning: unlinks_on_update",
		},
		{"7 guest, nested", directorytest.External("p@fabrikam.com", decision.TypeGuest), "Child", "skip: nested_only"},
		{"8 invitation pending", pending, "Staff", "sync: external_scim (fabrikam.com, external, inferred); warning: " +
			"unlinks_on_update"},
		{
			"9 cross-tenant member",
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"Staff",
			"sync: external_scim (fabrikam.com, external, inferred); warning: unlinks_on_update",
		},
		{"9 nested", directorytest.External("p@fabrikam.com", decision.TypeMember), "Child", "skip: nested_only"},
		{
			"11 own user on an unverified domain",
			directorytest.Employee("a@unverified.com"),
			"Staff",
			"sync: external_scim (unverified.com, external); warning: unlinks_on_update",
		},
		{"12 no type", directorytest.External("p@fabrikam.com", ""), "Staff", "sync: external_scim (fabrikam.com, " +
			"external, inferred); warning: unlinks_on_update"},
		{"15 no mail under a mail mapping", upnOnly, "Staff", "skip: no_usable_address (emails[type eq " +
			"\"work\"].value, inferred)"},
		{"16 no mail, #EXT#, under a mail mapping", noMail, "Staff", "skip: no_usable_address (emails[type eq " +
			"\"work\"].value, inferred)"},
		{"17 email follows the mapping", mixed, "Staff", "sync: external_scim (unverified.com, external); warning: " +
			"unlinks_on_update"},
		{"18, 20 disabled", disabled, "Staff", "skip: account_disabled (inferred)"},
		{"25 not assigned", directorytest.Employee("a@company.com"), "Other", "skip: not_in_scope"},
	}
	for _, test := range tests {
		t.Run(test.row, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(test.user, test.group)
			got := decided(t, decide(t, w, scimRequest()), id)
			if strings.HasPrefix(test.row, "18") {
				if !strings.HasPrefix(got, "skip: account_disabled") {
					t.Error(got)
				}
				return
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func scimMappings(t *testing.T) {
	filter := `{"groups":[{"name":"staff","clauses":[{"sourceOperandName":"userPrincipalName",` +
		`"operatorName":"ENDS_WITH","targetOperand":{"values":["@company.com"]}}]}]}`
	noMail := directorytest.External("k@fabrikam.com", decision.TypeGuest)
	noMail.Mail = ""
	empty := directorytest.Employee("a@company.com")
	empty.Mail = ""
	cases := []struct {
		name, mapping string
		user          directory.User
		want          string
	}{
		{
			"16 a principal name is stripped of #EXT#",
			directorytest.Mapping(
				t,
				"",
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[userPrincipalName]",
			),
			noMail,
			"sync: external_scim (fabrikam.com, external); warning: unlinks_on_update",
		},
		{
			"the original keeps it",
			directorytest.Mapping(
				t,
				"",
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[originalUserPrincipalName]",
			),
			noMail,
			"sync: external_scim (company.onmicrosoft.com, external); warning: unlinks_on_update",
		},
		{
			"coalesced",
			directorytest.Mapping(
				t,
				"",
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"Coalesce([mail], [userPrincipalName])",
			),
			empty,
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"scoping filter",
			directorytest.Mapping(
				t,
				filter,
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
			),
			directorytest.External("p@fabrikam.com", decision.TypeGuest),
			"skip: scoping_filter",
		},
		{
			"passes the filter",
			directorytest.Mapping(
				t,
				filter,
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
			),
			directorytest.Employee("a@company.com"),
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"a mapping fails",
			directorytest.Mapping(
				t,
				"",
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
				"title",
				`Item([otherMails], 3)`,
			),
			directorytest.Employee("a@company.com"),
			"skip: mapping_error (title)",
		},
		{
			"the matching attribute is empty",
			directorytest.Mapping(t, "", "!userName", "[mail]", `emails[type eq "work"].value`, "[userPrincipalName]"),
			empty,
			`skip: matching_attribute_empty (userName)`,
		},
		{
			"45 matched by what the target can't be asked for",
			directorytest.Mapping(t, "", "userName", "[userPrincipalName]", `!emails[type eq "work"].value`, "[mail]"),
			directorytest.Employee("a@company.com"),
			`skip: matching_unsupported (emails[type eq "work"].value)`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := directorytest.SCIM(t, c.mapping)
			id := w.User(c.user, "Staff")
			if got := decided(t, decide(t, w, scimRequest()), id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A planned mapping is laid over the job's own.
func scimPlannedMapping(t *testing.T) {
	w := directorytest.SCIM(t, "")
	upnOnly := directorytest.Employee("a@company.com")
	upnOnly.Mail = ""
	id := w.User(upnOnly, "Staff")
	planned, err := mapping.Mapping{
		Object: mapping.Object{Source: "User", Target: "User"},
		Attributes: map[string]mapping.Attribute{
			`emails[type eq "work"].value`: {Expression: "Coalesce( [mail],[userPrincipalName] )"}},
	}.Effective()
	if err != nil {
		t.Fatal(err)
	}
	q := scimRequest()
	q.Mappings = []string{planned}
	if got := decided(t, decide(t, w, q), id); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Error(got)
	}
	spec := scoping.Spec{
		AnyOf: []scoping.SpecGroup{
			{
				Name:  "x",
				AllOf: []scoping.SpecClause{{Attribute: "department", Operator: "EQUALS", Values: []string{"IT"}}},
			},
		},
	}
	planned, err = mapping.Mapping{Object: mapping.Object{Source: "User", Target: "User"}, Filter: &spec}.Effective()
	if err != nil {
		t.Fatal(err)
	}
	q.Mappings = []string{planned}
	d := w.Directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decision.NewEngine(
		d,
		l,
		w.Organization(),
		s,
	); err == nil ||
		!strings.Contains(err.Error(), `add "department" to "attributes"`) {
		t.Errorf("a missing attribute must be named: %v", err)
	}
}

func scimGroupsAndFixes(t *testing.T) {
	w := directorytest.SCIM(t, "")
	direct, nested := w.User(
		directorytest.Employee("a@company.com"),
		"Staff",
	), w.User(
		directorytest.Employee("b@company.com"),
		"Child",
	)
	w.User(directorytest.Employee("c@company.com"), "Child")
	out := w.User(directorytest.Employee("d@company.com"), "Other")
	r := decide(t, w, scimRequest())
	if got := r.Groups(); len(got) != 1 || got[0].Name != "Staff" || got[0].Members != 1 {
		t.Errorf("child groups don't exist over SCIM: %+v", got)
	}
	if got := strings.Join(r.GroupsOf(r.Directory.UserByID(direct)), ","); got != "Staff" {
		t.Error(got)
	}
	fixes := r.Fixes(r.Directory.UserByID(nested))
	if got := changesIn(
		fixes,
	); got != `Add the user to the assigned group "Staff"`+
		` | Assign the child group "Child" to the application | Use the connector atlassian_nested_groups instead` ||
		fixes[1].OthersChanged != 1 {
		t.Errorf("%+v", fixes)
	}
	if got := changesIn(r.Fixes(r.Directory.UserByID(out))); got != `Add the user to the assigned group "Staff"` {
		t.Error(got)
	}
	if m := r.DefaultMaxGroupsLost(); m == nil || *m != 0 {
		t.Error("a lost group loses its permissions: none by default")
	}
	// Another scope than the job's assignments.
	q := scimRequest()
	q.Groups = []string{"Child"}
	if got := decided(t, decide(t, w, q), nested); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Error(got)
	}
	// A group that isn't security-enabled isn't read.
	w.At("Staff").SecurityEnabled = false
	if got := decided(t, decide(t, w, scimRequest()), direct); got != "skip: group_not_readable (Staff)" {
		t.Error(got)
	}
}

func scimServicePrincipal(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.Jobs = append(
		w.Jobs,
		directory.Job{
			ServicePrincipalID: "sp2",
			DisplayName:        "Other app",
			Mappings:           []string{directorytest.Gallery(t)},
		},
	)
	d := w.Directory()
	l := directory.NewLookup(d)
	for name, want := range map[string]string{
		"": "Atlassian Cloud (sp), Other app (sp2)", "Nobody": "0 service principals", "Other app": "sp2", "SP": "sp",
	} {
		q := scimRequest()
		q.ServicePrincipal = name
		s, _, err := q.Resolve(l, d)
		if got := fmt.Sprint(s.ServicePrincipal, err); !strings.Contains(got, want) {
			t.Errorf("%q: %s", name, got)
		}
	}
}

// A cross-tenant member would be provisioned over SCIM: the other connector is
// offered last, with its price.
func otherConnectorIsAFix(t *testing.T) {
	w := directorytest.SCIM(t, "")
	id := w.User(directorytest.External("m@fabrikam.com", decision.TypeMember), "Staff")
	w.User(directorytest.Employee("nested@company.com"), "Child")
	fixes := fixesOf(t, w, id)
	last := fixes[len(fixes)-1]
	if last.Change != "Use the connector atlassian_scim instead" || last.OthersChanged != 1 ||
		!strings.Contains(last.Effect, "0 would be gained and 1 lost") ||
		!strings.Contains(last.Caveats, "removes the domains") {
		t.Errorf("%+v", last)
	}
}

// Who is assigned by a group that a narrow reading lacks isn't out of scope.
func scimRefusesANarrowReading(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.User(directorytest.Employee("a@company.com"), "Staff")
	w.Jobs[0].Assigned = []string{"g-elsewhere", "g-staff"}
	for _, below := range [][]string{nil, {"g-staff"}} {
		w.Below = below
		d := w.Directory()
		l := directory.NewLookup(d)
		s, _, err := scimRequest().Resolve(l, d)
		if err != nil {
			t.Fatal(err)
		}
		_, err = decision.NewEngine(d, l, w.Organization(), s)
		if refused := err != nil && strings.Contains(err.Error(), "g-elsewhere"); refused != (below != nil) {
			t.Errorf("below %v: %v", below, err)
		}
	}
}

// A filter that can't be evaluated for somebody is never "filtered out": what
// Entra makes of it isn't documented.
func scimFilterThatFails(t *testing.T) {
	const filter = `{"groups":[{"name":"g","clauses":[{"sourceOperandName":"userPrincipalName",` +
		`"operatorName":"Greater_Than","targetOperand":{"values":["5"]}}]}]}`
	w := directorytest.SCIM(
		t,
		directorytest.Mapping(t, filter, "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]"),
	)
	id := w.User(directorytest.Employee("b@company.com"), "Staff")
	r := decide(t, w, scimRequest())
	if got, want := decided(t, r, id), "unknown: attribute_unknown (scoping filter, inferred)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	e := r.Explain(r.Directory.UserByID(id))
	if !strings.Contains(fmt.Sprint(e.Trace), "Greater_Than compares whole numbers") {
		t.Errorf("trace: %+v", e.Trace)
	}
}

// A pattern that takes too many steps for somebody in scope is an error that
// names it and them: nobody is taken for filtered out. Who isn't in scope
// doesn't matter.
func scimOutOfSteps(t *testing.T) {
	const pattern = `^(a+)+!(?!@)`
	filter := fmt.Sprintf(
		`{"groups":[{"name":"g","clauses":[{"sourceOperandName":"userPrincipalName","operatorName":"NOT REGEX MATCH",`+
			`"targetOperand":{"values":[%q]}}]}]}`,
		pattern,
	)
	slow := strings.Repeat("a", 60) + "!@company.com"
	for name, mappings := range map[string]string{
		"filter": directorytest.Mapping(t, filter,
			"!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]"),
		"mapping": directorytest.Mapping(t, "",
			"!userName", "[userPrincipalName]", "title", `Replace([userPrincipalName], , "`+pattern+`", , "", , )`),
	} {
		for _, group := range []string{"Staff", "Other"} {
			w := directorytest.SCIM(t, mappings)
			w.User(directorytest.Employee("b@company.com"), "Staff")
			w.User(directorytest.Employee(slow), group)
			d := w.Directory()
			l := directory.NewLookup(d)
			q := scimRequest()
			s, _, err := q.Resolve(l, d)
			if err != nil {
				t.Fatal(err)
			}
			_, err = decision.NewEngine(d, l, w.Organization(), s)
			if (err != nil) != (group == "Staff") {
				t.Fatalf("%s, %s: %v", name, group, err)
			}
			if err != nil &&
				(!expression.OutOfSteps(err) || !strings.Contains(err.Error(), slow) ||
					!strings.Contains(err.Error(), pattern)) {
				t.Errorf("%s: the error names not both: %v", name, err)
			}
		}
	}
}
