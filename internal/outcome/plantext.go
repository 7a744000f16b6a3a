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

// PlanText tells a plan's changes in one text for people.
type PlanText struct {
	// Connector is how users get to the target, and Target what texts call it.
	Connector, Target string
	// Watch are globs of groups whose gains and losses are named user by user.
	Watch []string
	// IDs names users by object id.
	IDs bool
	// Effect says what is expected to happen to the account of somebody who synced
	// and doesn't; nil leaves it out.
	Effect func(*Change) string
	// Remedy says what to do about somebody who doesn't sync; nil takes what the reason
	// code says.
	Remedy func(*Change) string
}

// maxListed is how many names a line has.
const maxListed = 10

// labels are how the kinds are called in the text; newcomers share a line.
var labels = [kindCount]string{
	Uncertain: "uncertain (synced, now unknown)", Left: "left (deleted or disabled)", Lost: "lost",
	Unmanaged: "unmanaged (no longer managed by the organization)", Joined: newly, JoinedExternal: newly,
	Missed: "missed (newly in scope, doesn't sync)", Gained: newly, Readdressed: "readdressed",
	Groups: "in other groups", Renamed: "renamed", Reason: "other reason", Service: "service",
}

const newly = "newly"

// order is the order of the lines.
var order = []string{
	labels[Uncertain], labels[Left], labels[Lost], labels[Unmanaged], labels[Missed], newly,
	labels[Readdressed], labels[Renamed], labels[Groups], labels[Reason],
}

// Headline counts who syncs, before and after.
func (t PlanText) Headline(c *Changes) string {
	synced := 0
	for i := range c.p.Rows {
		if c.p.Rows[i].Verdict == decision.Sync {
			synced++
		}
	}
	by := "by " + t.Connector
	if t.Target != "" && !decision.OfAtlassian(t.Connector) {
		by = "to " + t.Target + " " + by // a connector of Atlassian's says so itself
	}
	if c.first {
		return fmt.Sprintf("Who syncs %s: %d of %d", by, synced, len(c.p.Rows))
	}
	return fmt.Sprintf("Who syncs %s: %d -> %d of %d", by, c.Before, synced, len(c.p.Rows))
}

// Body has a line for each kind of change, with up to ten names, and the count
// beyond; what has no names is left out. It is "" where nothing changes.
func (t PlanText) Body(c *Changes) string {
	lines := map[string]*textLine{}
	var groups []*Change
	for i := range c.List {
		x := &c.List[i]
		switch {
		case x.Group:
			groups = append(groups, x)
			continue
		case x.Service != nil:
			continue
		}
		l := labels[x.Kind]
		if lines[l] == nil {
			lines[l] = &textLine{label: l}
		}
		lines[l].add(x, x.Shown(t.IDs))
	}
	var out []string
	for _, label := range order {
		if l := lines[label]; l != nil {
			out = append(out, l.text(func(x *Change) string { return t.user(c, x) }))
		}
	}
	if len(c.KnownAgain) > 0 {
		l := &textLine{label: "known again, as before"}
		for i := range c.KnownAgain {
			l.add(&c.KnownAgain[i], c.KnownAgain[i].Shown(t.IDs))
		}
		out = append(out, l.text(func(x *Change) string { return text.Plain(x.Shown(t.IDs)) }))
	}
	out = append(out, t.groups(c, groups)...)
	out = append(out, t.service(c)...)
	if c.first {
		out = append(out, skippedByReason(c.p)...)
	}
	if c.assumed && c.Any() {
		out = append(out, "  assumed from now on (settings, what_if): "+assumedText(&c.a.Settings, &c.p.Settings))
	}
	return strings.Join(append(out, t.consequences(c)...), "\n")
}

// assumedText says what of the assumptions is new: which settings stand in the
// configuration, so here it is only said that they differ.
func assumedText(was, is *decision.Settings) string {
	line := text.Plain(decision.AssumedLine(is.WhatIf))
	a, p := *was, *is
	a.WhatIf, p.WhatIf = decision.WhatIf{}, decision.WhatIf{}
	switch {
	case sameAssumptions(a, p) && line == "":
		return "nothing, the what_if is gone"
	case sameAssumptions(a, p):
		return line
	case line == "":
		return "other settings"
	}
	return "other settings; " + line
}

// textLine is one line of the text: how many, by which cause, and the first few
// in order of name, so that a million changes cost a million comparisons.
type textLine struct {
	label  string
	counts [causeSize]int
	total  int
	first  []textItem
}

type textItem struct {
	key string
	x   *Change
}

func (l *textLine) add(x *Change, key string) {
	l.counts[x.Cause]++
	l.total++
	if len(l.first) == maxListed && key >= l.first[maxListed-1].key {
		return
	}
	at, _ := slices.BinarySearchFunc(
		l.first,
		key,
		func(i textItem, key string) int { return strings.Compare(i.key, key) },
	)
	l.first = slices.Insert(l.first, at, textItem{key, x})
	l.first = l.first[:min(len(l.first), maxListed)]
}

