package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// adversarial draws what a directory may hold in any string.
func adversarial(t *rapid.T, label string) string {
	part := rapid.SampledFrom([]string{
		`"`,
		`'`,
		"\\",
		"\x00",
		"\x1b[2J",
		"\r\n",
		"\n",
		"\t",
		"<script>alert(1)</script>",
		"</script>",
		"</style>",
		"</title>",
		"<!--",
		"-->",
		"]]>",
		"</details>",
		"| a | b |",
		"`",
		"```",
		"~~~",
		"${var.x}",
		"{{.}}",
		"\u202e",
		"\u2028",
		"\ufeff",
		"👩‍👩‍👧‍👦",
		"e\u0301",
		"@company.com",
		"@here",
		"#EXT#",
		"#quot;",
		"_",
		"#",
		"sync: guest",
		"\xff\xfe",
		"\xed\xa0\x80",
		"a",
		"B",
		".",
		" ",
		"",
		"javascript:alert(1)",
		"[x](http://attacker.example)",
		`"] --> v0`,
		"]",
		"}",
		"end",
		"%%{init: {}}%%",
		"%%",
		";",
		"--> x",
		"click d0 href \"javascript:alert(1)\"",
		"<img src=x onerror=alert(1)>",
		strings.Repeat("long", 500),
	})
	return strings.Join(rapid.SliceOfN(part, 0, 4).Draw(t, label), "")
}

func adversarialReport(test *testing.T, t *rapid.T) *Report {
	w := newWorld()
	for i := range rapid.IntRange(0, 2).Draw(t, "groups") {
		w.groups = append(
			w.groups,
			directory.GraphGroup{
				ID:              fmt.Sprintf("g-%d%s", i, adversarial(t, "group id")),
				DisplayName:     adversarial(t, "group"),
				SecurityEnabled: true,
			},
		)
		w.staff.Members = append(w.staff.Members, directory.GraphMember{Type: "group", ID: w.groups[i].ID})
	}
	w.staff.Members = append(w.staff.Members, directory.GraphMember{Type: "user", ID: "gone" + adversarial(t, "gone")})
	for i := range rapid.IntRange(1, 6).Draw(t, "users") {
		u := directory.User{
			ID:                fmt.Sprintf("u%d%s", i, adversarial(t, "id")),
			UserPrincipalName: adversarial(t, "upn"),
			Mail:              adversarial(t, "mail"),
			UserType:          adversarial(t, "type"),
		}
		if rapid.Bool().Draw(t, "address") {
			u.Mail = "x" + u.Mail + "@" + rapid.SampledFrom([]string{"company.com", "other.example"}).Draw(t, "at")
		}
		w.user(u)
	}
	w.domains = append(
		w.domains,
		directory.Claim{
			Name:   adversarial(t, "claim"),
			Type:   adversarial(t, "claim type"),
			Status: adversarial(t, "status"),
		},
	)
	w.b.AddDomain(directory.Domain{Name: adversarial(t, "domain"), IsVerified: true})
	return reportOf(test, w, func(in *Input) {
		in.IDs = rapid.Bool().Draw(t, "ids")
		in.TakenAt, in.Changes = adversarial(t, "taken at"), changesOf(adversarial(t, "changes"))
	})
}

var flowchart = regexp.MustCompile(
	`^(flowchart LR|  d\d+\["[^"<>&\[\]{}()|` + "`" + `@%\\]*: \d+"\]|  d\d+ -->\|\d+\| d\d+t\d\["[^"<>&\[\]{}()|` + "`" + `@%\\]*"\]|  d\d+t\d -->\|\d+\| v[012]|  v[012]\(\["(don't sync|sync|unknown): \d+"\]\))$`,
)

