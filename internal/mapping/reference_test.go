package mapping

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// led is a directory of ann, led by ben; of ben; and of cyd, led by somebody elsewhere.
func led(attributes ...string) *directory.Directory {
	b := directory.NewBuilder(attributes)
	for i, u := range []string{"ann", "ben", "cyd"} {
		values := make([]string, len(b.Attributes()))
		if at := slices.Index(b.Attributes(), directory.Manager); at >= 0 {
			values[at] = []string{`"ben"`, "", `"elsewhere"`}[i]
		}
		b.AddUser(directory.User{ID: u, UserPrincipalName: u + "@company.com", AccountEnabled: directory.True}, values,
			directory.HasUserType|directory.HasAccountEnabled)
	}
	b.AddGroup(directory.GraphGroup{ID: "g", SecurityEnabled: true, Members: []directory.GraphMember{{ID: "ben"}}})
	return b.Build("tenant", nil)
}

var ledJob = &directory.Job{Roles: []directory.AppRole{
	{ID: directory.NoRole, Assigned: []string{"cyd"}},
	{ID: "r1", Value: "admin", DisplayName: "Administrator", Assigned: []string{"ann", "g"}},
	{ID: "r2", Value: "user", DisplayName: "User", Assigned: []string{"ben"}},
}}

func previews(t *testing.T, p *Program, i int32) map[string]string {
	t.Helper()
	list, _, err := p.Preview(p.NewRow(), i)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, x := range list {
		switch {
		case x.Unknown:
			out[x.Target] = "unknown: " + x.Why
		case x.Why != "":
			out[x.Target] = x.Why
		default:
			out[x.Target] = x.Value.String()
		}
	}
	return out
}

// A manager is a reference: that there is one is known, and who it is at the target isn't.
func TestCompile_Manager(t *testing.T) {
	m := listed("manager", "[manager]", "led", `IIF(IsPresent([manager]), "yes", "no")`, "text", `ToLower([manager])`,
		"other", `Coalesce([manager], [mail])`)
	p, err := Compile(m, led(directory.Manager), Env{})
	if err != nil {
		t.Fatal(err)
	}
	const ends = " has at the target: known there alone, and nothing flows until they are provisioned, too"
	for i, want := range []map[string]string{
		{"manager": "unknown: the id that ben@company.com" + ends, "led": "yes", "other": "unknown: the id that ben@company.com" + ends},
		{"manager": "null: nothing flows, and nothing is cleared", "led": "no", "other": "null: nothing flows, and nothing is cleared"},
		{"manager": "unknown: the id that the object elsewhere" + ends, "led": "yes", "other": "unknown: the id that the object elsewhere" + ends},
	} {
		got := previews(t, p, int32(i))
		if i != 1 && !strings.HasPrefix(got["text"], "unknown: can't be told in advance: the value depends on the id") {
			t.Errorf("%d: got %q", i, got["text"])
		}
		delete(got, "text")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
	if _, err := Compile(m, led(), Env{}); err != nil {
		t.Errorf("what isn't read stops nothing: got %v", err)
	}
}

// Roles are those of the job's assignments: one's own, and a group's. Of a role without a name, and of who has
// none, nothing is known; nor is it without the job.
func TestCompile_Roles(t *testing.T) {
	m := listed(
		"one",
		"SingleAppRoleAssignment([appRoleAssignments])",
		"all",
		"AppRoleAssignmentsComplex([appRoleAssignments])",
		"asserted",
		"AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
		"count",
		"Count([appRoleAssignments])",
	)
	p, err := Compile(m, led(), Env{Job: ledJob})
	if err != nil {
		t.Fatal(err)
	}
	const admin = `{"id":"r1","value":"admin","displayName":"Administrator"}`
	want := map[string]string{
		"one":      "Administrator",
		"all":      "[" + admin + "]",
		"asserted": "[" + admin + "]",
		"count":    "1",
	}
	if diff := cmp.Diff(want, previews(t, p, 0)); diff != "" {
		t.Error(diff)
	}
	got := previews(t, p, 1)
	if got["count"] != "2" || !strings.Contains(got["one"], "several app roles") {
		t.Errorf("got %v", got)
	}
	for target, text := range previews(t, p, 2) {
		if !strings.HasPrefix(text, "unknown: can't be told in advance: the user's app roles aren't known") {
			t.Errorf("%s: got %q", target, text)
		}
	}
	for _, job := range []*directory.Job{nil, {}} {
		if p, err = Compile(m, led(), Env{Job: job}); err != nil {
			t.Fatal(err)
		}
		for target, text := range previews(t, p, 0) {
			if !strings.HasPrefix(text, "unknown: it reads appRoleAssignments") || !strings.Contains(text, "add ") {
				t.Errorf("%s: got %q", target, text)
			}
		}
	}
}

// What Graph shows to nobody stays unknown, though a file may have it, and every message says so.
func TestCompile_Hidden(t *testing.T) {
	for _, name := range Hidden {
		b := directory.NewBuilder([]string{name})
		b.AddUser(directory.User{ID: "ann"}, []string{`"x"`}, 0)
		d := b.Build("tenant", nil)
		want := "it reads " + name + ", which Graph doesn't show to anyone"
		m := listed("row", "["+name+"]", "key", "AltSecIdFromNetId(["+name+"])")
		p, err := Compile(m, d, Env{})
		if err != nil {
			t.Fatal(err)
		}
		for target, text := range previews(t, p, 0) {
			if text != "unknown: "+want {
				t.Errorf("%s, %s: got %q", name, target, text)
			}
		}
		m = listed("a", "[objectId]")
		m.Filter = filterBy(name, "IS NULL")
		if p, err = Compile(m, d, Env{}); err != nil {
			t.Fatal(err)
		}
		row := p.NewRow()
		p.Load(row, 0)
		if _, _, err := p.InScope(row); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s in a filter: got %v", name, err)
		}
		if _, err := CompileFilter(*filterBy(name, "IS NULL"), d); err == nil ||
			!strings.Contains(err.Error(), "Graph doesn't show") {
			t.Errorf("%s in a policy's filter: got %v", name, err)
		}
	}
}

