package expression

import "testing"

// Of a reference it is known that there is one, and not what it is at the target.
func TestEval_References(t *testing.T) {
	row := map[string]Value{
		"manager": ReferenceValue("m-1"), "unread": UnreadValue(NeedsRoles), "mail": TextValue("a@company.com"),
	}
	for src, want := range map[string]string{
		`[manager]`:                                            "m-1",
		`IsPresent([manager])`:                                 "True",
		`IsNull([manager])`:                                    "False",
		`IsNullOrEmpty([nobody])`:                              "True",
		`Coalesce([nobody], [manager])`:                        "m-1",
		`IIF(IsPresent([manager]), "led", "leads")`:            "led",
		`IIF(IsPresent([nobody]), [manager], [nobody])`:        "null",
		`Count([manager])`:                                     "1",
		`Append([manager], "x")`:                               "unpredictable",
		`IIF([manager]="m-1", "a", "b")`:                       "unpredictable",
		`IIF([manager], "a", "b")`:                             "unpredictable",
		`Switch([manager], "d", "m-1", "x")`:                   "unpredictable",
		`Join("-", [mail], [manager])`:                         "unpredictable",
		`ToLower([manager])`:                                   "unpredictable",
		`Word([mail], [manager], "@")`:                         "unpredictable",
		`SingleAppRoleAssignment([manager])`:                   "unpredictable",
		`AppRoleAssignmentsComplex([manager])`:                 "unpredictable",
		`SingleAppRoleAssignment([unread])`:                    "unpredictable",
		`AppRoleAssignmentsComplex([unread])`:                  "unpredictable",
		`IsPresent([unread])`:                                  "unpredictable",
		`IIF(IsPresent([mail]), [mail], [unread])`:             "a@company.com",
		`IIF(IsNull([mail]), [mail], [unread])`:                "unpredictable",
		`IgnoreFlowIfNullOrEmpty(IIF([mail]="x",[unread],""))`: "drop attribute",
	} {
		e, err := Parse(src)
		if err != nil {
			t.Fatal(src, err)
		}
		p, err := e.Compile(Context{})
		if err != nil {
			t.Fatal(src, err)
		}
		values := make(Row, 0, 2)
		for _, name := range p.Attributes() {
			values = append(values, row[name])
		}
		r, err := p.Eval(values, nil)
		got := r.Value.String()
		switch {
		case err != nil:
			got = "error: " + err.Error()
		case r.Outcome != OutcomeValue:
			got = r.Outcome.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", src, got, want)
		}
	}
}

// References are equal by what they refer to.
func TestValue_Reference(t *testing.T) {
	a, b := ReferenceValue("a"), ReferenceValue("b")
	if !a.Equal(ReferenceValue("a")) || a.Equal(b) || a.Equal(TextValue("a")) || a.IsNull() || a.IsNullOrEmpty() {
		t.Error("references aren't compared by their ids")
	}
	if id, ok := a.Reference(); !ok || id != "a" {
		t.Errorf("got %q, %v", id, ok)
	}
	if _, ok := TextValue("a").Reference(); ok {
		t.Error("a text isn't a reference")
	}
	if UnreadValue(NeedsRoles).IsNull() || a.Kind().String() != "reference" {
		t.Error("what isn't read isn't null")
	}
}
