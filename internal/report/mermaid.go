package report

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Bounds of the flowchart: what a reader still takes in, and Mermaid draws.
const (
	mermaidDomains = 12
	mermaidTypes   = 4
	mermaidLabel   = 60
)

var verdictLabels = [...]string{decision.Skip: "don't sync", decision.Sync: "sync", decision.Unknown: "unknown",
	meantFor: "aren't meant to sync",
}

// mermaid draws home domain -> type -> verdict.
func (r *Report) mermaid(line func(format string, args ...any)) {
	line("```mermaid")
	line("flowchart LR")
	var reached byVerdict
	for d, f := range largest(r.flows, mermaidDomains) {
		line("  d%d[\"%s: %d\"]", d, mermaidText(f.label()), f.users)
		for t, x := range fewTypes(f.types) {
			line("  d%d -->|%d| d%dt%d[\"%s\"]", d, x.users, d, t, mermaidText(x.userType))
			for v, n := range x.verdicts {
				if n > 0 {
					line("  d%dt%d -->|%d| v%d", d, t, n, v)
				}
				reached[v] += n
			}
		}
	}
	for v, n := range reached {
		if n > 0 {
			line("  v%d([\"%s: %d\"])", v, mermaidText(verdictLabels[v]), n)
		}
	}
	line("```")
}

// fewTypes are the largest types by their labels, and the others as one.
func fewTypes(types []typeFlow) []typeFlow {
	var out []typeFlow
	for i, t := range types {
		if i < mermaidTypes {
			t.userType = typeLabel(t.userType)
			out = append(out, t)
			continue
		}
		if i == mermaidTypes {
			out = append(out, typeFlow{userType: fmt.Sprintf("%d other types", len(types)-i)})
		}
		last := &out[mermaidTypes]
		last.users += t.users
		for v, n := range t.verdicts {
			last.verdicts[v] += n
		}
	}
	return out
}

// mermaidText escapes a quoted label: everything but letters, digits and a few
// marks is written by its number, in Mermaid's own notation, so that nothing can
// end the label, the line or the block, or be taken for Markdown.
func mermaidText(s string) string {
	var b strings.Builder
	for i, c := range []rune(text.Plain(s)) {
		if i == mermaidLabel {
			b.WriteString("…")
			break
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(" .-,:'…", c) {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "#%d;", c)
		}
	}
	return b.String()
}
