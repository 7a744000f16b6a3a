package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// What is said of rows and filters, and of which nothing is.
func TestCheck_Table(t *testing.T) {
	empty := ""
	scim := "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	cases := []struct {
		name string
		m    Mapping
	}{
		{"nothing", Mapping{}},
		{"constant default", Mapping{Attributes: map[string]Attribute{"a": {Default: &empty}}}},
		{"neither", Mapping{Attributes: map[string]Attribute{"a": {}}}},
		{"no expression", Mapping{Attributes: map[string]Attribute{"a": {Expression: "IIF("}}}},
		{"no such function", Mapping{Attributes: map[string]Attribute{"a": {Expression: "Lower([mail])"}}}},
		{"one priority twice", Mapping{Attributes: map[string]Attribute{
			"a": {Expression: "[objectId]", MatchingPriority: 1}, "b": {Expression: "[objectId]", MatchingPriority: 1},
			"c": {Expression: "[objectId]"}, "d": {Expression: "[objectId]"},
		}}},
		{
			"nobody is found",
			Mapping{Manage: ManageAll, Attributes: map[string]Attribute{"a": {Expression: "[objectId]"}}},
		},
		{
			"listed rows need not match",
			Mapping{Manage: ManageListed, Attributes: map[string]Attribute{"a": {Expression: "[objectId]"}}},
		},
		{"all, and one matches", Mapping{Manage: ManageAll, Attributes: map[string]Attribute{
			"a": {Expression: "[objectId]", MatchingPriority: 1}, "b": {Expression: "[mail]"},
		}}},
		{"all of nothing", Mapping{Manage: ManageAll}},
		{"matched by two", Mapping{Attributes: map[string]Attribute{
			"a": {Expression: `Join("", [objectId], [employeeId])`, MatchingPriority: 1},
		}}},
		{
			"joined by two",
			Mapping{Attributes: map[string]Attribute{"a": {Expression: `Join("", [objectId], [employeeId])`}}},
		},
		{
			"matched by what changes",
			Mapping{Attributes: map[string]Attribute{"a": {Expression: "[mail]", MatchingPriority: 1}}},
		},
		{
			"a group matched by what changes",
			Mapping{
				Object: Object{
					"Group",
					"Group",
				},
				Attributes: map[string]Attribute{"a": {Expression: "[displayName]", MatchingPriority: 1}},
			},
		},
		{"what changes, not matched", Mapping{Attributes: map[string]Attribute{"a": {Expression: "[mail]"}}}},
		{"SCIM, asked by userName", Mapping{Object: Object{"User", scim}, Attributes: map[string]Attribute{
			"userName": {
				Expression:       "[objectId]",
				MatchingPriority: 1,
			},
			"externalId": {Expression: "[objectId]", MatchingPriority: 2},
		}}},
		{"SCIM, asked by mail", Mapping{Object: Object{"User", scim}, Attributes: map[string]Attribute{
			"emails": {Expression: "[objectId]", MatchingPriority: 1},
		}}},
		{
			"SCIM, a group",
			Mapping{
				Object: Object{"Group", "urn:ietf:params:scim:schemas:core:2.0:Group"},
				Attributes: map[string]Attribute{
					"members": {Expression: "[members]", MatchingPriority: 1},
				},
			},
		},
		{"another target, asked by mail", Mapping{Object: Object{"User", "x:User"}, Attributes: map[string]Attribute{
			"emails": {Expression: "[objectId]", MatchingPriority: 1},
		}}},
		{
			"a constant, matched",
			Mapping{Attributes: map[string]Attribute{"a": {Expression: `"x"`, MatchingPriority: 1}}},
		},
		{"a constant", Mapping{Attributes: map[string]Attribute{"a": {Expression: `"x"`}}}},
		{"userType", Mapping{Attributes: map[string]Attribute{"a": {Expression: "[userType]"}}}},
		{"filters", Mapping{
			Filter: filterBy("department", "EQUALS", "x"), InputFilter: filterBy("department", "NO SUCH", "x"),
			CategoryFilter: filterBy("department", "REGEX MATCH", "("),
		}},
		{"a filter with advice", Mapping{Filter: filterBy("mail", "REGEX MATCH", "^x.*$")}},
	}
	var b strings.Builder
	for _, c := range cases {
		mistakes, advice := c.m.Check()
		fmt.Fprintf(&b, "== %s\n", c.name)
		for _, f := range mistakes {
			fmt.Fprintf(&b, "mistake: %s\n", f)
		}
		for _, f := range advice {
			fmt.Fprintf(&b, "advice: %s\n", f)
		}
	}
	golden.Text(t, "check", b.String())
}

