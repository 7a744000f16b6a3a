package repository

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readFile(t *testing.T, elem ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{root}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// workflows are the project's own, by file name.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("got %d workflows (%v), want those of tests and releases", len(paths), err)
	}
	all := map[string]string{}
	for _, p := range paths {
		all[filepath.Base(p)] = readFile(t, ".github", "workflows", filepath.Base(p))
	}
	return all
}

// Whoever can move a tag of an action could run code in a workflow: actions are
// named by commit, with the version beside it.
func TestWorkflows_ActionsArePinned(t *testing.T) {
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: *(.+)$`)
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for name, text := range workflows(t) {
		for _, m := range uses.FindAllStringSubmatch(text, -1) {
			if !pinned.MatchString(m[1]) {
				t.Errorf("%s: got %q, want an action by its commit, with the version in a comment", name, m[1])
			}
		}
		if !regexp.MustCompile(`(?m)^permissions:\n  contents: `).MatchString(text) {
			t.Errorf("%s doesn't limit its permissions", name)
		}
	}
}

// The make targets that CONTRIBUTING, README and the workflows name are there.
func TestMakeTargets(t *testing.T) {
	there := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(readFile(t, "GNUmakefile"), -1) {
		there[m[1]] = true
	}
	texts := workflows(t)
	texts["CONTRIBUTING.md"], texts["README.md"] = readFile(t, "CONTRIBUTING.md"), readFile(t, "README.md")
	call := regexp.MustCompile("(?m)(?:run: |`|^\\$ )make ([a-z -]+)")
	for name, text := range texts {
		for _, m := range call.FindAllStringSubmatch(text, -1) {
			for target := range strings.FieldsSeq(m[1]) {
				if !there[target] {
					t.Errorf("%s names make %s, which isn't in GNUmakefile", name, target)
				}
			}
		}
	}
}

// The packages and files of ours that CONTRIBUTING names are there.
func TestContributing_Paths(t *testing.T) {
	page := readFile(t, "CONTRIBUTING.md")
	page, _, _ = strings.Cut(page, "\n## Renamed\n") // which names what was
	path := regexp.MustCompile("`((?:internal|examples|templates|tools|docs|\\.github)/[\\w./-]+)`")
	named := path.FindAllStringSubmatch(page, -1)
	if len(named) < 30 {
		t.Fatalf("got %d paths, want those of the house", len(named))
	}
	for _, m := range named {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("CONTRIBUTING names %s: %v", m[1], err)
		}
	}
}

// Each name in the tour of a user's record is declared in the package of its row.
func TestContributing_Tour(t *testing.T) {
	_, tour, _ := strings.Cut(readFile(t, "CONTRIBUTING.md"), "\n## A user's record, step by step\n")
	tour, _, _ = strings.Cut(tour, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| \\d+ \\| `(internal/[\\w/]+)` \\| (.+) \\|$").FindAllStringSubmatch(tour, -1)
	if len(rows) < 8 {
		t.Fatalf("got %d steps, want the way from Graph to the plan", len(rows))
	}
	for _, row := range rows {
		code := packageText(t, row[1])
		names := regexp.MustCompile("`([A-Z]\\w*)(?:\\.([A-Z]\\w*))?`").FindAllStringSubmatch(row[2], -1)
		if len(names) == 0 {
			t.Errorf("%s: no name in %q", row[1], row[2])
		}
		for _, m := range names {
			declared := fmt.Sprintf(`(?m)^(?:func|type) %s\b`, m[1])
			if m[2] != "" {
				declared = fmt.Sprintf(`(?m)^func \(\w+ \*?%s\) %s\(`, m[1], m[2])
			}
			if !regexp.MustCompile(declared).MatchString(code) {
				t.Errorf("%s doesn't declare %s", row[1], m[0])
			}
		}
	}
}

// packageText is the code of a package without its tests.
func packageText(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, p := range paths {
		if !strings.HasSuffix(p, "_test.go") {
			text.WriteString(readFile(t, dir, filepath.Base(p)))
		}
	}
	return text.String()
}
