package outcome

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Markdown reports changes for a pull-request comment. It names people. watch
// are globs of groups whose gains and losses are named user by user.
func (c *Changes) Markdown(severity string, violations []Violation, watch []string, ids bool) string {
	b := &text.Bounded{}
	b.Line("### Who will sync: %s", c.headline(severity))
	b.Line("")
	b.Line("| change | drift | this plan | newer rules |")
	b.Line("| --- | ---: | ---: | ---: |")
	for _, k := range Kinds {
		if n := c.Counts[k.Kind]; c.Total(k.Kind) > 0 {
			b.Line("| %s | %d | %d | %d |", k.Name, n[Drift], n[ThisPlan], n[NewRules])
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
	return fmt.Sprintf("%s, severity %s", text.Plural(len(c.List), "change"), severity)
}

func (c *Changes) violations(b *text.Bounded, violations []Violation) {
	for i := range violations {
		v := &violations[i]
		mark := "Guardrail"
		if v.Held {
			mark = "Guardrail (accepted before)"
		}
		b.Line("")
		b.Line("**%s `%s`** (%s): %s.", mark, v.Guardrail, v.Cause, text.Markdown(v.Text))
	}
	if hash := c.ApprovalHash(violations); hash != "" {
		b.Line("")
		b.Line("To accept exactly this, once: `approve = \"%s\"`.", hash)
	}
}

// section lists the changes of one kind; what doesn't fit is counted.
func (c *Changes) section(b *text.Bounded, k Kind, ids bool) {
	list := c.byName(ids)
	byKind := func(x *Change, k Kind) int { return int(x.Kind) - int(k) }
	from, _ := slices.BinarySearchFunc(list, k, byKind)
	to, _ := slices.BinarySearchFunc(list, k+1, byKind)
	if list = list[from:to]; len(list) == 0 {
		return
	}
	b.Line("")
	b.Line("<details><summary>%s (%d)</summary>", k, len(list))
	b.Line("")
	b.Line("| who | cause | before | after |")
	b.Line("| --- | --- | --- | --- |")
	for i, x := range list {
		if !b.Fits(2500) {
			b.Line("")
			b.Line("… and %d more.", len(list)-i)
			break
		}
		before, after := c.sides(x, ids, text.Markdown)
		b.Line("| %s | %s | %s | %s |", text.Markdown(x.Shown(ids)), x.Cause, before, after)
	}
	b.Line("")
	b.Line("</details>")
}

// sides are what stood before and what stands after a change, escaped: all
// that differs, not only what the kind says.
func (c *Changes) sides(x *Change, ids bool, escape func(string) string) (before, after string) {
	switch {
	case x.Group:
		before, after = groupSides(x)
		return escape(before), escape(after)
	case x.Service != nil:
		before, after = serviceSides(x.Service)
		return escape(before), escape(after)
	}
	var was, is []string
	add := func(b, a string) {
		if b != "" {
			was = append(was, escape(b))
		}
		if a != "" {
			is = append(is, escape(a))
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
		if from, to := addresses(x); from != to {
			add(renamedFrom(from, to, "address", ids))
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
	for _, n := range firstOf(names, maxSigned) {
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

func (c *Changes) watched(b *text.Bounded, watch []string, ids bool) {
	moves := c.Watched(watch, ids)
	if len(moves) == 0 {
		return
	}
	b.Line("")
	b.Line("**Watched groups**")
	b.Line("")
	for _, g := range slices.Sorted(maps.Keys(moves)) {
		line := fmt.Sprintf("- %s: %s", text.Markdown(g), text.Markdown(strings.Join(moves[g], ", ")))
		if len(line) > 5000 {
			line = fmt.Sprintf("- %s: %s", text.Markdown(g), text.Plural(len(moves[g]), "user"))
		}
		if !b.Fits(len(line)) {
			b.Line("- … and more groups.")
			return
		}
		b.Line("%s", line)
	}
}

func firstOf(list []string, n int) []string { return list[:min(len(list), n)] }
