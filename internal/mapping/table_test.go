package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/golden"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Rows of one target: what is there, by a letter; "-" is none.
const noRow = "-"

// A mapping of one target by its letter.
func oneRow(manage, letter string) Mapping {
	rows := map[string]string{"other": "[mail]"}
	if letter != noRow {
		rows["title"] = "[" + letter + "]"
	}
	return planned(manage, rows)
}

func oneRowSchema(t *testing.T, letter string) *Section {
	t.Helper()
	return section(t, schemaOf(t, oneRowTexts(letter), "Add, Update, Delete"))
}

func oneRowTexts(letter string) map[string]string {
	rows := map[string]string{"other": "[mail]"}
	if letter != noRow {
		rows["title"] = "[" + letter + "]"
	}
	return rows
}

// told says what a write gives: the change, or the error, and what is there after it.
func told(live *Section, c Change, err error) string {
	var changed *ChangedError
	var foreign *ForeignError
	after := noRow
	if a, ok := live.Mapping().Attributes["title"]; ok {
		after = a.Expression
	}
	switch {
	case errors.As(err, &changed):
		return "changed " + strings.Join(changed.Names, ", ")
	case errors.As(err, &foreign):
		return fmt.Sprintf("not ours %s, held %t", strings.Join(foreign.Names, ", "), foreign.Held)
	case err != nil:
		return err.Error()
	}
	return fmt.Sprintf("set %v, remove %v, restore %v; then %s", c.Set, c.Remove, c.Restore, after)
}

// What becomes of one row, for all that may be there, in the template, in the state
// and in the plan.
func TestWrite_Table(t *testing.T) {
	letters := []string{noRow, "a", "b"}
	for _, manage := range []string{ManageListed, ManageAll} {
		var b strings.Builder
		for _, have := range letters {
			for _, own := range append([]string{"no template"}, letters...) {
				for _, before := range append([]string{"no state"}, letters...) {
					fmt.Fprintf(&b, "\nthere %s, template %s, state %s\n", have, own, before)
					for _, want := range letters {
						for _, adopt := range []bool{false, true} {
							var template *Section
							if own != "no template" {
								template = oneRowSchema(t, own)
							}
							var prior *Mapping
							if before != "no state" {
								p := oneRow(manage, before)
								prior = &p
							}
							live := oneRowSchema(t, have)
							c, err := Write(live, template, prior, oneRow(manage, want), adopt)
							if err != nil && !c.None() {
								t.Error("an error comes with a change")
							}
							fmt.Fprintf(&b, "  plan %s, adopt %t: %s\n", want, adopt, told(live, c, err))
						}
					}
				}
			}
		}
		golden.Text(t, "write "+manage, b.String())
	}
}

func TestReset_Table(t *testing.T) {
	letters := []string{noRow, "a", "b"}
	var b strings.Builder
	for _, manage := range []string{ManageListed, ManageAll} {
		for _, have := range letters {
			for _, own := range append([]string{"no template"}, letters...) {
				for _, before := range letters {
					var template *Section
					if own != "no template" {
						template = oneRowSchema(t, own)
					}
					live := oneRowSchema(t, have)
					c, err := Reset(live, template, oneRow(manage, before))
					fmt.Fprintf(
						&b,
						"%s, there %s, template %s, state %s: %s\n",
						manage,
						have,
						own,
						before,
						told(live, c, err),
					)
				}
			}
		}
	}
	golden.Text(t, "reset", b.String())
}

func TestRefresh_Table(t *testing.T) {
	var b strings.Builder
	for _, manage := range []string{ManageListed, ManageAll} {
		for _, have := range []string{noRow, "a", "b"} {
			for _, before := range []string{noRow, "a", "b", "a in other words", "a on create"} {
				state := oneRow(manage, strings.Fields(before)[0])
				switch before {
				case "a in other words":
					state.Attributes["title"] = Attribute{Expression: " [a] ", Apply: "always"}
				case "a on create":
					state.Attributes["title"] = Attribute{Expression: " [a] ", Apply: "on_create"}
				}
				got := Refresh(oneRowSchema(t, have), state)
				fmt.Fprintf(&b, "%s, there %s, state %s: %+v, actions %v, enabled %t\n",
					manage, have, before, got.Attributes["title"], got.Actions, !got.Off())
			}
		}
	}
	golden.Text(t, "refresh", b.String())
}

// The rest of an object mapping: each by its letter, "-" where the mapping says
// nothing of it, "x" and "y" for two values.
var restOf = map[string]func(m *Mapping, letter string){
	NameEnabled: func(m *Mapping, letter string) {
		on := letter == "x"
		m.Enabled = &on
	},
	NameActions: func(m *Mapping, letter string) {
		m.Actions = []string{ActionCreate}
		if letter == "y" {
			m.Actions = []string{ActionCreate, ActionDelete}
		}
	},
	NameFilter:         func(m *Mapping, letter string) { m.Filter = filterOf(letter) },
	NameInputFilter:    func(m *Mapping, letter string) { m.InputFilter = filterOf(letter) },
	NameCategoryFilter: func(m *Mapping, letter string) { m.CategoryFilter = filterOf(letter) },
}

