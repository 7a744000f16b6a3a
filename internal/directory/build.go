package directory

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/guid"
)

// Builder puts a Directory together from objects that come in any order and
// more than once, as pages of a changing collection do. The last one of an id
// counts. It isn't safe for concurrent use.
type Builder struct {
	attributes []string
	columns    []chunks[string]
	users      chunks[User]
	userAt     index
	// queued is how many users at the end have no position in userAt yet, placed the
	// memory for their positions.
	queued  int
	placed  []int32
	groups  []Group
	groupAt index
	members []MemberList
	hidden  []bool
	domains []Domain
	lacking Presence
	has     Presence // of any user
	// gone are the ids of users and groups that were deleted: groups may still
	// name them as members, but Graph doesn't list them [graph 2].
	gone index
}

// NewBuilder makes a builder of a directory with the named attributes, which
// are sorted and made unique.
func NewBuilder(attributes []string) *Builder {
	attributes = slices.Compact(slices.Sorted(slices.Values(attributes)))
	return &Builder{
		attributes: attributes, columns: make([]chunks[string], len(attributes)),
		userAt: newIndex(0), groupAt: newIndex(0), gone: newIndex(0),
		lacking: HasUserType | HasAccountEnabled,
	}
}

// Attributes are the names that each user's values are given for, in order.
func (b *Builder) Attributes() []string { return b.attributes }

// AddUser adds a user with the values of its attributes. It answers the user's position,
// which is theirs until a user is removed.
func (b *Builder) AddUser(u User, values []string, has Presence) (at int32) {
	b.lacking &^= has
	b.has |= has
	at, known := b.placeUser(u.ID, int32(b.users.len()))
	if !known {
		b.appendUser(u, values)
		return at
	}
	*b.users.at(at) = u
	for i := range b.columns {
		*b.columns[i].at(at) = values[i]
	}
	return at
}

// placeUser gives the position of somebody who is added, or gives them the next.
func (b *Builder) placeUser(id string, next int32) (at int32, known bool) {
	if b.gone.size() > 0 {
		b.gone.remove(id)
	}
	return b.userAt.place(id, next)
}

// QueueUser adds a user as AddUser does, for the next PlaceUsers to give a position to.
// Nothing else may be asked of the builder until then. The positions of a whole page are
// looked up together, in memory that decoding would push out of the cache between two of
// them.
func (b *Builder) QueueUser(u User, values []string, has Presence) {
	b.lacking &^= has
	b.has |= has
	b.appendUser(u, values)
	b.queued++
}

func (b *Builder) appendUser(u User, values []string) {
	b.users.add(u)
	for i := range b.columns {
		b.columns[i].add(values[i])
	}
}

// PlaceUsers answers the positions of the users who were queued, in order, valid until the
// next call.
func (b *Builder) PlaceUsers() []int32 {
	b.placed = b.placed[:0]
	end := int32(b.users.len())
	next := end - int32(b.queued)
	for i := next; i < end; i++ {
		at, known := b.placeUser(b.users.at(i).ID, next)
		if !known {
			next++
		}
		if at != i {
			b.moveUser(at, i)
		}
		b.placed = append(b.placed, at)
	}
	for range end - next { // as many as came again, and stand where they stood
		b.removeLastUser()
	}
	b.queued = 0
	return b.placed
}

// moveUser puts the user at from, with their values, where another was.
func (b *Builder) moveUser(to, from int32) {
	*b.users.at(to) = *b.users.at(from)
	for i := range b.columns {
		*b.columns[i].at(to) = *b.columns[i].at(from)
	}
}

func (b *Builder) removeLastUser() {
	b.users.removeLast()
	for i := range b.columns {
		b.columns[i].removeLast()
	}
}

// HasUser reports whether a user of the id was added.
func (b *Builder) HasUser(id string) bool { return b.userAt.has(id) }

