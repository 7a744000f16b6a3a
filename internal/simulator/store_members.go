package simulator

import "slices"

// addMember makes an object a direct member of a group; false if it already is.
func (s *store) addMember(group, member int32, lag staleness) bool {
	g := s.slots[group].obj
	if slices.Contains(s.slots[member].parents, group) {
		return false
	}
	members := append(slices.Clip(g.members), member)
	s.replace(group, g.withMembers(members), lag)
	s.slots[member].parents = append(s.slots[member].parents, group)
	s.record(change{ref: group, what: memberAdded, member: member})
	return true
}

// removeMember takes a direct member out of a group; false if it wasn't in it. The place stays empty,
// so that pages being read keep their places.
func (s *store) removeMember(group, member int32, lag staleness, log bool) bool {
	g := s.slots[group].obj
	at := slices.Index(g.members, member)
	if at < 0 {
		return false
	}
	members := slices.Delete(slices.Clone(g.members), at, at+1)
	s.replace(group, g.withMembers(members), lag)
	parents := s.slots[member].parents
	if i := slices.Index(parents, group); i >= 0 {
		s.slots[member].parents = slices.Delete(slices.Clone(parents), i, i+1)
	}
	if log {
		s.record(change{ref: group, what: memberRemoved, member: member})
	}
	return true
}

// setMembers gives a group of the seed its members, without a change record.
func (s *store) setMembers(group int32, members []int32) {
	g := *s.slots[group].obj
	g.members = members
	s.slots[group].obj = &g
	for _, m := range members {
		s.slots[m].parents = append(s.slots[m].parents, group)
	}
}

// memberRef is the reference of a member that a snapshot names: an object, or a stub for one that
// the snapshot doesn't describe.
func (s *store) memberRef(odataType, id string) (int32, error) {
	if ref, ok := s.lookup(id); ok {
		return ref, nil
	}
	ent := s.user
	switch {
	case odataType == s.group.odataType():
		ent = s.group
	case s.others[odataType] != nil:
		ent = s.others[odataType]
	}
	return s.place(&object{ent: ent, id: id, life: stub, unreadable: true})
}

// below is every object under a group, breadth first, each once, without the group itself: cycles
// are legal ([graph 2]; that a group in a cycle isn't its own transitive member is [?]).
func (s *store) below(group int32, tick int64) []int32 {
	seen := map[int32]bool{group: true}
	var out []int32
	for queue := []int32{group}; len(queue) > 0; queue = queue[1:] {
		o := s.seen(queue[0], tick)
		if o == nil {
			continue
		}
		for _, m := range o.members {
			if seen[m] {
				continue
			}
			seen[m] = true
			out = append(out, m)
			if s.slots[m].obj.ent == s.group {
				queue = append(queue, m)
			}
		}
	}
	return out
}

// above is every group over an object, breadth first, each once.
func (s *store) above(ref int32) []int32 {
	seen := map[int32]bool{ref: true}
	var out []int32
	for queue := []int32{ref}; len(queue) > 0; queue = queue[1:] {
		for _, g := range s.slots[queue[0]].parents {
			if !seen[g] {
				seen[g] = true
				out = append(out, g)
				queue = append(queue, g)
			}
		}
	}
	return out
}
