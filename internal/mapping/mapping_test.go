package mapping

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

func user(t testing.TB, attributes map[string]string) *directory.Directory {
	t.Helper()
	var names []string
	for n := range attributes {
		names = append(names, n)
	}
	b := directory.NewBuilder(names)
	values := make([]string, len(b.Attributes()))
	for i, n := range b.Attributes() {
		values[i] = attributes[n]
	}
	b.AddUser(directory.User{
		ID:                "id",
		UserPrincipalName: "adele_fabrikam.com#EXT#@company.onmicrosoft.com",
		UserType:          "Guest",
		AccountEnabled:    directory.True,
		OtherMails:        []string{"a@x.com", "b@x.com"},
	}, values, directory.HasUserType|directory.HasAccountEnabled)
	return b.Build("tenant", nil)
}

func eval(t testing.TB, m Mapping, d *directory.Directory, env Env) map[string]string {
	t.Helper()
	p, err := Compile(m, d, env)
	if err != nil {
		t.Fatal(err)
	}
	row := p.NewRow()
	p.Load(row, 0)
	out := map[string]string{}
	for i, target := range p.Targets {
		r, err := p.Eval(row, i)
		switch {
		case err != nil:
			out[target] = "error: " + err.Error()
		case r.Outcome == expression.OutcomeValue:
			out[target] = r.Value.String()
		default:
			out[target] = r.Outcome.String()
		}
	}
	return out
}

func listed(pairs ...string) Mapping {
	m := Mapping{Object: Object{"User", "User"}, Attributes: map[string]Attribute{}}
	for i := 0; i < len(pairs); i += 2 {
		m.Attributes[pairs[i]] = Attribute{Expression: pairs[i+1]}
	}
	return m
}

// Provisioning names its attributes otherwise than Graph, and strips #EXT#.
func TestSourceAttributes(t *testing.T) {
	d := user(
		t,
		map[string]string{
			"mobilePhone":         `"123"`,
			"businessPhones":      `["1","2"]`,
			"department":          "",
			"extensionAttribute1": `"x"`,
			"employeeType":        `"Contractor"`,
		},
	)
	got := eval(t, listed(
		"a",
		"[userPrincipalName]",
		"b",
		"[originalUserPrincipalName]",
		"c",
		"[mobile]",
		"d",
		"[telephoneNumber]",
		"e",
		"[department]",
		"f",
		"[extensionAttribute1]",
		"g",
		`Join(",", [otherMails])`,
		"h",
		"Not([IsSoftDeleted])",
		"i",
		"[objectId]",
		"j",
		"[employeeType]",
		"k",
		"[accountEnabled]",
	), d, Env{})
	want := map[string]string{
		"a": "adele@fabrikam.com",
		"b": "adele_fabrikam.com#EXT#@company.onmicrosoft.com",
		"c": "123",
		"d": "1",
		"e": "null",
		"f": "x",
		"g": "a@x.com,b@x.com",
		"h": "True",
		"i": "id",
		"j": "Contractor",
		"k": "True",
	}
	for k, w := range want {
		if got[k] != w {
			t.Errorf("%s: %q, want %q", k, got[k], w)
		}
	}
}

func TestMissingAttribute(t *testing.T) {
	_, err := Compile(listed("phone", "[mobile]"), user(t, nil), Env{})
	var missing *MissingAttributesError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), `phone uses mobile (Graph: mobilePhone)`) ||
		!strings.Contains(err.Error(), `add "mobilePhone"`) {
		t.Error(err)
	}
}

func TestDefaultsAndClock(t *testing.T) {
	d := user(t, map[string]string{"department": ""})
	fallback := "none"
	m := listed("dept", "[department]", "when", "Now()", "domain", "DefaultDomain()")
	m.Attributes["dept"] = Attribute{Expression: "[department]", Default: &fallback}
	got := eval(t, m, d, Env{Now: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), DefaultDomain: "company.com"})
	if got["dept"] != "none" || got["when"] != "11/20/2026 8:00:00 AM" || got["domain"] != "company.com" {
		t.Error(got)
	}
	if got := eval(t, m, d, Env{}); got["when"] != expression.OutcomeUnpredictable.String() {
		t.Errorf("without a clock nothing is guessed: %v", got)
	}
}