// HasGroup reports whether a group of the id was added.
func (b *Builder) HasGroup(id string) bool { return b.groupAt.has(id) }

// GroupAt gives the position of a group that was added, as AddGroup does.
func (b *Builder) GroupAt(id string) (at int32, ok bool) { return b.groupAt.at(id) }

// AddGroup adds a group; its members may come with it or by AddMember. It answers the
// group's position, which is its own until a group is removed.
func (b *Builder) AddGroup(g GraphGroup) (at int32) {
	at = b.setGroup(g)
	b.members[at] = MemberList{}
	for _, m := range g.Members {
		b.members[at].Add(m)
	}
	return at
}

// setGroup adds or changes a group and leaves its members.
func (b *Builder) setGroup(g GraphGroup) (at int32) {
	b.gone.remove(g.ID)
	at, ok := b.groupAt.at(g.ID)
	if !ok {
		at = int32(len(b.groups))
		b.groupAt.set(g.ID, at)
		b.groups = append(b.groups, Group{})
		b.members = append(b.members, MemberList{})
		b.hidden = append(b.hidden, false)
	}
	b.groups[at] = Group{
		ID:              g.ID,
		DisplayName:     g.DisplayName,
		SecurityEnabled: g.SecurityEnabled,
		MembershipRule:  g.MembershipRule,
	}
	b.hidden[at] = g.HiddenMembership
	return at
}

// AddMember adds a direct member to a group that was added before.
func (b *Builder) AddMember(group string, m GraphMember) error {
	var list MemberList
	list.Add(m)
	return b.AddMembers(group, &list)
}

// AddMembers adds direct members to a group that was added before.
func (b *Builder) AddMembers(group string, list *MemberList) error {
	at, ok := b.groupAt.at(group)
	if !ok {
		return fmt.Errorf("a member came for group %s, which wasn't read", group)
	}
	b.members[at].join(list)
	return nil
}

// AddDomain adds a domain of the tenant.
func (b *Builder) AddDomain(d Domain) { b.domains = append(b.domains, d) }

// Lacking reports properties on which decisions rest that no user carried,
// null included; 0 where there are no users.
func (b *Builder) Lacking() Presence {
	if b.users.len() == 0 {
		return 0
	}
	return b.lacking
}

// Build makes the directory. below are the ids of the groups to which the
// reading was limited, nil for the whole tenant. The builder can go on.
//
// A member of type user that wasn't among the users is one of whom the
// application may read only the id [graph 2], or one who was deleted
// or added while the pages were read: either way nothing is known of them. One
// of whom it is known that they were deleted is no member.
// A member group that wasn't among the groups hides its own members.
// Members of other types (devices, contacts, service principals) are no users
// and are left out.
func (b *Builder) Build(tenant string, below []string) *Directory {
	d := &Directory{
		TenantID:   tenant,
		Below:      slices.Clone(below),
		Attributes: b.attributes,
		Columns:    make([][]string, len(b.columns)),
		byID:       &positions{},
	}
	slices.Sort(d.Below)
	userRank := sortByID(b.users, func(u *User) string { return u.ID })
	groupRank := sortByID(chunksOf(b.groups), func(g *Group) string { return g.ID })
	d.Users = permute(b.users, userRank)
	for i := range d.Columns {
		d.Columns[i] = permute(b.columns[i], userRank)
	}
	d.Groups = permute(chunksOf(b.groups), groupRank)
	sorter := newPositionSorter(len(d.Users))
	for old, rank := range groupRank {
		g := &d.Groups[rank]
		b.resolve(g, &b.members[old], b.hidden[old], userRank, groupRank)
		g.Users = sorter.sorted(g.Users)
	}
	d.Domains = lastOfEach(slices.Clone(b.domains), func(x *Domain) string { return x.Name })
	return d
}

