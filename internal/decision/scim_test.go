package decision

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// graphMapping writes an object mapping of users as Graph's schema has it;
// attributes are target and expression, a leading ! marks the matching one.
func graphMapping(t testing.TB, filter string, attributes ...string) string {
	t.Helper()
	var list []map[string]any
	for i := 0; i < len(attributes); i += 2 {
		target, matching := strings.CutPrefix(attributes[i], "!")
		priority := 0
		if matching {
			priority = 1
		}
		kind := "Function"
		if strings.HasPrefix(attributes[i+1], "[") {
			kind = "Attribute"
		}
		list = append(list, map[string]any{
			"targetAttributeName": target, "matchingPriority": priority, "flowType": "Always", "flowBehavior": "FlowWhenChanged",
			"source": map[string]any{"expression": attributes[i+1], "name": strings.Trim(attributes[i+1], "[]"), "type": kind, "parameters": []any{}},
		})
	}
	m := map[string]any{"enabled": true, "flowTypes": "Add, Update, Delete", "sourceObjectName": "User", "targetObjectName": "User", "attributeMappings": list}
	if filter != "" {
		m["scope"] = json.RawMessage(filter)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// gallery are the usual mappings of the gallery app (atlassian.md 2.1): mail
// to the work email, principal name to userName.
func gallery(t testing.TB) string {
	return graphMapping(t, "", "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]", "active", "Not([IsSoftDeleted])")
}

func scimWorld(t testing.TB, mappings string) *world {
	w := newWorld()
	if mappings == "" {
		mappings = gallery(t)
	}
	w.jobs = []directory.Job{{ServicePrincipalID: "sp", DisplayName: "Atlassian Cloud", JobID: "job", Mappings: []string{mappings}, Assigned: []string{"g-staff"}}}
	return w
}

func scimRequest() Request { return Request{Connector: SCIM, Rules: DefaultRules()} }

// TestSCIMTable is the SCIM column of atlassian.md part 5, row by row.
func TestSCIMTable(t *testing.T) {
	pending := external("p@fabrikam.com", TypeGuest)
	pending.ExternalUserState = "PendingAcceptance"
	noMail := external("k@fabrikam.com", TypeGuest)
	noMail.Mail = ""
	upnOnly := employee("a@company.com")
	upnOnly.Mail = ""
	disabled := employee("a@company.com")
	disabled.AccountEnabled = directory.False
	mixed := employee("a@company.com")
	mixed.Mail = "a@unverified.com"
	withType := func(u directory.User, typ string) directory.User { u.UserType = typ; return u }
	tests := []struct {
		row   string
		user  directory.User
		group string
		want  string
	}{
		{"1", employee("a@company.com"), "Staff", "sync: domain_verified (company.com, managed)"},
		{"2 nested only", employee("a@company.com"), "Child", "skip: nested_only"},
		{"3 guest on a verified domain", withType(external("a@company.com", ""), TypeGuest), "Staff", "sync: domain_verified (company.com, managed)"},
		{"4 no type", withType(employee("a@company.com"), ""), "Staff", "sync: domain_verified (company.com, managed, inferred)"},
		{"5 cross-tenant member on a verified domain", external("a@company.com", TypeMember), "Staff", "sync: domain_verified (company.com, managed, inferred)"},
		{"6 guest", external("p@fabrikam.com", TypeGuest), "Staff", "sync: external_scim (fabrikam.com, external); warning: unlinks_on_update"},
		{"7 guest, nested", external("p@fabrikam.com", TypeGuest), "Child", "skip: nested_only"},
		{"8 invitation pending", pending, "Staff", "sync: external_scim (fabrikam.com, external, inferred); warning: unlinks_on_update"},
		{"9 cross-tenant member", external("p@fabrikam.com", TypeMember), "Staff", "sync: external_scim (fabrikam.com, external, inferred); warning: unlinks_on_update"},
		{"9 nested", external("p@fabrikam.com", TypeMember), "Child", "skip: nested_only"},
		{"11 own user on an unverified domain", employee("a@unverified.com"), "Staff", "sync: external_scim (unverified.com, external); warning: unlinks_on_update"},
		{"12 no type", external("p@fabrikam.com", ""), "Staff", "sync: external_scim (fabrikam.com, external, inferred); warning: unlinks_on_update"},
		{"15 no mail under a mail mapping", upnOnly, "Staff", "skip: no_usable_address (no mail, inferred)"},
		{"16 no mail, #EXT#, under a mail mapping", noMail, "Staff", "skip: no_usable_address (no mail, inferred)"},
		{"17 email follows the mapping", mixed, "Staff", "sync: external_scim (unverified.com, external); warning: unlinks_on_update"},
		{"18, 20 disabled", disabled, "Staff", "skip: account_disabled (inferred)"},
		{"25 not assigned", employee("a@company.com"), "Other", "skip: not_in_scope"},
	}
	for _, test := range tests {
		t.Run(test.row, func(t *testing.T) {
			w := scimWorld(t, "")
			id := w.user(test.user, test.group)
			got := text(t, w.decide(t, scimRequest()), id)
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

func TestSCIMMappings(t *testing.T) {
	filter := `{"groups":[{"name":"staff","clauses":[{"sourceOperandName":"userPrincipalName","operatorName":"ENDS_WITH","targetOperand":{"values":["@company.com"]}}]}]}`
	noMail := external("k@fabrikam.com", TypeGuest)
	noMail.Mail = ""
	empty := employee("a@company.com")
	empty.Mail = ""
	cases := []struct {
		name, mapping string
		user          directory.User
		want          string
	}{
		{"16 a principal name is stripped of #EXT#", graphMapping(t, "", "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[userPrincipalName]"), noMail,
			"sync: external_scim (fabrikam.com, external); warning: unlinks_on_update"},
		{"the original keeps it", graphMapping(t, "", "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[originalUserPrincipalName]"), noMail,
			"sync: external_scim (company.onmicrosoft.com, external); warning: unlinks_on_update"},
		{"coalesced", graphMapping(t, "", "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "Coalesce([mail], [userPrincipalName])"), empty, "sync: domain_verified (company.com, managed)"},
		{"scoping filter", graphMapping(t, filter, "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]"), external("p@fabrikam.com", TypeGuest), "skip: scoping_filter"},
		{"passes the filter", graphMapping(t, filter, "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]"), employee("a@company.com"), "sync: domain_verified (company.com, managed)"},
		{"a mapping fails", graphMapping(t, "", "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]", "title", `Item([otherMails], 3)`), employee("a@company.com"), "skip: mapping_error (title)"},
		{"the matching attribute is empty", graphMapping(t, "", "userName", "[userPrincipalName]", `!emails[type eq "work"].value`, "[mail]"), empty, `skip: matching_attribute_empty (emails[type eq "work"].value)`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := scimWorld(t, c.mapping)
			id := w.user(c.user, "Staff")
			if got := text(t, w.decide(t, scimRequest()), id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A planned mapping is laid over the job's own.
func TestSCIMPlannedMapping(t *testing.T) {
	w := scimWorld(t, "")
	upnOnly := employee("a@company.com")
	upnOnly.Mail = ""
	id := w.user(upnOnly, "Staff")
	planned, err := mapping.Mapping{Object: mapping.Object{Source: "User", Target: "User"}, Attributes: map[string]mapping.Attribute{
		`emails[type eq "work"].value`: {Expression: "Coalesce( [mail],[userPrincipalName] )"}}}.Effective()
	if err != nil {
		t.Fatal(err)
	}
	q := scimRequest()
	q.Mappings = []string{planned}
	if got := text(t, w.decide(t, q), id); got != "sync: domain_verified (company.com, managed)" {
		t.Error(got)
	}
	spec := scoping.Spec{AnyOf: []scoping.SpecGroup{{Name: "x", AllOf: []scoping.SpecClause{{Attribute: "department", Operator: "EQUALS", Values: []string{"IT"}}}}}}
	planned, err = mapping.Mapping{Object: mapping.Object{Source: "User", Target: "User"}, Filter: &spec}.Effective()
	if err != nil {
		t.Fatal(err)
	}
	q.Mappings = []string{planned}
	d := w.directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewEngine(d, l, w.organization(), s); err == nil || !strings.Contains(err.Error(), `add "department" to "attributes"`) {
		t.Errorf("a missing attribute must be named: %v", err)
	}
}

func TestSCIMGroupsAndFixes(t *testing.T) {
	w := scimWorld(t, "")
	direct, nested := w.user(employee("a@company.com"), "Staff"), w.user(employee("b@company.com"), "Child")
	w.user(employee("c@company.com"), "Child")
	out := w.user(employee("d@company.com"), "Other")
	r := w.decide(t, scimRequest())
	if got, err := r.Outcome(nil).GroupsJSON(); err != nil || got != `{"Staff":1}` {
		t.Errorf("child groups don't exist over SCIM: %s %v", got, err)
	}
	if got := strings.Join(r.GroupsOf(r.Directory.UserByID(direct)), ","); got != "Staff" {
		t.Error(got)
	}
	fixes := r.Fixes(r.Directory.UserByID(nested))
	if got := changesIn(fixes); got != `Add the user to the assigned group "Staff" | Assign the child group "Child" to the application | Use the connector atlassian_nested_groups instead` || fixes[1].OthersChanged != 1 {
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
	if got := text(t, w.decide(t, q), nested); got != "sync: domain_verified (company.com, managed)" {
		t.Error(got)
	}
	// A group that isn't security-enabled isn't read.
	w.at("Staff").SecurityEnabled = false
	if got := text(t, w.decide(t, scimRequest()), direct); got != "skip: not_in_scope" {
		t.Error(got)
	}
}

func TestSCIMServicePrincipal(t *testing.T) {
	w := scimWorld(t, "")
	w.jobs = append(w.jobs, directory.Job{ServicePrincipalID: "sp2", DisplayName: "Other app", Mappings: []string{gallery(t)}})
	d := w.directory()
	l := directory.NewLookup(d)
	for name, want := range map[string]string{"": "Atlassian Cloud (sp), Other app (sp2)", "Nobody": "0 service principals", "Other app": "sp2", "SP": "sp"} {
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
func TestOtherConnectorIsAFix(t *testing.T) {
	w := scimWorld(t, "")
	id := w.user(external("m@fabrikam.com", TypeMember), "Staff")
	w.user(employee("nested@company.com"), "Child")
	fixes := fixesOf(t, w, id)
	last := fixes[len(fixes)-1]
	if last.Change != "Use the connector atlassian_scim instead" || last.OthersChanged != 1 || !strings.Contains(last.Effect, "0 would be gained and 1 lost") || !strings.Contains(last.UndoneBy, "removes the domains") {
		t.Errorf("%+v", last)
	}
}

// Who is assigned by a group that a narrow reading lacks isn't out of scope.
func TestSCIMRefusesANarrowReading(t *testing.T) {
	w := scimWorld(t, "")
	w.user(employee("a@company.com"), "Staff")
	w.jobs[0].Assigned = []string{"g-elsewhere", "g-staff"}
	for _, below := range [][]string{nil, {"g-staff"}} {
		w.below = below
		d := w.directory()
		l := directory.NewLookup(d)
		s, _, err := scimRequest().Resolve(l, d)
		if err != nil {
			t.Fatal(err)
		}
		_, err = NewEngine(d, l, w.organization(), s)
		if refused := err != nil && strings.Contains(err.Error(), "g-elsewhere"); refused != (below != nil) {
			t.Errorf("below %v: %v", below, err)
		}
	}
}

// A pattern that takes too many steps for somebody in scope is an error that
// names it and them: nobody is taken for filtered out. Who isn't in scope
// doesn't matter.
func TestSCIMOutOfSteps(t *testing.T) {
	const pattern = `^(a+)+!(?!@)`
	filter := fmt.Sprintf(`{"groups":[{"name":"g","clauses":[{"sourceOperandName":"userPrincipalName","operatorName":"NOT REGEX MATCH","targetOperand":{"values":[%q]}}]}]}`, pattern)
	slow := strings.Repeat("a", 60) + "!@company.com"
	for name, mappings := range map[string]string{
		"filter":  graphMapping(t, filter, "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]"),
		"mapping": graphMapping(t, "", "!userName", "[userPrincipalName]", "title", `Replace([userPrincipalName], , "`+pattern+`", , "", , )`),
	} {
		for _, group := range []string{"Staff", "Other"} {
			w := scimWorld(t, mappings)
			w.user(employee("b@company.com"), "Staff")
			w.user(employee(slow), group)
			d := w.directory()
			l := directory.NewLookup(d)
			q := scimRequest()
			s, _, err := q.Resolve(l, d)
			if err != nil {
				t.Fatal(err)
			}
			_, err = NewEngine(d, l, w.organization(), s)
			if (err != nil) != (group == "Staff") {
				t.Fatalf("%s, %s: %v", name, group, err)
			}
			if err != nil && (!expression.OutOfSteps(err) || !strings.Contains(err.Error(), slow) || !strings.Contains(err.Error(), pattern)) {
				t.Errorf("%s: the error names not both: %v", name, err)
			}
		}
	}
}
