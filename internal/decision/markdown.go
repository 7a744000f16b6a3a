package decision

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxMarkdown is the most characters of a changes report: what fits a
// pull-request comment.
const maxMarkdown = 60000

// Markdown reports changes for a pull-request comment. It names people. watch
// are globs of groups whose gains and losses are named user by user.
func (c *Changes) Markdown(severity string, violations []Violation, watch []string, ids bool) string {
	b := &report{}
	b.line("### Who will sync: %s", c.headline(severity))
	b.line("")
	b.line("| change | drift | this plan | newer rules |")
	b.line("| --- | ---: | ---: | ---: |")
	for _, k := range Kinds {
		if n := c.Counts[k.Kind]; c.Total(k.Kind) > 0 {
			b.line("| %s | %d | %d | %d |", k.Name, n[Drift], n[ThisPlan], n[NewRules])
		}
	}
	c.violations(b, violations)
	for _, k := range Kinds {
		c.section(b, k.Kind, ids)
	}
	c.watched(b, watch, ids)
	return b.String()
}

func (c *Changes) headline(severity string) string {
	if !c.Any() {
		return "no change"
	}
	return fmt.Sprintf("%s, severity %s", plural(len(c.List), "change"), severity)
}

func (c *Changes) violations(b *report, violations []Violation) {
	for i := range violations {
		v := &violations[i]
		mark := "Guardrail"
		if v.Held {
			mark = "Guardrail (accepted before)"
		}
		b.line("")
		b.line("**%s `%s`** (%s): %s.", mark, v.Guardrail, v.Cause, Markdown(v.Text))
	}
	if hash := c.ApprovalHash(violations); hash != "" {
		b.line("")
		b.line("To accept exactly this, once: `approve = \"%s\"`.", hash)
	}
}

// section lists the changes of one kind; what doesn't fit is counted.
func (c *Changes) section(b *report, k Kind, ids bool) {
	var list []*Change
	for i := range c.List {
		if c.List[i].Kind == k {
			list = append(list, &c.List[i])
		}
	}
	if len(list) == 0 {
		return
	}
	slices.SortFunc(list, func(x, y *Change) int { return strings.Compare(x.Shown(ids), y.Shown(ids)) })
	b.line("")
	b.line("<details><summary>%s (%d)</summary>", k, len(list))
	b.line("")
	b.line("| who | cause | before | after |")
	b.line("| --- | --- | --- | --- |")
	for i, x := range list {
		if !b.fits(2500) {
			b.line("")
			b.line("… and %d more.", len(list)-i)
			break
		}
		before, after := c.sides(x, ids)
		b.line("| %s | %s | %s | %s |", Markdown(x.Shown(ids)), x.Cause, before, after)
	}
	b.line("")
	b.line("</details>")
}

// sides are what stood before and what stands after a change, as Markdown: all
// that differs, not only what the kind says.
func (c *Changes) sides(x *Change, ids bool) (before, after string) {
	if x.Group {
		return Markdown(x.GroupWas), Markdown(x.GroupName)
	}
	var was, is []string
	add := func(b, a string) {
		if b != "" {
			was = append(was, Markdown(b))
		}
		if a != "" {
			is = append(is, Markdown(a))
		}
	}
	add(textOf(x.Before), c.textAfter(x))
	if x.Unknown {
		was = append(was, "then unknown")
	}
	if x.Before != nil && x.After != nil {
		if x.Before.Name != x.After.Name {
			add(renamedFrom(x.Before.Name, x.After.Name, "name", ids))
		}
		if x.Before.Address != x.After.Address && x.Before.Verdict == Sync && x.After.Verdict == Sync {
			add(renamedFrom(x.Before.Address, x.After.Address, "address", ids))
		}
	}
	gained, lost := c.GroupMoves(x)
	add("", signed("+", gained))
	add("", signed("−", lost))
	return strings.Join(was, "; "), strings.Join(is, "; ")
}

