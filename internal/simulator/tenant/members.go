package tenant

import (
	"fmt"
	"slices"
	"strings"
)

// Join makes an object a direct member of a group; false if it already is.
func (s *Store) Join(group, member int32, lag Staleness) bool {
	g := s.Slots[group].Object
	if slices.Contains(s.Slots[member].Parents, group) {
		return false
	}
	members := append(slices.Clip(g.Members), member)
	s.replace(group, g.withMembers(members), lag)
	s.Slots[member].Parents = append(s.Slots[member].Parents, group)
	s.record(Change{Ref: group, What: MemberAdded, Member: member})
	return true
}

// Leave takes a direct member out of a group; false if it wasn't in it. The place stays empty,
// so that pages being read keep their places.
func (s *Store) Leave(group, member int32, lag Staleness, log bool) bool {
	g := s.Slots[group].Object
	at := slices.Index(g.Members, member)
	if at < 0 {
		return false
	}
	members := slices.Delete(slices.Clone(g.Members), at, at+1)
	s.replace(group, g.withMembers(members), lag)
	parents := s.Slots[member].Parents
	if i := slices.Index(parents, group); i >= 0 {
		s.Slots[member].Parents = slices.Delete(slices.Clone(parents), i, i+1)
	}
	if log {
		s.record(Change{Ref: group, What: MemberRemoved, Member: member})
	}
	return true
}

// SetMembers gives a group of the seed its members, without a change record.
func (s *Store) SetMembers(group int32, members []int32) {
	g := *s.Slots[group].Object
	g.Members = members
	s.Slots[group].Object = &g
	for _, m := range members {
		s.Slots[m].Parents = append(s.Slots[m].Parents, group)
	}
}

// memberRef is the reference of a member that a snapshot names: an object, or a stub for one that
// the snapshot doesn't describe.
func (s *Store) memberRef(odataType, id string) (int32, error) {
	if ref, ok := s.Lookup(id); ok {
		return ref, nil
	}
	ent := s.UserType
	switch {
	case odataType == s.GroupType.ODataType():
		ent = s.GroupType
	case s.OtherTypes[odataType] != nil:
		ent = s.OtherTypes[odataType]
	}
	return s.Add(&Object{Entity: ent, ID: id, Life: Stub, Unreadable: true})
}

// TransitiveMembers is every object under a group, breadth first, each once, without the group itself: cycles
// are legal ([graph 2]; that a group in a cycle isn't its own transitive member is [?]).
func (s *Store) TransitiveMembers(group int32, tick int64) []int32 {
	seen := map[int32]bool{group: true}
	var out []int32
	for queue := []int32{group}; len(queue) > 0; queue = queue[1:] {
		o := s.Seen(queue[0], tick)
		if o == nil {
			continue
		}
		for _, m := range o.Members {
			if seen[m] {
				continue
			}
			seen[m] = true
			out = append(out, m)
			if s.Slots[m].Object.Entity == s.GroupType {
				queue = append(queue, m)
			}
		}
	}
	return out
}

// TransitiveGroups is every group over an object, breadth first, each once.
func (s *Store) TransitiveGroups(ref int32) []int32 {
	seen := map[int32]bool{ref: true}
	var out []int32
	for queue := []int32{ref}; len(queue) > 0; queue = queue[1:] {
		for _, g := range s.Slots[queue[0]].Parents {
			if !seen[g] {
				seen[g] = true
				out = append(out, g)
				queue = append(queue, g)
			}
		}
	}
	return out
}

// GroupID is the id of a live group that an id or a name means.
func (s *Store) GroupID(name string) (string, error) {
	st := s
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	if ref, ok := st.Lookup(name); ok && st.IsGroup(ref) {
		return st.Slots[ref].Object.ID, nil
	}
	var found []string
	for _, ref := range st.Groups.Refs {
		if ref >= 0 && st.IsGroup(ref) && st.Slots[ref].Object.Text("displayName") == name {
			found = append(found, st.Slots[ref].Object.ID)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d groups are named %q: %s", len(found), name, strings.Join(found, ", "))
	}
	return found[0], nil
}
