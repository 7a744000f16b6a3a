package mapping

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

func parsed(t *testing.T, text string) *Schema {
	t.Helper()
	s, err := ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const twoRules = `{"synchronizationRules":[
	{"id":"1","name":"A","objectMappings":[{"sourceObjectName":"User","targetObjectName":"User"},{"sourceObjectName":"Group","targetObjectName":"Group"}]},
	{"id":"2","name":"B","objectMappings":[{"sourceObjectName":"User","targetObjectName":"User","enabled":false}]}]}`

func TestParseSchema_Errors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "the job's schema isn't a JSON object",
		"[]":                             "the job's schema isn't a JSON object: it is of another kind",
		`{"synchronizationRules":[1]}`:   "a synchronization rule that is no object",
		`{"synchronizationRules":["x"]}`: "a synchronization rule that is no object",
		`{"synchronizationRules":[{"name":"A","objectMappings":[7]}]}`: "rule A of the job's schema has an object " +
			"mapping that is no object",
	} {
		if _, err := ParseSchema([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// Which object mapping is meant, or why none can be told.
func TestSection(t *testing.T) {
	user := Object{"User", "User"}
	for name, c := range map[string]struct {
		schema, rule string
		object       Object
		want         string
	}{
		"one":               {twoRules, "A", user, ""},
		"one of the name":   {twoRules, "", Object{"Group", "Group"}, ""},
		"two rules have it": {twoRules, "", user, `several rules of the job's schema have an object mapping from "User" to "User": set "rule" to one of A, B`},
		"none in this rule": {twoRules, "B", Object{"Group", "Group"}, `the job's schema has no object mapping from "Group" to "Group" in the rule "B". It has: A: "User" to "User"; A: "Group" to "Group"; B: "User" to "User"`},
		"twice in one rule": {
			strings.Replace(twoRules, `"Group","targetObjectName":"Group"`, `"User","targetObjectName":"User"`, 1), "A", user,
			`has 2 times an object mapping from "User" to "User" in the rule "A": they can't be told apart`,
		},
	} {
		m, err := parsed(t, c.schema).Section(c.rule, c.object)
		var e *SectionError
		if c.want == "" {
			if err != nil || m.Object != c.object {
				t.Errorf("%s: got %+v, %v", name, m, err)
			}
			continue
		}
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// Two schemas are the same whatever their order and spacing.
func TestSameMappings(t *testing.T) {
	base := parsed(t, twoRules)
	turned := `{"synchronizationRules":[
		{"name":"B","objectMappings":[{"sourceObjectName":"User","targetObjectName":"User","enabled":false}]},
		{"name":"A","objectMappings":[{"targetObjectName":"Group","sourceObjectName":"Group"},{"sourceObjectName":"User","targetObjectName":"User","flowTypes":""}]}]}`
	if !SameMappings(base, parsed(t, turned)) {
		t.Error("the order counts")
	}
	for name, edit := range map[string][2]string{
		"a rule's name": {`"name":"B"`, `"name":"C"`}, "an object": {`"Group","targetObjectName":"Group"`, `"Group","targetObjectName":"Team"`},
		"enabled": {`,"enabled":false`, ""}, "actions": {`"targetObjectName":"Group"`, `"targetObjectName":"Group","flowTypes":"Add"`},
		"a row":     {`"targetObjectName":"Group"`, `"targetObjectName":"Group","attributeMappings":[{"targetAttributeName":"a","defaultValue":"x"}]`},
		"a filter":  {`"targetObjectName":"Group"`, `"targetObjectName":"Group","scope":{"groups":[{"clauses":[{"operatorName":"IS NULL","sourceOperandName":"mail"}]}]}`},
		"one fewer": {`,{"sourceObjectName":"Group","targetObjectName":"Group"}`, ""},
	} {
		other := strings.Replace(twoRules, edit[0], edit[1], 1)
		if other == twoRules {
			t.Fatal(name)
		}
		if SameMappings(base, parsed(t, other)) {
			t.Errorf("%s doesn't count", name)
		}
	}
}

// A clause of another shape is one that can't be evaluated.
func TestFilters_Shapes(t *testing.T) {
	clause := func(rest string) string {
		return `{"operatorName":"EQUALS","sourceOperandName":"mail","targetOperand":` + rest + `}`
	}
	for name, c := range map[string]struct {
		operand string
		values  []string
		odd     bool
	}{
		"texts":              {`{"values":["a","b"]}`, []string{"a", "b"}, false},
		"numbers and truths": {`{"values":[ 7 ,true,false]}`, []string{"7", "true", "false"}, false},
		"null":               {`null`, []string{}, false},
		"values null":        {`{"values":null}`, []string{}, false},
		"a null value":       {`{"values":[null]}`, []string{""}, true},
		"an object as value": {`{"values":[{}]}`, []string{""}, true},
		"no list":            {`{"values":"x"}`, []string{}, true},
		"no object":          {`"x"`, []string{}, true},
	} {
		m := parsed(t, strings.Replace(twoRules, `"targetObjectName":"Group"`,
			`"targetObjectName":"Group","scope":{"groups":[{"name":"g","clauses":[`+clause(c.operand)+`]}]}`, 1))
		s, err := m.Section("", Object{"Group", "Group"})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Mapping().Filter.AnyOf[0].AllOf[0]
		if diff := cmp.Diff(c.values, append([]string{}, got.Values...)); diff != "" || (got.Operator == "") != c.odd {
			t.Errorf("%s: got %+v %s", name, got, diff)
		}
	}
	for scope, want := range map[string]int{
		"null": 0, `{}`: 0, `{"groups":null,"inputFilterGroups":[]}`: 0, `"x"`: 3, `{"groups":7}`: 1, `{"categoryFilterGroups":{}}`: 1,
	} {
		m := parsed(
			t,
			strings.Replace(twoRules, `"targetObjectName":"Group"`, `"targetObjectName":"Group","scope":`+scope, 1),
		)
		s, err := m.Section("", Object{"Group", "Group"})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Mapping()
		if len(got.Unreadable) != want || got.Filter != nil {
			t.Errorf("%s: got %v, %v", scope, got.Unreadable, got.Filter)
		}
	}
}

// A group that means the same under the same name keeps its bytes; the others are
// written as the service stores them.
func TestWrite_GroupsKeepBytes(t *testing.T) {
	stored := `{ "clauses" : [ {"sourceOperandName":"mail","operatorName":"EQUALS","targetOperand":{"values":["x"]},"later":1} ], "name":"g" }`
	text := strings.Replace(
		twoRules,
		`"targetObjectName":"Group"`,
		`"targetObjectName":"Group","scope":{"groups":[`+stored+`],"x":1}`,
		1,
	)
	group := func(name, value string) scoping.SpecGroup {
		return scoping.SpecGroup{
			Name:  name,
			AllOf: []scoping.SpecClause{{Attribute: "mail", Operator: "EQUALS", Values: []string{value}}},
		}
	}
	null := scoping.SpecGroup{Name: "n", AllOf: []scoping.SpecClause{{Attribute: "mail", Operator: "IS NULL"}}}
	written := func(name, value string) string {
		return `{"name":"` + name + `","clauses":[{"operatorName":"EQUALS","sourceOperandName":"mail","targetOperand":{"values":["` + value + `"]}}]}`
	}
	for name, c := range map[string]struct {
		groups []scoping.SpecGroup
		want   string
	}{
		"one more": {[]scoping.SpecGroup{group("g", "x"), group("h", "y")}, stored + "," + written("h", "y")},
		"another name": {
			[]scoping.SpecGroup{group("h", "x"), group("i", "y")}, written("h", "x") + "," + written("i", "y"),
		},
		"another value": {
			[]scoping.SpecGroup{group("g", "y"), null},
			written("g", "y") + `,{"name":"n","clauses":[{"operatorName":"IS NULL","sourceOperandName":"mail","targetOperand":null}]}`,
		},
		"none": {[]scoping.SpecGroup{}, ""},
	} {
		s := parsed(t, text)
		live, err := s.Section("", Object{"Group", "Group"})
		if err != nil {
			t.Fatal(err)
		}
		plan := Mapping{Object: live.Object, Filter: &scoping.Spec{AnyOf: c.groups}}
		if _, err := Write(live, nil, nil, plan, true); err != nil {
			t.Fatal(name, err)
		}
		out, err := s.Bytes()
		if want := `"scope":{"groups":[` + c.want + `],"x":1}`; err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: got %s, want %s (%v)", name, out, want, err)
		}
	}
}

// A section without rows, or without a list, takes the first one.
func TestWrite_FirstRow(t *testing.T) {
	for _, list := range []string{"", `,"attributeMappings":[]`, `,"attributeMappings":null`} {
		s := parsed(t, strings.Replace(twoRules, `"targetObjectName":"Group"`, `"targetObjectName":"Group"`+list, 1))
		live, err := s.Section("", Object{"Group", "Group"})
		if err != nil {
			t.Fatal(err)
		}
		plan := Mapping{
			Object:     live.Object,
			Attributes: map[string]Attribute{"a": {Expression: "[mail]"}, "b": {Expression: "[displayName]"}},
		}
		if _, err := Write(live, nil, nil, plan, true); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a", "b"}, live.Mapping().targets()); diff != "" {
			t.Errorf("%q: %s", list, diff)
		}
	}
	live := oneRowSchema(t, "a")
	odd := oneRow(ManageListed, "b")
	odd.Attributes["title"] = Attribute{Expression: "[b]", Apply: "sometimes"}
	if _, err := Write(live, nil, nil, odd, true); err == nil || !strings.Contains(err.Error(), `"sometimes"`) {
		t.Errorf("got %v", err)
	}
	odd.Attributes["title"] = Attribute{Expression: "IIF("}
	if _, err := Write(
		oneRowSchema(t, "a"),
		nil,
		nil,
		odd,
		true,
	); err == nil ||
		!strings.HasPrefix(err.Error(), "title: ") {
		t.Errorf("got %v", err)
	}
}

func TestEqualAttribute(t *testing.T) {
	x, alsoX, y := "x", "x", "y"
	base := Attribute{Expression: "[mail]", Default: &x}
	for name, c := range map[string]struct {
		other Attribute
		same  bool
	}{
		"in other words":      {Attribute{Expression: " [mail] ", Default: &alsoX, Apply: "always"}, true},
		"no default":          {Attribute{Expression: "[mail]"}, false},
		"another default":     {Attribute{Expression: "[mail]", Default: &y}, false},
		"another priority":    {Attribute{Expression: "[mail]", Default: &x, MatchingPriority: 1}, false},
		"another flow":        {Attribute{Expression: "[mail]", Default: &x, Apply: "on_create"}, false},
		"an undocumented one": {Attribute{Expression: "[mail]", Default: &x, Apply: "sometimes"}, false},
		"another expression":  {Attribute{Expression: "[surname]", Default: &x}, false},
		"none":                {Attribute{Expression: "IIF(", Default: &x}, false},
	} {
		if got := EqualAttribute(base, c.other); got != c.same {
			t.Errorf("%s: got %t", name, got)
		}
		if got := EqualAttribute(c.other, base); got != c.same {
			t.Errorf("%s, turned: got %t", name, got)
		}
	}
	if EqualExpression("IIF(", "[mail]") || !EqualExpression("IIF(", "IIF(") {
		t.Error("what can't be read equals itself alone")
	}
	odd := Attribute{Apply: "sometimes"}
	if !EqualAttribute(odd, odd) {
		t.Error("an undocumented flow equals itself")
	}
}

// What is sent has a hash: it changes with what any covered row gives.
func nobody(string) bool { return false }

func TestSentHash(t *testing.T) {
	_, d := people()
	hash := func(i int32, pairs ...string) uint32 {
		p, err := Compile(listed(pairs...), d, Env{})
		if err != nil {
			t.Fatal(err)
		}
		row := p.NewRow()
		p.Load(row, i)
		return p.SentHash(row, nobody)
	}
	base := hash(0, "a", "[mail]", "b", "[userPrincipalName]")
	if base != hash(0, "a", "[mail]", "b", "[userPrincipalName]") || base == 0 {
		t.Error("the same has another hash")
	}
	for name, other := range map[string]uint32{
		"another value": hash(0, "a", "ToUpper([mail])", "b", "[userPrincipalName]"),
		"another user":  hash(3, "a", "[mail]", "b", "[userPrincipalName]"), "null": hash(1, "a", "[mail]", "b", "[userPrincipalName]"),
		"left out": hash(0, "a", "IgnoreAttributeFlow", "b", "[userPrincipalName]"),
		"fails":    hash(0, "a", `Error("x")`, "b", "[userPrincipalName]"),
	} {
		if other == base {
			t.Errorf("%s: the hash stays", name)
		}
	}
	if hash(0, "a", `"xy"`, "b", `"z"`) == hash(0, "a", `"x"`, "b", `"yz"`) {
		t.Error("values run into each other")
	}
	p, err := Compile(func() Mapping {
		m := listed(
			"a",
			"[mail]",
			"once",
			"[mail]",
			"random",
			`RandomString(5, 1, 1, 1, 0, "")`,
			"active",
			"[accountEnabled]",
			"clock",
			"Now()",
		)
		m.Attributes["once"] = Attribute{Expression: "[mail]", Apply: "on_create"}
		m.Attributes["odd"] = Attribute{Unreadable: "odd"}
		return m
	}(), d, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, p.Covered()); diff != "" {
		t.Errorf("what is sent once, by chance or by the clock isn't compared: %s", diff)
	}
	row := p.NewRow()
	p.Load(row, 0)
	was := p.SentHash(row, nobody)
	p.Override(row, "mail", expression.TextValue("other@company.com"))
	p.Override(row, "noSuchAttribute", expression.TextValue("x"))
	if p.SentHash(row, nobody) == was {
		t.Error("an overridden attribute counts")
	}
}

// Parts of a mapping.
func TestMapping_Parts(t *testing.T) {
	m := listed("a", "[mail]", "b", "[surname]", "c", `SelectUniqueValue("x", "y")`)
	m.Filter, m.CategoryFilter = filterBy("mail", "IS NULL"), filterBy("department", "EQUALS", "x")
	if !m.Maps("a") || m.Maps("z") {
		t.Error("Maps")
	}
	only := m.Only([]string{"b", NameCategoryFilter, "z"})
	if diff := cmp.Diff([]string{"b"}, only.targets()); diff != "" || only.Filter != nil || only.CategoryFilter == nil {
		t.Errorf("got %+v", only)
	}
	if diff := cmp.Diff([]string{"c"}, m.UniqueValues()); diff != "" {
		t.Error(diff)
	}
	held := listed("a", " [mail] ", "b", "[givenName]")
	held.Filter = filterBy("mail", "IS NULL")
	rest := m.Without(held)
	if diff := cmp.Diff(
		[]string{"b", "c"},
		rest.targets(),
	); diff != "" || rest.Filter != nil ||
		rest.CategoryFilter == nil {
		t.Errorf("got %+v", rest)
	}
	targets, sources := m.Unknown(Attributes{Source: []string{"Mail", "givenName"}, Target: []string{"a", "c"}})
	var said []string
	for _, s := range sources {
		said = append(said, fmt.Sprintf("%s %t", s, s.Case()))
	}
	want := []string{
		"a uses the source attribute mail (did you mean Mail?) true", "b uses the source attribute surname false",
		"scoping_filter uses the source attribute mail (did you mean Mail?) true",
		"category_filter uses the source attribute department false",
	}
	if diff := cmp.Diff(want, said); diff != "" || !cmp.Equal(targets, []string{"b"}) {
		t.Errorf("%v %s", targets, diff)
	}
}

// Sources that a reading has in another form than Graph's properties.
func TestReaders(t *testing.T) {
	w, _ := people()
	w.Users[0].ExternalUserState, w.Users[0].OnPremisesSyncEnabled = "Accepted", directory.True
	w.Users[1].OnPremisesSyncEnabled, w.Users[1].UserType = directory.False, ""
	d := w.Directory()
	rows := listed(
		"type",
		"[userType]",
		"state",
		"[userState]",
		"synced",
		"[dirSyncEnabled]",
		"deleted",
		"[IsSoftDeleted]",
	)
	p, err := Compile(rows, d, Env{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"deleted False, state Accepted, synced True, type Member", "deleted False, state null, synced False, type null",
		"deleted True, state null, synced null, type Member",
	} {
		list, _, err := p.Preview(p.NewRow(), int32(i))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range list {
			value := x.Value.String()
			if x.Why != "" {
				value = "null"
			}
			got = append(got, x.Target+" "+value)
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("user %d: got %s, want %s", i, s, want)
		}
	}
}

// A column that is a list stays one; of business phones the first counts.
func TestReaders_Lists(t *testing.T) {
	d := user(
		t,
		map[string]string{
			"proxyAddresses": `["smtp:a","smtp:b"]`,
			"businessPhones": "[]",
			"department":     `{"odd":1}`,
			"city":           "odd",
		},
	)
	got := eval(
		t,
		listed(
			"proxies",
			`Join(",", [proxyAddresses])`,
			"phone",
			"[telephoneNumber]",
			"department",
			"[department]",
			"city",
			"[city]",
		),
		d,
		Env{},
	)
	want := map[string]string{"proxies": "smtp:a,smtp:b", "phone": "null", "department": "null", "city": "null"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a job needs of a reading: of mappings of users that are on, alone.
func TestSourceAttributes_Which(t *testing.T) {
	one := func(source, rest, expression string) string {
		return `{"sourceObjectName":"` + source + `","targetObjectName":"User"` + rest + `,"attributeMappings":[{"targetAttributeName":"a",` +
			`"source":{"expression":"` + expression + `","name":"x","type":"Function","parameters":[]}}]}`
	}
	got := SourceAttributes([]string{
		one("Group", "", "ToUpper([country])"),
		one("User", `,"enabled":false`, "ToUpper([city])"),
		"{",
		one(
			"user",
			"",
			"ToUpper([department])",
		),
		one(
			"User",
			`,"scope":{"groups":[{"clauses":[{"operatorName":"IS NULL","sourceOperandName":"jobTitle"}]}]}`,
			"ToUpper([mobile])",
		),
		one("User", "", "ToUpper([manager])"),
	})
	if diff := cmp.Diff([]string{"department", "jobTitle", "mobilePhone"}, got); diff != "" {
		t.Error(diff)
	}
}

// Errors say what to do.
func TestErrors_Advice(t *testing.T) {
	for want, err := range map[string]interface{ Advice() string }{
		"Plan again": &ChangedError{}, "Set adopt = true to replace what is there, or list": &ForeignError{Held: true},
		"Import the mapping": &ForeignError{},
	} {
		if got := err.Advice(); !strings.Contains(got, want) || !strings.HasPrefix(got, "Nothing was written. ") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
