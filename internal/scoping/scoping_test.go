package scoping

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

func group(clauses ...Clause) Group { return Group{Name: "g", Clauses: clauses} }

func clause(attribute, operator string, values ...string) Clause {
	return Clause{OperatorName: operator, SourceOperandName: attribute, TargetOperand: Operand{values}}
}

func match(t testing.TB, groups []Group, v expression.Value, options Options) string {
	t.Helper()
	p, err := Compile(groups, nil, options)
	if err != nil {
		return "error: " + err.Error()
	}
	row := make(expression.Row, len(p.Attributes()))
	for i := range row {
		row[i] = v
	}
	ok, err := p.Match(row)
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprint(ok)
}

func TestOperators(t *testing.T) {
	text, num, list := expression.TextValue, expression.IntValue, expression.ListValue
	yes, no, null := expression.BoolValue(true), expression.BoolValue(false), expression.Null()
	for _, c := range []struct {
		op, value string
		v         expression.Value
		want      string
	}{
		{"EQUALS", "a", text("a"), "true"}, {"EQUALS", "a", text("A"), "false"}, {"EQUALS", "5", num(5), "true"}, {"EQUALS", "True", yes, "true"}, {"EQUALS", "a", null, "false"},
		{"EQUALS", "", text(""), "false"}, {"NOT EQUALS", "a", text("b"), "true"}, {"NOT EQUALS", "5", num(6), "true"}, {"NOT EQUALS", "a", null, "false"}, {"NOT EQUALS", "a", text(""), "false"},
		{"IS TRUE", "-", yes, "true"}, {"IS TRUE", "-", text("True"), "true"}, {"IS TRUE", "-", no, "false"}, {"IS TRUE", "-", text("x"), "false"}, {"IS TRUE", "-", num(1), "false"},
		{"IS FALSE", "-", no, "true"}, {"IS FALSE", "-", text("false"), "true"}, {"IS FALSE", "-", null, "false"}, {"IS FALSE", "-", yes, "false"},
		{"IS NULL", "-", null, "true"}, {"IS NULL", "-", text(""), "true"}, {"IS NULL", "-", text("x"), "false"}, {"IS NULL", "-", list(nil), "true"}, {"IS NULL", "-", no, "false"},
		{"IS NOT NULL", "-", text("x"), "true"}, {"IS NOT NULL", "-", text(""), "false"}, {"IS NOT NULL", "-", list([]string{"x"}), "true"},
		{"REGEX MATCH", "b+", text("abbc"), "true"}, {"REGEX MATCH", "B", text("abc"), "false"}, {"REGEX MATCH", "", null, "false"}, {"REGEX MATCH", "[0-9]{2}", num(42), "true"},
		{"NOT REGEX MATCH", "b", text("abc"), "false"}, {"NOT REGEX MATCH", "x", text("abc"), "true"}, {"NOT REGEX MATCH", "x", text(""), "false"},
		{"&", "6", num(2), "true"}, {"&", "6", text("8"), "false"}, {"!&", "6", num(8), "true"}, {"!&", "6", num(4), "false"}, {"!&", "6", null, "false"},
		{"Greater_Than", "5", text("6"), "true"}, {"Greater_Than", "5", num(5), "false"}, {"Greater_Than", "5", text("10"), "true"}, {"Greater_Than", "5", null, "false"},
		{"Greater_Than", "99999999999999999999", text("100000000000000000000"), "true"}, {"Greater_Than", "5", text("x"), `error: group 1 (g), clause 1 (x Greater_Than): Greater_Than compares whole numbers 0, 1, 2, ...; the value is "x"`},
		{"Greater_Than", "5", num(-1), `error: group 1 (g), clause 1 (x Greater_Than): Greater_Than compares whole numbers 0, 1, 2, ...; the value is "-1"`},
		{"Greater_Than_OR_EQUALS", "5", text("005"), "true"}, {"Greater_Than_OR_EQUALS", "5", num(4), "false"}, {"Greater_Than", "99999999999999999999", num(7), "false"},
		{"Includes", "Manager", text("Senior Manager"), "true"}, {"Includes", "manager", text("Senior Manager"), "false"}, {"Includes", "x", null, "false"},
		{"ENDS_WITH", "@contoso.com", text("a@contoso.com"), "true"}, {"ENDS_WITH", "@Contoso.com", text("a@contoso.com"), "false"}, {"ENDS_WITH", "x", null, "false"},
		{"EQUALS", "x", list([]string{"x"}), "error: group 1 (g), clause 1 (x EQUALS): the attribute is " +
			"multi-valued, and filtering on such attributes isn't supported"},
		{"EQUALS", "x", expression.RolesValue([]expression.Role{{}}), "error: group 1 (g), clause 1 (x EQUALS): app " +
			"role assignments can't be filtered on"},
	} {
		cl := clause("x", c.op, c.value)
		if c.value == "-" {
			cl = clause("x", c.op)
		}
		if got := match(t, []Group{group(cl)}, c.v, Options{}); got != c.want {
			t.Errorf("%v %s %q: got %s, want %s", c.v, c.op, c.value, got, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	text, list := expression.TextValue, expression.ListValue([]string{"a", "b"})
	for _, c := range []struct {
		cl      Clause
		v       expression.Value
		options Options
		want    string
	}{
		{clause("x", "NOT EQUALS", "a"), expression.Null(), Options{NullUnderNot: NullUnderNotPasses}, "true"},
		{clause("x", "EQUALS", "a"), expression.Null(), Options{NullUnderNot: NullUnderNotPasses}, "false"},
		{clause("x", "REGEX MATCH", "[0-9]"), text("42"), Options{Regex: RegexWhole}, "false"},
		{clause("x", "NOT REGEX MATCH", "[0-9]"), text("42"), Options{Regex: RegexWhole}, "true"},
		{clause("x", "ENDS_WITH", "COM"), text("a.com"), Options{EndsWithIgnoresCase: true}, "true"},
		{clause("x", "ENDS_WITH", "xa.com"), text("a.com"), Options{EndsWithIgnoresCase: true}, "false"},
		{clause("x", "greaterthan", "1"), text("2"), Options{Spelling: LenientSpelling}, "true"},
		{clause("x", "GT", "1"), text("2"), Options{Names: map[string]Operator{"GT": GreaterThan}}, "true"},
		{clause("x", "Greater_Than", "1"), text("x"), Options{NotInteger: NotIntegerFalse}, "false"},
		{clause("x", "EQUALS", "a"), list, Options{MultiValued: MultiValuedAny}, "true"},
		{clause("x", "EQUALS", "a"), list, Options{MultiValued: MultiValuedAll}, "false"},
		{clause("x", "NOT EQUALS", "c"), list, Options{MultiValued: MultiValuedAll}, "true"},
	} {
		if got := match(t, []Group{group(c.cl)}, c.v, c.options); got != c.want {
			t.Errorf("%+v %v %+v: got %s, want %s", c.cl, c.v, c.options, got, c.want)
		}
	}
}

// TestFailuresThatDontMatter: a failing clause counts only where the others
// don't decide, whatever the order.
func TestFailuresThatDontMatter(t *testing.T) {
	bad, yes, no := clause("x", "Greater_Than", "1"), clause("x", "IS NOT NULL"), clause("x", "IS NULL")
	for _, c := range []struct {
		groups []Group
		want   string
	}{
		{[]Group{group(bad, no)}, "false"}, {[]Group{group(no, bad)}, "false"}, {[]Group{group(bad, yes)}, "error"}, {[]Group{group(yes, bad)}, "error"},
		{[]Group{group(bad), group(yes)}, "true"}, {[]Group{group(yes), group(bad)}, "true"}, {[]Group{group(bad), group(no)}, "error"}, {[]Group{group(no), group(bad)}, "error"},
	} {
		if got := match(t, c.groups, expression.TextValue("v"), Options{}); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: got %s, want %s", c.groups, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		g    Group
		want string
	}{
		{group(clause("dept", "EQUAL", "x")), `group 1 (g), clause 1 (dept EQUAL): unknown operator "EQUAL"; did you mean "EQUALS"?`},
		{group(clause("dept", "equals", "x")), `group 1 (g), clause 1 (dept equals): unknown operator "equals"; did you mean "EQUALS"?`},
		{group(clause("dept", "GreaterThan", "x")), `group 1 (g), clause 1 (dept GreaterThan): unknown operator "GreaterThan"; did you mean "Greater_Than"?`},
		{group(clause("dept", "xyzzy", "x")), `group 1 (g), clause 1 (dept xyzzy): unknown operator "xyzzy"; the operators are EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, REGEX MATCH, NOT REGEX MATCH, Greater_Than, Greater_Than_OR_EQUALS, Includes, ENDS_WITH, &, !&`},
		{group(clause("dept", "IsMemberOf", "x")), "group 1 (g), clause 1 (dept IsMemberOf): the operator can't be " +
			"used: IsMemberOf is listed but not supported by the service"},
		{group(clause("dept", "PRESENT")), "group 1 (g), clause 1 (dept PRESENT): the operator can't be used: it was " +
			"seen in the portal and isn't documented; IS NOT NULL is the documented test"},
		{group(clause("dept", "&", "x")), `group 1 (g), clause 1 (dept &): & tests bits, and takes a whole number as mask; "x" is none`},
		{group(clause("dept", "!&", "x")), `group 1 (g), clause 1 (dept !&): !& tests bits, and takes a whole number as mask; "x" is none`},
		{group(clause("dept", "VALID CERT MATCH", "x")), "group 1 (g), clause 1 (dept VALID CERT MATCH): the " +
			"operator can't be used: it was seen in the portal and isn't documented"},
		{group(clause("dept", "")), `group 1 (g), clause 1 (dept ): unknown operator ""; the operators are EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, REGEX MATCH, NOT REGEX MATCH, Greater_Than, Greater_Than_OR_EQUALS, Includes, ENDS_WITH, &, !&`},
		{group(clause("dept", "IS NULL", "x")), "group 1 (g), clause 1 (dept IS NULL): IS NULL takes no value " +
			"(number given: 1)"},
		{group(clause("dept", "EQUALS")), "group 1 (g), clause 1 (dept EQUALS): EQUALS takes exactly one value, " +
			"and values isn't set; is the key spelled right? The keys of a clause are attribute, operator and values; a CLI " +
			"drops any other without a word"},
		{group(clause("dept", "EQUALS", "a", "b")), "group 1 (g), clause 1 (dept EQUALS): EQUALS takes exactly one " +
			"value (number given: 2); what several would mean isn't documented; write a group for each value: groups " +
			"are combined by OR"},
		{group(clause("dept", "REGEX MATCH", "([a-z")), "group 1 (g), clause 1 (dept REGEX MATCH): invalid regular " +
			"expression: unterminated [] set in `([a-z`"},
		{group(clause("dept", "Greater_Than", "-1")), `group 1 (g), clause 1 (dept Greater_Than): Greater_Than compares whole numbers 0, 1, 2, ...; "-1" is none`},
		{group(clause("depts", "EQUALS", "x")), `group 1 (g), clause 1 (depts EQUALS): the source has no attribute "depts"; did you mean dept? Attribute names are case-sensitive`},
		{group(clause(" ", "EQUALS", "x")), "group 1 (g), clause 1 (  EQUALS): the attribute's name is missing"},
		{group(), "group 1 (g): the group has no clauses; remove the group; a filter without groups takes everything"},
		{group(clause("dept", "EQUAL", "x"), clause("dept", "IS NULL", "y")), `group 1 (g), clause 1 (dept EQUAL): unknown operator "EQUAL"; did you mean "EQUALS"?` + "\ngroup 1 (g), clause 2 (dept IS NULL): IS NULL takes no value (number given: 1)"},
	} {
		_, err := Compile([]Group{c.g}, []string{"dept"}, Options{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%+v:\n got %v\nwant %s", c.g, err, c.want)
		}
		var single *Error
		if !errors.As(err, &single) {
			t.Errorf("%+v: no *Error inside", c.g)
		}
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		cl   Clause
		want []WarningCode
	}{
		{clause("userType", "EQUALS", "Member"), []WarningCode{WarnUserType}},
		{clause("manager", "IS NULL"), []WarningCode{WarnAttribute}},
		{clause("a", "NOT EQUALS", "x"), []WarningCode{WarnNotEqualsNull}},
		{clause("a", "EQUALS", ""), []WarningCode{WarnNeverTrue}},
		{clause("a", "REGEX MATCH", "([1-9][0-9])"), []WarningCode{WarnAnchoring}},
		{clause("a", "REGEX MATCH", `.*\@domain.com`), []WarningCode{WarnAnchoring}},
		{clause("a", "REGEX MATCH", `^a|b$`), []WarningCode{WarnAnchoring}},
		{clause("a", "REGEX MATCH", `^a\$`), []WarningCode{WarnAnchoring}},
		{clause("a", "REGEX MATCH", `^(a|[|)])\|$`), nil}, {clause("a", "REGEX MATCH", `^[1-9][0-9]$`), nil}, {clause("a", "REGEX MATCH", `.*x.*`), nil},
		{clause("a", "EQUALS", "x"), nil},
	} {
		warnings, err := Check([]Group{group(c.cl)}, nil, Options{})
		if err != nil {
			t.Error(err)
		}
		var got []WarningCode
		for _, w := range warnings {
			got = append(got, w.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.cl, got, c.want)
		}
	}
	warnings, _ := Check([]Group{group(clause("userType", "EQUALS", "Member"))}, nil, Options{})
	if want := "group 1, clause 1: userType is documented as unusable in filters, yet seen in one exported " +
		"job"; warnings[0].String() != want {
		t.Error(warnings[0])
	}
}

func TestForms(t *testing.T) {
	graph := `{"groups":[{"name":"staff","clauses":[{"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["IT"]}},{"operatorName":"IS NULL","sourceOperandName":"companyName","targetOperand":{"values":[]}}]}]}`
	hcl := `{"any_of":[{"name":"staff","all_of":[{"attribute":"department","operator":"EQUALS","values":["IT"]},{"attribute":"companyName","operator":"IS NULL"}]}]}`
	a, err := ParseJSON([]byte(graph))
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseJSON([]byte(hcl))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		v    any
		want string
	}{{b, graph}, {a.Spec(), hcl}} {
		if got, _ := json.Marshal(c.v); string(got) != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	for _, everything := range []string{`null`, `{}`, `{"groups":null}`, `{"any_of":null}`, `{"any_of":[]}`} {
		f, err := ParseJSON([]byte(everything))
		if err != nil || match(t, f.Groups, expression.Null(), Options{}) != "true" {
			t.Error(everything, err)
		}
	}
	for _, bad := range []string{``, `[]`, `"x"`, `{"any_of":{}}`, `{"groups":[{"clauses":{}}]}`} {
		if _, err := ParseJSON([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	if got := (Spec{AnyOf: []SpecGroup{{}}}).Filter().Groups[0].Name; got != "group 1" {
		t.Error(got)
	}
	if got := Attributes(a.Groups); !slices.Equal(got, []string{"department", "companyName"}) {
		t.Error(got)
	}
}

func TestCanonical(t *testing.T) {
	x, y, z := clause("a", "EQUALS", "1"), clause("b", "IS NULL"), clause("a", "EQUALS", "<2>")
	for _, c := range []struct{ a, b []Group }{
		{[]Group{group(x, y)}, []Group{{Name: "other", Clauses: []Clause{y, x, x}}}},
		{[]Group{group(x), group(z)}, []Group{group(z), group(x), group(z)}},
		{[]Group{group(x)}, []Group{group(x, y), group(x), group(y, x)}},
		{nil, []Group{}},
	} {
		if !Equal(c.a, c.b, Options{}) {
			t.Errorf("%v and %v differ", c.a, c.b)
		}
	}
	if Equal([]Group{group(x)}, []Group{group(z)}, Options{}) || Equal([]Group{group(x)}, nil, Options{}) {
		t.Error("different filters are equal")
	}
	if !Equal(
		[]Group{group(clause("a", "is_null"))},
		[]Group{group(clause("a", "IS NULL", ""))},
		Options{Spelling: LenientSpelling},
	) {
		t.Error("spellings differ")
	}
	got, err := Canonical([]Group{group(y, z)}, Options{})
	if want := `{"any_of":[{"all_of":[{"attribute":"a","operator":"EQUALS","values":["<2>"]},{"attribute":"b","operator":"IS NULL"}]}]}`; err != nil ||
		string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Canonical([]Group{group()}, Options{}); err == nil {
		t.Error("no error")
	}
}

var genClause = rapid.Custom(func(t *rapid.T) Clause {
	attribute := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "attribute")
	op := rapid.SampledFrom(OperatorNames()).Draw(t, "operator")
	o, _ := Options{}.lookup(op)
	switch {
	case o.Unary():
		return clause(attribute, op)
	case o == GreaterThan || o == GreaterThanOrEquals || o == BitsSet || o == BitsNotSet:
		return clause(attribute, op, rapid.SampledFrom([]string{"0", "5", "10"}).Draw(t, "value"))
	}
	return clause(attribute, op, rapid.SampledFrom([]string{"", "x", "5", "True", "x$"}).Draw(t, "value"))
})

var genGroups = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Group {
	return Group{
		Name:    rapid.SampledFrom([]string{"", "g"}).Draw(t, "name"),
		Clauses: rapid.SliceOfN(genClause, 1, 3).Draw(t, "clauses"),
	}
}), 0, 4)

var genValue = rapid.SampledFrom(
	[]expression.Value{
		expression.Null(),
		expression.TextValue(""),
		expression.TextValue("x"),
		expression.TextValue("5"),
		expression.TextValue(
			"yx",
		),
		expression.IntValue(7),
		expression.IntValue(-7),
		expression.BoolValue(true),
		expression.ListValue([]string{"x"}),
		expression.ListValue(nil),
	},
)

// TestCanonicalMeansTheSame: the canonical form decides every object as the
// filter does, failures included, and is its own canonical form; and the two
// forms of a filter convert without loss.
func TestCanonicalMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := genGroups.Draw(t, "groups")
		canonical, err := Canonical(groups, Options{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseJSON(canonical)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Canonical(f.Groups, Options{})
		if err != nil || string(again) != string(canonical) {
			t.Fatalf("%s became %s", canonical, again)
		}
		if !Equal(groups, (Filter{Groups: groups}).Spec().Filter().Groups, Options{}) {
			t.Fatal("the forms don't convert")
		}
		names := []string{"a", "b", "c"}
		p, err := Compile(groups, names, Options{})
		if err != nil {
			t.Fatal(err)
		}
		q, err := Compile(f.Groups, names, Options{})
		if err != nil {
			t.Fatal(err)
		}
		row := expression.Row{genValue.Draw(t, "a"), genValue.Draw(t, "b"), genValue.Draw(t, "c")}
		ok1, err1 := p.Match(row)
		ok2, err2 := q.Match(row)
		if ok1 != ok2 || (err1 == nil) != (err2 == nil) {
			t.Fatalf("%s for %v: %v %v and %v %v", canonical, row, ok1, err1, ok2, err2)
		}
	})
}

func FuzzScoping(f *testing.F) {
	f.Add(
		`{"groups":[{"name":"g","clauses":[{"operatorName":"REGEX MATCH","sourceOperandName":"a","targetOperand":{"values":["(1[0-9])"]}}]}]}`,
		"12",
	)
	f.Add(
		`{"any_of":[{"all_of":[{"attribute":"a","operator":"Greater_Than","values":["5"]}]},{"all_of":[{"attribute":"b","operator":"IS NULL"}]}]}`,
		"x",
	)
	f.Add(
		`{"any_of":[{"all_of":[{"attribute":"a","operator":"NOT EQUALS","values":["x"]},{"attribute":"a","operator":"ENDS_WITH","values":["é"]}]}]}`,
		"yé",
	)
	f.Add(`{"groups":[]}`, "")
	f.Fuzz(func(t *testing.T, filter, value string) {
		if len(filter) > 2000 || len(value) > 200 {
			return
		}
		parsed, err := ParseJSON([]byte(filter))
		if err != nil {
			return
		}
		for _, options := range []Options{{}, {NullUnderNot: NullUnderNotPasses, Regex: RegexWhole, Spelling: LenientSpelling, NotInteger: NotIntegerFalse, MultiValued: MultiValuedAny, EndsWithIgnoresCase: true}} {
			p, warnings, err := compile(parsed.Groups, nil, options)
			if err != nil {
				continue
			}
			for _, w := range warnings {
				_ = w.String()
			}
			canonical, err := Canonical(parsed.Groups, options)
			if err != nil {
				t.Fatal(err)
			}
			back, err := ParseJSON(canonical)
			if err != nil {
				t.Fatalf("%s: %v", canonical, err)
			}
			for _, v := range []expression.Value{expression.TextValue(value), expression.Null(), expression.ListValue([]string{value, "x"})} {
				ok1, err1 := p.Match(rowOf(p, v))
				q, err := Compile(back.Groups, nil, options)
				if err != nil {
					t.Fatalf("%s: %v", canonical, err)
				}
				ok2, err2 := q.Match(rowOf(q, v))
				if err1 != nil && strings.Contains(err1.Error(), "takes too long") {
					return
				}
				if ok1 != ok2 || (err1 == nil) != (err2 == nil) {
					t.Fatalf("%s and %s: %v %v and %v %v", filter, canonical, ok1, err1, ok2, err2)
				}
			}
		}
	})
}

func rowOf(p *Program, v expression.Value) expression.Row {
	row := make(expression.Row, len(p.Attributes()))
	for i := range row {
		row[i] = v
	}
	return row
}

// BenchmarkMatch evaluates a filter of the usual size for 100,000 users; an
// iteration is one user.
func BenchmarkMatch(b *testing.B) {
	p, err := Compile([]Group{
		group(
			clause("department", "EQUALS", "IT"),
			clause("accountEnabled", "IS TRUE"),
			clause("level", "Greater_Than", "3"),
		),
		group(
			clause("userPrincipalName", "REGEX MATCH", `^.*@(contoso|fabrikam)\.com$`),
			clause("companyName", "IS NOT NULL"),
		),
	}, []string{"department", "accountEnabled", "level", "userPrincipalName", "companyName"}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	rows := make([]expression.Row, 100_000)
	for i := range rows {
		rows[i] = expression.Row{
			expression.TextValue([]string{"IT", "HR", "Sales"}[i%3]),
			expression.BoolValue(i%10 > 0),
			expression.IntValue(int64(i % 7)),
			expression.TextValue(
				fmt.Sprintf("user%d@%s.com", i, []string{"contoso", "woodgrove"}[i%2]),
			),
			expression.TextValue("Contoso"),
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := p.Match(rows[i]); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(rows) {
			i = 0
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	p, err := Compile(
		[]Group{
			group(
				clause("a", "NOT EQUALS", "x"),
				clause("b", "Greater_Than", "3"),
				clause("a", "REGEX MATCH", "^[a-z]+$"),
				clause("a", "ENDS_WITH", "z"),
			),
		},
		[]string{"a", "b"},
		Options{EndsWithIgnoresCase: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	row := expression.Row{expression.TextValue("abcz"), expression.IntValue(7)}
	if n := testing.AllocsPerRun(100, func() {
		if ok, err := p.Match(row); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
