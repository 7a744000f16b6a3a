package decision

import (
	"hash/maphash"
	"slices"
)

// Memberships is which groups users are in after flattening: a member of a child
// group is, in Atlassian, a member of the child and of each parent in scope
// ([atlassian 1.4], documented; whether a child that isn't selected itself is
// made as a group isn't).
type Memberships struct {
	// SetOf gives, by user, a position in Sets; Sets[0] is empty.
	SetOf []int32
	Sets  [][]int32
	// Count is the number of members by group; Exists marks the groups that
	// would stand in Atlassian.
	Count  []int32
	Exists []bool
}

// Memberships computes, once, the groups that users are in. Only users who sync
// are in any.
func (r *Result) Memberships() *Memberships {
	if r.groups == nil {
		r.groups = r.memberships()
	}
	return r.groups
}

func (r *Result) memberships() *Memberships {
	d := r.Directory
	l := &Memberships{SetOf: make([]int32, len(d.Users)), Sets: [][]int32{nil}, Count: make([]int32, len(d.Groups))}
	l.Exists = r.scope.Exists
	ancestors := r.ancestors(l.Exists)
	start, direct := r.directGroups()
	in := newSetInterner(l)
	stamp := make([]int32, len(d.Groups))
	var set []int32
	for i := range r.Decisions {
		if r.Decisions[i].Code.Verdict() != Sync {
			continue
		}
		set = set[:0]
		for _, g := range direct[start[i]:start[i+1]] {
			for _, a := range ancestors[g] {
				if stamp[a] != int32(i)+1 {
					stamp[a] = int32(i) + 1
					set = append(set, a)
					l.Count[a]++
				}
			}
		}
		slices.Sort(set)
		l.SetOf[i] = in.position(set)
	}
	return l
}

// ancestors gives, for each group in scope, the groups that would exist and
// contain it, itself among them; without flattening, itself alone.
func (r *Result) ancestors(exists []bool) [][]int32 {
	groups := r.Directory.Groups
	if !r.scope.Flattened {
		out := make([][]int32, len(groups))
		for g := range groups {
			if exists[g] {
				out[g] = []int32{int32(g)}
			}
		}
		return out
	}
	parents := make([][]int32, len(groups))
	for g := range groups {
		if r.scope.Groups[g] {
			for _, c := range groups[g].Groups {
				parents[c] = append(parents[c], int32(g))
			}
		}
	}
	out := make([][]int32, len(groups))
	stamp := make([]int32, len(groups))
	var todo []int32
	for g := range groups {
		if !r.scope.Groups[g] {
			continue
		}
		mark := int32(g) + 1
		stamp[g] = mark
		todo = append(todo[:0], int32(g))
		for len(todo) > 0 {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if exists[at] {
				out[g] = append(out[g], at)
			}
			for _, p := range parents[at] {
				if stamp[p] != mark {
					stamp[p] = mark
					todo = append(todo, p)
				}
			}
		}
		slices.Sort(out[g])
	}
	return out
}

// directGroups inverts the memberships: the groups in scope of user i are
// list[start[i]:start[i+1]].
func (r *Result) directGroups() (start, list []int32) {
	groups := r.Directory.Groups
	start = make([]int32, len(r.Directory.Users)+1)
	each := func(visit func(user, group int32)) {
		for g := range groups {
			if !r.scope.Groups[g] {
				continue
			}
			for _, u := range groups[g].Users {
				visit(u, int32(g))
			}
			for _, u := range r.scope.Extra[int32(g)] {
				visit(u, int32(g))
			}
		}
	}
	each(func(u, _ int32) { start[u+1]++ })
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	list = make([]int32, start[len(start)-1])
	next := slices.Clone(start[:len(start)-1])
	each(func(u, g int32) { list[next[u]] = g; next[u]++ })
	return start, list
}

// setInterner keeps each set of groups once.
type setInterner struct {
	l    *Memberships
	seed maphash.Seed
	at   map[uint64][]int32
	buf  []byte
}

func newSetInterner(l *Memberships) *setInterner {
	return &setInterner{l: l, seed: maphash.MakeSeed(), at: map[uint64][]int32{}}
}

// position finds or adds a set; the numbers follow the order of users, so they
// don't depend on the hash's seed.
func (s *setInterner) position(set []int32) int32 {
	if len(set) == 0 {
		return 0
	}
	s.buf = s.buf[:0]
	for _, g := range set {
		s.buf = append(s.buf, byte(g), byte(g>>8), byte(g>>16), byte(g>>24))
	}
	h := maphash.Bytes(s.seed, s.buf)
	for _, p := range s.at[h] {
		if slices.Equal(s.l.Sets[p], set) {
			return p
		}
	}
	p := int32(len(s.l.Sets))
	s.l.Sets = append(s.l.Sets, slices.Clone(set))
	s.at[h] = append(s.at[h], p)
	return p
}

// GroupName is the name under which a group stands in the target.
func (r *Result) GroupName(g int32) string { return r.groupName(g) }

// GroupCount is a group as it would stand in Atlassian.
type GroupCount struct {
	ID      string
	Name    string
	Members int
}

// Groups are the groups that would stand in Atlassian, with their numbers of
// members, by ascending id.
func (r *Result) Groups() []GroupCount {
	l := r.Memberships()
	var out []GroupCount
	for g := range l.Exists {
		if l.Exists[g] {
			out = append(out, GroupCount{r.Directory.Groups[g].ID, r.groupName(int32(g)), int(l.Count[g])})
		}
	}
	return out
}

// GroupsOf are the names of the groups that a user is in.
func (r *Result) GroupsOf(i int32) []string {
	l := r.Memberships()
	var names []string
	for _, g := range l.Sets[l.SetOf[i]] {
		names = append(names, r.groupName(g))
	}
	slices.Sort(names)
	return names
}
