package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// schemaOf makes a schema of one mapping: target, expression, and so on.
func schemaOf(t interface {
	Helper()
	Fatal(...any)
}, rows map[string]string, flowTypes string) *Schema {
	t.Helper()
	var list []any
	for _, target := range slices.Sorted(maps.Keys(rows)) {
		list = append(list, map[string]any{
			"targetAttributeName": target,
			"flowType":            "Always",
			"matchingPriority":    0,
			"flowBehavior":        "FlowAlways",
			"later":               map[string]any{"kept": 1.5},
			"source": map[string]any{
				"expression": rows[target],
				"type":       "Attribute",
				"name":       strings.Trim(rows[target], "[]"),
			},
		})
	}
	raw, err := json.Marshal(map[string]any{
		"@odata.context": "https://graph", "id": "job", "version": "v1.2", "newer": []any{"kept"},
		"directories": []any{
			map[string]any{
				"name": "Entra",
				"objects": []any{
					map[string]any{
						"name":       "User",
						"attributes": []any{map[string]any{"name": "mail"}, map[string]any{"name": "objectId"}},
					},
				},
			},
			map[string]any{
				"name": "App",
				"objects": []any{
					map[string]any{
						"name":       "Person",
						"attributes": []any{map[string]any{"name": "userName"}, map[string]any{"name": "title"}},
					},
				},
			},
		},
		"synchronizationRules": []any{map[string]any{
			"id": "rule-id", "name": "OUT", "sourceDirectoryName": "Entra", "targetDirectoryName": "App",
			"objectMappings": []any{
				map[string]any{
					"sourceObjectName":  "Group",
					"targetObjectName":  "Team",
					"enabled":           true,
					"flowTypes":         "Add",
					"attributeMappings": []any{},
				},
				map[string]any{
					"sourceObjectName":  "User",
					"targetObjectName":  "Person",
					"enabled":           true,
					"flowTypes":         flowTypes,
					"attributeMappings": list,
					"metadata":          []any{"kept"},
					"scope":             nil,
				},
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSchema(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func section(t interface {
	Helper()
	Fatal(...any)
}, s *Schema) *Section {
	t.Helper()
	out, err := s.Section("", Object{"User", "Person"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func planned(manage string, rows map[string]string) Mapping {
	m := Mapping{Object: Object{"User", "Person"}, Manage: manage, Attributes: map[string]Attribute{}}
	for target, e := range rows {
		m.Attributes[target] = Attribute{Expression: e}
	}
	return m
}

// Every case: what is there, what the template has, what the state says, what
// is planned; and what becomes of it.
func TestWrite(t *testing.T) {
	type rows = map[string]string
	for name, c := range map[string]struct {
		live, template, prior, planned rows
		priorManage, manage            string
		adopt                          bool
		want                           rows   // nil: as it was
		fails                          string // the error
	}{
		"a row of the template's is replaced":      {live: rows{"a": "[x]", "b": "[y]"}, template: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, want: rows{"a": "[z]", "b": "[y]"}},
		"a new row is added":                       {live: rows{"b": "[y]"}, planned: rows{"a": "[z]"}, want: rows{"a": "[z]", "b": "[y]"}},
		"somebody's row isn't taken":               {live: rows{"a": "[other]"}, template: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, fails: "its own a"},
		"unless it is adopted":                     {live: rows{"a": "[other]"}, template: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, adopt: true, want: rows{"a": "[z]"}},
		"what an interrupted create wrote is ours": {live: rows{"a": "[z]"}, template: rows{"a": "[x]"}, planned: rows{"a": " [z] "}, want: nil},
		"an update of what the state knows":        {live: rows{"a": "[x]"}, prior: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, want: rows{"a": "[z]"}},
		"not of what changed since":                {live: rows{"a": "[other]"}, prior: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, fails: "someone else changed what this mapping manages after it was read: a"},
		"not of what went since":                   {live: rows{}, prior: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, fails: "someone else changed"},
		"adopt doesn't cover a change since":       {live: rows{"a": "[other]"}, prior: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, adopt: true, fails: "someone else changed"},
		"what somebody set as planned is fine":     {live: rows{"a": "[z]"}, prior: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, want: nil},
		"others change other rows":                 {live: rows{"a": "[x]", "b": "[new]"}, prior: rows{"a": "[x]"}, planned: rows{"a": "[z]"}, want: rows{"a": "[z]", "b": "[new]"}},
		"a row that is newly listed is guarded":    {live: rows{"a": "[x]", "b": "[other]"}, prior: rows{"a": "[x]"}, planned: rows{"a": "[x]", "b": "[y]"}, fails: "its own b"},
		"what leaves the list stays":               {live: rows{"a": "[x]", "b": "[y]"}, prior: rows{"a": "[x]", "b": "[y]"}, planned: rows{"a": "[x]"}, want: nil},
		"all removes the template's":               {live: rows{"a": "[x]", "b": "[y]"}, template: rows{"a": "[x]", "b": "[y]"}, planned: rows{"a": "[x]"}, manage: ManageAll, want: rows{"a": "[x]"}},
		"all doesn't remove somebody's":            {live: rows{"a": "[x]", "b": "[y]"}, template: rows{"a": "[x]"}, planned: rows{"a": "[x]"}, manage: ManageAll, fails: "its own b"},
		"all, held: a new row is a change":         {live: rows{"a": "[x]", "b": "[y]"}, prior: rows{"a": "[x]"}, priorManage: ManageAll, planned: rows{"a": "[z]"}, manage: ManageAll, fails: "after it was read: b"},
		"all, held: what the state saw goes":       {live: rows{"a": "[x]", "b": "[y]"}, prior: rows{"a": "[x]", "b": "[y]"}, priorManage: ManageAll, planned: rows{"a": "[x]"}, manage: ManageAll, want: rows{"a": "[x]"}},
		"from listed to all takes what was listed": {live: rows{"a": "[x]", "b": "[y]"}, prior: rows{"a": "[x]", "b": "[y]"}, planned: rows{"a": "[x]"}, manage: ManageAll, want: rows{"a": "[x]"}},
	} {
		s := schemaOf(t, c.live, "Add")
		live := section(t, s)
		before, err := s.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var template *Section
		if c.template != nil {
			template = section(t, schemaOf(t, c.template, "Add"))
		}
		var prior *Mapping
		if c.prior != nil {
			p := planned(c.priorManage, c.prior)
			prior = &p
		}
		change, err := Write(live, template, prior, planned(c.manage, c.planned), c.adopt)
		after, _ := s.Bytes()
		switch {
		case c.fails != "":
			if err == nil || !strings.Contains(err.Error(), c.fails) || string(before) != string(after) {
				t.Errorf("%s: error %v; changed: %v", name, err, string(before) != string(after))
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want == nil:
			if !change.None() || string(before) != string(after) {
				t.Errorf("%s: it was written: %+v\n%s", name, change, after)
			}
		default:
			got := rows{}
			for target, a := range live.Mapping().Attributes {
				got[target] = a.Expression
			}
			if change.None() || !maps.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
}

// Actions and filter are guarded like rows.
func TestWriteActionsAndFilter(t *testing.T) {
	filter := func(value string) *scoping.Spec {
		return &scoping.Spec{
			AnyOf: []scoping.SpecGroup{
				{AllOf: []scoping.SpecClause{{Attribute: "department", Operator: "EQUALS", Values: []string{value}}}},
			},
		}
	}
	p := planned("", map[string]string{})
	p.Actions, p.Filter = []string{ActionUpdate, ActionCreate}, filter("IT")

	s := schemaOf(t, nil, "Add, Update, Delete")
	var foreign *ForeignError
	if _, err := Write(
		section(t, s),
		section(t, schemaOf(t, nil, "Add")),
		nil,
		p,
		false,
	); !errors.As(err, &foreign) ||
		!slices.Equal(foreign.Names, []string{NameActions}) {
		t.Fatalf("actions of somebody's: %v", err)
	}
	if _, err := Write(section(t, s), section(t, schemaOf(t, nil, "Add,Update,Delete")), nil, p, false); err != nil {
		t.Fatal(err)
	}
	got := section(t, s).Mapping()
	if !slices.Equal(got.Actions, []string{ActionCreate, ActionUpdate}) || !EqualFilter(got.Filter, filter("IT")) {
		t.Fatalf("%+v", got)
	}
	q := p
	q.Filter = filter("HR")
	var changed *ChangedError
	section(t, s).mustSetFilter(t, filter("Sales"))
	if _, err := Write(
		section(t, s),
		nil,
		&p,
		q,
		false,
	); !errors.As(err, &changed) ||
		!slices.Equal(changed.Names, []string{NameFilter}) {
		t.Fatalf("a filter that changed since: %v", err)
	}
	section(t, s).mustSetFilter(t, nil)
	if now := Refresh(section(t, s), p); now.Filter == nil || len(now.Filter.AnyOf) != 0 {
		t.Errorf("a managed filter that somebody removed is shown as %+v, not as empty", now.Filter)
	}
	if _, err := Reset(section(t, s), section(t, schemaOf(t, nil, "Delete")), Mapping{Actions: p.Actions}); err != nil {
		t.Fatal(err)
	}
	if got := section(t, s).Mapping().Actions; !slices.Equal(got, []string{ActionDelete}) {
		t.Errorf("reset gives the actions %v", got)
	}
}

// What isn't understood survives, and the context of the answer doesn't.
func TestSchemaRoundTrip(t *testing.T) {
	s := schemaOf(t, map[string]string{"a": "[x]"}, "Add")
	if err := section(
		t,
		s,
	).set("a", Attribute{Expression: `"c"`, Apply: "on_create", MatchingPriority: 2}); err != nil {
		t.Fatal(err)
	}
	raw, err := s.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"newer":["kept"]`, `"later":{"kept":1.5}`, `"flowBehavior":"FlowAlways"`, `"metadata":["kept"]`, `"version":"v1.2"`, `"flowType":"ObjectAddOnly"`, `"expression":"\"c\""`, `"matchingPriority":2`, `"type":"Constant"`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s isn't in %s", want, raw)
		}
	}
	if strings.Contains(string(raw), "odata.context") {
		t.Error("the context of the answer is sent back")
	}
	if !SameMappings(s, s) || SameMappings(s, schemaOf(t, map[string]string{"a": "[x]"}, "Add")) {
		t.Error("SameMappings can't tell")
	}
}

func TestSectionAndAttributes(t *testing.T) {
	s := schemaOf(t, nil, "")
	if _, err := s.Section(
		"IN",
		Object{"User", "Person"},
	); err == nil ||
		!strings.Contains(err.Error(), `OUT: "User" to "Person"`) {
		t.Errorf("%v", err)
	}
	targets, sources := planned(
		"",
		map[string]string{"userNam": "[mail]", "title": "[Mail]", "userName": "Join(\" \", [objectId], [objektId])"},
	).Unknown(s.Attributes(section(t, s)))
	if d := cmp.Diff([]string{"userNam"}, targets); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(
		[]UnknownSource{{"title", "Mail", "mail"}, {"userName", "objektId", "objectId"}},
		sources,
	); d != "" {
		t.Error(d)
	}
	if targets, sources := planned(
		"",
		map[string]string{"x": "[y]"},
	).Unknown(Attributes{}); targets != nil ||
		sources != nil {
		t.Error("a schema that doesn't say finds something")
	}
}

func TestCheck(t *testing.T) {
	m := planned("", map[string]string{"a": "Lower([mail])", "b": `"same"`, "c": "[userType]", "d": "[mail]"})
	m.Attributes["b"] = Attribute{Expression: `"same"`, MatchingPriority: 1}
	m.Attributes["d"] = Attribute{Expression: "[mail]", MatchingPriority: 2}
	mistakes, advice := m.Check()
	if len(mistakes) != 1 || !strings.Contains(mistakes[0].String(), "a: column 1") ||
		!strings.Contains(mistakes[0].Message, "ToLower") {
		t.Errorf("%v", mistakes)
	}
	text := fmt.Sprint(advice)
	for _, want := range []string{"b: column 1: the expression gives the same value for all users", "c: userType is documented as unusable", "d: it matches by mail"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't in %s", want, text)
		}
	}
}

// Whatever is there: after a write the plan is there, others' rows are as they
// were, writing again changes nothing, and a reset gives the template back.
func TestWriteProperties(t *testing.T) {
	targets, sources := []string{"a", "b", "c", "d"}, []string{"[x]", "[y]", `Join(" ", [x], [y])`, `"k"`}
	rapid.Check(t, func(t *rapid.T) {
		rows := func(name string) map[string]string {
			return rapid.MapOf(rapid.SampledFrom(targets), rapid.SampledFrom(sources)).Draw(t, name)
		}
		live, own, want := rows("live"), rows("template"), rows("planned")
		manage := rapid.SampledFrom([]string{ManageListed, ManageAll}).Draw(t, "manage")
		s, template := schemaOf(t, live, "Add"), section(t, schemaOf(t, own, "Add"))
		p := planned(manage, want)
		if _, err := Write(section(t, s), template, nil, p, true); err != nil {
			t.Fatal(err)
		}
		got := section(t, s).Mapping().Attributes
		for target := range got {
			_, listed := want[target]
			switch {
			case listed && !EqualAttribute(got[target], p.Attributes[target]):
				t.Fatalf("%s isn't as planned", target)
			case !listed && (manage == ManageAll || got[target].Expression != live[target]):
				t.Fatalf("%s of somebody else's is %s", target, got[target].Expression)
			}
		}
		if now := Refresh(section(t, s), p); !reflect.DeepEqual(now.Attributes, p.Attributes) {
			t.Fatalf("refreshed: %v", now.Attributes)
		}
		if c, err := Write(section(t, s), nil, &p, p, false); err != nil || !c.None() {
			t.Fatalf("a second write: %+v, %v", c, err)
		}
		if _, err := Reset(section(t, s), template, p); err != nil {
			t.Fatal(err)
		}
		for target, a := range section(t, s).Mapping().Attributes {
			_, listed := want[target]
			if back, ok := own[target]; (listed || manage == ManageAll) &&
				(!ok || !EqualExpression(a.Expression, back)) {
				t.Fatalf("after the reset %s is %s", target, a.Expression)
			}
		}
	})
}

// mustSetFilter writes the scoping filter.
func (m *Section) mustSetFilter(t *testing.T, f *scoping.Spec) {
	t.Helper()
	if err := m.setFilters([]string{NameFilter}, Mapping{Filter: f}); err != nil {
		t.Fatal(err)
	}
}