// A job's filter can't take references, whether they are read or not; a policy's, which is ours, takes managers.
func TestCompile_FilteredReferences(t *testing.T) {
	d := led(directory.Manager)
	for _, name := range []string{AttributeManager, AttributeRoles} {
		m := listed("a", "[objectId]")
		m.Filter = filterBy(name, "IS NULL")
		p, err := Compile(m, d, Env{Job: ledJob})
		if err != nil {
			t.Fatal(err)
		}
		row := p.NewRow()
		p.Load(row, 0)
		if _, _, err := p.InScope(row); err == nil || !strings.Contains(err.Error(), "scoping filters can't take") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	f, err := CompileFilter(*filterBy("manager", "IS NOT NULL"), d)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true} {
		if got, err := f.Match(int32(i)); got != want || err != nil {
			t.Errorf("%d: got %t, %v", i, got, err)
		}
	}
	if _, err := CompileFilter(*filterBy(AttributeRoles, "IS NULL"), d); err == nil ||
		!strings.Contains(err.Error(), "belong to an application") {
		t.Errorf("got %v", err)
	}
	if _, err := CompileFilter(*filterBy("manager", "IS NULL"), led()); err == nil ||
		!strings.Contains(err.Error(), `add "manager"`) {
		t.Errorf("got %v", err)
	}
}

// What is sent changes with the manager, where the manager is provisioned, and with the roles.
func TestSentHash_References(t *testing.T) {
	d := led(directory.Manager)
	p, err := Compile(
		listed("manager", "[manager]", "role", "SingleAppRoleAssignment([appRoleAssignments])"),
		d,
		Env{Job: ledJob},
	)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Covered(), []string{"manager", "role"}) {
		t.Errorf("got %v", p.Covered())
	}
	row := p.NewRow()
	hash := func(there bool) uint32 { return p.SentHash(row, func(string) bool { return there }) }
	p.Load(row, 0)
	unled := hash(false)
	if hash(true) == unled {
		t.Error("a manager who is provisioned is sent")
	}
	p.Override(row, AttributeManager, expression.Null())
	if hash(true) != unled {
		t.Error("of one who isn't provisioned nothing is sent")
	}
	p.Override(row, AttributeRoles, expression.RolesValue([]expression.Role{{DisplayName: "User"}}))
	if hash(true) == unled {
		t.Error("another role is sent")
	}
	if p, err = Compile(
		listed("d", "DefaultDomain()", "m", "[manager]"),
		led(),
		Env{},
	); err != nil ||
		len(p.Covered()) != 0 {
		t.Errorf("got %v, %v", p.Covered(), err)
	}
}

// What isn't known isn't nothing: it is no reason to warn that nothing flows.
func TestYield_Unknown(t *testing.T) {
	d := led()
	p, err := Compile(listed("manager", "[manager]", "mail", "[mail]"), d, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if in, empty := p.Yield(d, nil); in != 3 || !slices.Equal(empty, []int{3, 0}) {
		t.Errorf("got %d, %v", in, empty)
	}
}

func TestUsesRoles(t *testing.T) {
	mappings := func(expression, where string) []string {
		return []string{`{"enabled":true,"sourceObjectName":"User","targetObjectName":"u","attributeMappings":[` +
			`{"targetAttributeName":"a","source":{"expression":"` + expression + `"}}],"scope":{"groups":[` + where + `]}}`}
	}
	for want, list := range map[bool][][]string{
		true: {
			mappings("SingleAppRoleAssignment([appRoleAssignments])", ""),
			mappings("[mail]", `{"name":"x","clauses":[{"operatorName":"IS NULL","sourceOperandName":"appRoleAssignments","targetOperand":null}]}`),
		},
		false: {mappings("[mail]", ""), nil},
	} {
		for _, m := range list {
			if UsesRoles(m) != want {
				t.Errorf("%s: want %t", m, want)
			}
		}
	}
}