func (l *textLine) text(of func(*Change) string) string {
	var parts, names []string
	for cause, n := range l.counts {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, causeWords[cause]))
		}
	}
	by := strings.Join(parts, ", ")
	if len(parts) == 1 {
		_, by, _ = strings.Cut(parts[0], " ")
	}
	for _, i := range l.first {
		names = append(names, of(i.x))
	}
	s := fmt.Sprintf("  %s: %d (%s): %s", l.label, l.total, by, strings.Join(names, ", "))
	if more := l.total - len(names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

var causeWords = [causeSize]string{Drift: "drift", ThisPlan: "this plan", NewRules: "newer rules"}

func listed(names []string) string {
	s := strings.Join(firstOf(names, maxListed), ", ")
	if more := len(names) - maxListed; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// user names a user and what differs.
func (t PlanText) user(c *Changes, x *Change) string {
	name := text.Plain(x.Shown(t.IDs))
	var facts []string
	switch x.Kind {
	case Left:
	case Joined, Gained, JoinedExternal:
		facts = append(
			facts,
			[...]string{Joined: "joined", JoinedExternal: "joined, home elsewhere", Gained: "gained"}[x.Kind],
		)
		if x.Kind == Gained {
			facts = append(facts, short(x.Before)+" -> "+short(x.After))
		}
	case Missed:
		facts = append(facts, textOf(x.After))
	case Lost, Uncertain:
		was := short(x.Before)
		if x.Unknown {
			was += ", then unknown"
		}
		facts = append(facts, was+" -> "+short(x.After))
	case Unmanaged, Reason:
		facts = append(facts, textOf(x.Before)+" -> "+textOf(x.After))
	default: // addresses, names and groups are told below
	}
	if x.Before != nil && x.After != nil && x.Kind != Lost && x.Kind != Uncertain && x.Kind != Left {
		facts = append(facts, t.renames(x)...)
		if x.Kind != Gained && x.Kinds.Has(Groups) {
			gained, lost := c.GroupMoves(x)
			facts = append(facts, text.Plain(strings.TrimSpace(signed("+", gained)+" "+signed("−", lost))))
		}
	}
	if len(facts) == 0 {
		return name
	}
	return name + " (" + strings.Join(facts, "; ") + ")"
}

// short is a decision without the facts behind it.
func short(r *Row) string {
	if r == nil {
		return absent
	}
	return r.Verdict.String() + ": " + r.Code
}

// renames are the old and new name and address of a user.
func (t PlanText) renames(x *Change) (facts []string) {
	add := func(what, was, is string) {
		switch {
		case was == is:
		case t.IDs || strings.HasPrefix(was+is, pseudonymMark):
			facts = append(facts, "another "+what)
		default:
			facts = append(facts, what+" "+text.Plain(was)+" -> "+text.Plain(is))
		}
	}
	if x.Kind == Readdressed || x.Kind == Renamed || x.Kind == Unmanaged || x.Kind == Groups {
		add("name", x.Before.Name, x.After.Name)
		if x.Before.Verdict == decision.Sync && x.After.Verdict == decision.Sync &&
			(x.Before.Address != x.Before.Name || x.After.Address != x.After.Name) {
			add("address", x.Before.Address, x.After.Address)
		}
	}
	return facts
}

// groups tells which groups appear, vanish or are renamed, and who gains and
// loses the watched ones.
func (t PlanText) groups(c *Changes, whole []*Change) (out []string) {
	l := &textLine{label: "groups"}
	for _, x := range whole {
		l.add(x, x.Shown(t.IDs))
	}
	if len(whole) > 0 {
		out = append(out, l.text(groupText))
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
		if !slices.Equal(x.UncheckedWas, x.UncheckedIs) {
			out = append(
				out,
				"  read of the target: not looked at "+listOr(x.UncheckedWas)+" -> "+listOr(x.UncheckedIs),
			)
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

// skippedByReason counts, on the first plan, who doesn't sync and why.
func skippedByReason(o *Outcome) []string {
	counts := map[string]int{}
	total := 0
	for i := range o.Rows {
		if r := &o.Rows[i]; r.Verdict != decision.Sync {
			counts[r.Code]++
			total++
		}
	}
	if total == 0 {
		return nil
	}
	reasons := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(reasons, func(a, b string) int { return counts[b] - counts[a] })
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%s %d", r, counts[r])
	}
	return []string{fmt.Sprintf("  skipped or unknown: %d (%s)", total, listed(reasons))}
}

// consequences say what follows: the effect on accounts, that declining a plan
// doesn't undo drift, and what to do about what is unknown.
func (t PlanText) consequences(c *Changes) (out []string) {
	effects, remedies := map[string]bool{}, map[string]bool{}
	drift := false
	for i := range c.List {
		x := &c.List[i]
		if x.Group || x.Service != nil {
			continue
		}
		if x.Kind == Lost || x.Kind == Left {
			drift = drift || x.Cause == Drift
			if t.Effect != nil && x.Before != nil {
				effects[t.Effect(x)] = true
			}
		}
		if x.After != nil && (x.Kind == Uncertain || x.Kind == Missed) {
			if remedy := t.remedy(x); remedy != "" {
				remedies[x.After.Code+": "+remedy] = true
			}
		}
	}
	if len(effects) > 0 {
		out = append(out, "Expected effect: "+strings.Join(slices.Sorted(maps.Keys(effects)), "; ")+".")
	}
	if drift {
		out = append(out, "Drift has already happened: "+cmp.Or(t.Target, "the target")+" takes it at its next "+
			"sync, and declining a plan doesn't undo it.")
	}
	for _, r := range slices.Sorted(maps.Keys(remedies)) {
		out = append(out, "What to do about "+r)
	}
	if len(c.p.Unchecked) > 0 && c.Any() {
		out = append(out, "Not looked at: "+strings.Join(c.p.Unchecked, ", ")+".")
	}
	return out
}
