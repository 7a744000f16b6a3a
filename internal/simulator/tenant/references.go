package tenant

import (
	"encoding/json"
	"fmt"
	"slices"
)

// references are what objects refer to beside members: a user's manager, a group's owners.
type references struct {
	managers map[int32]int32
	owners   map[int32][]int32
}

// Manager is a user's manager, nil for nobody.
func (s *Store) Manager(user int32, tick int64) *Object {
	if ref, ok := s.managers[user]; ok {
		return s.Seen(ref, tick)
	}
	return nil
}

// Reports are whom someone leads, in a stable order.
func (s *Store) Reports(manager int32) []int32 {
	var out []int32
	for user, m := range s.managers {
		if m == manager {
			out = append(out, user)
		}
	}
	slices.Sort(out)
	return out
}

// SetManager gives a user a manager.
func (s *Store) SetManager(user, manager int32) {
	if old, ok := s.managers[user]; ok && old == manager {
		return
	}
	s.managers[user] = manager
	s.record(Change{Ref: user, Member: manager, What: ManagerSet})
}

// RemoveManager takes it away; false if there was none.
func (s *Store) RemoveManager(user int32) bool {
	manager, ok := s.managers[user]
	delete(s.managers, user)
	if ok {
		s.record(Change{Ref: user, Member: manager, What: ManagerRemoved})
	}
	return ok
}

// Owners are those of a group.
func (s *Store) Owners(group int32) []int32 { return s.owners[group] }

// AddOwner gives a group one owner more; false if they are one already.
func (s *Store) AddOwner(group, owner int32) bool {
	if slices.Contains(s.owners[group], owner) {
		return false
	}
	s.owners[group] = append(slices.Clip(s.owners[group]), owner)
	return true
}

// RemoveOwner takes an owner away; false if they weren't one.
func (s *Store) RemoveOwner(group, owner int32) bool {
	at := slices.Index(s.owners[group], owner)
	if at < 0 {
		return false
	}
	s.owners[group] = slices.Delete(slices.Clone(s.owners[group]), at, at+1)
	return true
}

// dropReferences forgets what an object refers to, and what refers to it.
func (s *Store) dropReferences(gone int32) {
	delete(s.managers, gone)
	delete(s.owners, gone)
	for user, manager := range s.managers {
		if manager == gone { // whether delta tells that isn't documented [?]
			delete(s.managers, user)
		}
	}
	for group := range s.owners {
		s.RemoveOwner(group, gone)
	}
}

// loadReference takes a user's manager, or a group's owners, as JSON.
func (s *Store) loadReference(ref int32, name, raw string) error {
	if raw == "null" {
		if name == "manager" {
			s.RemoveManager(ref)
		}
		return nil
	}
	if name == "manager" {
		raw = "[" + raw + "]"
	}
	var list []struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"`
	}
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	delete(s.owners, ref)
	for _, r := range list {
		to, err := s.memberRef(r.Type, r.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if name == "manager" {
			s.SetManager(ref, to)
		} else {
			s.AddOwner(ref, to)
		}
	}
	return nil
}

// isReference says whether a member of an object's JSON is a reference of its type.
func (s *Store) isReference(e *Entity, name string) bool {
	return e == s.UserType && name == "manager" || e == s.GroupType && name == "owners"
}
