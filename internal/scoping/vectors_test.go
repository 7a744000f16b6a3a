package scoping

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// vector is one line of a vector file; testdata/README.md describes it.
type vector struct {
	ID         string          `json:"id"`
	Filter     json.RawMessage `json:"filter"`
	Attributes map[string]any  `json:"attributes"`
	Expect     any             `json:"expect"`
	Contested  any             `json:"contested"`
	Note       string          `json:"note"`
}

// TestVectors runs the vectors of testdata, and those of the folder that
// USERSYNC_VECTORS names. Contested vectors are reported apart and don't fail.
func TestVectors(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("testdata", "scoping*.jsonl"))
	if dir := os.Getenv("USERSYNC_VECTORS"); dir != "" {
		more, _ := filepath.Glob(filepath.Join(dir, "scoping*.jsonl"))
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
	passed, failed, contested, agree := 0, 0, 0, 0
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		problem := v.run()
		switch {
		case v.Contested != nil && v.Contested != false:
			contested++
			if problem == "" {
				agree++
			} else {
				t.Logf("contested %s: %s", v.ID, problem)
			}
		case problem == "":
			passed++
		default:
			failed++
			t.Errorf("%s: %s %v: %s (%s)", v.ID, v.Filter, v.Attributes, problem, v.Note)
		}
	}
	fmt.Printf(
		"vectors %s: %d passed, %d failed, %d contested (%d of them agree)\n",
		filepath.Base(file),
		passed,
		failed,
		contested,
		agree,
	)
}

func (v vector) run() string {
	got, err := v.evaluate()
	if want, ok := v.Expect.(map[string]any); ok {
		if err == nil {
			return fmt.Sprintf("gave %v, want an error (%v)", got, want["error"])
		}
		return ""
	}
	if err != nil {
		return "error: " + err.Error()
	}
	if got != v.Expect {
		return fmt.Sprintf("gave %v, want %v", got, v.Expect)
	}
	return ""
}

func (v vector) evaluate() (bool, error) {
	f, err := ParseJSON(v.Filter)
	if err != nil {
		return false, err
	}
	p, err := Compile(f.Groups, nil, Options{})
	if err != nil {
		return false, err
	}
	row := make(expression.Row, len(p.Attributes()))
	for i, name := range p.Attributes() {
		if row[i], err = expression.ValueFromJSON(v.Attributes[name]); err != nil {
			return false, err
		}
	}
	return p.Match(row)
}
