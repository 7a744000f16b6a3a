package directory

import (
	"slices"
)

// UserCount and GroupCount are how many there are so far.
func (b *Builder) UserCount() int { return len(b.users) }

// GroupCount is how many groups there are so far.
func (b *Builder) GroupCount() int { return len(b.groups) }

// RemoveUser takes a user away. The groups keep naming it, unseen: Graph keeps
// the membership of a deleted user, who may come back ([graph 2],
// documented).
func (b *Builder) RemoveUser(id string) {
	b.gone[id] = true
	at, ok := b.userAt[id]
	if !ok {
		return
	}
	last := len(b.users) - 1
	b.users[at] = b.users[last]
	b.users = b.users[:last]
	for i, c := range b.columns {
		c[at] = c[last]
		b.columns[i] = c[:last]
	}
	if int(at) < last {
		b.userAt[b.users[at].ID] = at
	}
	delete(b.userAt, id)
}

// RemoveGroup takes a group and its members away.
func (b *Builder) RemoveGroup(id string) {
	b.gone[id] = true
	at, ok := b.groupAt[id]
	if !ok {
		return
	}
	last := len(b.groups) - 1
	b.groups[at], b.members[at], b.hidden[at] = b.groups[last], b.members[last], b.hidden[last]
	b.groups, b.members, b.hidden = b.groups[:last], b.members[:last], b.hidden[:last]
	if int(at) < last {
		b.groupAt[b.groups[at].ID] = at
	}
	delete(b.groupAt, id)
}

// ClearMembers empties the list of a group's members, before it is read anew.
func (b *Builder) ClearMembers(group string) {
	if at, ok := b.groupAt[group]; ok {
		b.members[at] = nil
	}
}

// Opaque are the ids of groups whose members may be withheld, so that no
// change of them is told either: they have to be asked for each time.
func (b *Builder) Opaque() []string {
	var ids []string
	for i := range b.groups {
		if b.hidden[i] || slices.ContainsFunc(b.members[i], func(m GraphMember) bool { return m.ID == "" }) {
			ids = append(ids, b.groups[i].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// group is what is known of a group but its members; zero where there is none.
func (b *Builder) group(id string) (g GraphGroup, known bool) {
	at, ok := b.groupAt[id]
	if !ok {
		return GraphGroup{}, false
	}
	x := &b.groups[at]
	return GraphGroup{
		ID:               x.ID,
		DisplayName:      x.DisplayName,
		SecurityEnabled:  x.SecurityEnabled,
		MembershipRule:   x.MembershipRule,
		HiddenMembership: b.hidden[at],
	}, true
}

// setGroup changes a group and leaves its members.
func (b *Builder) setGroup(g GraphGroup) {
	at, ok := b.groupAt[g.ID]
	if ok {
		g.Members = b.members[at]
	}
	b.AddGroup(g)
}

// changeMembers applies what came and went to a group's members.
func (b *Builder) changeMembers(group string, changes map[string]MemberChange) {
	at, ok := b.groupAt[group]
	if !ok || len(changes) == 0 {
		return
	}
	left := make(map[string]MemberChange, len(changes))
	for id, c := range changes {
		left[id] = c
	}
	kept := make([]GraphMember, 0, len(b.members[at])+len(changes))
	for _, m := range b.members[at] {
		c, changed := changes[m.ID]
		if changed && c.Removed {
			continue
		}
		delete(left, m.ID)
		kept = append(kept, m)
	}
	for _, c := range left {
		if !c.Removed {
			kept = append(kept, c.GraphMember)
		}
	}
	b.members[at] = kept
}

// SetMemberOf makes each of some objects a direct member of the groups that are
// given for it and of no others. Groups that weren't read are left out.
func (b *Builder) SetMemberOf(groups map[string]map[string]bool, typeOf func(id string) string) {
	if len(groups) == 0 {
		return
	}
	wanted := map[string][]string{} // by group
	for member, in := range groups {
		for g := range in {
			wanted[g] = append(wanted[g], member)
		}
	}
	for i := range b.groups {
		id := b.groups[i].ID
		moved := func(m GraphMember) bool { _, ok := groups[m.ID]; return ok }
		if slices.ContainsFunc(b.members[i], moved) {
			b.members[i] = slices.DeleteFunc(slices.Clone(b.members[i]), moved)
		}
		for _, member := range wanted[id] {
			b.members[i] = append(b.members[i], GraphMember{Type: typeOf(member), ID: member})
		}
	}
}
