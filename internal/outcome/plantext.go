package outcome

import (
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
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

// labels are how the kinds are called in the text.
var labels = [kindCount]string{
	Uncertain: "uncertain (synced, now unknown)", Left: "left (deleted or disabled)", Lost: "lost",
	Unmanaged: "unmanaged (no longer managed by the organization)", Joined: "joined (newly in scope)",
	JoinedExternal: "joined from elsewhere (newly in scope)", Missed: "missed (newly in scope, not syncing)",
	Gained: "gained (was in scope)", Readdressed: "another address", Groups: "in other groups", Renamed: "renamed",
	Reason: "for another reason", Service: "service",
}

// order is the order of the lines.
var order = []Kind{
	Uncertain, Left, Lost, Unmanaged, Missed, Gained, JoinedExternal, Joined, Readdressed, Renamed, Groups, Reason,
}

// Headline counts who syncs, before and after.
func (t PlanText) Headline(c *Changes) string {
	synced := c.p.syncing()
	by := "by " + t.Connector
	if t.Target != "" && !decision.OfAtlassian(t.Connector) {
		by = "to " + t.Target + " " + by // a connector of Atlassian's says so itself
	}
	of := text.Plural(len(c.p.Rows), "user")
	switch {
	case c.first:
		return fmt.Sprintf("Who syncs %s: %d of %s", by, synced, of)
	case c.Before == synced:
		return fmt.Sprintf("Who syncs %s: %d of %s, as many as before", by, synced, of)
	}
	return fmt.Sprintf("Who syncs %s: %d -> %d of %s", by, c.Before, synced, of)
}

// Body has a line for each kind of change, with up to ten names, and the count
// beyond; what has no names is left out. It is "" where nothing changes.
func (t PlanText) Body(c *Changes) string {
	lines := map[lineKey]*textLine{}
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
		k := lineKey{x.Kind, x.Cause}
		if lines[k] == nil {
			lines[k] = &textLine{}
		}
		lines[k].add(x, t.IDs)
	}
	var out []string
	var more bool
	if c.first {
		out, more = t.firstLines(c, lines[lineKey{Joined, ThisPlan}])
	} else {
		out, more = t.userLines(c, lines)
	}
	if len(c.KnownAgain) > 0 {
		l := &textLine{}
		for i := range c.KnownAgain {
			l.add(&c.KnownAgain[i], t.IDs)
		}
		out = append(out, fmt.Sprintf("  known again, as before: %d: %s", l.total, l.names(t.nameAlone)))
	}
	out = append(out, t.groups(c, groups)...)
	out = append(out, t.service(c)...)
	if c.assumed && c.Any() {
		out = append(out, "  assumed from now on (settings, what_if): "+assumedText(&c.a.Settings, &c.p.Settings))
	}
	after := t.consequences(c)
	if more {
		after = append([]string{"The rest by name: changes_markdown, changes_json (show -json prints them)."}, after...)
	}
	if len(out) > 0 && len(after) > 0 {
		out = append(out, "") // the CLIs wrap what follows, and leave alone what is indented
	}
	return strings.Join(append(out, after...), "\n")
}

// userLines are a line for each kind and cause.
func (t PlanText) userLines(c *Changes, lines map[lineKey]*textLine) (out []string, more bool) {
	for _, kind := range order {
		for cause := range causeSize {
			l := lines[lineKey{kind, cause}]
			if l == nil {
				continue
			}
			names := l.names(func(x *Change) (string, string) { return t.user(c, x) })
			out = append(out, fmt.Sprintf("  %s: %d (%s): %s", labels[kind], l.total, causeWords[cause], names))
			more = more || l.more() > 0
		}
	}
	return out, more
}

func (t PlanText) nameAlone(x *Change) (name, fact string) { return text.Plain(x.Shown(t.IDs)), "" }

// firstLines are those of a first plan: everybody who syncs is new, so that only who
// they are is worth a line, and how many don't for which reason.
func (t PlanText) firstLines(c *Changes, synced *textLine) (out []string, more bool) {
	if synced != nil {
		out = append(out, "  sync: "+synced.names(t.nameAlone))
		more = synced.more() > 0
	}
	out = append(out, byReason(c.p, decision.Skip, "don't sync")...)
	return append(out, byReason(c.p, decision.Unknown, "unknown")...), more
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

// user names a user and what differs.
func (t PlanText) user(c *Changes, x *Change) (name, fact string) {
	name = text.Plain(x.Shown(t.IDs))
	var facts []string
	switch x.Kind {
	case Left, Joined, JoinedExternal:
	case Gained:
		facts = append(facts, short(x.Before)+" -> "+short(x.After))
	case Missed:
		facts = append(facts, textOf(x.After))
	case Lost, Uncertain:
		was := short(x.Before)
		if x.Unknown {
			was += ", then unknown"
		}
		facts = append(facts, was+" -> "+textOf(x.After))
	case Unmanaged, Reason:
		facts = append(facts, textOf(x.Before)+" -> "+textOf(x.After))
	default: // addresses, names and groups are told below
	}
	if x.Before != nil && x.After != nil && x.Kind != Left {
		if x.Kind == Renamed && t.named(x) {
			name = text.Plain(x.Before.Name) + " -> " + text.Plain(x.After.Name)
		}
		facts = append(facts, t.renames(x)...)
		if x.Kind != Gained && x.Kind != Lost && x.Kind != Uncertain && x.Kinds.Has(Groups) {
			gained, lost := c.GroupMoves(x)
			facts = append(facts, text.Plain(strings.TrimSpace(signed("+", gained)+" "+signed("−", lost))))
		}
	}
	return name, strings.Join(facts, "; ")
}

// named reports that another name can be said as it was and as it is.
func (t PlanText) named(x *Change) bool {
	return x.Before.Name != x.After.Name && !t.IDs && !strings.HasPrefix(x.Before.Name+x.After.Name, pseudonymMark)
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
	if x.Kind != Renamed || !t.named(x) {
		add("name", x.Before.Name, x.After.Name)
	}
	if from, to := addresses(x); from != x.Before.Name || to != x.After.Name {
		add("address", from, to)
	}
	return facts
}

// addresses are the old and the new address of a user, "" twice where both aren't known.
func addresses(x *Change) (before, after string) {
	if x.Before == nil || x.After == nil || x.Before.Address == "" || x.After.Address == "" {
		return "", ""
	}
	return x.Before.Address, x.After.Address
}
