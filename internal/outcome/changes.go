package outcome

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Change is a change of one user, or of one group as a whole.
type Change struct {
	// Kind is the first of Kinds, all that the differences belong to.
	Kind  Kind
	Kinds KindSet
	// Cause is who caused what the kind says; Planned says that this plan adds to
	// it, also where the kind is drift.
	Cause   Cause
	Planned bool
	// ID is the user's object id, or the group's where Group is set.
	ID    string
	Group bool
	// Before is what was last known and After what is now; nil where there was or
	// is no row. Unknown says that it was unknown in between.
	Before, After *Row
	Unknown       bool
	// Service is set of a change of the service: what it was and is.
	Service *ServiceChange
	// Obstacle is why a group that stays doesn't come as it is now, and ObstacleWas
	// why it didn't; "" for nothing.
	Obstacle, ObstacleWas decision.Obstacle
	// GroupName is the name of a group that appears, vanishes or is renamed,
	// and GroupWas the name before.
	GroupName, GroupWas string
}

// Changes are all changes against an accepted outcome.
type Changes struct {
	List []Change
	// KnownAgain are users of whom it was unknown, and who are now as they were
	// last known: no change, but worth a line.
	KnownAgain []Change
	// Counts are by kind and cause.
	Counts [kindCount][causeSize]int
	// Before is how many synced in the accepted outcome.
	Before int
	// first says that nothing was accepted before; assumed that something else is
	// assumed now than in the accepted outcome.
	first, assumed bool
	a, p           *Outcome
	// named are the changes by kind and name, by whether names are object ids: sorted once
	// for all texts that list them.
	named map[bool][]*Change
}

// byName are all changes by kind and name, and of those in the order in which they were
// found.
func (c *Changes) byName(ids bool) []*Change {
	if list, ok := c.named[ids]; ok {
		return list
	}
	type named struct {
		name string
		at   int
	}
	order := make([]named, len(c.List))
	for i := range c.List {
		order[i] = named{c.List[i].Shown(ids), i}
	}
	slices.SortFunc(order, func(x, y named) int {
		return cmp.Or(
			int(c.List[x.at].Kind)-int(c.List[y.at].Kind), strings.Compare(x.name, y.name), x.at-y.at,
		)
	})
	list := make([]*Change, len(order))
	for i, x := range order {
		list[i] = &c.List[x.at]
	}
	if c.named == nil {
		c.named = map[bool][]*Change{}
	}
	c.named[ids] = list
	return list
}

// Total is the number of changes of a kind, whatever the cause.
func (c *Changes) Total(k Kind) int {
	n := 0
	for _, x := range c.Counts[k] {
		n += x
	}
	return n
}

// Any reports whether anything changed.
func (c *Changes) Any() bool { return c.first || len(c.List) > 0 || len(c.KnownAgain) > 0 }

// First reports that nothing was accepted before.
func (c *Changes) First() bool { return c.first }

// Compared is what a comparison looks at beside the outcomes.
type Compared struct {
	// Directory is the reading that D and P were decided on.
	Directory *directory.Directory
	// Watch are globs of groups that are watched.
	Watch []string
	// ExpectSkipped are the object ids of users who are meant not to sync.
	ExpectSkipped []string
}

// Compare compares the accepted outcome A, what this reading gives under A's
// settings D, and what it gives under the present ones P. a is nil on the
// first time; d is then not looked at.
//
// What moves from A to D is drift, or the rules' doing where the facts are the
// same and only their version differs; what moves from D to P is this plan's.
// The row compared with is the last that wasn't unknown.
func Compare(a, d, p *Outcome, in Compared) *Changes {
	c := &Changes{a: a, p: p, first: a == nil}
	if a == nil {
		c.List = make([]Change, 0, p.syncing())
		for i := range p.Rows {
			if p.Rows[i].Verdict == decision.Sync {
				c.add(Change{
					Kind: Joined, Kinds: KindSet(0).with(Joined), Cause: ThisPlan, Planned: true,
					ID: p.Rows[i].ID, After: &p.Rows[i],
				})
			}
		}
		return c
	}
	c.Before = a.syncing()
	c.assumed = !sameAssumptions(a.Settings, p.Settings)
	with := comparison{Compared: in, a: a, d: d, p: p}
	merge(a.Rows, p.Rows, func(before, after *Row) { with.user(c, before, after) })
	with.groups(c)
	with.held(c)
	with.service(c)
	return c
}

