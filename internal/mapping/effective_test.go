package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What isn't a mapping is said to be none, and which part of one is wrong.
func TestParseEffective_Errors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "this is no mapping",
		`{"version":2}`:                      "the mapping has version 2; this provider reads version 1",
		`{"version":1,"scoping_filter":7}`:   "the mapping's scoping filter",
		`{"version":1,"input_filter":"x"}`:   "the mapping's scoping filter",
		`{"version":1,"category_filter":[]}`: "the mapping's scoping filter",
	} {
		if _, err := ParseEffective(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// A mapping comes back as it went: what is off, what has no action, each filter.
func TestEffective_ThereAndBack(t *testing.T) {
	off, on := false, true
	for name, m := range map[string]Mapping{
		"off": {Enabled: &off}, "on": {Enabled: &on}, "says nothing": {}, "no action": {Actions: []string{}},
		"some actions": {Actions: []string{ActionDelete, ActionCreate}}, "filter": {Filter: filterOf("x")},
		"input filter": {InputFilter: filterOf("x")}, "category filter": {CategoryFilter: filterOf("x")},
		"rows": oneRow(ManageAll, "a"),
	} {
		text, err := m.Effective()
		if err != nil {
			t.Fatal(name, err)
		}
		back, err := ParseEffective(text)
		if err != nil {
			t.Fatal(name, err)
		}
		again, err := back.Effective()
		if err != nil || again != text {
			t.Errorf("%s: got %s, want %s (%v)", name, again, text, err)
		}
		if back.Off() != m.Off() || FlowTypes(back.Actions) != FlowTypes(m.Actions) ||
			(back.Actions == nil) != (m.Actions == nil) {
			t.Errorf("%s: got %+v", name, back)
		}
		for _, part := range filterParts {
			if !EqualFilter(*part.of(&back), *part.of(&m)) || (*part.of(&back) == nil) != (*part.of(&m) == nil) {
				t.Errorf("%s: %s differs", name, part.name)
			}
		}
	}
}

// What can't travel names the row or the filter.
func TestEffective_Errors(t *testing.T) {
	for want, m := range map[string]Mapping{
		"a: column":       {Attributes: map[string]Attribute{"a": {Expression: "IIF("}}},
		"scoping_filter:": {Filter: filterBy("mail", "NO SUCH")},
	} {
		if _, err := m.Effective(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Laid over the job's: listed rows and filters replace, the others stay; a mapping of
// all takes the others away.
func TestOverlay_Parts(t *testing.T) {
	off := false
	job := listed("a", "[mail]", "b", "[mail]")
	job.Filter, job.InputFilter = filterOf("x"), filterOf("x")
	job.Unreadable = map[string]string{NameInputFilter: "odd", NameCategoryFilter: "odd"}
	job.Actions = []string{ActionCreate}
	plan := listed("b", "[userPrincipalName]", "c", "[mail]")
	plan.InputFilter, plan.Enabled, plan.Actions = filterOf("y"), &off, []string{ActionUpdate}
	for manage, want := range map[string][]string{ManageListed: {"a", "b", "c"}, ManageAll: {"b", "c"}} {
		plan.Manage = manage
		got := Overlay(job, plan)
		if diff := cmp.Diff(want, got.targets()); diff != "" {
			t.Errorf("%s: %s", manage, diff)
		}
		if got.Attributes["b"].Expression != "[userPrincipalName]" || !got.Off() || FlowTypes(got.Actions) != "Update" {
			t.Errorf("%s: got %+v", manage, got)
		}
		if !EqualFilter(got.Filter, filterOf("x")) || !EqualFilter(got.InputFilter, filterOf("y")) ||
			got.CategoryFilter != nil {
			t.Errorf("%s: the filters are %+v", manage, got)
		}
		if diff := cmp.Diff(map[string]string{NameCategoryFilter: "odd"}, got.Unreadable); diff != "" {
			t.Errorf("%s: %s", manage, diff)
		}
	}
	if got := Overlay(job, listed()); got.Off() || FlowTypes(got.Actions) != "Add" {
		t.Errorf("a plan that says nothing: got %+v", got)
	}
	if len(job.Unreadable) != 2 || len(job.Attributes) != 2 {
		t.Error("the job's own is changed")
	}
}

// Each outcome of an expression is told.
func TestPreview_Whys(t *testing.T) {
	_, d := people()
	m := listed(
		"value",
		"[userPrincipalName]",
		"null",
		"[mail]",
		"drop",
		"IgnoreAttributeFlow",
		"out",
		"IgnoreObjectFlow",
		"failed",
		`Error("no such person")`,
		"random",
		`RandomString(5, 1, 1, 1, 0, "")`,
		"secret",
		"Redact([userPrincipalName])",
		"reference",
		"[manager]",
		"roles",
		`SingleAppRoleAssignment([appRoleAssignments])`,
		"missing",
		"[noSuchThing]",
	)
	m.Attributes["unread"] = Attribute{Expression: "x", Unreadable: "odd"}
	m.Filter = filterBy("mail", "IS NULL")
	p, err := Compile(m, d, Env{})
	if err != nil {
		t.Fatal(err)
	}
	list, in, err := p.Preview(p.NewRow(), 1)
	if err != nil || !in {
		t.Errorf("got in scope %t, %v", in, err)
	}
	whys := map[string]string{
		"value": "", "null": "null: nothing flows", "drop": "the expression leaves the attribute out",
		"out": "the expression leaves the user out", "failed": "no such person", "random": "can't be told in advance",
		"secret": "", "unread": "the job's row can't be read: odd",
		"reference": "it reads manager, which the directory's reading doesn't hold",
		"roles":     "it reads appRoleAssignments, which the directory's reading doesn't hold",
		"missing":   "it reads noSuchThing, which isn't among the properties of Graph's users",
	}
	unknown := map[string]bool{"unread": true, "reference": true, "roles": true, "missing": true}
	for _, x := range list {
		if want := whys[x.Target]; !strings.Contains(x.Why, want) || (x.Why == "") != (want == "") {
			t.Errorf("%s: got %q, want %q", x.Target, x.Why, want)
		}
		if x.Failed != (x.Target == "failed") || x.Unknown != unknown[x.Target] ||
			x.Sensitive != (x.Target == "secret") {
			t.Errorf("%s: got %+v", x.Target, x)
		}
		if (x.Value.String() == "ben@company.com") != (x.Target == "value" || x.Target == "secret") {
			t.Errorf("%s: got value %s", x.Target, x.Value)
		}
	}
	if _, in, err := p.Preview(p.NewRow(), 0); in || err != nil {
		t.Errorf("the filter leaves them out: got %t, %v", in, err)
	}
}