// Equal meaning, equal bytes.
func TestEffectiveIsCanonical(t *testing.T) {
	a, b := listed(
		"x",
		`Join( "@",[a] , "y")`,
		"n",
		`Mid([a], 1, 8)`,
	), listed(
		"x",
		`Join("@", [a], "y")`,
		"n",
		`Mid([a], "1", "8")`,
	)
	a.Actions, b.Actions = []string{"delete", "create"}, []string{"create", "delete"}
	a.Attributes["x"] = Attribute{Expression: a.Attributes["x"].Expression, Apply: "always"}
	clause := func(v string) scoping.SpecClause {
		return scoping.SpecClause{Attribute: "department", Operator: "EQUALS", Values: []string{v}}
	}
	a.Filter = &scoping.Spec{
		AnyOf: []scoping.SpecGroup{
			{Name: "one", AllOf: []scoping.SpecClause{clause("IT")}},
			{AllOf: []scoping.SpecClause{clause("HR")}},
		},
	}
	b.Filter = &scoping.Spec{
		AnyOf: []scoping.SpecGroup{
			{AllOf: []scoping.SpecClause{clause("HR")}},
			{Name: "two", AllOf: []scoping.SpecClause{clause("IT")}},
		},
	}
	x, err1 := a.Effective()
	y, err2 := b.Effective()
	if err1 != nil || err2 != nil || x != y {
		t.Errorf("%s\n%s %v %v", x, y, err1, err2)
	}
	back, err := ParseEffective(x)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := back.Effective(); err != nil || again != x {
		t.Errorf("%s %v", again, err)
	}
	if _, err := ParseEffective(`{"version":2}`); err == nil {
		t.Error("another version must be refused")
	}
	bad := listed("x", `Join("@"`)
	var at *AttributeError
	if _, err := bad.Effective(); !errors.As(err, &at) || at.Target != "x" {
		t.Error(err)
	}
}

func TestOverlay(t *testing.T) {
	job := listed("a", "[a]", "b", "[b]")
	job.Actions = []string{"create"}
	got := Overlay(job, Mapping{Manage: ManageListed, Attributes: map[string]Attribute{"b": {Expression: "[c]"}}})
	if len(got.Attributes) != 2 || got.Attributes["b"].Expression != "[c]" || len(got.Actions) != 1 {
		t.Errorf("%+v", got)
	}
	got = Overlay(
		job,
		Mapping{Manage: ManageAll, Actions: []string{}, Attributes: map[string]Attribute{"b": {Expression: "[c]"}}},
	)
	if len(got.Attributes) != 1 || len(got.Actions) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestFromGraph(t *testing.T) {
	raw := `{"enabled":true,"flowTypes":"Add,Update","sourceObjectName":"User","targetObjectName":"T","scope":{"groups":[{"name":"g","clauses":[{"sourceOperandName":"department","operatorName":"EQUALS","targetOperand":{"values":["Marketing"]}}]}]},
	 "attributeMappings":[{"defaultValue":"True","flowType":"ObjectAddOnly","matchingPriority":1,"targetAttributeName":"active","source":{"expression":"Not([IsSoftDeleted])","name":"Not","type":"Function","parameters":[{"key":"source","value":{"expression":"[IsSoftDeleted]","name":"IsSoftDeleted","type":"Attribute","parameters":[]}}]}},
	 {"flowType":"SomethingNew","targetAttributeName":"userType","source":{"type":"Constant","name":"Member","expression":"\"Member\"","parameters":[]}}]}`
	m, enabled, err := FromGraph([]byte(raw))
	if err != nil || !enabled || m.Object != (Object{"User", "T"}) || strings.Join(m.Actions, ",") != "create,update" {
		t.Fatalf("%+v %v %v", m, enabled, err)
	}
	if a := m.Attributes["active"]; a.Expression != "Not([IsSoftDeleted])" || a.Apply != "on_create" ||
		a.MatchingPriority != 1 ||
		a.Default == nil ||
		*a.Default != "True" {
		t.Errorf("%+v", a)
	}
	if a := m.Attributes["userType"]; a.Expression != `"Member"` || a.Apply != "SomethingNew" {
		t.Errorf("a flow type that isn't known stays as it came: %+v", a)
	}
	if m.Filter == nil || m.Filter.AnyOf[0].AllOf[0].Attribute != "department" {
		t.Errorf("%+v", m.Filter)
	}
	if FlowTypes([]string{"delete", "create"}) != "Add, Delete" {
		t.Error(FlowTypes([]string{"delete", "create"}))
	}
}

func TestStripped(t *testing.T) {
	for in, want := range map[string]string{
		"a@b.com": "a@b.com", "a_b_fabrikam.com#EXT#@x": "a_b@fabrikam.com", "a_f.com#ext#@x": "a@f.com", "plain#EXT#@x": "plain", "": "",
	} {
		if got := Stripped(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNamesAreAnInvolution(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"mobile", "telephoneNumber", "mail", "objectId", "department", "userState"}).
			Draw(rt, "name")
		if got := ProvisioningName(GraphName(name)); got != name {
			rt.Errorf("%s: %s", name, got)
		}
	})
}
