package reference

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// documents are the files by the names that citations use.
var documents = map[string]string{
	"atlassian":    "atlassian.md",
	"graph":        "graph.md",
	"cross-tenant": "cross-tenant-sync.md",
	"expressions":  "expressions.md",
}

// document is what of a document can be cited, by the words of a citation
// behind the document's name; and the marks that it defines.
type document struct {
	targets map[string]bool
	marks   map[string]bool
}

// library is everything that can be cited.
type library struct {
	documents map[string]document
	sections  map[string]bool // of CONTRIBUTING.md
	files     map[string]bool // base names of the repository's Markdown
}

var (
	heading      = regexp.MustCompile(`^#+ +(.+)$`)
	numbered     = regexp.MustCompile(`^(\d+(?:\.\d+)?)\.? (.*)$`)
	tableRow     = regexp.MustCompile(`^\| (\d+) \|`)
	shortRule    = regexp.MustCompile(`^(\d+)\. `)
	question     = regexp.MustCompile(`(?:^| )(\d+)\. [A-Za-z]`)
	mark         = regexp.MustCompile(`\*\*\[([^\]]+)\]\*\*`)
	crossed      = regexp.MustCompile(`\b(atlassian|graph|cross-tenant-sync|expressions)\.md (?:part )?(\d+(?:\.\d+)?)`)
	citation     = regexp.MustCompile(`\[(atlassian|graph|cross-tenant|expressions|CONTRIBUTING)([ ,:][^\]]*)?(\]|$)`)
	cited        = regexp.MustCompile(`^ (?:(\d+(?:\.\d+)?)|(row|rule|question) (\d+)|rows (\d+)-(\d+))(?:, (.+))?$`)
	markdownFile = regexp.MustCompile(`[\w./-]*\w\.md\b`)
	unresolvable = regexp.MustCompile(`(?i:\bdesign \d)|\bDESIGN\b|\b(?:[Pp]art|[Rr]ow)s? \d`)
)

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func readDocument(text string) document {
	d := document{map[string]bool{}, map[string]bool{}}
	part, title := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if h := heading.FindStringSubmatch(line); h != nil {
			if n := numbered.FindStringSubmatch(h[1]); n != nil {
				part, title = n[1], n[2]
				d.targets[part] = true
			}
		}
		switch {
		case strings.HasPrefix(title, "The rules in short"):
			d.take("rule ", shortRule, line)
		case strings.HasPrefix(title, "Unknown"):
			d.take("question ", question, line)
		case part == "5" || strings.HasPrefix(part, "5."):
			d.take("row ", tableRow, line)
		}
		for _, m := range mark.FindAllStringSubmatch(line, -1) {
			d.marks[m[1]] = true
		}
	}
	return d
}

func (d document) take(kind string, number *regexp.Regexp, line string) {
	for _, m := range number.FindAllStringSubmatch(line, -1) {
		d.targets[kind+m[1]] = true
	}
}

func readLibrary(t *testing.T) library {
	t.Helper()
	l := library{map[string]document{}, map[string]bool{}, map[string]bool{}}
	for name, file := range documents {
		l.documents[name] = readDocument(read(t, file))
	}
	for line := range strings.Lines(read(t, filepath.Join(root, "CONTRIBUTING.md"))) {
		if h := heading.FindStringSubmatch(strings.TrimRight(line, "\n")); h != nil {
			l.sections[h[1]] = true
		}
	}
	walk(t, ".md", func(path string) { l.files[filepath.Base(path)] = true })
	return l
}

// walk goes through the repository's files with a suffix, not through what is
// built or downloaded.
func walk(t *testing.T, suffix string, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, suffix):
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// problems are what is wrong with the citations of one line of a comment;
// found is how many citations it has.
func (l library) problems(line string) (out []string, found int) {
	rest := line
	for _, m := range citation.FindAllStringSubmatch(line, -1) {
		found++
		rest = strings.Replace(rest, m[0], "", 1)
		if err := l.resolve(m[1], m[2], m[3] != ""); err != nil {
			out = append(out, fmt.Sprintf("%s: %s", m[0], err))
		}
	}
	for _, m := range unresolvable.FindAllString(rest, -1) {
		out = append(out, m+": a citation that doesn't resolve; name the document, as in [graph 3.5]")
	}
	for _, m := range markdownFile.FindAllString(rest, -1) {
		base := filepath.Base(m)
		switch {
		case isDocument(base):
			out = append(out, m+": cite the rule, as in [graph 3.5]")
		case !l.files[base]:
			out = append(out, m+": the repository has no such file")
		}
	}
	return out, found
}

func isDocument(file string) bool {
	for _, f := range documents {
		if f == file {
			return true
		}
	}
	return false
}

