package outcome

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Guardrails limit what a plan may change. A nil limit isn't set.
type Guardrails struct {
	MaxLost, MaxLeft, MaxGained, MaxGroupsLost *int64
	MaxLostPercent, MaxLeftPercent             *float64
	// MustSync, MustNotSync and ExpectSkipped name users by principal name, mail
	// or object id.
	MustSync, MustNotSync, ExpectSkipped []string
}

// leaversHeld is from how many leavers on a limit in percent holds: in a small
// tenant one is many percent.
const leaversHeld = 6

// NameMoved is the guardrail that holds what names meant: it is always on.
const NameMoved = "name_moved"

// Violation is a guardrail that a plan violates.
type Violation struct {
	// Guardrail is the name of the argument, or NameMoved.
	Guardrail string
	Cause     Cause
	// Items are what is concerned, in order of how it is shown.
	Items []Item
	// Held says that the outcome was accepted with it: it is shown, not blocked.
	Held bool
	Text string
}

// Item is one user, group or name that violates a guardrail.
type Item struct {
	// ID is the object id, Shown how it is shown, Note what is said of it.
	ID, Shown, Note string
	// From and To are the decision before and after, or the object ids of a name
	// that moved; Cause is who caused it.
	From, To string
	Cause    Cause
	// key identifies the violation where it is held.
	key string
	// argument, entry and others are of a name that moved.
	argument, entry string
	others          []string
}

// Names are the items as they are shown.
func (v *Violation) Names() []string {
	names := make([]string, len(v.Items))
	for i := range v.Items {
		names[i] = v.Items[i].Shown
		if v.Items[i].Note != "" {
			names[i] += " (" + v.Items[i].Note + ")"
		}
	}
	return names
}

// Check is what guardrails are held against.
type Check struct {
	Changes *Changes
	// Drifted is D, the reading under the accepted settings.
	Drifted *Outcome
	// Meanings are what the names of the configuration mean.
	Meanings []decision.Meaning
	// IDs names users by object id.
	IDs bool
}

// Meanings resolves the users that the guardrails name. kept is what was
// accepted. Errors are *ArgumentError: a new entry that fits several users.
func (g Guardrails) Meanings(
	l *directory.Lookup,
	d *directory.Directory,
	kept decision.Resolved,
) ([]decision.Meaning, error) {
	var out []decision.Meaning
	for _, a := range []struct {
		argument string
		entries  []string
	}{
		{decision.ArgMustSync, g.MustSync},
		{decision.ArgMustNotSync, g.MustNotSync},
		{decision.ArgExpectSkipped, g.ExpectSkipped},
	} {
		m, err := decision.Meanings(l, d, kept, a.argument, a.entries)
		if err != nil {
			return nil, err
		}
		out = append(out, m...)
	}
	return out, nil
}

