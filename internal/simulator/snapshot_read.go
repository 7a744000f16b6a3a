package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// snapshotVersion is the format that this server reads and writes.
const snapshotVersion = 1

// snapshotExtra is what a snapshot holds and the server only passes on, and which parts it has: a
// missing part isn't the same as an empty one.
type snapshotExtra struct {
	entra   bool
	covered map[string]bool // parts of entra
}

// load reads a snapshot as a stream. Unknown members are ignored; a wrong shape is an error with its
// path and line.
func (s *Server) load(in io.Reader) error {
	stream := rawjson.NewStream(in)
	s.extra.covered = map[string]bool{}
	version := 0
	err := stream.Object("", func(name, path string) error {
		switch name {
		case "version":
			if err := stream.Value(path, &version); err != nil {
				return err
			}
			if version != snapshotVersion {
				return fmt.Errorf("version %d, expected %d", version, snapshotVersion)
			}
			return nil
		case "entra":
			s.extra.entra = true
			return s.loadEntra(stream, path)
		case "organizations":
			return stream.Object(path, func(key, path string) error { return s.organizations.load(stream, path, key) })
		}
		return stream.Skip()
	})
	if err != nil {
		return err
	}
	if version == 0 {
		return fmt.Errorf("the document has no version")
	}
	return s.organizations.index()
}

func (s *Server) loadEntra(stream *rawjson.Stream, path string) error {
	return stream.Object(path, func(name, path string) error {
		s.extra.covered[name] = true
		switch name {
		case "tenant_id":
			return stream.Value(path, &s.store.id)
		case "domains":
			return stream.Array(path, func(raw json.RawMessage) error { return s.store.domains.load(raw) })
		case "users":
			return stream.Array(path, func(raw json.RawMessage) error { return s.store.loadObject(s.store.user, raw) })
		case "groups":
			return stream.Array(path, func(raw json.RawMessage) error { return s.store.loadObject(s.store.group, raw) })
		case "cross_tenant_partners":
			return stream.Array(path, s.store.loadPartner)
		case "synchronization":
			var list []application
			if err := stream.Value(path, &list); err != nil {
				return err
			}
			s.syncState.loadSynchronization(list)
			return nil
		case "provisioning_logs":
			return stream.Value(path, &s.syncState.old)
		}
		return stream.Skip()
	})
}

// describe makes an object of the members that its type has.
func describe(e *entity, list []rawjson.Field) (*object, error) {
	o := &object{ent: e}
	set := make([]packed, 0, len(list))
	for _, f := range list {
		i, ok := e.find(f.Name)
		if !ok {
			continue
		}
		if err := e.prop(i).kind.check(f.Raw); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if i == e.keyIndex {
			o.id = rawjson.Unquote(f.Raw)
			continue
		}
		set = append(set, packed{i, f.Raw})
	}
	if o.id == "" {
		return nil, fmt.Errorf("%s is missing", e.keyed)
	}
	o.props = pack(set)
	return o, nil
}

type packed struct {
	index int
	raw   string
}

// pack packs properties; of two with one name the last wins, as in JSON.
func pack(set []packed) string {
	slices.SortStableFunc(set, func(a, b packed) int { return a.index - b.index })
	var p packing
	for i, v := range set {
		if i+1 < len(set) && set[i+1].index == v.index {
			continue
		}
		p = p.add(v.index, v.raw)
	}
	return string(p)
}

// loadObject takes a user, or a group with its members.
func (s *store) loadObject(e *entity, raw json.RawMessage) error {
	list, err := rawjson.Split(raw) // the decoder has checked it
	if err != nil {
		return err
	}
	o, err := describe(e, list)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f.Name == "unreadable" && f.Raw == "true" { // ours: comes back bare in lists of members
			o.unreadable = true
		}
	}
	ref, err := s.place(o)
	if err != nil {
		return err
	}
	if e != s.group {
		return nil
	}
	for _, f := range list {
		if f.Name == "members" {
			return s.loadMembers(ref, f.Raw)
		}
	}
	return nil
}

func (s *store) loadMembers(group int32, raw string) error {
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
	s.setMembers(group, refs)
	return nil
}

func (c *collection) load(raw json.RawMessage) error {
	list, err := rawjson.Split(raw)
	if err != nil {
		return err
	}
	o, err := describe(c.ent, list)
	if err != nil {
		return err
	}
	c.put(o)
	return nil
}

// loadPartner takes a partner with its identitySynchronization.
func (s *store) loadPartner(raw json.RawMessage) error {
	if err := s.partners.load(raw); err != nil {
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
		o, err := describe(s.sync, append(sub, rawjson.Field{Name: "tenantId", Raw: id}))
		if err != nil {
			return fmt.Errorf("identitySynchronization: %w", err)
		}
		s.syncs.put(o)
	}
	return nil
}
