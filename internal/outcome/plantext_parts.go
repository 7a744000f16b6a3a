package outcome

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// groups tells which groups appear, vanish or are renamed, and who gains and
// loses the watched ones.
func (t PlanText) groups(c *Changes, whole []*Change) (out []string) {
	var lines [causeSize]textLine
	for _, x := range whole {
		lines[x.Cause].add(x, t.IDs)
	}
	for cause, l := range lines {
		if l.total > 0 {
			names := l.names(func(x *Change) (string, string) { return groupText(x), "" })
			out = append(out, fmt.Sprintf("  groups: %d (%s): %s", l.total, causeWords[cause], names))
		}
	}
	moves := c.Watched(t.Watch, t.IDs)
	for i, g := range slices.Sorted(maps.Keys(moves)) {
		if i == maxListed {
			out = append(out, fmt.Sprintf("  and %d more watched groups", len(moves)-i))
			break
		}
		names := make([]string, len(moves[g]))
		for k, n := range moves[g] {
			names[k] = text.Plain(n)
		}
		out = append(out, "  watched group "+text.Plain(g)+": "+listed(names))
	}
	return out
}

// service tells what became of the connector's service, and on the first plan
// which groups don't come as they are.
func (t PlanText) service(c *Changes) (out []string) {
	for i := range c.List {
		x := c.List[i].Service
		if x == nil {
			continue
		}
		if x.Was != x.Is {
			out = append(out, "  service: "+healthText(x.Was)+" -> "+healthText(x.Is))
		}
		if gone := without(x.UncheckedWas, x.UncheckedIs); len(gone) > 0 {
			out = append(out, "  newly looked at: "+strings.Join(partNames(gone), ", "))
		}
		if come := without(x.UncheckedIs, x.UncheckedWas); len(come) > 0 {
			out = append(out, "  no longer looked at: "+strings.Join(partNames(come), ", "))
		}
	}
	if c.first && len(c.p.Held) > 0 {
		names := make([]string, len(c.p.Held))
		for i, g := range c.p.Held {
			names[i] = text.Plain(g.Name) + " (" + string(g.Obstacle) + ")"
		}
		out = append(out, fmt.Sprintf("  groups held back: %d: %s", len(names), listed(names)))
	}
	return out
}

func listOr(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// healthText is a service's state in a line.
func healthText(h directory.Health) string {
	s := h.State
	if h.Since != "" {
		s += " since " + text.Plain(h.Since)
	}
	if h.Detail != "" {
		s += " (" + text.Plain(h.Detail) + ")"
	}
	return s
}

func groupText(x *Change) string {
	switch {
	case x.Obstacle != "":
		return text.Plain(x.GroupName) + " is held back (" + string(x.Obstacle) + ")"
	case x.ObstacleWas != "":
		return text.Plain(x.GroupName) + " is no longer held back (" + string(x.ObstacleWas) + ")"
	case x.GroupWas == "":
		return text.Plain(x.GroupName) + " appears"
	case x.GroupName == "":
		return text.Plain(x.GroupWas) + " vanishes"
	}
	return text.Plain(x.GroupWas) + " is renamed " + text.Plain(x.GroupName)
}

// byReason counts, on the first plan, who has a verdict that isn't to sync, and why.
func byReason(o *Outcome, verdict decision.Verdict, label string) []string {
	counts := map[string]int{}
	total := 0
	for i := range o.Rows {
		if r := &o.Rows[i]; r.Verdict == verdict {
			counts[r.Code]++
			total++
		}
	}
	if total == 0 {
		return nil
	}
	reasons := slices.Sorted(maps.Keys(counts))
	if len(reasons) == 1 {
		return []string{fmt.Sprintf("  %s: %d (%s)", label, total, reasons[0])}
	}
	slices.SortStableFunc(reasons, func(a, b string) int { return counts[b] - counts[a] })
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%s %d", r, counts[r])
	}
	return []string{fmt.Sprintf("  %s: %d (%s)", label, total, listed(reasons))}
}

// effect is what is expected to happen to the accounts of some users.
type effect struct {
	text string
	n    int
	one  *Change // the first of them
}

// consequences say what follows: the effect on accounts, that declining a plan
// doesn't undo drift, and what to do about who doesn't sync and isn't this plan's doing.
func (t PlanText) consequences(c *Changes) (out []string) {
	effects, remedies := map[string]*effect{}, map[string]bool{}
	drift := false
	for i := range c.List {
		x := &c.List[i]
		if x.Group || x.Service != nil {
			continue
		}
		if x.Kind == Lost || x.Kind == Left {
			drift = drift || x.Cause == Drift
			t.effect(effects, x)
		}
		if x.After != nil && (x.Kind == Uncertain || x.Kind == Missed || x.Kind == Lost && x.Cause != ThisPlan) {
			if remedy := t.remedy(x); remedy != "" {
				remedies[x.After.Code+": "+remedy] = true
			}
		}
	}
	for _, e := range slices.SortedFunc(maps.Values(effects), func(a, b *effect) int {
		return cmp.Or(b.n-a.n, strings.Compare(a.text, b.text))
	}) {
		on := text.Plain(e.one.Shown(t.IDs))
		if e.n > 1 {
			on = "each of " + text.Plural(e.n, "user")
		}
		out = append(out, "Expected effect on "+on+": "+e.text+".")
	}
	if drift {
		out = append(out, "Drift has already happened: the next sync takes it to "+cmp.Or(t.Target, "the target")+
			", whether or not this plan is applied.")
	}
	for _, r := range slices.Sorted(maps.Keys(remedies)) {
		out = append(out, "What to do about "+r)
	}
	if len(c.p.Unchecked) > 0 && c.Any() {
		out = append(out, "Not looked at: "+strings.Join(partNames(c.p.Unchecked), ", ")+".")
	}
	return out
}

func (t PlanText) effect(effects map[string]*effect, x *Change) {
	if t.Effect == nil || x.Before == nil {
		return
	}
	says := t.Effect(x)
	if effects[says] == nil {
		effects[says] = &effect{text: says, one: x}
	}
	effects[says].n++
}

// without are the elements of a list that aren't in another one.
func without(list, others []string) (out []string) {
	for _, x := range list {
		if !slices.Contains(others, x) {
			out = append(out, x)
		}
	}
	return out
}

// partNames are the parts of a target that weren't read, as people call them.
func partNames(unchecked []string) []string {
	out := make([]string, len(unchecked))
	for i, part := range unchecked {
		switch part {
		case "accounts", "groups":
			part = "Atlassian's " + part
		case "scim_records":
			part = "SCIM records"
		case "target_tenant":
			part = "the target tenant"
		case "service":
			part = "the job's state"
		case "history":
			part = "what was provisioned before"
		}
		out[i] = part
	}
	return out
}
