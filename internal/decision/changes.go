package decision

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Kind is a kind of change against the accepted outcome.
type Kind uint8

// The kinds of change, in the order in which a user counts in the first that
// fits (design 9).
const (
	Left      Kind = iota // synced, now deleted or disabled
	Lost                  // synced, now skipped
	Uncertain             // synced, now unknown
	Gained                // now syncs, didn't
	Renamed               // principal name or tested address differs
	Reason                // verdict same; code, facts or warnings differ
	Groups                // syncs before and after, in other groups
	kindCount
)

// Kinds are all kinds of change.
var Kinds = [kindCount]Kind{Left, Lost, Uncertain, Gained, Renamed, Reason, Groups}

func (k Kind) String() string {
	return [...]string{"left", "lost", "uncertain", "gained", "renamed", "reason", "groups"}[k]
}

// Cause is who caused a change.
type Cause uint8

// The causes.
const (
	Drift     Cause = iota // it has already happened in the tenant or the organisation
	ThisPlan               // this plan's configuration
	NewRules               // a newer provider decides otherwise
	causeSize              // how many there are
)

func (c Cause) String() string { return [...]string{"drift", "this_plan", "rules"}[c] }

// Change is a change of one user, or of one group as a whole.
type Change struct {
	Kind  Kind
	Cause Cause
	// ID is the user's object id, or the group's where Group is set.
	ID    string
	Group bool
	// Before and After are nil where there was or is no row.
	Before, After *Row
	// GroupName is the name of a group that appears, vanishes or is renamed,
	// and GroupWas the name before.
	GroupName, GroupWas string
}

