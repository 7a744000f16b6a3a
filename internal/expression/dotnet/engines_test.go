package dotnet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/dlclark/regexp2/v2/syntax"
	"pgregory.net/rapid"
)

// matchesOf are all the matches of a pattern with their groups, as text.
func matchesOf(t interface{ Fatalf(string, ...any) }, re *Regex, in string) string {
	x, err := re.search(in)
	if err != nil {
		t.Fatalf("%q in %q: %v", re.pattern, in, err)
	}
	var b strings.Builder
	for at := 0; at <= len(in); {
		m, err := x.next(at)
		if err != nil {
			t.Fatalf("%q in %q: %v", re.pattern, in, err)
		}
		if !m.ok {
			break
		}
		fmt.Fprintf(&b, "[%d,%d", m.from, m.to)
		for n := 1; n <= re.last; n++ {
			if g := m.group(n); g.ok {
				fmt.Fprintf(&b, " %d:%d,%d", n, g.from, g.to)
			}
		}
		b.WriteString("]")
		at = m.to
		if m.from == m.to {
			at += max(1, len(string([]rune(in[at:] + " ")[:1])))
		}
	}
	return b.String()
}

// matchesOfRegexp2 are the same by the library's own engine.
func matchesOfRegexp2(t interface{ Fatalf(string, ...any) }, pattern, in string) string {
	re, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	runes := []rune(in)
	at := func(i int) int { return len(string(runes[:i])) }
	var b strings.Builder
	m, err := re.FindStringMatch(in)
	for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
		fmt.Fprintf(&b, "[%d,%d", at(m.Index), at(m.Index+m.Length))
		for _, n := range re.GetGroupNumbers() {
			if g := m.GroupByNumber(n); n > 0 && len(g.Captures) > 0 {
				fmt.Fprintf(&b, " %d:%d,%d", n, at(g.Index), at(g.Index+g.Length))
			}
		}
		b.WriteString("]")
	}
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	return b.String()
}

// pieces are what patterns are drawn of, in which %s is another pattern.
var pieces = []string{
	"a",
	"b",
	"A",
	"1",
	"é",
	".",
	`\d`,
	`\w`,
	`\s`,
	`\W`,
	"[ab]",
	"[^a]",
	"[a-z-[aeiou]]",
	`\n`,
	"😀",
	`\.`,
	`\p{Lu}`,
	"^",
	"$",
	`\b`,
	`\B`,
	`\A`,
	`\z`,
	`\Z`,
	"a+",
	"[ab]*",
	`\w+?`,
	".*",
	".*?",
	"a{2}",
	"b{1,2}",
	"b{0,2}?",
	`\d?`,
	"(%s)",
	"(?:%s)",
	"(?<n>%s)",
	"%s|%s",
	"%s%s",
	"%s%s%s",
	"(?:%s)*",
	"(?:%s)+?",
	"(?:%s)?",
	"(%s){1,2}",
	"(?i:%s)",
	"(?m:%s)",
	"(?s:%s)",
	"(%s|)",
	"(?=%s)",
	"(?!%s)",
	"(?<=%s)",
	"(?<!%s)",
	"(?>%s)",
	`(%s)\1`,
	"(?(1)%s|%s)",
	`(?<n>%s)\k<n>`,
	"(?(?=%s)%s|%s)",
	"(?<-n>%s)",
	`\G%s`,
}

func draw(t *rapid.T, depth int) string {
	piece := rapid.SampledFrom(pieces).Draw(t, "piece")
	for strings.Contains(piece, "%s") {
		inner := "a"
		if depth > 0 {
			inner = draw(t, depth-1)
		}
		piece = strings.Replace(piece, "%s", inner, 1)
	}
	return piece
}

// Both engines of ours find what regexp2's own finds: every match, with its
// groups.
func TestEnginesAgree(t *testing.T) {
	linear, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		pattern := draw(t, 3)
		if _, err := regexp2.Compile(pattern, regexp2.None); err != nil {
			t.Skip("no pattern")
		}
		if strings.Contains(pattern, "-[") && ignoresCase.MatchString(pattern) {
			t.Skip("isn't supported")
		}
		in := rapid.StringOfN(rapid.SampledFrom([]rune("aabbA1é \n.😀_")), 0, 12, -1).Draw(t, "in")
		re, err := CompileRegex(pattern)
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		all++
		want := matchesOfRegexp2(t, pattern, in)
		if got := matchesOf(t, re, in); got != want {
			t.Fatalf("%q in %q (linear: %v): got %s, want %s", pattern, in, re.linear != nil, got, want)
		}
		if re.linear == nil {
			return
		}
		linear++
		tree, err := syntax.Parse(pattern, syntax.ParseOptions{})
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		re.linear = nil
		if re.counted, err = newCounted(tree); err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		if got := matchesOf(t, re, in); got != want {
			t.Fatalf("%q in %q by the counting engine: got %s, want %s", pattern, in, got, want)
		}
	})
	if !t.Failed() && linear < all/4 {
		t.Errorf("Go's engine ran %d of %d patterns", linear, all)
	}
}

// The patterns that mappings and filters use run on Go's engine.
func TestUsualPatternsAreLinear(t *testing.T) {
	for _, pattern := range []string{
		`\+(?<isd>\d* )(?<num>\d{10})`, `[a-zA-Z_]*`, `^MSOL_`, `[^@.]+@[^\.]+\..+`, `[1-9][0-9]`, `(.*?)(?<id>.{0,8})$`, `(?<Suffix>@(.)*)`,
		`^(?i)admin|svc-`, `(?m)^x$`, `^[\w.]+@company\.com$`, `(?<n>\d)(?<o>x)?`, `^(a+)+$`,
	} {
		re := mustRegex(t, pattern)
		if re.linear == nil || re.Counted() {
			t.Errorf("%q doesn't", pattern)
		}
	}
	for _, pattern := range []string{`(?<=@)\w+`, `(\w)\1`, `a(?!b)`, `(?>a+)b`, `a$\n`, `(a*)*`, `(?<n>a)(?<n>b)`} {
		if re := mustRegex(t, pattern); re.linear != nil {
			t.Errorf("%q does", pattern)
		}
	}
}
