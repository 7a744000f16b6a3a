package scoping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
)

// Each operator with each kind of value, under the readings of what isn't documented.
func TestOperators_Table(t *testing.T) {
	text, num, list := expression.TextValue, expression.IntValue, expression.ListValue
	values := []struct {
		name string
		v    expression.Value
	}{
		{
			"null",
			expression.Null(),
		},
		{"empty", text("")},
		{"a", text("a")},
		{"A", text("A")},
		{"xa", text("xa")},
		{"-1", text("-1")},
		{
			"5",
			text("5"),
		},
		{"05", text("05")},
		{"6", text("6")},
		{"11", text("11")},
		{"4", text("4")},
		{"true", text("TRUE")},
		{"number 5", num(5)},
		{
			"number 0",
			num(0),
		},
		{"number 6", num(6)},
		{"number 2", num(2)},
		{"number -5", num(-5)},
		{"truth", expression.BoolValue(true)},
		{
			"untruth",
			expression.BoolValue(false),
		},
		{"no values", list(nil)},
		{"[a]", list([]string{"a"})},
		{"[b,a]", list([]string{"b", "a"})},
		{"[a,b]", list([]string{"a", "b"})},
		{"[b,c]", list([]string{"b", "c"})},
		{"[5,a]", list([]string{"5", "a"})},
		{"roles", expression.RolesValue([]expression.Role{{}})},
	}
	operators := []Clause{
		clause(
			"x",
			"EQUALS",
			"a",
		),
		clause("x", "EQUALS", "5"),
		clause("x", "EQUALS", ""),
		clause("x", "NOT EQUALS", "a"),
		clause("x", "NOT EQUALS", "5"),
		clause(
			"x",
			"IS TRUE",
		),
		clause("x", "IS FALSE"),
		clause("x", "IS NULL"),
		clause("x", "IS NOT NULL"),
		clause("x", "REGEX MATCH", "a"),
		clause(
			"x",
			"NOT REGEX MATCH",
			"a",
		),
		clause("x", "Greater_Than", "5"),
		clause("x", "Greater_Than_OR_EQUALS", "5"),
		clause(
			"x",
			"Includes",
			"a",
		),
		clause("x", "ENDS_WITH", "a"),
		clause("x", "ENDS_WITH", "xa"),
		clause("x", "&", "6"),
		clause("x", "!&", "6"),
	}
	var b strings.Builder
	for _, o := range []struct {
		name string
		o    Options
	}{
		{"as documented", Options{}},
		{"null passes under NOT, one of several values suffices", Options{NullUnderNot: NullUnderNotPasses, MultiValued: MultiValuedAny}},
		{"several values fail, a pattern matches the whole", Options{MultiValued: MultiValuedFails, Regex: RegexWhole}},
		{"all values must pass, ENDS_WITH ignores case, what is no number is false", Options{
			MultiValued: MultiValuedAll, EndsWithIgnoresCase: true, NotInteger: NotIntegerFalse,
		}},
	} {
		fmt.Fprintf(&b, "=== %s\n", o.name)
		for _, c := range operators {
			cells := map[string][]string{}
			for _, v := range values {
				got := match(t, []Group{group(c)}, v.v, o.o)
				if _, message, failed := strings.Cut(got, "): "); failed {
					got = "error: " + message
				}
				cells[got] = append(cells[got], v.name)
			}
			fmt.Fprintf(&b, "%s %v\n", c.OperatorName, c.TargetOperand.Values)
			for _, kind := range []string{"true", "false"} {
				fmt.Fprintf(&b, "  %s: %s\n", kind, strings.Join(cells[kind], " | "))
				delete(cells, kind)
			}
			var failed []string
			for message, names := range cells {
				failed = append(failed, "  "+message+": "+strings.Join(names, " | ")+"\n")
			}
			for _, v := range values { // in the order of the values
				for _, line := range failed {
					if strings.Contains(line, ": "+v.name+"\n") || strings.Contains(line, ": "+v.name+" | ") {
						b.WriteString(line)
					}
				}
			}
		}
	}
	golden.Text(t, "operators", b.String())
}

// Which patterns match the same anywhere as as a whole.
func TestAnchored(t *testing.T) {
	for pattern, want := range map[string]bool{
		"^a$": true, `\Aa\z`: true, `\Aa\Z`: true, ".*a.*": true, "^a.*": true, ".*a$": true, "a": false, "^a": false, "a$": false,
		`^a\$`: false, `^a\\$`: true, `^a\\\$`: false, `^a\.*`: false, `^a\\.*`: true, `^a\z`: true, `^a\Z`: true,
		"^a|b$": false, "^(a|b)$": true, "^[a|b]$": true, `^a\|b$`: true, "^[(]a|b$": false, `^(a)|b$`: false, `^[\]|]$`: true, `^[a]|[b]$`: false,
		"^((a)|(b))$": true, "": false, "$": false, "^$": true,
	} {
		if got := anchored(pattern); got != want {
			t.Errorf("%s: got %t", pattern, got)
		}
	}
}