func (l library) resolve(name, target string, closed bool) error {
	if !closed {
		return fmt.Errorf("a citation stands on one line, and ends with a bracket")
	}
	if name == "CONTRIBUTING" {
		if section, ok := strings.CutPrefix(target, ": "); !ok || !l.sections[section] {
			return fmt.Errorf("CONTRIBUTING.md has no such section")
		}
		return nil
	}
	m := cited.FindStringSubmatch(target)
	if m == nil {
		return fmt.Errorf("a citation has another form: doc.go lists them")
	}
	d := l.documents[name]
	for _, want := range targets(m) {
		if !d.targets[want] {
			return fmt.Errorf("%s has no %s", documents[name], want)
		}
	}
	if m[6] == "" {
		return nil
	}
	for _, letter := range strings.Split(m[6], " + ") {
		if !d.marks[letter] {
			return fmt.Errorf("%s doesn't define the mark %q", documents[name], letter)
		}
	}
	return nil
}

// targets are what a match of cited names: the part, the row, rule or question,
// or each row of a range.
func targets(m []string) (out []string) {
	switch {
	case m[1] != "":
		return []string{m[1]}
	case m[2] != "":
		return []string{m[2] + " " + m[3]}
	}
	first, _ := strconv.Atoi(m[4])
	last, _ := strconv.Atoi(m[5])
	if first >= last {
		return []string{"rows " + m[4] + "-" + m[5]}
	}
	for n := first; n <= last; n++ {
		out = append(out, "row "+strconv.Itoa(n))
	}
	return out
}

// comments calls visit for each line of each comment of a Go file.
func comments(t *testing.T, path string, visit func(line int, text string)) {
	t.Helper()
	source := []byte(read(t, path))
	set := token.NewFileSet()
	file := set.AddFile(path, -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	for {
		at, kind, text := s.Scan()
		if kind == token.EOF {
			return
		}
		if kind != token.COMMENT {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			visit(set.Position(at).Line+i, line)
		}
	}
}

// Every citation in the repository leads to a rule or a section that is there.
func TestCitations_Resolve(t *testing.T) {
	l := readLibrary(t)
	total := 0
	walk(t, ".go", func(path string) {
		comments(t, path, func(line int, text string) {
			problems, found := l.problems(text)
			total += found
			for _, p := range problems {
				t.Errorf("%s:%d: %s", path, line, p)
			}
		})
	})
	if total < 400 {
		t.Errorf("got %d citations in the repository, want at least 400: the walk misses files", total)
	}
}

// The documents cite each other by file and part.
func TestDocuments_CiteEachOther(t *testing.T) {
	byFile := map[string]document{}
	for name, d := range readLibrary(t).documents {
		byFile[strings.TrimSuffix(documents[name], ".md")] = d
	}
	for _, file := range documents {
		for _, m := range crossed.FindAllStringSubmatch(read(t, file), -1) {
			if !byFile[m[1]].targets[m[2]] {
				t.Errorf("%s cites %s, which isn't there", file, m[0])
			}
		}
	}
}

func TestProblems(t *testing.T) {
	l := readLibrary(t)
	for _, c := range []struct {
		comment string
		wrong   bool
	}{
		{"// pages are a chain [graph 1.5].", false},
		{"// as documented [graph 3.1, D], and inferred [atlassian 3.1, D* + I]", false},
		{"// [atlassian row 54], [atlassian rows 1-42], [atlassian rule 10], [atlassian question 16]", false},
		{"// [graph question 11], [cross-tenant 8], [expressions 5.1, O]", false},
		{"// decides alone [CONTRIBUTING: Planning is pure]", false},
		{"// see README.md, and [graph.Client], which is a link", false},
		{"// no such part [graph 3.99]", true},
		{"// no such row [atlassian row 55]", true},
		{"// no such row at the end [atlassian rows 50-55]", true},
		{"// a range that goes backwards [atlassian rows 12-9]", true},
		{"// rows are of one document [graph row 1]", true},
		{"// no such rule [atlassian rule 11]", true},
		{"// no such question [graph question 12]", true},
		{"// no such mark [graph 3.1, U]", true},
		{"// goes on in the next line [graph", true},
		{"// another form [graph part 3]", true},
		{"// a document alone [graph]", true},
		{"// no such section [CONTRIBUTING: Planning is fun]", true},
		{"// the old form (graph.md 1.5)", true},
		{"// the old form (atlassian.md part 5)", true},
		{"// a file alone, atlassian.md", true},
		{"// a file that isn't there: RULES.md", true},
		{"// decides alone (design 3)", true},
		{"// as Design 5 has it", true},
		{"// see DESIGN", true},
		{"// of no document: part 5", true},
		{"// of no document: row 12", true},
	} {
		if got, _ := l.problems(c.comment); (len(got) > 0) != c.wrong {
			t.Errorf("problems(%q): got %q, want some: %v", c.comment, got, c.wrong)
		}
	}
}
