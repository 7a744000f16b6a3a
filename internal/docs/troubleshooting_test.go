package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source is the product's code as one text, in which a string that runs on over
// lines is one.
func source(t *testing.T, packages ...string) string {
	t.Helper()
	var code strings.Builder
	for _, p := range packages {
		err := filepath.WalkDir(filepath.Join("..", p), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(path)
			code.Write(raw)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return regexp.MustCompile(`"\s*\+\s*"`).ReplaceAllString(code.String(), "")
}

var (
	failure = regexp.MustCompile(
		`(?m)^### (\d+)\. (.*)\n\n- \*\*You see:\*\* (.*)\n- \*\*Why:\*\* .+\n- \*\*Do:\*\* .+\n`,
	)
	italic = regexp.MustCompile(`\*([^*]+)\*`)
	code   = regexp.MustCompile("`([a-z]\\w*)`")
)

// The guide tells of fifteen failures, each with what one sees, why, and what to
// do; and what one sees is what the provider, or the CLI, says.
func TestTroubleshooting_ThereIsWhatOneSees(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	said := source(t, "provider", "decision", "directory", "outcome")
	found := failure.FindAllStringSubmatch(string(page), -1)
	if got, headings := len(found), strings.Count(string(page), "\n### "); got != 15 || headings != 15 {
		t.Fatalf("got %d headings, %d of them with what one sees, why, and what to do; want 15", headings, got)
	}
	for _, f := range found {
		for _, m := range italic.FindAllStringSubmatch(f[3], -1) {
			text := strings.TrimSpace(strings.TrimPrefix(m[1], "…"))
			if !strings.Contains(said, text) && !elsewhere[text] {
				t.Errorf("%s: nothing says %q", f[2], text)
			}
		}
		for _, m := range code.FindAllStringSubmatch(f[3], -1) {
			if !strings.Contains(said, `"`+m[1]+`"`) {
				t.Errorf("%s: nothing is called %q", f[2], m[1])
			}
		}
	}
}

// elsewhere are texts that the CLI prints, and those that begin with the kind of
// what was looked for.
var elsewhere = map[string]bool{
	"Error acquiring the state lock":            true,
	"Provider produced inconsistent final plan": true,
	"Group not found":                           true,
	"User name is ambiguous":                    true,
}