// ExpectedSkipped are the object ids that expect_skipped means.
func ExpectedSkipped(list []decision.Meaning) []string {
	var ids []string
	for _, m := range list {
		if m.Argument == decision.ArgExpectSkipped && m.ID != "" {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// Check holds the changes and the present outcome against the guardrails.
func (g Guardrails) Check(c Check) []Violation {
	var out []Violation
	if !c.Changes.first {
		out = append(out, g.limits(c)...)
	}
	out = append(out, c.names()...)
	out = append(out, c.users(decision.ArgMustSync, true)...)
	return append(out, c.users(decision.ArgMustNotSync, false)...)
}

// limits checks the limits on how many change. Drift and this plan are held
// apart, since many who were lost by drift must not block the plan that repairs
// it; and together where this plan adds to what is within the limit by itself.
func (g Guardrails) limits(c Check) []Violation {
	before := c.Changes.Before
	percent := func(n int) float64 { return float64(n) * 100 / float64(max(before, 1)) }
	overPercent := func(limit *float64, n int) bool {
		return n > 0 && limit != nil && (before == 0 || percent(n) > *limit)
	}
	over := func(limit *int64) func(int) bool {
		return func(n int) bool { return limit != nil && int64(n) > *limit }
	}
	lost := c.of(func(x *Change) bool { return x.Kind == Lost })
	left := c.of(func(x *Change) bool { return x.Kind == Left })
	gained := c.of(func(x *Change) bool { return x.Kind == Gained || x.Kind == Joined || x.Kind == JoinedExternal })
	groups := c.of(func(x *Change) bool { return x.Group && x.GroupName == "" })
	var out []Violation
	add := func(guardrail string, items []Item, over func(int) bool, text func(int) string) {
		out = append(out, limit(guardrail, items, over, text)...)
	}
	add("max_lost", lost, over(g.MaxLost), func(n int) string {
		return fmt.Sprintf("%s would no longer sync; at most %d may be lost", text.Plural(n, "user"), *g.MaxLost)
	})
	add("max_lost_percent", lost, func(n int) bool { return overPercent(g.MaxLostPercent, n) }, func(n int) string {
		return fmt.Sprintf(
			"%s of %d who sync would no longer (%.1f %%); at most %g %% may be lost",
			text.Plural(n, "user"),
			before,
			percent(n),
			*g.MaxLostPercent,
		)
	})
	add("max_left", left, over(g.MaxLeft), func(n int) string {
		return fmt.Sprintf(
			"%s who synced left (deleted or disabled); at most %d may",
			text.Plural(n, "user"),
			*g.MaxLeft,
		)
	})
	add(
		"max_left_percent",
		left,
		func(n int) bool { return n >= leaversHeld && overPercent(g.MaxLeftPercent, n) },
		func(n int) string {
			return fmt.Sprintf("%s of %d who synced left (deleted or disabled; %.1f %%); at most %g %% "+
				"may", text.Plural(n, "user"), before, percent(n), *g.MaxLeftPercent)
		},
	)
	add("max_gained", gained, over(g.MaxGained), func(n int) string {
		return fmt.Sprintf("%s would newly sync; at most %d may", text.Plural(n, "user"), *g.MaxGained)
	})
	add("max_groups_lost", groups, over(g.MaxGroupsLost), func(n int) string {
		return fmt.Sprintf("%s would leave; at most %d may be lost", text.Plural(n, "group"), *g.MaxGroupsLost)
	})
	return out
}

// of gives the changes that a limit counts.
func (c Check) of(counts func(*Change) bool) []Item {
	var items []Item
	for i := range c.Changes.List {
		x := &c.Changes.List[i]
		if !counts(x) {
			continue
		}
		item := Item{ID: x.ID, Shown: x.Shown(c.IDs), From: textOf(x.Before), To: textOf(x.After), Cause: x.Cause}
		if x.Group {
			item.From, item.To = x.GroupWas, absent
		}
		items = append(items, item)
	}
	return items
}

// absent stands for the decision of somebody who isn't in scope.
const absent = "not in scope"

func textOf(r *Row) string {
	if r == nil {
		return absent
	}
	return r.Text
}

func limit(guardrail string, items []Item, over func(int) bool, text func(int) string) []Violation {
	var drift, plan []Item
	for _, x := range items {
		if x.Cause == Drift {
			drift = append(drift, x)
		} else {
			plan = append(plan, x)
		}
	}
	var out []Violation
	add := func(cause Cause, items []Item) {
		slices.SortFunc(
			items,
			func(x, y Item) int { return cmp.Or(strings.Compare(x.Shown, y.Shown), strings.Compare(x.ID, y.ID)) },
		)
		out = append(out, Violation{Guardrail: guardrail, Cause: cause, Items: items, Text: text(len(items))})
	}
	if over(len(drift)) {
		add(Drift, drift)
	}
	switch {
	case over(len(plan)):
		add(ThisPlan, plan)
	case len(out) == 0 && over(len(items)):
		add(ThisPlan, slices.Clone(items))
	}
	return out
}

// names holds what names meant.
func (c Check) names() []Violation {
	byHeld := map[bool]*Violation{}
	for i := range c.Meanings {
		m := &c.Meanings[i]
		scope := m.Argument == decision.ArgScopeGroups
		if !m.Moved() && !(scope && m.Gone) {
			continue
		}
		gone := c.gone(m)
		item := Item{
			ID:    m.ID,
			Shown: m.Argument + ": " + decision.Quoted(m.Entry),
			From:  m.ID,
			To:    strings.Join(m.Others, " "),
			Cause: Drift,
			key: strings.Join(
				[]string{NameMoved, m.Argument, m.Entry, m.ID, strings.Join(m.Others, " "), fmt.Sprint(gone)},
				" ",
			),
			argument: m.Argument,
			entry:    m.Entry,
			others:   m.Others,
		}
		switch {
		case gone && len(m.Others) == 0:
			item.Note = "object id " + m.ID + " isn't in the tenant any more"
		case gone:
			item.Note = "meant object id " + m.ID + ", which is gone; " + strings.Join(
				firstOf(m.Others, 5),
				", ",
			) + " bears the name now"
		default:
			item.Note = "meant object id " + m.ID + ", which is called otherwise now; " + strings.Join(
				firstOf(m.Others, 5),
				", ",
			) + " bears the name"
		}
		if !scope && len(m.Others) == 1 {
			item.Note += ": " + textOf(c.Changes.p.find(m.Others[0]))
			item.To += " " + textOf(c.Changes.p.find(m.Others[0]))
		}
		held := c.held(item.key)
		if byHeld[held] == nil {
			byHeld[held] = &Violation{Guardrail: NameMoved, Cause: Drift, Held: held}
		}
		byHeld[held].Items = append(byHeld[held].Items, item)
	}
	return finished(byHeld[false], byHeld[true], func(n int) string {
		return text.Plural(n, "name") + " of the configuration no longer leads to the object that was accepted; " +
			"write the object id of the one that is meant"
	})
}

// userItem is a user of must_sync or must_not_sync.
func (c Check) userItem(m *decision.Meaning, guardrail string, before, row *Row) Item {
	item := Item{
		ID: cmp.Or(m.ID, strings.ToLower(m.Entry)), Shown: m.Entry, Note: textOf(row),
		From: textOf(before), To: textOf(row), key: heldKey(guardrail, m, row),
	}
	switch {
	case m.ID == "":
		item.Note = "isn't in the directory's reading"
	case c.gone(m):
		item.Note = "object id " + m.ID + " isn't in the tenant any more"
		item.To = "gone"
	case m.Now != "" && !c.IDs:
		item.Note = "now " + text.Plain(m.Now) + ": " + textOf(row)
	}
	if c.IDs && m.ID != "" {
		item.Shown = m.ID
	}
	return item
}

// gone reports that an object isn't in the reading, not even as a member of whom
// only the id can be read.
func (c Check) gone(m *decision.Meaning) bool { return m.Gone && c.Changes.p.find(m.ID) == nil }

// heldKey identifies a violation by its object and what is decided of it: it is
// held until that changes.
func heldKey(guardrail string, m *decision.Meaning, row *Row) string {
	decided := absent
	if row != nil {
		decided = row.Verdict.String() + ":" + row.Code
	}
	return guardrail + " " + cmp.Or(m.ID, m.Entry) + " " + decided
}

func (c Check) held(key string) bool {
	return !c.Changes.first && slices.Contains(c.Changes.a.Memory.Held, key)
}

// heldBefore stands in for what an outcome of an older edition didn't keep:
// who was decided so then, and violated it then, was accepted so.
func (c Check) heldBefore(m *decision.Meaning, before, row *Row, want bool) bool {
	return c.Changes.a.Memory.blank && m.New && !verdictFits(before, want) && textOf(before) == textOf(row)
}

// acceptable reports that the guardrail would hold, or be violated as accepted,
// without what this plan changes.
func (c Check) acceptable(guardrail, id string, want bool) bool {
	row := c.Drifted.find(id)
	return verdictFits(row, want) || c.held(heldKey(guardrail, &decision.Meaning{ID: id}, row))
}

func finished(x, y *Violation, text func(int) string) []Violation {
	var out []Violation
	for _, v := range []*Violation{x, y} {
		if v != nil && len(v.Items) > 0 {
			v.Text = text(len(v.Items))
			out = append(out, *v)
		}
	}
	return out
}

// provisioned reports somebody of whom the target holds a linked record by the last
// evidence.
func provisioned(r *Row) bool { return r != nil && r.Basis.Link == held.Linked }

func verdictFits(r *Row, want bool) bool {
	switch {
	case r == nil:
		return !want
	case want:
		return r.Verdict == decision.Sync
	}
	return r.Verdict == decision.Skip
}
