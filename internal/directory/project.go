package directory

import (
	"slices"
)

// Covers reports whether a directory answers for a narrower one: below the
// given groups (nil: the whole tenant) and with the given attributes.
func (d *Directory) Covers(below, attributes []string) bool {
	for _, a := range attributes {
		if !slices.Contains(d.Attributes, a) {
			return false
		}
	}
	if d.WholeTenant() {
		return true
	}
	if below == nil {
		return false
	}
	for _, g := range below {
		if d.GroupByID(g) < 0 {
			return false
		}
	}
	return true
}

// Project gives the part of a directory below some groups (nil: all it has)
// with some of its attributes, the same as a reading of just that would be.
// The caller has asked Covers before.
func (d *Directory) Project(below, attributes []string) *Directory {
	attributes = slices.Compact(slices.Sorted(slices.Values(attributes)))
	// A file may lack the references that it was asked for.
	attributes = slices.DeleteFunc(attributes, func(a string) bool { return !slices.Contains(d.Attributes, a) })
	if below == nil && slices.Equal(attributes, d.Attributes) {
		return d
	}
	b := NewBuilder(attributes)
	b.domains = slices.Clone(d.Domains)
	groups, users := d.below(below)
	values := make([]string, len(attributes))
	columns := make([][]string, len(attributes))
	for i, a := range attributes {
		columns[i], _ = d.Column(a)
	}
	for i := range d.Users {
		if !users[i] {
			continue
		}
		for c := range columns {
			values[c] = columns[c][i]
		}
		b.AddUser(d.Users[i], values, HasUserType|HasAccountEnabled)
	}
	for i := range d.Groups {
		if groups[i] {
			b.addResolved(d, &d.Groups[i])
		}
	}
	if below == nil {
		below = d.Below
	}
	return b.Build(d.TenantID, below)
}

func (b *Builder) addResolved(d *Directory, g *Group) {
	gg := GraphGroup{
		ID:              g.ID,
		DisplayName:     g.DisplayName,
		SecurityEnabled: g.SecurityEnabled,
		MembershipRule:  g.MembershipRule,
	}
	for _, u := range g.Users {
		gg.Members = append(gg.Members, GraphMember{Type: "user", ID: d.Users[u].ID})
	}
	for _, c := range g.Groups {
		gg.Members = append(gg.Members, GraphMember{Type: "group", ID: d.Groups[c].ID})
	}
	for _, id := range g.Unreadable {
		gg.Members = append(gg.Members, GraphMember{ID: id})
	}
	if g.Hidden {
		// A member group that can't be found hides members just so.
		gg.Members = append(gg.Members, GraphMember{Type: "group"})
	}
	b.AddGroup(gg)
}

// below marks the groups reachable from the given ones, and their users.
func (d *Directory) below(ids []string) (groups, users []bool) {
	groups, users = make([]bool, len(d.Groups)), make([]bool, len(d.Users))
	if ids == nil {
		for i := range groups {
			groups[i] = true
		}
		for i := range users {
			users[i] = true
		}
		return groups, users
	}
	var todo []int32
	for _, id := range ids {
		if g := d.GroupByID(id); g >= 0 && !groups[g] {
			groups[g] = true
			todo = append(todo, g)
		}
	}
	for len(todo) > 0 {
		g := &d.Groups[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		for _, u := range g.Users {
			users[u] = true
		}
		for _, c := range g.Groups {
			if !groups[c] {
				groups[c] = true
				todo = append(todo, c)
			}
		}
	}
	return groups, users
}