// renamedFrom are the old and the new name or address, or only that it is
// another one.
func renamedFrom(was, is, what string, ids bool) (before, after string) {
	if ids || strings.HasPrefix(was+is, pseudonymMark) {
		return "", "another " + what
	}
	return what + " " + was, what + " " + is
}

func (c *Changes) textAfter(x *Change) string {
	switch {
	case x.After != nil:
		return x.After.Text
	case x.Kind == Left:
		return "no longer in the tenant"
	}
	return "no longer in scope"
}

// maxSigned is how many groups of one user a line names.
const maxSigned = 8

func signed(sign string, names []string) string {
	out := make([]string, 0, min(len(names), maxSigned))
	for _, n := range first(names, maxSigned) {
		out = append(out, sign+n)
	}
	s := strings.Join(out, " ")
	if more := len(names) - len(out); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// Watched gives, by watched group, who gains (+) and loses (−) it.
func (c *Changes) Watched(watch []string, ids bool) map[string][]string {
	if len(watch) == 0 {
		return nil
	}
	out := map[string][]string{}
	for i := range c.List {
		x := &c.List[i]
		if x.Group {
			continue
		}
		gained, lost := c.GroupMoves(x)
		for _, move := range []struct {
			sign  string
			names []string
		}{{"+", gained}, {"−", lost}} {
			for _, g := range move.names {
				if matchesAny(watch, g) {
					out[g] = append(out[g], move.sign+x.Shown(ids))
				}
			}
		}
	}
	for g := range out {
		slices.Sort(out[g])
	}
	return out
}

func (c *Changes) watched(b *report, watch []string, ids bool) {
	moves := c.Watched(watch, ids)
	if len(moves) == 0 {
		return
	}
	b.line("")
	b.line("**Watched groups**")
	b.line("")
	for _, g := range sortedKeys(moves) {
		line := fmt.Sprintf("- %s: %s", Markdown(g), Markdown(strings.Join(moves[g], ", ")))
		if len(line) > 5000 {
			line = fmt.Sprintf("- %s: %s", Markdown(g), plural(len(moves[g]), "user"))
		}
		if !b.fits(len(line)) {
			b.line("- … and more groups.")
			return
		}
		b.line("%s", line)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// report is text of bounded length.
type report struct {
	b strings.Builder
	n int
}

func (r *report) line(format string, args ...any) {
	s := fmt.Sprintf(format, args...) + "\n"
	n := len([]rune(s))
	if r.n+n > maxMarkdown {
		return
	}
	r.n += n
	r.b.WriteString(s)
}

// fits reports room for n more characters and the report's closing lines.
func (r *report) fits(n int) bool { return r.n+n+2000 < maxMarkdown }

func (r *report) String() string { return r.b.String() }

// Markdown escapes text for a cell of a Markdown table: a name can't close
// the cell, make a link, mention somebody or hide what stands around it.
func Markdown(s string) string {
	var b strings.Builder
	runes := []rune(Plain(s))
	for i, c := range runes {
		if c == '_' && i > 0 && i+1 < len(runes) && isWord(runes[i-1]) && isWord(runes[i+1]) {
			b.WriteRune(c) // inside a word it emphasises nothing
			continue
		}
		switch c {
		case '\\', '`', '*', '_', '{', '}', '[', ']', '<', '>', '#', '|', '~', '@', '!', '$':
			fmt.Fprintf(&b, "&#%d;", c)
		case '&':
			b.WriteString("&amp;")
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// maxShown bounds one name in a text for people.
const maxShown = 200

// Plain makes a name safe to print on one line: control and formatting
// characters (line breaks, terminal escapes, text direction) become visible
// escapes, bytes that are no UTF-8 the replacement character, and what is very
// long is cut.
func Plain(s string) string {
	if len(s) > maxShown*4 || len([]rune(s)) > maxShown {
		s = string([]rune(s)[:min(maxShown, len([]rune(s)))]) + "…"
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if hidden(c) {
			fmt.Fprintf(&b, "\\u%04x", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func hidden(c rune) bool {
	return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029'
}
