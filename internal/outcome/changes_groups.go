package outcome

import (
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

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
	add := func(x Change) {
		x.Kind, x.Kinds, x.Group, x.Cause = Groups, KindSet(0).with(Groups), true, Drift
		m, inM := middle[x.ID]
		p, inP := after[x.ID]
		if inM != inP || m != p {
			x.Cause, x.Planned = ThisPlan, true
		}
		out.add(x)
	}
	for _, g := range c.a.Groups {
		now, ok := after[g.ID]
		switch {
		case !ok:
			add(Change{ID: g.ID, GroupWas: g.Name})
		case now != g.Name:
			add(Change{ID: g.ID, GroupName: now, GroupWas: g.Name})
		}
	}
	for _, g := range c.p.Groups {
		if _, ok := before[g.ID]; !ok {
			add(Change{ID: g.ID, GroupName: g.Name})
		}
	}
}

// ServiceChange is what the service was and is, and what of the target wasn't
// read.
type ServiceChange struct {
	Was, Is                   directory.Health
	UncheckedWas, UncheckedIs []string
}

// service finds a change of the service's state. What an older edition didn't keep
// isn't known, and no change.
func (c *comparison) service(out *Changes) {
	if c.a.Memory.noTarget {
		return
	}
	differs := func(a, b *Outcome) bool { return a.Service != b.Service || !slices.Equal(a.Unchecked, b.Unchecked) }
	if !differs(c.a, c.p) {
		return
	}
	x := Change{
		Kind:  Service,
		Kinds: KindSet(0).with(Service),
		Cause: Drift,
		Service: &ServiceChange{
			Was:          c.a.Service,
			Is:           c.p.Service,
			UncheckedWas: c.a.Unchecked,
			UncheckedIs:  c.p.Unchecked,
		},
	}
	if differs(c.d, c.p) {
		x.Cause, x.Planned = ThisPlan, true
	}
	out.add(x)
}

// held finds groups that stay and are held back otherwise than before.
func (c *comparison) held(out *Changes) {
	if c.a.Memory.noTarget {
		return
	}
	obstacles := func(o *Outcome) map[string]decision.HeldGroup {
		m := make(map[string]decision.HeldGroup, len(o.Held))
		for _, g := range o.Held {
			m[g.ID] = g
		}
		return m
	}
	before, middle, after := obstacles(c.a), obstacles(c.d), obstacles(c.p)
	moved := map[string]bool{} // told as appearing, vanishing or renamed
	for i := range out.List {
		if out.List[i].Group {
			moved[out.List[i].ID] = true
		}
	}
	add := func(g decision.HeldGroup) {
		was, is := before[g.ID].Obstacle, after[g.ID].Obstacle
		if was == is || moved[g.ID] {
			return
		}
		moved[g.ID] = true
		x := Change{
			Kind: Groups, Kinds: KindSet(0).with(Groups), Group: true, Cause: Drift, ID: g.ID,
			GroupName: g.Name, GroupWas: g.Name, Obstacle: is, ObstacleWas: was,
		}
		if middle[g.ID].Obstacle != is {
			x.Cause, x.Planned = ThisPlan, true
		}
		out.add(x)
	}
	for _, list := range [][]decision.HeldGroup{c.p.Held, c.a.Held} {
		for _, g := range list {
			add(g)
		}
	}
}

// GroupMoves are the names of the groups that a user gains and loses with a
// change.
func (c *Changes) GroupMoves(x *Change) (gained, lost []string) {
	var before, after []groupName
	if x.Before != nil {
		before = c.a.groupsOf(x.Before, x.Unknown)
	}
	if x.After != nil {
		after = c.p.groupsOf(x.After, false)
	}
	missing := func(from, in []groupName) (names []string) {
		for _, g := range from {
			if !slices.ContainsFunc(in, func(h groupName) bool { return h.id == g.id }) {
				names = append(names, g.name)
			}
		}
		return names
	}
	return missing(after, before), missing(before, after)
}

type groupName struct{ id, name string }

// groupsOf are the groups of a row, of what was last known where past is set.
func (o *Outcome) groupsOf(r *Row, past bool) []groupName {
	var out []groupName
	if past {
		if p := o.past(r.ID); p != nil {
			for i := range p.GroupIDs {
				out = append(out, groupName{p.GroupIDs[i], p.GroupNames[i]})
			}
		}
		return out
	}
	for _, g := range o.Sets[r.Set] {
		out = append(out, groupName{o.Groups[g].ID, o.Groups[g].Name})
	}
	return out
}
