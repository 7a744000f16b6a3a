package simulator

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// documented are the forms of every function in [expressions 3] and [graph 3.5], one at least
// each, as their pages write them, and what becomes of their text; "" is: nothing.
var documented = [][2]string{
	{`[mail]`, ``}, {`"Member"`, ``}, {`""`, ``},
	{`Append("SMTP:", [mail])`, ``},
	{`Join(", ", "", [surname], [givenName])`, ``}, {`Join("", "a","b")`, `Join("", "a", "b")`},
	{`Left("John Doe", 3)`, `Left("John Doe", "3")`},
	{`Mid([u], 1, 8)`, `Mid([u], "1", "8")`}, {`Mid(x, "1", "1")`, `!`},
	{`Len(42568.75)`, `Len("42568.75")`},
	{`InStr("The quick brown fox","quick")`, `InStr("The quick brown fox", "quick")`},
	{`InStr([a], "x", 2, vbTextCompare)`, `InStr([a], "x", "2", vbTextCompare)`},
	{`Word("This,string!has&many separators",3,",!&#")`, `Word("This,string!has&many separators", "3", ",!&#")`},
	{`Replace([preferredLanguage], "-", , , "_", ,  )`, `Replace([preferredLanguage], "-", , , "_", , )`},
	{`Replace([x], , "\+(?<isdCode>\\d* )", , "${isdCode}", ,)`, `Replace([x], , "\\+(?<isdCode>\\d* )", , "${isdCode}", , )`},
	{`StripSpaces([a])`, ``}, {`ToLower([a], )`, ``}, {`ToUpper([a], "tr-TR")`, ``}, {`PCase([a]," '-")`, `PCase([a], " '-")`},
	{`NormalizeDiacritics([a])`, ``}, {`Split([a], ",")`, ``}, {`Split([a])`, ``}, {`Trim([a])`, ``}, {`Redact([a])`, ``}, {`Prepend([a], "x")`, ``},
	{`IIF([a]="x", "1", "2")`, `IIF([a] = "x", "1", "2")`}, {`IIF([a] <> [b],"T","F")`, `IIF([a] <> [b], "T", "F")`},
	{`IIF([a]>=4,"T","F")`, `IIF([a] >= "4", "T", "F")`}, {`IIF([a]<=-1.5,"T","F")`, `IIF([a] <= "-1.5", "T", "F")`},
	{`IIF(IsPresent([x]), [x], "none")`, ``}, {`IIF(DateDiff("d", Now(), CDate([h])) <= 14, "False", IgnoreObjectFlow)`, `IIF(DateDiff("d", Now(), CDate([h])) <= "14", "False", IgnoreObjectFlow)`},
	{`Switch([a], , "1", "True", "0", "False")`, ``}, {`Switch([a], "d")`, ``}, {`Switch(IsPresent([jobTitle]), "DefaultValue", "True", [jobTitle])`, ``},
	{`Coalesce([a],[b])`, `Coalesce([a], [b])`}, {`Coalesce([a], "")`, ``},
	{`IsNull([a])`, ``}, {`IsNullOrEmpty([a])`, ``}, {`IsPresent([a])`, ``}, {`IsString([a])`, ``}, {`IsNothing([a])`, ``},
	{`Not([IsSoftDeleted])`, ``}, {`CBool([attribute1] = [attribute2])`, ``}, {`CBool(0)`, `CBool("0")`},
	{`IgnoreFlowIfNullOrEmpty([department])`, ``}, {`IIF([a] = "x", IgnoreAttributeFlow, [b])`, ``},
	{`BitAnd(&HF, &HF7)`, ``}, {`Count([m])`, ``}, {`Item([m], 1)`, `Item([m], "1")`}, {`RemoveDuplicates([m])`, ``}, {`CStr([a])`, ``},
	{`ConvertToBase64([a])`, ``}, {`ConvertToUTF8Hex([a])`, ``}, {`ConvertFromBase64([a])`, ``}, {`ConvertFromBase64([a], UTF8)`, ``},
	{`DefaultDomain()`, ``}, {`DefaultDomain( )`, `DefaultDomain()`}, {`DefaultDomain([tenant])`, ``},
	{`CDate([a])`, ``}, {`DateAdd("d", "10", Now())`, ``}, {`DateDiff("yyyy", [a], [b])`, ``}, {`Now()`, ``}, {`DateFromNum([a])`, ``}, {`NumFromDate([a])`, ``},
	{`FormatDateTime([a], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`, ``}, {`FormatDateTime([a], "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`, ``},
	{`SelectUniqueValue(Join("@", [a], "x"), Join("@", [b], "x"))`, ``},
	{`SingleAppRoleAssignment([appRoleAssignments])`, ``}, {`AppRoleAssignments([appRoleAssignments])`, ``},
	{`AppRoleAssignmentsComplex([appRoleAssignments])`, ``}, {`AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, ``},
	{`RandomString(6,3,0,0,3,"")`, `RandomString("6", "3", "0", "0", "3", "")`}, {`Guid()`, ``}, {`AltSecIdFromNetId([netId])`, ``},
	{"Append (\n\t[a] ,\n\t\"x\"\n)", `Append([a], "x")`}, {`"a \"b\" \\ c"`, ``}, {`"[mail]"`, ``},
}

func TestDocumentedExpressions(t *testing.T) {
	used := map[string]bool{}
	for _, d := range documented {
		text, want := d[0], d[1]
		got, err := parseMapping(text)
		if want == "!" {
			if err == nil {
				t.Errorf("%s was accepted", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		same(t, text, got.Expression, cmp.Or(want, text))
		again, err := parseMapping(got.Expression)
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%s isn't what it is read as: %v %v", got.Expression, again, err)
		}
		walkSource(got, func(s mappingSource) { used[s.Name] = true })
	}
	for _, f := range mappingFunctions {
		if !used[f.name] {
			t.Errorf("no example of %s", f.name)
		}
	}
}

func walkSource(s mappingSource, visit func(mappingSource)) {
	visit(s)
	for _, p := range s.Parameters {
		walkSource(p.Value, visit)
	}
}

func TestWrongExpressions(t *testing.T) {
	for _, text := range []string{
		``, ` `, `Append("a", "b"`, `Append("a", "b)`, `Append([a, "b")`, `Append("a","b","c")`, `Append("a")`, `Append(, "a")`,
		`append("a", "b")`, `switch([a], "d", "k", "v")`, `NoSuch([a])`, `Left([a], 1) extra`, `[a] & [b]`, `[a] = "x"`, `Not([a] = "x")`,
		`IIF([a] = , "1", "2")`, `IIF([a] == "x", "1", "2")`, `IIF([a] = "x" AND [b] = "y", "1", "2")`, `IIF([a] = "x", "1")`,
		`Switch([a], "d", "k1", "v1", "k2")`, `Switch([a], "d", , "v1")`, `Join(",")`, `Coalesce()`, `SelectUniqueValue("a")`,
		`Append("x", SelectUniqueValue("a", "b"))`, `Member`, `'Member'`, `&Hxyz`, `[]`, `Now(,`, strings.Repeat("Not(", 200) + "[a]" + strings.Repeat(")", 200),
		`"` + strings.Repeat("x", maxExpression) + `"`,
	} {
		if got, err := parseMapping(text); err == nil {
			t.Errorf("%.60s was read as %v", text, got.Expression)
		}
	}
}

// The keys of parameters: repeated ones take turns, and what is left out has none.
func TestParameterKeys(t *testing.T) {
	for text, want := range map[string]string{
		`Replace([a], "-", , , "_", , )`:        "source Find Replacement",
		`Switch([a], , "1", "x", "2", "y")`:     "source key value key value",
		`Switch([a], "d", "1", "x")`:            "source defaultValue key value",
		`Coalesce([a], [b], "c")`:               "source source source",
		`Join("-", [a], [b])`:                   "separator source source",
		`FormatDateTime([a], , "yyyy", "MM")`:   "source inputFormat outputFormat",
		`FormatDateTime([a], "yyyy", "MM")`:     "source inputFormat outputFormat",
		`FormatDateTime([a], "x", "yyyy", "M")`: "source dateTimeStyles inputFormat outputFormat",
		`IIF([a] = "x", "1", "2")`:              "condition valueIfTrue valueIfFalse",
		`Not([a])`:                              "source",
	} {
		got, err := parseMapping(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var keys []string
		for _, p := range got.Parameters {
			keys = append(keys, p.Key)
		}
		same(t, text, strings.Join(keys, " "), want)
	}
}

// A source that comes in parts gets the text that those parts have, skipped places included.
func TestSourceInParts(t *testing.T) {
	for _, text := range []string{
		`[mail]`, `"Member"`, `Not([IsSoftDeleted])`, `Replace([x], "-", , , "_", , )`, `Switch([a], , "1", "x", "2", "y")`,
		`Coalesce([a], [b], "c")`, `IIF([a] <> "x", ToLower([b], ), "2")`, `FormatDateTime([a], , "yyyy", "MM")`, `Guid()`,
	} {
		parsed, err := parseMapping(text)
		if err != nil {
			t.Fatal(err)
		}
		var m rawjson.Object
		if err := json.Unmarshal(rawjson.Marshal(parsed), &m); err != nil {
			t.Fatal(err)
		}
		bare := rawjson.Clone(m)
		strip(bare)
		if err := (schemaCheck{}).source(bare); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(bare, m) {
			t.Errorf("%s became %s", rawjson.Marshal(m), rawjson.Marshal(bare))
		}
	}
	for _, wrong := range []string{
		`{"type":"Function","name":"NoSuch","parameters":[]}`, `{"type":"Function","name":"Not","parameters":[{"key":"x","value":{"type":"Constant","name":"1"}}]}`,
		`{"type":"Function","name":"Not","parameters":[{"key":"source"}]}`, `{"name":"x"}`, `{"type":"Attribute"}`, `{}`, `{"type":"Other","expression":"[a]"}`,
	} {
		var m rawjson.Object
		if err := json.Unmarshal([]byte(wrong), &m); err != nil {
			t.Fatal(err)
		}
		if (schemaCheck{}).source(m) == nil {
			t.Errorf("%s was accepted", wrong)
		}
	}
}

// strip takes the texts out of a source, as a client that has only parts would send it.
func strip(m rawjson.Object) {
	delete(m, "expression")
	for _, p := range rawjson.Objects(m["parameters"]) {
		strip(p["value"].(rawjson.Object))
	}
}

// vector is a line of testdata/expressions.jsonl [expressions 9].
type vector struct {
	ID         string
	Function   string
	Expression string
	Attributes map[string]json.RawMessage
	Expect     json.RawMessage
	Contested  bool
	Domain     string `json:"default_domain"`
}

// notEvaluated are the functions that the simulator only reads, and der-toupper-02 has a culture.
var notEvaluated = []string{
	"BitAnd", "CDate", "ConvertFromBase64", "ConvertToUTF8Hex", "DateAdd", "DateDiff", "DateFromNum", "FormatDateTime", "Guid", "Now", "NumFromDate",
	"RandomString", "SelectUniqueValue",
}

// Every vector is read, and evaluated as it says, or has a function in it that isn't evaluated.
func TestExpressionVectors(t *testing.T) {
	file, err := os.Open("testdata/expressions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	many, evaluated := 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		many++
		if checkVector(t, v) {
			evaluated++
		}
	}
	if many < 200 || evaluated < 150 {
		t.Errorf("%d vectors, %d evaluated", many, evaluated)
	}
}

func checkVector(t *testing.T, v vector) (evaluated bool) {
	t.Helper()
	refused := strings.HasPrefix(string(v.Expect), `{"error"`)
	parsed, err := parseMapping(v.Expression)
	if err != nil {
		if !refused {
			t.Errorf("%s: %s: %v", v.ID, v.Expression, err)
		}
		return true
	}
	values := map[string]mapped{}
	for name, raw := range v.Attributes {
		values[name] = mappedJSON(string(raw))
	}
	got, err := evaluation{values: values, domain: v.Domain}.of(parsed)
	if errors.Is(err, errNoEvaluation) {
		known := false
		walkSource(parsed, func(s mappingSource) { known = known || slices.Contains(notEvaluated, s.Name) })
		if !known && v.ID != "der-toupper-02" {
			t.Errorf("%s: %s isn't evaluated", v.ID, v.Expression)
		}
		return false
	}
	want := mappedJSON(string(v.Expect))
	switch {
	case v.Contested:
	case string(v.Expect) == `{"drop": "attribute"}`:
		same(t, v.ID, err, errLeaveAttribute)
	case string(v.Expect) == `{"drop": "object"}`:
		same(t, v.ID, err, errLeaveObject)
	case refused != (err != nil):
		t.Errorf("%s: %s: %v, want %s", v.ID, v.Expression, err, v.Expect)
	case !refused && !got.is(want):
		t.Errorf("%s: %s gives %q, want %s", v.ID, v.Expression, got.texts, v.Expect)
	}
	return true
}
