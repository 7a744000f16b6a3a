package directory

import (
	"errors"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/guid"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
)

// errKept is a payload that Pack didn't write.
var errKept = errors.New("the kept facts are damaged")

// Pack writes the builder's users, groups and members, for another process to
// go on from. Domains aren't in it: they are read each time.
func (b *Builder) Pack() []byte {
	w := &writer{}
	w.Column(len(b.attributes), func(i int) string { return b.attributes[i] })
	w.users(slices.Concat(b.users...))
	for _, c := range b.columns {
		w.Words(c.len(), func(i int) string { return *c.at(int32(i)) })
	}
	n := len(b.groups)
	w.IDs(n, func(i int) string { return b.groups[i].ID })
	w.Column(n, func(i int) string { return b.groups[i].DisplayName })
	w.Column(n, func(i int) string { return b.groups[i].MembershipRule })
	for i := range b.groups {
		w.Flags(bit(b.groups[i].SecurityEnabled, 0) | bit(b.hidden[i], 1))
		b.packMembers(w, &b.members[i])
	}
	gone := slices.Sorted(b.gone.ids())
	w.IDs(len(gone), func(i int) string { return gone[i] })
	return w.B
}

// packMembers writes members who are known by their position, the rest by type
// and id.
func (b *Builder) packMembers(w *writer, members *MemberList) {
	users := make([]int32, 0, members.size())
	var groups []int32
	var rest []GraphMember
	unknown := slices.Clip(members.rest)
	for _, u := range members.users {
		if at, ok := b.userAt.guids[u]; ok {
			users = append(users, at)
		} else {
			unknown = append(unknown, GraphMember{typeUser, u.String()})
		}
	}
	for _, m := range unknown {
		if at, ok := b.userAt.at(m.ID); ok {
			users = append(users, at)
		} else if at, ok := b.groupAt.at(m.ID); ok {
			groups = append(groups, at)
		} else {
			rest = append(rest, m)
		}
	}
	w.Positions(sortedUnique(users))
	w.Positions(sortedUnique(groups))
	slices.SortFunc(rest, func(x, y GraphMember) int {
		return strings.Compare(x.ID+"\x00"+x.Type, y.ID+"\x00"+y.Type)
	})
	rest = slices.Compact(rest)
	w.Column(len(rest), func(i int) string { return rest[i].Type })
	w.IDs(len(rest), func(i int) string { return rest[i].ID })
}

// UnpackBuilder reads what Pack wrote.
func UnpackBuilder(payload []byte) (*Builder, error) {
	r := &reader{packed.Reader{S: string(payload)}}
	attributes := r.Column()
	b := NewBuilder(attributes)
	if !slices.Equal(b.attributes, attributes) {
		return nil, errKept
	}
	users := r.users()
	b.users, b.userAt = chunksOf(users), newIndex(len(users))
	for i := range b.columns {
		c := r.Words()
		if len(c) != len(users) {
			return nil, errKept
		}
		b.columns[i] = chunksOf(c)
	}
	for i := range users {
		b.userAt.set(users[i].ID, int32(i))
	}
	b.unpackGroups(r, users)
	for _, id := range r.IDs() {
		if b.HasUser(id) {
			return nil, errKept
		}
		b.gone.set(id, 0)
	}
	if r.Err != nil || r.At != len(r.S) || b.userAt.size() != len(users) || b.groupAt.size() != len(b.groups) {
		return nil, errKept
	}
	return b, nil
}

func (b *Builder) unpackGroups(r *reader, users []User) {
	ids, names, rules := r.IDs(), r.Column(), r.Column()
	if len(names) != len(ids) || len(rules) != len(ids) {
		r.Fail("its columns have different lengths")
		return
	}
	b.groups, b.members, b.hidden = make([]Group, len(ids)), make([]MemberList, len(ids)), make([]bool, len(ids))
	guids := make([]guid.ID, len(users))
	for u, at := range b.userAt.guids {
		guids[at] = u
	}
	for i, id := range ids {
		b.groupAt.set(id, int32(i))
		f := r.Flags()
		b.groups[i] = Group{ID: id, DisplayName: names[i], MembershipRule: rules[i], SecurityEnabled: f&1 != 0}
		b.hidden[i] = f&2 != 0
		for _, at := range r.Positions(len(users)) {
			if guids[at] != (guid.ID{}) {
				b.members[i].users = append(b.members[i].users, guids[at])
			} else {
				b.members[i].Add(GraphMember{typeUser, users[at].ID})
			}
		}
		for _, at := range r.Positions(len(ids)) {
			b.members[i].Add(GraphMember{typeGroup, ids[at]})
		}
		types, rest := r.Column(), r.IDs()
		if len(types) != len(rest) {
			r.Fail("its columns have different lengths")
			return
		}
		for k := range rest {
			b.members[i].Add(GraphMember{types[k], rest[k]})
		}
		if r.Err != nil {
			return
		}
	}
}