// syncing is how many sync.
func (o *Outcome) syncing() (n int) {
	for i := range o.Rows {
		if o.Rows[i].Verdict == decision.Sync {
			n++
		}
	}
	return n
}

// sameAssumptions compares settings and what-if, but for the clock and for what
// source tenants write back, which move by themselves. What-if is write-only: a
// plan doesn't show its change, and it decides about those who come later.
func sameAssumptions(a, p decision.Settings) bool {
	for _, s := range []*decision.Settings{&a, &p} {
		s.Now, s.WhatIf.WrittenBack = time.Time{}, nil
	}
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(p)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// user adds the change of one user, if there is one.
func (c *comparison) user(out *Changes, before, after *Row) {
	kinds := c.kinds(side{c.a, before}, side{c.p, after})
	known := before != nil && before.Verdict == decision.Unknown && after != nil && after.Verdict != decision.Unknown
	if kinds == 0 && !known {
		return
	}
	x := Change{Kind: kinds.first(), Kinds: kinds, ID: idOf(before, after), Before: before, After: after}
	x.Cause, x.Planned = c.cause(before, after, kinds)
	if before != nil && before.Verdict == decision.Unknown {
		if past := c.a.past(before.ID); past != nil && kinds.first() != Reason {
			x.Before, x.Unknown = &past.Row, true
		}
	}
	if kinds == 0 {
		out.KnownAgain = append(out.KnownAgain, x)
		return
	}
	out.add(x)
}

func (c *Changes) add(x Change) {
	c.List, c.named = append(c.List, x), nil
	c.Counts[x.Kind][x.Cause]++
}

func idOf(before, after *Row) string {
	if before != nil {
		return before.ID
	}
	return after.ID
}

// merge walks two lists of rows in order of id.
func merge(a, b []Row, each func(x, y *Row)) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case j >= len(b) || i < len(a) && a[i].ID < b[j].ID:
			each(&a[i], nil)
			i++
		case i >= len(a) || b[j].ID < a[i].ID:
			each(nil, &b[j])
			j++
		default:
			each(&a[i], &b[j])
			i++
			j++
		}
	}
}

type comparison struct {
	Compared
	a, d, p *Outcome
}

// side is a row of an outcome.
type side struct {
	of  *Outcome
	row *Row
}

// cause tells drift from this plan's effect, by D.
func (c *comparison) cause(before, after *Row, whole KindSet) (cause Cause, planned bool) {
	middle := c.d.find(idOf(before, after))
	drift := c.kinds(side{c.a, before}, side{c.d, middle})
	plan := c.d != c.p && (c.kinds(side{c.d, middle}, side{c.p, after}) != 0 || !sameVerdict(middle, after))
	switch {
	case plan && whole == 0, plan && drift == 0, plan && (whole.first() >= Readdressed || !drift.Has(whole.first())):
		return ThisPlan, true
	case before != nil && middle != nil && before.Facts == middle.Facts && c.a.RulesVersion != c.d.RulesVersion:
		return NewRules, plan
	}
	return Drift, plan
}

func sameVerdict(x, y *Row) bool {
	if x == nil || y == nil {
		return x == y
	}
	return x.Verdict == y.Verdict
}

// Names are the shown names of the changed users of a kind and cause, sorted.
func (c *Changes) Names(k Kind, ids bool, causes ...Cause) []string {
	var names []string
	for i := range c.List {
		x := &c.List[i]
		if x.Kind == k && slices.Contains(causes, x.Cause) {
			names = append(names, x.Shown(ids))
		}
	}
	slices.Sort(names)
	return names
}

// Shown is the name of the changed user or group.
func (x *Change) Shown(ids bool) string {
	switch {
	case x.Service != nil:
		return "service"
	case x.Group && x.GroupName != "":
		return "group " + x.GroupName
	case x.Group:
		return "group " + x.GroupWas
	case x.After != nil:
		return x.After.Shown(ids)
	}
	return x.Before.Shown(ids)
}

// matchesAny reports whether a name matches one of some globs ("jira-*"),
// without regard to case.
func matchesAny(globs []string, name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(globs, func(g string) bool { return globMatch(strings.ToLower(g), name) })
}

// globMatch knows * (any text) and ? (one character).
func globMatch(glob, name string) bool {
	g, n := []rune(glob), []rune(name)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(n) {
		switch {
		case i < len(g) && g[i] == '*':
			star, mark = i, j
			i++
		case i < len(g) && (g[i] == '?' || g[i] == n[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(g) && g[i] == '*' {
		i++
	}
	return i == len(g)
}
