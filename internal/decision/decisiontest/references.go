package decisiontest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// App roles decide where the reading has them: as a group's, or one's own. As if
// others were assigned, or people were members elsewhere, nothing is known of
// them, and where no expression that decides reads them, nothing of it matters.
func scimAppRoles(t *testing.T) {
	const active = `Switch(SingleAppRoleAssignment([appRoleAssignments]), "True", "Leaver", "False")`
	w := directorytest.SCIM(t, directorytest.Mapping(t, "", "!userName", "[userPrincipalName]",
		`emails[type eq "work"].value`, "[mail]", "active", active))
	ann := w.User(directorytest.Employee("ann@company.com"), "Staff")
	ben := w.User(directorytest.Employee("ben@company.com"))
	cyd := w.User(directorytest.Employee("cyd@company.com"))
	w.Jobs[0].Assigned = []string{"g-staff", ben, cyd}
	const sync, unknown = "sync: domain_verified (company.com, managed, inferred)", "unknown: attribute_unknown"
	check := func(name string, q decision.Request, want map[string]string) {
		t.Helper()
		r := decide(t, w, q)
		for id, decision := range want {
			if got := decided(t, r, id); !strings.HasPrefix(got, decision) {
				t.Errorf("%s: %s: got %s, want %s", name, w.NameOf(id), got, decision)
			}
		}
	}
	check("not read", scimRequest(), map[string]string{ann: unknown, ben: unknown})
	w.Jobs[0].Roles = []directory.AppRole{
		{ID: directory.NoRole, Assigned: []string{cyd}},
		{ID: "r1", DisplayName: "User", Assigned: []string{"g-staff"}},
		{ID: "r2", DisplayName: "Leaver", Assigned: []string{ben}},
	}
	check("read", scimRequest(), map[string]string{ann: sync, ben: "skip: account_disabled", cyd: unknown})
	q := scimRequest()
	q.Groups = []string{"Staff"}
	check("as if those alone were assigned", q, map[string]string{ann: sync})
	w.Group("Others", "")
	w.Join("Others", ann)
	q.Groups = []string{"Others", "Staff"}
	check("as if others were assigned, too", q, map[string]string{ann: unknown})
	q = scimRequest()
	q.Everyone = true
	check("everyone", q, map[string]string{ann: unknown, ben: unknown})
	q = scimRequest()
	q.Members = map[string][]string{"Staff": {"dan@company.com"}}
	dan := w.User(directorytest.Employee("dan@company.com"))
	check("as if a member", q, map[string]string{ann: sync, dan: unknown})
}

// A manager is sent as an id that the target gives: of one who isn't in scope
// nothing is sent. A change of the manager is a change of what is sent.
func scimManagers(t *testing.T) {
	w := directorytest.SCIM(t, directorytest.Mapping(t, "", "!userName", "[userPrincipalName]",
		`emails[type eq "work"].value`, "[mail]", "manager", "[manager]"))
	ann := w.User(directorytest.Employee("ann@company.com"), "Staff")
	ben := w.User(directorytest.Employee("ben@company.com"), "Staff")
	out := w.User(directorytest.Employee("out@company.com"))
	sent := func(manager string) uint32 {
		d := w.Directory()
		d.Attributes, d.Columns = []string{directory.Manager}, [][]string{make([]string, len(d.Users))}
		if manager != "" {
			d.Columns[0][d.UserByID(ann)] = `"` + manager + `"`
		}
		l := directory.NewLookup(d)
		s, _, err := scimRequest().Resolve(l, d)
		if err != nil {
			t.Fatal(err)
		}
		e, err := decision.NewEngine(d, l, w.Organization(), s)
		if err != nil {
			t.Fatal(err)
		}
		r := e.Decide()
		if got := decided(t, r, ann); got != "sync: domain_verified (company.com, managed, inferred)" {
			t.Errorf("led by %q: got %s", manager, got)
		}
		return r.Expect(d.UserByID(ann)).Sent
	}
	nobody := sent("")
	if sent(ben) == nobody {
		t.Error("a manager in scope is sent")
	}
	for _, id := range []string{out, "elsewhere"} {
		if sent(id) != nobody {
			t.Errorf("%s isn't in scope, and is sent", id)
		}
	}
	w = directorytest.SCIM(
		t,
		directorytest.Mapping(t, "", "!userName", "[manager]", `emails[type eq "work"].value`, "[mail]"),
	)
	ann = w.User(directorytest.Employee("ann@company.com"), "Staff")
	if got := decided(t, decide(t, w, scimRequest()), ann); !strings.HasPrefix(got, "unknown: attribute_unknown") {
		t.Errorf("matched by a manager that isn't read: got %s", got)
	}
}
