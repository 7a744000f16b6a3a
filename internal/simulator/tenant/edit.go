package tenant

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// What follows changes the state as an outsider would: by other ways than the requests of the client
// under test. Types are checked, the service's rules aren't.

// PutUser adds a user, or changes the given properties of the one with its id or principal name. It
// takes a Graph user as JSON, read-only properties included, and answers the object id.
func (s *Store) PutUser(user []byte) (string, error) { return s.putObject(s.UserType, user) }

// PutGroup adds a group or changes the given properties of the one with its id. Members replace those
// it has; without them it keeps them.
func (s *Store) PutGroup(group []byte) (string, error) { return s.putObject(s.GroupType, group) }

func (s *Store) putObject(e *Entity, raw []byte) (string, error) {
	list, err := rawjson.Fields(raw)
	if err != nil {
		return "", err
	}
	st := s
	st.Mu.Lock()
	defer st.Mu.Unlock()
	set, id, err := settings(e, list)
	if err != nil {
		return "", err
	}
	ref, known := st.Lookup(id)
	if upn := set[st.UserType.Index("userPrincipalName")]; id == "" && e == st.UserType && upn != "" {
		ref, known = st.ByUPN[strings.ToLower(rawjson.Unquote(upn))]
	}
	known = known && st.Slots[ref].Object.Life == Live
	if known && st.Slots[ref].Object.Entity != e {
		return "", fmt.Errorf("%s is a %s", id, st.Slots[ref].Object.Entity.Name)
	}
	if !known {
		if id == "" {
			id = uuid.NewString()
		}
		if ref, err = st.Create((&Object{Entity: e, ID: id}).With(set), Staleness{}); err != nil {
			return "", err
		}
	} else if len(set) > 0 {
		st.Update(ref, set, Staleness{})
	}
	for _, f := range list {
		switch f.Name {
		case "members":
			err = st.replaceMembers(ref, f.Raw)
		case "manager", "owners":
			if st.isReference(e, f.Name) {
				err = st.loadReference(ref, f.Name, f.Raw)
			}
		case "unreadable":
			st.Slots[ref].Object = st.Slots[ref].Object.withUnreadable(f.Raw == "true")
		}
	}
	return st.Slots[ref].Object.ID, err
}

// settings is the members of a JSON object that are properties, by index, and the key.
func settings(e *Entity, list []rawjson.Field) (set map[int]string, id string, err error) {
	set = map[int]string{}
	for _, f := range list {
		i, ok := e.Find(f.Name)
		switch {
		case !ok:
			continue
		case e.Prop(i).Kind.Check(f.Raw) != nil:
			return nil, "", fmt.Errorf("%s: %w", f.Name, e.Prop(i).Kind.Check(f.Raw))
		case i == e.KeyIndex:
			id = rawjson.Unquote(f.Raw)
		default:
			set[i] = f.Raw
		}
	}
	return set, id, nil
}

func (o *Object) withUnreadable(unreadable bool) *Object {
	next := *o
	next.Unreadable = unreadable
	return &next
}

// replaceMembers makes the members of a group those of a JSON list, recording each that comes or goes.
func (s *Store) replaceMembers(group int32, raw string) error {
	var list []struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"`
	}
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	want := map[int32]bool{}
	for _, m := range list {
		ref, err := s.memberRef(m.Type, m.ID)
		if err != nil {
			return fmt.Errorf("members: %w", err)
		}
		want[ref] = true
		s.Join(group, ref, Staleness{})
	}
	for _, ref := range slices.Clone(s.Slots[group].Object.Members) {
		if !want[ref] {
			s.Leave(group, ref, Staleness{}, true)
		}
	}
	return nil
}

// locate is a live user or group by id, or a user by principal name.
func (s *Store) locate(name string) (int32, error) {
	ref, ok := s.Lookup(name)
	if !ok {
		ref, ok = s.ByUPN[strings.ToLower(name)]
	}
	if !ok || s.Slots[ref].Object.Life == Purged {
		return 0, fmt.Errorf("%q is neither an id nor a principal name here", name)
	}
	return ref, nil
}

// DeleteObject deletes a user, by id or principal name, or a group. Softly, a user goes to the deleted
// items, else it is gone.
func (s *Store) DeleteObject(name string, soft bool) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	ref, err := s.locate(name)
	if err != nil {
		return err
	}
	o := s.Slots[ref].Object
	if soft && o.Entity == s.UserType && o.Life == Live {
		s.SoftDelete(ref, s.Clock.Now().Format(time.RFC3339), Staleness{})
		return nil
	}
	s.Purge(ref, Staleness{})
	return nil
}

// RestoreUser brings a user back from the deleted items, by id.
func (s *Store) RestoreUser(id string) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	ref, ok := s.Lookup(id)
	if !ok || s.Slots[ref].Object.Life != SoftDeleted {
		return fmt.Errorf("%q isn't among the deleted users", id)
	}
	if _, taken := s.ByUPN[strings.ToLower(s.Slots[ref].Object.Text("userPrincipalName"))]; taken {
		return fmt.Errorf("the principal name of %q is taken", id)
	}
	s.Restore(ref)
	return nil
}

// AddMember makes a user or group a direct member of a group.
func (s *Store) AddMember(group, member string) error {
	return s.changeMember(group, member, func(g, m int32) { s.Join(g, m, Staleness{}) })
}

// RemoveMember takes a direct member out of a group.
func (s *Store) RemoveMember(group, member string) error {
	return s.changeMember(group, member, func(g, m int32) { s.Leave(g, m, Staleness{}, true) })
}

func (s *Store) changeMember(group, member string, change func(g, m int32)) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	g, err := s.locate(group)
	if err != nil {
		return err
	}
	m, err := s.locate(member)
	if err != nil {
		return err
	}
	if s.Slots[g].Object.Entity != s.GroupType {
		return fmt.Errorf("%q isn't a group", group)
	}
	change(g, m)
	return nil
}

// SetUnreadable makes objects come back bare in lists of members, or readable again.
func (s *Store) SetUnreadable(unreadable bool, names ...string) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, name := range names {
		ref, err := s.locate(name)
		if err != nil {
			return err
		}
		s.Slots[ref].Object = s.Slots[ref].Object.withUnreadable(unreadable)
	}
	return nil
}

// PutDomain adds or changes a domain of the Entra tenant, given as a Graph domain.
func (s *Store) PutDomain(domain []byte) error { return s.putSmall(&s.Domains, domain) }

// PutPartner adds or changes a cross-tenant partner, which may hold identitySynchronization.
func (s *Store) PutPartner(partner []byte) error {
	if !json.Valid(partner) {
		return fmt.Errorf("the partner isn't valid JSON")
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.LoadPartner(partner)
}

func (s *Store) putSmall(c *Collection, raw []byte) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	list, err := rawjson.Fields(raw)
	if err != nil {
		return err
	}
	set, id, err := settings(c.Entity, list)
	if err != nil {
		return err
	}
	if now := c.Get(id); now != nil {
		c.put(now.With(set))
		return nil
	}
	return c.Load(raw)
}

// RemoveDomain takes a domain out of the Entra tenant, whatever refers to it.
func (s *Store) RemoveDomain(name string) error { return s.removeSmall(&s.Domains, name) }

// RemovePartner takes a cross-tenant partner out of the policy.
func (s *Store) RemovePartner(tenantID string) error {
	_ = s.removeSmall(&s.Syncs, tenantID)
	return s.removeSmall(&s.Partners, tenantID)
}

func (s *Store) removeSmall(c *Collection, id string) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if !c.remove(id) {
		return fmt.Errorf("%q isn't there", id)
	}
	return nil
}