func filterBy(attribute, operator string, values ...string) *scoping.Spec {
	return &scoping.Spec{AnyOf: []scoping.SpecGroup{{Name: "g", AllOf: []scoping.SpecClause{
		{Attribute: attribute, Operator: operator, Values: values},
	}}}}
}

// people is a tenant with somebody disabled and groups of two kinds.
func people() (*directorytest.World, *directory.Directory) {
	w := directorytest.New()
	mailless := directorytest.Employee("ben@company.com")
	mailless.Mail = ""
	off := directorytest.Employee("off@company.com")
	off.AccountEnabled = directory.False
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(mailless, "Staff", "Other")
	w.User(off, "Staff")
	w.User(directorytest.Employee("cid@company.com"), "Child")
	w.User(directorytest.Employee("dan@company.com"))
	w.At("Other").SecurityEnabled = false
	return w, w.Directory()
}

func TestAssigned(t *testing.T) {
	_, d := people()
	for name, c := range map[string]struct {
		assigned []string
		want     []int32
	}{
		"nobody": {nil, []int32{}}, "direct members of a group, without the disabled": {[]string{"g-staff"}, []int32{0, 1}},
		"the first group": {[]string{"g-child"}, []int32{3}}, "a user": {[]string{"u-000"}, []int32{0}},
		"one who is disabled": {[]string{"u-002"}, []int32{}}, "a group that isn't a security group": {[]string{"g-other"}, []int32{}},
		"each once": {[]string{"u-004", "g-staff", "u-001"}, []int32{0, 1, 4}}, "who isn't there": {[]string{"x"}, []int32{}},
	} {
		if diff := cmp.Diff(c.want, Assigned(d, &directory.Job{Assigned: c.assigned})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// How many are in scope, and to how many of them nothing flows.
func TestYield(t *testing.T) {
	_, d := people()
	for name, c := range map[string]struct {
		rows  map[string]string
		where *scoping.Spec
		users []int32
		in    int
		empty []int
	}{
		"all who aren't disabled": {map[string]string{"a": "[mail]", "b": "[userPrincipalName]"}, nil, nil, 4, []int{1, 0}},
		"some":                    {map[string]string{"a": "[mail]"}, nil, []int32{0, 1, 2}, 3, []int{1}},
		"none":                    {map[string]string{"a": "[mail]"}, nil, []int32{}, 0, []int{0}},
		"what the filter takes":   {map[string]string{"a": "[mail]"}, filterBy("mail", "IS NULL"), nil, 1, []int{1}},
		"constants": {map[string]string{"a": `""`, "b": `"x"`, "c": `RandomString(5, 1, 1, 1, 0, "")`, "d": `Error("x")`}, nil, []int32{0}, 1,
			[]int{1, 0, 0, 1}},
	} {
		m := planned(ManageAll, c.rows)
		m.Filter = c.where
		p, err := Compile(m, d, Env{})
		if err != nil {
			t.Fatal(name, err)
		}
		in, empty := p.Yield(d, c.users)
		if in != c.in || !cmp.Equal(empty, c.empty) {
			t.Errorf("%s: got %d, %v, want %d, %v", name, in, empty, c.in, c.empty)
		}
	}
}

// A policy's filter speaks of Graph's properties.
func TestCompileFilter(t *testing.T) {
	_, d := people()
	f, err := CompileFilter(*filterBy("userPrincipalName", "EQUALS", "ann@company.com"), d)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, false, false, false} {
		if got, err := f.Match(int32(i)); got != want || err != nil {
			t.Errorf("user %d: got %t, %v", i, got, err)
		}
	}
	for want, spec := range map[string]*scoping.Spec{
		`the filter uses UserType, and names of attributes are case-sensitive: did you mean userType?`: filterBy("UserType", "EQUALS", "x"),
		"noSuchThing": filterBy("noSuchThing", "EQUALS", "x"), "NO SUCH": filterBy("mail", "NO SUCH", "x"),
	} {
		if _, err := CompileFilter(*spec, d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