// resolve makes positions of a group's members; those of the users are in no order yet.
func (b *Builder) resolve(g *Group, members *MemberList, hidden bool, userRank, groupRank []int32) {
	listed := 0
	g.Users = make([]int32, 0, members.size())
	rest := slices.Clip(members.rest)
	for _, u := range members.users {
		if at, ok := b.userAt.guids[u]; ok { // nobody is among the users and gone
			listed++
			g.Users = append(g.Users, userRank[at])
			continue
		}
		rest = append(rest, GraphMember{typeUser, u.String()})
	}
	for _, m := range rest {
		if b.gone.has(m.ID) {
			continue
		}
		listed++
		if at, ok := b.userAt.at(m.ID); ok {
			g.Users = append(g.Users, userRank[at])
		} else if at, ok := b.groupAt.at(m.ID); ok {
			g.Groups = append(g.Groups, groupRank[at])
		} else if m.Type == typeUser || m.Type == "" {
			g.Unreadable = append(g.Unreadable, m.ID)
		} else if m.Type == typeGroup {
			g.Hidden = true
		}
	}
	g.Groups = sortedUnique(g.Groups)
	g.Unreadable = sortedUnique(g.Unreadable)
	g.Hidden = g.Hidden || hidden && listed == 0
}

func sortedUnique[T cmp.Ordered](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	slices.Sort(s)
	return slices.Clip(slices.Compact(s))
}

// positionSorter sorts positions below a limit.
type positionSorter struct{ seen []uint64 }

func newPositionSorter(limit int) *positionSorter { return &positionSorter{make([]uint64, limit/64+1)} }

// sorted is sortedUnique; long lists are marked in a bitmap, and are never compared.
func (p *positionSorter) sorted(list []int32) []int32 {
	if len(p.seen) > 8*len(list) {
		return sortedUnique(list)
	}
	for _, at := range list {
		p.seen[at/64] |= 1 << (at % 64)
	}
	out := list[:0]
	for i, word := range p.seen {
		for ; word != 0; word &= word - 1 {
			out = append(out, int32(64*i+bits.TrailingZeros64(word)))
		}
	}
	clear(p.seen)
	return slices.Clip(out)
}

// sortByID gives, for each position, its rank in ascending order of id.
func sortByID[T any](items chunks[T], id func(*T) string) []int32 {
	// Numbers are sorted faster than texts. The first half of each is how the id
	// begins, which decides almost always, the other half is the position.
	const half = 32
	order := make([]uint64, items.len())
	for i := range order {
		order[i] = uint64(beginning(id(items.at(int32(i)))))<<half | uint64(i)
	}
	slices.Sort(order)
	for rest := order; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n]>>half == rest[0]>>half {
			n++
		}
		slices.SortFunc(rest[:n], func(a, b uint64) int {
			return cmp.Compare(id(items.at(int32(a))), id(items.at(int32(b))))
		})
		rest = rest[n:]
	}
	rank := make([]int32, len(order))
	for r, k := range order {
		rank[uint32(k)] = int32(r)
	}
	return rank
}

// beginning is a number for how an id begins: numbers that differ are in the order of
// their ids. GUIDs begin with eight hexadecimal digits; another character ends it.
func beginning(id string) (n uint32) {
	if n, ok := guid.Beginning(id); ok {
		return n
	}
	const digit, digits = 4, 8 // bits, and how many
	for i := range digits {
		c := byte(0)
		if i < len(id) {
			c = id[i]
		}
		left := digit * (digits - i)
		switch {
		case c < '0':
			return n << left
		case c <= '9':
			n = n<<digit | uint32(c-'0')
		case c < 'a':
			return (n<<digit|9)<<(left-digit) | uint32(1<<(left-digit)-1)
		case c <= 'f':
			n = n<<digit | uint32(c-'a'+10)
		default:
			return n<<left | uint32(1<<left-1)
		}
	}
	return n
}

func permute[T any](items chunks[T], rank []int32) []T {
	out := make([]T, len(rank))
	for i, r := range rank {
		out[r] = *items.at(int32(i))
	}
	return out
}
