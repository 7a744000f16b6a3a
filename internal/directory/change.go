package directory

import (
	"slices"
)

// UserCount and GroupCount are how many there are so far.
func (b *Builder) UserCount() int { return b.users.len() }

// GroupCount is how many groups there are so far.
func (b *Builder) GroupCount() int { return len(b.groups) }

// RemoveUser takes a user away. The groups keep naming it, unseen: Graph keeps
// the membership of a deleted user, who may come back ([graph 2],
// documented).
func (b *Builder) RemoveUser(id string) {
	b.gone.set(id, 0)
	at, ok := b.userAt.at(id)
	if !ok {
		return
	}
	last := int32(b.users.len() - 1)
	b.moveUser(at, last)
	b.removeLastUser()
	if at < last {
		b.userAt.set(b.users.at(at).ID, at)
	}
	b.userAt.remove(id)
}

// RemoveGroup takes a group and its members away. Its id is nobody's among the users; if it
// were, the user wouldn't be gone.
func (b *Builder) RemoveGroup(id string) {
	if !b.HasUser(id) {
		b.gone.set(id, 0)
	}
	at, ok := b.groupAt.at(id)
	if !ok {
		return
	}
	last := len(b.groups) - 1
	b.groups[at], b.members[at], b.hidden[at] = b.groups[last], b.members[last], b.hidden[last]
	b.groups, b.members, b.hidden = b.groups[:last], b.members[:last], b.hidden[:last]
	if int(at) < last {
		b.groupAt.set(b.groups[at].ID, at)
	}
	b.groupAt.remove(id)
}

// ClearMembers empties the list of a group's members, before it is read anew.
func (b *Builder) ClearMembers(group string) {
	if at, ok := b.groupAt.at(group); ok {
		b.members[at] = MemberList{}
	}
}

// Opaque are the ids of groups whose members may be withheld, so that no
// change of them is told either: they have to be asked for each time.
func (b *Builder) Opaque() []string {
	var ids []string
	for i := range b.groups {
		if b.hidden[i] || slices.ContainsFunc(b.members[i].rest, func(m GraphMember) bool { return m.ID == "" }) {
			ids = append(ids, b.groups[i].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// group is what is known of a group but its members; zero where there is none.
func (b *Builder) group(id string) (g GraphGroup, known bool) {
	at, ok := b.groupAt.at(id)
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

// changeMembers applies what came and went to a group's members.
func (b *Builder) changeMembers(group string, changes map[string]MemberChange) {
	at, ok := b.groupAt.at(group)
	if !ok || len(changes) == 0 {
		return
	}
	list, mentioned := make([]MemberChange, 0, len(changes)), newIndex(len(changes))
	for id, c := range changes {
		mentioned.set(id, int32(len(list)))
		list = append(list, c)
	}
	there := make([]bool, len(list))
	b.members[at].deleteFunc(&mentioned, func(i int32) bool {
		there[i] = true
		return list[i].Removed
	})
	for i, c := range list {
		if !c.Removed && !there[i] {
			b.members[at].Add(c.GraphMember)
		}
	}
}

// SetMemberOf makes each of some objects a direct member of the groups that are
// given for it and of no others. Groups that weren't read are left out.
func (b *Builder) SetMemberOf(groups map[string]map[string]bool, typeOf func(id string) string) {
	if len(groups) == 0 {
		return
	}
	wanted := map[string][]string{} // by group
	moved := newIndex(len(groups))
	for member, in := range groups {
		moved.set(member, 0)
		for g := range in {
			wanted[g] = append(wanted[g], member)
		}
	}
	for i := range b.groups {
		id := b.groups[i].ID
		b.members[i].deleteFunc(&moved, func(int32) bool { return true })
		for _, member := range wanted[id] {
			b.members[i].Add(GraphMember{Type: typeOf(member), ID: member})
		}
	}
}