// Changes are all changes against an accepted outcome.
type Changes struct {
	List []Change
	// Counts are by kind and cause.
	Counts [kindCount][causeSize]int
	// Before is how many synced in the accepted outcome.
	Before int
	// first says that nothing was accepted before.
	first bool
	a, p  *Outcome
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
func (c *Changes) Any() bool { return c.first || len(c.List) > 0 }

// Compare compares the accepted outcome A, what this reading gives under A's
// settings D, and what it gives under the present ones P. a is nil on the
// first time; d is then not looked at.
//
// What moves from A to D is drift, or the rules' doing where the facts are the
// same and only their version differs; what moves from D to P is this plan's.
func Compare(a, d, p *Outcome, dir *directory.Directory) *Changes {
	c := &Changes{a: a, p: p, first: a == nil}
	if a == nil {
		for i := range p.Rows {
			if p.Rows[i].Verdict() == Sync {
				c.add(Change{Kind: Gained, Cause: ThisPlan, ID: p.Rows[i].ID, After: &p.Rows[i]})
			}
		}
		return c
	}
	for i := range a.Rows {
		if a.Rows[i].Verdict() == Sync {
			c.Before++
		}
	}
	cmp := comparison{a: a, d: d, p: p, dir: dir}
	merge(a.Rows, p.Rows, func(before, after *Row) {
		if kind, differs := cmp.kind(before, a, after, p); differs {
			c.add(Change{Kind: kind, Cause: cmp.cause(before, after, kind), ID: idOf(before, after), Before: before, After: after})
		}
	})
	cmp.groups(c)
	return c
}

func (c *Changes) add(x Change) {
	c.List = append(c.List, x)
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
	a, d, p *Outcome
	dir     *directory.Directory
}

// kind is the first kind that fits, and whether anything differs at all.
func (c *comparison) kind(before *Row, in *Outcome, after *Row, to *Outcome) (Kind, bool) {
	was, is := before != nil && before.Verdict() == Sync, after != nil && after.Verdict() == Sync
	switch {
	case was && !is:
		return c.kindOfLoss(before, after), true
	case !was && is:
		return Gained, true
	case before == nil || after == nil:
		return Reason, before != after // skipped or unknown, and comes or goes
	case before.Name != after.Name || was && before.Address != after.Address:
		return Renamed, true
	case before.Text != after.Text:
		return Reason, true
	case was && !sameGroups(in, before.Set, to, after.Set):
		return Groups, true
	}
	return 0, false
}

func (c *comparison) kindOfLoss(before, after *Row) Kind {
	p := c.dir.UserByID(before.ID)
	switch {
	case p < 0 && c.dir.WholeTenant():
		return Left
	case p >= 0 && c.dir.Users[p].AccountEnabled == directory.False:
		return Left
	case after != nil && after.Verdict() == Unknown:
		return Uncertain
	}
	return Lost
}

// cause tells drift from this plan's effect: by D, where the kind of the whole
// change shows first.
func (c *comparison) cause(before, after *Row, whole Kind) Cause {
	middle := c.d.find(idOf(before, after))
	kind, drifted := c.kind(before, c.a, middle, c.d)
	_, planned := c.kind(middle, c.d, after, c.p)
	switch {
	case !drifted, planned && kind != whole:
		return ThisPlan
	case before != nil && middle != nil && before.Facts == middle.Facts && c.a.RulesVersion != c.d.RulesVersion:
		return NewRules
	}
	return Drift
}

func sameGroups(a *Outcome, x int32, b *Outcome, y int32) bool {
	return slices.EqualFunc(a.Sets[x], b.Sets[y], func(g, h int32) bool { return a.Groups[g].ID == b.Groups[h].ID })
}

// groups finds groups that appear, vanish or are renamed.
func (c *comparison) groups(out *Changes) {
	names := func(o *Outcome) map[string]string {
		m := make(map[string]string, len(o.Groups))
		for _, g := range o.Groups {
			m[g.ID] = g.Name
		}
		return m
	}
	before, middle, after := names(c.a), names(c.d), names(c.p)
	cause := func(id string) Cause {
		m, inM := middle[id]
		p, inP := after[id]
		if inM == inP && m == p {
			return Drift
		}
		return ThisPlan
	}
	for _, g := range c.a.Groups {
		now, ok := after[g.ID]
		switch {
		case !ok:
			out.add(Change{Kind: Groups, Cause: cause(g.ID), ID: g.ID, Group: true, GroupWas: g.Name})
		case now != g.Name:
			out.add(Change{Kind: Renamed, Cause: cause(g.ID), ID: g.ID, Group: true, GroupName: now, GroupWas: g.Name})
		}
	}
	for _, g := range c.p.Groups {
		if _, ok := before[g.ID]; !ok {
			out.add(Change{Kind: Groups, Cause: cause(g.ID), ID: g.ID, Group: true, GroupName: g.Name})
		}
	}
}

// Severity of a plan's changes for a pipeline.
const (
	SeverityNone    = "none"
	SeverityAuto    = "auto"
	SeverityReview  = "review"
	SeverityBlocked = "blocked"
)

// Severity is blocked where a guardrail is violated under warn; else auto if
// every change is drift and of no kind in reviewWhen; else review.
func (c *Changes) Severity(blocked bool, reviewWhen []string) string {
	switch {
	case blocked:
		return SeverityBlocked
	case c.first:
		return SeverityReview
	case len(c.List) == 0:
		return SeverityNone
	}
	for _, k := range Kinds {
		if c.Counts[k][ThisPlan] > 0 || c.Counts[k][NewRules] > 0 {
			return SeverityReview
		}
		if c.Counts[k][Drift] > 0 && slices.Contains(reviewWhen, k.String()) {
			return SeverityReview
		}
	}
	return SeverityAuto
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
	case x.Group && x.GroupName != "":
		return "group " + x.GroupName
	case x.Group:
		return "group " + x.GroupWas
	case x.After != nil:
		return x.After.Shown(ids)
	}
	return x.Before.Shown(ids)
}

// GroupMoves are the names of the groups that a user gains and loses with a
// change.
func (c *Changes) GroupMoves(x *Change) (gained, lost []string) {
	var before, after []int32
	if x.Before != nil && c.a != nil {
		before = c.a.Sets[x.Before.Set]
	}
	if x.After != nil {
		after = c.p.Sets[x.After.Set]
	}
	has := func(o *Outcome, set []int32, id string) bool {
		return slices.ContainsFunc(set, func(g int32) bool { return o.Groups[g].ID == id })
	}
	for _, g := range after {
		if c.a == nil || !has(c.a, before, c.p.Groups[g].ID) {
			gained = append(gained, c.p.Groups[g].Name)
		}
	}
	for _, g := range before {
		if !has(c.p, after, c.a.Groups[g].ID) {
			lost = append(lost, c.a.Groups[g].Name)
		}
	}
	return gained, lost
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