// With Partly, what can't be compiled isn't known, and the others decide.
func TestPartly(t *testing.T) {
	bad, yes, no := clause("y", "NO SUCH", "1"), clause("x", "IS NOT NULL"), clause("x", "IS NULL")
	unread := clause("manager", "IS NULL")
	options := Options{Partly: true, Unread: func(name string) string {
		if name == "manager" {
			return "it isn't read"
		}
		return ""
	}}
	for name, c := range map[string]struct {
		groups []Group
		want   string
	}{
		"a bad clause alone":    {[]Group{group(bad)}, `error: group 1 (g), clause 1 (y NO SUCH): unknown operator "NO SUCH"`},
		"beside one that fails": {[]Group{group(bad, no)}, "false"}, "beside one that passes": {[]Group{group(yes, bad)}, "error"},
		"or one that passes": {[]Group{group(bad), group(yes)}, "true"}, "or one that fails": {[]Group{group(no), group(bad)}, "error"},
		"what isn't read": {[]Group{group(unread)}, "error: group 1 (g), clause 1 (manager IS " +
			"NULL): it isn't read"},
		"a bad pattern, or one that passes": {
			[]Group{group(clause("x", "REGEX MATCH", "(")), group(yes)}, "true",
		},
		"two values, beside one that fails":      {[]Group{group(clause("x", "EQUALS", "a", "b"), no)}, "false"},
		"two values alone":                       {[]Group{group(clause("x", "EQUALS", "a", "b"))}, "error: group 1 (g), clause 1 (x EQUALS): EQUALS takes"},
		"what isn't read, beside one that fails": {[]Group{group(no, unread)}, "false"},
		"a group without clauses": {[]Group{{Name: "e"}}, "error: group 1 (e): the group has no " +
			"clauses"},
		"or one that passes after": {[]Group{{Name: "e"}, group(yes)}, "true"},
		"bad, then read":           {[]Group{group(bad), group(clause("z", "IS NULL"))}, "error"},
	} {
		if got := match(t, c.groups, expression.TextValue("v"), options); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	p, err := Compile([]Group{group(yes, bad, clause("z", "IS NULL"), unread)}, nil, options)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Attributes(), " "); got != "x z" {
		t.Errorf("nobody reads for a clause that isn't known: got %s", got)
	}
	if _, err := Compile(
		[]Group{{Name: "e"}, group(bad)},
		nil,
		Options{},
	); err == nil ||
		strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("every mistake is named: got %v", err)
	}
}

// Whether a filter may run out of steps is its patterns' to say.
func TestCounted(t *testing.T) {
	for pattern, want := range map[string]bool{"^a$": false, `^(a+)+\1$`: true} {
		p, err := Compile(
			[]Group{
				group(clause("x", "EQUALS", "a")),
				group(clause("y", "IS NULL"), clause("x", "REGEX MATCH", pattern)),
			},
			nil,
			Options{},
		)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Counted(); got != want {
			t.Errorf("%s: got %t", pattern, got)
		}
	}
	if p, err := Compile(nil, nil, Options{}); err != nil || p.Counted() {
		t.Errorf("no groups: %v", err)
	}
}

func TestEqual(t *testing.T) {
	a, b := clause("x", "EQUALS", "a"), clause("y", "IS NULL")
	for name, c := range map[string]struct {
		x, y    []Group
		options Options
		want    bool
	}{
		"order": {[]Group{group(a, b)}, []Group{group(b, a)}, Options{}, true}, "twice": {[]Group{group(a, a)}, []Group{group(a)}, Options{}, true},
		"covered": {[]Group{group(a), group(a, b)}, []Group{group(a)}, Options{}, true}, "another": {[]Group{group(a)}, []Group{group(b)}, Options{}, false},
		"and isn't or":             {[]Group{group(a, b)}, []Group{group(a), group(b)}, Options{}, false},
		"the first can't be read":  {[]Group{group(clause("x", "NO SUCH"))}, []Group{group(a)}, Options{}, false},
		"the second can't be read": {[]Group{group(a)}, []Group{group(clause("x", "NO SUCH"))}, Options{}, false},
		"in another spelling":      {[]Group{group(clause("x", "equals", "a"))}, []Group{group(a)}, Options{Spelling: LenientSpelling}, true},
		"strictly":                 {[]Group{group(clause("x", "equals", "a"))}, []Group{group(a)}, Options{}, false},
		"nothing":                  {nil, []Group{}, Options{}, true},
		"by a name of the job's": {
			[]Group{group(clause("x", "eq", "a"))}, []Group{group(a)}, Options{Names: map[string]Operator{"eq": Equals}}, true,
		},
	} {
		if got := Equal(c.x, c.y, c.options); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
		if got := Equal(c.y, c.x, c.options); got != c.want {
			t.Errorf("%s, turned: got %t", name, got)
		}
	}
}

// Operators that can't be used are told from those that don't exist, in any spelling.
func TestRejected(t *testing.T) {
	for name, want := range map[string]string{
		"IsMemberOf": "can't be used: IsMemberOf is listed", "is_member_of": "can't be used: IsMemberOf is listed",
		"present": "can't be used: it was seen in the portal", "": "unknown operator", "EQUAL": "did you mean",
	} {
		_, err := Compile([]Group{group(clause("x", name, "a"))}, nil, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
}

func TestPortalName(t *testing.T) {
	for name, want := range map[string]string{
		"EQUALS": "EQUALS", "not_equals": "NOT EQUALS", "GreaterThan": "Greater_Than", "no such": "no such", "": "",
	} {
		if got := PortalName(name); got != want {
			t.Errorf("%q: got %q", name, got)
		}
	}
	for op := Equals; op <= BitsNotSet; op++ {
		if PortalName(op.String()) != op.String() || op.String() == "" {
			t.Errorf("%d: got %q", op, op)
		}
	}
	if got := Operator(200).String(); got != "" {
		t.Errorf("got %q", got)
	}
}
