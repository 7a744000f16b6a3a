package mapping

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

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
)

// documented are the forms of every function in [expressions 3] and [graph 3.5], one at least
// each, as their pages write them, and what becomes of their text; "" is: nothing.
func documented(t *testing.T) [][2]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/documented.json")
	var out [][2]string
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDocumentedExpressions(t *testing.T) {
	used := map[string]bool{}
	for _, d := range documented(t) {
		text, want := d[0], d[1]
		got, err := Parse(text)
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
		assert.Equal(t, text, got.Expression, cmp.Or(want, text))
		again, err := Parse(got.Expression)
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%s isn't what it is read as: %v %v", got.Expression, again, err)
		}
		Walk(got, func(s Source) { used[s.Name] = true })
	}
	for _, f := range Functions {
		if !used[f.Name] {
			t.Errorf("no example of %s", f.Name)
		}
	}
}

func TestWrongExpressions(t *testing.T) {
	for _, text := range []string{
		``, ` `, `Append("a", "b"`, `Append("a", "b)`, `Append([a, "b")`, `Append("a","b","c")`, `Append("a")`,
		`Append(, "a")`,
		`append("a", "b")`, `switch([a], "d", "k", "v")`, `NoSuch([a])`, `Left([a], 1) extra`, `[a] & [b]`, `[a] = "x"`,
		`Not([a] = "x")`,
		`IIF([a] = , "1", "2")`, `IIF([a] == "x", "1", "2")`, `IIF([a] = "x" AND [b] = "y", "1", "2")`, `IIF([a] = "x", "1")`,
		`Switch([a], "d", "k1", "v1", "k2")`, `Switch([a], "d", , "v1")`, `Join(",")`, `Coalesce()`, `SelectUniqueValue("a")`,
		`Append("x", SelectUniqueValue("a", "b"))`, `Member`, `'Member'`, `&Hxyz`, `[]`, `Now(,`,
		strings.Repeat("Not(", 200) + "[a]" + strings.Repeat(")", 200),
		`"` + strings.Repeat("x", maxExpression) + `"`,
	} {
		if got, err := Parse(text); err == nil {
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
		got, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var keys []string
		for _, p := range got.Parameters {
			keys = append(keys, p.Key)
		}
		assert.Equal(t, text, strings.Join(keys, " "), want)
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
	"BitAnd", "CDate", "ConvertFromBase64", "ConvertToUTF8Hex", "DateAdd", "DateDiff", "DateFromNum", "FormatDateTime",
	"Guid", "Now", "NumFromDate",
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
	parsed, err := Parse(v.Expression)
	if err != nil {
		if !refused {
			t.Errorf("%s: %s: %v", v.ID, v.Expression, err)
		}
		return true
	}
	values := map[string]Value{}
	for name, raw := range v.Attributes {
		values[name] = FromJSON(string(raw))
	}
	got, err := Evaluation{Values: values, Domain: v.Domain}.Eval(parsed)
	if errors.Is(err, ErrNotEvaluated) {
		known := false
		Walk(parsed, func(s Source) { known = known || slices.Contains(notEvaluated, s.Name) })
		if !known && v.ID != "der-toupper-02" {
			t.Errorf("%s: %s isn't evaluated", v.ID, v.Expression)
		}
		return false
	}
	want := FromJSON(string(v.Expect))
	switch {
	case v.Contested:
	case string(v.Expect) == `{"drop": "attribute"}`:
		assert.Equal(t, v.ID, err, ErrSkipAttribute)
	case string(v.Expect) == `{"drop": "object"}`:
		assert.Equal(t, v.ID, err, ErrSkipObject)
	case refused != (err != nil):
		t.Errorf("%s: %s: %v, want %s", v.ID, v.Expression, err, v.Expect)
	case !refused && !got.Equal(want):
		t.Errorf("%s: %s gives %q, want %s", v.ID, v.Expression, got.Texts, v.Expect)
	}
	return true
}