// Whatever a directory holds, no line, cell, label or block of the Markdown is
// broken by it.
func TestAdversarialMarkdown(test *testing.T) {
	rapid.Check(test, func(t *rapid.T) {
		text := adversarialReport(test, t).Markdown()
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 60_000 {
			t.Fatalf("%d characters", utf8.RuneCountInString(text))
		}
		columns, chart, blocks := 0, false, 0
		for _, line := range strings.Split(text, "\n") {
			if strings.ContainsFunc(
				line,
				func(c rune) bool { return unicode.IsControl(c) || c == '\u202e' || c == '\u2028' },
			) {
				t.Fatalf("%q", line)
			}
			switch {
			case strings.HasPrefix(line, "```"):
				chart = line == "```mermaid"
				blocks++
				continue
			case chart:
				if !flowchart.MatchString(line) {
					t.Fatalf("the flowchart is broken: %q", line)
				}
				continue
			}
			if !strings.HasPrefix(line, "|") {
				columns = 0
			} else if n := strings.Count(line, "|"); columns != 0 && n != columns {
				t.Fatalf("a row has %d cells, its header %d: %q", n, columns, line)
			} else {
				columns = n
			}
			plain := strings.NewReplacer("<details><summary>", "", "</summary>", "", "</details>", "").Replace(line)
			if strings.ContainsAny(plain, "<>[]{}@") {
				t.Fatalf("markup got through: %q", line)
			}
		}
		if blocks != 2 || strings.Count(text, "<details>") != strings.Count(text, "</details>") {
			t.Fatalf("%d fences:\n%s", blocks, text)
		}
	})
}

// shape is what a page is made of: elements and the names of their attributes.
func shape(t testing.TB, page []byte) map[string]bool {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			all["comment"] = true
		}
		if n.Type != html.ElementNode {
			continue
		}
		all[n.Data] = true
		for _, a := range n.Attr {
			all[n.Data+"."+a.Key] = true
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") &&
				!strings.HasPrefix(a.Val, "https://support.atlassian.com/") &&
				!strings.HasPrefix(a.Val, "https://community.atlassian.com/") &&
				!strings.HasPrefix(a.Val, "https://learn.microsoft.com/") &&
				!strings.HasPrefix(a.Val, "https://confluence.atlassian.com/") &&
				!strings.HasPrefix(a.Val, "https://jira.atlassian.com/") {
				t.Errorf("a link to %s", a.Val)
			}
		}
	}
	return all
}

// Whatever a directory holds, the page is made of the same elements, has two
// scripts, and its data can be read.
func TestAdversarialPage(test *testing.T) {
	known := shape(test, pageOf(test, company(), func(in *Input) { in.TakenAt, in.Changes = "now", someChanges() }))
	allowed := []string{"p.class", "td.colspan"}
	rapid.Check(test, func(t *rapid.T) {
		r := adversarialReport(test, t)
		page, err := r.HTML()
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(page) {
			t.Fatal("it is no UTF-8")
		}
		for part := range shape(test, page) {
			if !known[part] && !slices.Contains(allowed, part) {
				t.Fatalf("the page has %s", part)
			}
		}
		if n := bytes.Count(page, []byte("<script")); n != 2 {
			t.Fatalf("%d scripts", n)
		}
		d := dataOf(test, page)
		if len(d.Names) != r.Summary.Users {
			t.Fatalf("%d users on the page, %d in scope", len(d.Names), r.Summary.Users)
		}
		raw, err := json.Marshal(d)
		if err != nil || strings.ContainsFunc(string(raw), func(c rune) bool { return c == '\u202e' || c == '\x00' }) {
			t.Fatalf("%v: a name hides what stands around it", err)
		}
		if again, err := renderedAgain(r); err != nil || !bytes.Equal(again, page) {
			t.Fatal("the same input gave other bytes")
		}
	})
}

// renderedAgain makes the page of the same input once more.
func renderedAgain(r *Report) ([]byte, error) { return New(r.Input).HTML() }

// A label of the flowchart keeps letters and digits, in any script, and numbers
// everything that Mermaid or Markdown could take for its own.
func TestMermaidText(t *testing.T) {
	for in, want := range map[string]string{
		"company.com":            "company.com",
		"bücher.example":         "bücher.example",
		`a"]; click x`:           "a#34;#93;#59; click x",
		"#quot;":                 "#35;quot#59;",
		"a\nb":                   "a b",
		"`x` <b> & @y %%":        "#96;x#96; #60;b#62; #38; #64;y #37;#37;",
		"a_b":                    "a#95;b",
		strings.Repeat("x", 100): strings.Repeat("x", 60) + "…",
	} {
		if got := mermaidText(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// A report of nobody says so.
func TestNobody(t *testing.T) {
	w := newWorld()
	r := reportOf(t, w, nil)
	contains(t, r.Markdown(), "### Who syncs to Atlassian: 0 of 0 users in scope", "0 of 0 users that could be "+
		"compared agree with the prediction: 100 %")
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(page), "No users in scope.")
	if d := dataOf(t, page); len(d.Names) != 0 || len(d.Decisions) != 0 {
		t.Errorf("%+v", d)
	}
}