func filterOf(letter string) *scoping.Spec {
	return &scoping.Spec{AnyOf: []scoping.SpecGroup{{Name: "g", AllOf: []scoping.SpecClause{
		{Attribute: "department", Operator: "EQUALS", Values: []string{letter}},
	}}}}
}

// restThere is what a section says of one part.
func restThere(m Mapping, name string) string {
	switch name {
	case NameEnabled:
		return fmt.Sprint(!m.Off())
	case NameActions:
		return FlowTypes(m.Actions)
	}
	for _, part := range filterParts {
		f := *part.of(&m)
		if part.name == name && f != nil && len(f.AnyOf) == 0 {
			return "empty"
		}
		if part.name == name && f != nil {
			return f.AnyOf[0].AllOf[0].Values[0]
		}
	}
	return "none"
}

// withRest is a section of which one part has a value.
func withRest(t *testing.T, name, letter string) *Section {
	t.Helper()
	live := oneRowSchema(t, noRow)
	if letter == noRow {
		return live
	}
	m := oneRow(ManageListed, noRow)
	restOf[name](&m, letter)
	if _, err := Write(live, nil, nil, m, true); err != nil {
		t.Fatal(err)
	}
	return live
}

func mappingWith(name, letter string) Mapping {
	m := oneRow(ManageListed, noRow)
	if letter != noRow {
		restOf[name](&m, letter)
	}
	return m
}

func TestRest_Table(t *testing.T) {
	letters := []string{noRow, "x", "y"}
	for name := range restOf {
		var b strings.Builder
		say := func(head string, live *Section, c Change, err error) {
			var changed *ChangedError
			var foreign *ForeignError
			switch {
			case errors.As(err, &changed):
				fmt.Fprintf(&b, "%s: changed %v\n", head, changed.Names)
			case errors.As(err, &foreign):
				fmt.Fprintf(&b, "%s: not ours %v, held %t\n", head, foreign.Names, foreign.Held)
			case err != nil:
				t.Fatal(err)
			default:
				fmt.Fprintf(&b, "%s: enabled %t, actions %t, filters %v; then %s\n",
					head, c.Enabled, c.Actions, c.Filters, restThere(live.Mapping(), name))
			}
		}
		for _, have := range letters {
			for _, own := range letters {
				for _, before := range letters {
					for _, want := range letters {
						live, prior := withRest(t, name, have), mappingWith(name, before)
						c, err := Write(live, withRest(t, name, own), &prior, mappingWith(name, want), false)
						say(
							fmt.Sprintf("there %s, template %s, state %s, plan %s", have, own, before, want),
							live,
							c,
							err,
						)
					}
					live := withRest(t, name, have)
					c, err := Reset(live, withRest(t, name, own), mappingWith(name, before))
					say(fmt.Sprintf("reset: there %s, template %s, state %s", have, own, before), live, c, err)
				}
				live := withRest(t, name, have)
				c, err := Write(live, withRest(t, name, own), nil, mappingWith(name, "x"), false)
				say(fmt.Sprintf("create: there %s, template %s, plan x", have, own), live, c, err)
			}
			for _, before := range letters {
				got := Refresh(withRest(t, name, have), mappingWith(name, before))
				fmt.Fprintf(&b, "refresh: there %s, state %s: %s\n", have, before, restThere(got, name))
			}
		}
		golden.Text(t, "rest "+name, b.String())
	}
}

// Each row needs a priority of its own, of those that stay too.
func TestWrite_Priorities(t *testing.T) {
	for name, c := range map[string]struct {
		manage string
		there  int // the priority of the row that stays
		plan   int
		want   string
	}{
		"free":              {ManageListed, 1, 2, ""},
		"taken":             {ManageListed, 1, 1, `the attribute title has the matching_priority 1, which the job's row other has too`},
		"none":              {ManageListed, 0, 0, ""},
		"taken by who goes": {ManageAll, 1, 1, ""},
	} {
		live := oneRowSchema(t, noRow)
		with := planned(ManageListed, map[string]string{"other": "[mail]"})
		with.Attributes["other"] = Attribute{Expression: "[mail]", MatchingPriority: c.there}
		if _, err := Write(live, nil, nil, with, true); err != nil {
			t.Fatal(err)
		}
		plan := planned(c.manage, map[string]string{})
		plan.Attributes["title"] = Attribute{Expression: "[jobTitle]", MatchingPriority: c.plan}
		_, err := Write(live, nil, nil, plan, true)
		got := ""
		var taken *PriorityError
		if errors.As(err, &taken) {
			got = err.Error()
			if !strings.Contains(taken.Advice(), `list "other" too`) {
				t.Errorf("%s: got advice %s", name, taken.Advice())
			}
		}
		if got != c.want || (err != nil) != (c.want != "") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if _, wrote := live.Mapping().Attributes["title"]; wrote != (c.want == "") {
			t.Errorf("%s: wrote %t", name, wrote)
		}
	}
}

