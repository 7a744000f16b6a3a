package tenant

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Describe makes an object of the members that its type has.
func Describe(e *Entity, list []rawjson.Field) (*Object, error) {
	o := &Object{Entity: e}
	set := make([]packedValue, 0, len(list))
	for _, f := range list {
		i, ok := e.Find(f.Name)
		if !ok {
			continue
		}
		if err := e.Prop(i).Kind.Check(f.Raw); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if i == e.KeyIndex {
			o.ID = rawjson.Unquote(f.Raw)
			continue
		}
		set = append(set, packedValue{i, f.Raw})
	}
	if o.ID == "" {
		return nil, fmt.Errorf("%s is missing", e.keyed)
	}
	o.Props = pack(set)
	return o, nil
}

type packedValue struct {
	index int
	raw   string
}

// pack packs properties; of two with one name the last wins, as in JSON.
func pack(set []packedValue) string {
	slices.SortStableFunc(set, func(a, b packedValue) int { return a.index - b.index })
	var p Packing
	for i, v := range set {
		if i+1 < len(set) && set[i+1].index == v.index {
			continue
		}
		p = p.Add(v.index, v.raw)
	}
	return string(p)
}

// LoadObject takes a user, or a group with its members.
func (s *Store) LoadObject(e *Entity, raw json.RawMessage) error {
	list, err := rawjson.Split(raw) // the decoder has checked it
	if err != nil {
		return err
	}
	o, err := Describe(e, list)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f.Name == "unreadable" && f.Raw == "true" { // ours: comes back bare in lists of members
			o.Unreadable = true
		}
	}
	ref, err := s.Add(o)
	if err != nil {
		return err
	}
	for _, f := range list {
		switch {
		case e == s.GroupType && f.Name == "members":
			err = s.loadMembers(ref, f.Raw)
		case s.isReference(e, f.Name):
			err = s.loadReference(ref, f.Name, f.Raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) loadMembers(group int32, raw string) error {
	if raw == "null" {
		return nil
	}
	var list []struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"`
	}
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return fmt.Errorf("members: expected a list of objects with @odata.type and id: %w", err)
	}
	refs := make([]int32, 0, len(list))
	seen := make(map[int32]bool, len(list))
	for i, m := range list {
		if m.ID == "" {
			return fmt.Errorf("members[%d]: id is missing", i)
		}
		ref, err := s.memberRef(m.Type, m.ID)
		if err != nil {
			return fmt.Errorf("members[%d]: %w", i, err)
		}
		if !seen[ref] {
			seen[ref] = true
			refs = append(refs, ref)
		}
	}
	s.SetMembers(group, refs)
	return nil
}

// Load adds an object of a snapshot.
func (c *Collection) Load(raw json.RawMessage) error {
	list, err := rawjson.Split(raw)
	if err != nil {
		return err
	}
	o, err := Describe(c.Entity, list)
	if err != nil {
		return err
	}
	c.put(o)
	return nil
}

// LoadPartner takes a partner with its identitySynchronization.
func (s *Store) LoadPartner(raw json.RawMessage) error {
	if err := s.Partners.Load(raw); err != nil {
		return err
	}
	list, err := rawjson.Split(raw)
	if err != nil {
		return err
	}
	id := ""
	for _, f := range list {
		if f.Name == "tenantId" {
			id = f.Raw
		}
	}
	for _, f := range list {
		if f.Name != "identitySynchronization" || f.Raw == "null" {
			continue
		}
		sub, err := rawjson.Split([]byte(f.Raw))
		if err != nil {
			return fmt.Errorf("identitySynchronization: %w", err)
		}
		o, err := Describe(s.SyncType, append(sub, rawjson.Field{Name: "tenantId", Raw: id}))
		if err != nil {
			return fmt.Errorf("identitySynchronization: %w", err)
		}
		s.Syncs.put(o)
	}
	return nil
}
