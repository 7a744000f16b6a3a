package expression

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// vector is one line of a vector file; testdata/README.md describes it.
type vector struct {
	ID            string          `json:"id"`
	Function      string          `json:"function"`
	Expression    string          `json:"expression"`
	Attributes    map[string]any  `json:"attributes"`
	Expect        json.RawMessage `json:"expect"`
	Now           string          `json:"now"`
	Existing      []string        `json:"existing"`
	DefaultDomain string          `json:"default_domain"`
	Contested     any             `json:"contested"`
	Note          string          `json:"note"`
}

// TestVectors runs the vectors of testdata, and those of the folder that
// USERSYNC_VECTORS names. Contested vectors are reported apart and don't fail.
func TestVectors(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("testdata", "expressions*.jsonl"))
	if dir := os.Getenv("USERSYNC_VECTORS"); dir != "" {
		more, _ := filepath.Glob(filepath.Join(dir, "expressions*.jsonl"))
		files = append(files, more...)
	}
	if len(files) == 0 {
		t.Fatal("no vector files")
	}
	for _, file := range files {
		runVectorFile(t, file)
	}
}

func runVectorFile(t *testing.T, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	passed, failed, contested, contestedOK := 0, 0, 0, 0
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var v vector
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		problem := v.run()
		switch {
		case v.Contested != nil && v.Contested != false:
			contested++
			if problem == "" {
				contestedOK++
			} else {
				t.Logf("contested %s: %s: %s", v.ID, v.Expression, problem)
			}
		case problem == "":
			passed++
		default:
			failed++
			t.Errorf("%s: %s %v: %s (%s)", v.ID, v.Expression, v.Attributes, problem, v.Note)
		}
	}
	fmt.Printf(
		"vectors %s: %d passed, %d failed, %d contested (%d of them agree)\n",
		filepath.Base(file),
		passed,
		failed,
		contested,
		contestedOK,
	)
}

// run evaluates a vector; it returns what is wrong, or "".
func (v vector) run() string {
	var want any
	dec := json.NewDecoder(bytes.NewReader(v.Expect))
	dec.UseNumber()
	if err := dec.Decode(&want); err != nil {
		return err.Error()
	}
	got, err := v.evaluate()
	expected, special := want.(map[string]any)
	if special {
		if _, ok := expected["error"]; ok {
			if err == nil {
				return fmt.Sprintf("gave %v, want an error (%v)", got, expected["error"])
			}
			return ""
		}
	}
	if err != nil {
		return "error: " + err.Error()
	}
	if special {
		return checkSpecial(got, expected)
	}
	return compareRendered(got, want)
}

func (v vector) evaluate() (Result, error) {
	expr, err := Parse(v.Expression)
	if err != nil {
		return Result{}, err
	}
	prog, err := expr.Compile(Context{Attributes: v.known(expr)})
	if err != nil {
		return Result{}, err
	}
	row := make(Row, len(prog.Attributes()))
	for i, name := range prog.Attributes() {
		if row[i], err = ValueFromJSON(v.Attributes[name]); err != nil {
			return Result{}, err
		}
	}
	env := &Env{
		Random:          rand.New(rand.NewPCG(1, 2)),
		Exists:          func(s string) (bool, error) { return slices.Contains(v.Existing, s), nil },
		DefaultDomain:   v.DefaultDomain,
		NoDefaultDomain: v.DefaultDomain == "",
	}
	if v.Now != "" {
		if env.Now, err = time.Parse(time.RFC3339, v.Now); err != nil {
			return Result{}, err
		}
	}
	return prog.Eval(row, env)
}

// known lists the attributes that exist: those of the vector and, because an
// absent attribute is null, those that the expression names; but not a name
// that differs from a vector's in case only, which the service refuses.
func (v vector) known(expr *Expression) []string {
	names := []string{}
	for name := range v.Attributes {
		names = append(names, name)
	}
	for _, name := range expr.Attributes() {
		if !slices.ContainsFunc(names, func(s string) bool { return strings.EqualFold(s, name) }) {
			names = append(names, name)
		}
	}
	return names
}

func checkSpecial(got Result, want map[string]any) string {
	if what, ok := want["drop"]; ok {
		if got.Outcome.String() != "drop "+fmt.Sprint(what) {
			return fmt.Sprintf("gave %v, want drop %v", got, what)
		}
		return ""
	}
	shape, ok := want["shape"].(map[string]any)
	if !ok {
		return fmt.Sprintf("unknown expectation %v", want)
	}
	return checkShape(got.Value.String(), shape)
}

var guidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func checkShape(s string, shape map[string]any) string {
	count := func(class string) int {
		n := 0
		for _, r := range s {
			if strings.ContainsRune(class, r) {
				n++
			}
		}
		return n
	}
	for key, want := range shape {
		number := 0
		if n, ok := want.(json.Number); ok {
			v, _ := n.Int64()
			number = int(v)
		}
		var ok bool
		switch key {
		case "format":
			ok = want == "guid" && guidShape.MatchString(s)
		case "length":
			ok = len(s) == number
		case "min_digits":
			ok = count(randomDigits) >= number
		case "min_special":
			ok = count(randomSpecial) >= number
		case "min_upper":
			ok = count(randomUpper) >= number
		case "min_lower":
			ok = count(randomLower) >= number
		case "exclude":
			ok = want == "" || !strings.ContainsAny(s, want.(string))
		default:
			return "unknown shape " + key
		}
		if !ok {
			return fmt.Sprintf("%q doesn't have the shape %s = %v", s, key, want)
		}
	}
	return ""
}

func compareRendered(got Result, want any) string {
	if want == nil {
		if got.Outcome != OutcomeNull {
			return fmt.Sprintf("gave %v, want null", got)
		}
		return ""
	}
	if list, ok := want.([]any); ok && len(list) == 0 && got.Outcome == OutcomeNull {
		return ""
	}
	if got.Outcome != OutcomeValue {
		return fmt.Sprintf("gave %v (%v), want %v", got.Outcome, got.Reason, want)
	}
	if list, ok := want.([]any); ok {
		if roles, isRoles := got.Value.Roles(); isRoles {
			return compareRoles(roles, list)
		}
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = renderJSON(item)
		}
		if !slices.Equal(got.Value.Strings(), texts) || got.Value.Kind() != KindList {
			return fmt.Sprintf("gave %q, want %q", got.Value.Strings(), texts)
		}
		return ""
	}
	if text := renderJSON(want); got.Value.String() != text {
		return fmt.Sprintf("gave %q, want %q", got.Value.String(), text)
	}
	return ""
}

// compareRoles compares role objects by the fields that the vector gives;
// primary is false for all. [D CAA]
func compareRoles(got []Role, want []any) string {
	if len(got) != len(want) {
		return fmt.Sprintf("gave %v, want %v", got, want)
	}
	for i, item := range want {
		object, ok := item.(map[string]any)
		if !ok && renderJSON(item) == roleName(got[i]) {
			continue
		}
		have := map[string]string{
			"id":          got[i].ID,
			"value":       got[i].Value,
			"displayName": got[i].DisplayName,
			"primary":     "False",
		}
		for key, v := range object {
			if have[key] != renderJSON(v) {
				ok = false
			}
		}
		if !ok {
			return fmt.Sprintf("gave %v, want %v", got, want)
		}
	}
	return ""
}

func renderJSON(v any) string {
	if b, ok := v.(bool); ok {
		return boolText(b)
	}
	return fmt.Sprint(v)
}