// A filter that can't be read isn't replaced, and nothing else is then.
func TestWrite_UnreadableFilter(t *testing.T) {
	for _, name := range []string{NameFilter, NameInputFilter, NameCategoryFilter} {
		live := oneRowSchema(t, "a")
		for _, part := range filterParts {
			if part.name == name {
				if err := live.node.set("scope", map[string]any{part.member: "odd"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		live.edited = true
		if !IsFilterName(name) || live.Mapping().Unreadable[name] == "" {
			t.Fatalf("%s is read", name)
		}
		m := oneRow(ManageListed, "b")
		restOf[name](&m, "x")
		c, err := Write(live, nil, nil, m, true)
		if err == nil || !c.None() || !strings.Contains(err.Error(), "leave "+name+" out") {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
		if got := live.Mapping().Attributes["title"].Expression; got != "[a]" {
			t.Errorf("%s: the row is %s", name, got)
		}
		if _, err := Write(live, nil, nil, oneRow(ManageListed, "b"), true); err != nil {
			t.Errorf("%s stays, and the rows are written: got %v", name, err)
		}
	}
	if IsFilterName(NameActions) {
		t.Error("actions is no filter")
	}
}

// What a configuration can't say stays beside it, with the reason.
func TestImportable_Table(t *testing.T) {
	text := `{"id":"1","synchronizationRules":[{"id":"r","name":"R","objectMappings":[{"sourceObjectName":"User",` +
		`"targetObjectName":"Person","enabled":true,"flowTypes":"Add","scope":{"groups":[{"name":"g","clauses":` +
		`[{"operatorName":"NOT AN OPERATOR","sourceOperandName":"mail","targetOperand":{"values":["x"]}}]}],` +
		`"inputFilterGroups":"odd","categoryFilterGroups":[{"name":"g","clauses":[{"operatorName":"EQUALS",` +
		`"sourceOperandName":"mail","targetOperand":{"values":["x"]}}]}]},"attributeMappings":[` +
		strings.Join([]string{
			row("a", `"matchingPriority":1,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("b", `"matchingPriority":1,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("c", `"matchingPriority":2,"source":{"expression":"[objectId]","name":"objectId","type":"Attribute"}`),
			row("d", `"source":null,"defaultValue":"x"`),
			row("e", `"source":null,"defaultValue":""`),
			row("f", `"source":null,"defaultValue":null`),
			row("g", `"source":{"expression":"NotAFunction([mail])","name":"NotAFunction","type":"Function"}`),
			row("h", `"flowType":"Sometimes","source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("i", `"flowType":"ObjectAddOnly","source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("j", `"flowType":7,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("k", `"matchingPriority":1.5,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("l", `"matchingPriority":-1,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("m", `"matchingPriority":2147483648,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("n", `"matchingPriority":2147483647,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("o", `"matchingPriority":"1","source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("p", `"defaultValue":5,"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
			row("q", `"source":"odd"`),
			row("r", `"source":{"expression":"IIF(","name":"","type":"Function"}`),
			row(
				"s",
				`"matchingPriority":null,"flowType":null,"source":{"expression":"\"k\"","name":"k","type":"Constant"}`,
			),
			row("", `"source":{"expression":"[mail]","name":"mail","type":"Attribute"}`),
		}, ",") + `]}]}]}`
	s, err := ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	live := section(t, s)
	m, left := Importable(live)
	var b strings.Builder
	for _, a := range live.Mapping().targets() {
		if why, out := left[a]; out {
			fmt.Fprintf(&b, "%q stays: %s\n", a, why)
			continue
		}
		x := m.Attributes[a]
		value := "none"
		if x.Default != nil {
			value = fmt.Sprintf("%q", *x.Default)
		}
		fmt.Fprintf(&b, "%q: %s, priority %d, %s, default %s\n", a, x.Expression, x.MatchingPriority, x.Apply, value)
	}
	for _, part := range filterParts {
		fmt.Fprintf(&b, "%s: taken %t, %s\n", part.name, *part.of(&m) != nil, left[part.name])
	}
	golden.Text(t, "importable", b.String())
}

func row(target, rest string) string {
	return fmt.Sprintf(`{"targetAttributeName":%q,%s}`, target, rest)
}

// targets are the names of the rows.
func (m Mapping) targets() (names []string) {
	for name := range m.Attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// What is no object mapping is said to be none.
func TestFromGraph_Shapes(t *testing.T) {
	for _, raw := range []string{"", "{", "[]", "7", `"x"`, "null", `{"a":1}{"b":2}`, `{"a"`, `{"a":[1,}`} {
		if _, _, err := FromGraph(
			[]byte(raw),
		); err == nil ||
			!strings.Contains(err.Error(), "an object mapping has another shape than documented") {
			t.Errorf("%q: got %v", raw, err)
		}
	}
}
