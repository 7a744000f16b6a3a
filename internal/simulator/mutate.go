package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// What follows changes the state as an outsider would: by other ways than the requests of the client
// under test. Types are checked, the service's rules aren't.

// PutUser adds a user, or changes the given properties of the one with its id or principal name. It
// takes a Graph user as JSON, read-only properties included, and answers the object id.
func (s *store) PutUser(user []byte) (string, error) { return s.putObject(s.user, user) }

// PutGroup adds a group or changes the given properties of the one with its id. Members replace those
// it has; without them it keeps them.
func (s *store) PutGroup(group []byte) (string, error) { return s.putObject(s.group, group) }

func (s *store) putObject(e *entity, raw []byte) (string, error) {
	list, err := rawjson.Fields(raw)
	if err != nil {
		return "", err
	}
	st := s
	st.mu.Lock()
	defer st.mu.Unlock()
	set, id, err := settings(e, list)
	if err != nil {
		return "", err
	}
	ref, known := st.lookup(id)
	if upn := set[st.user.index("userPrincipalName")]; id == "" && e == st.user && upn != "" {
		ref, known = st.byUPN[strings.ToLower(rawjson.Unquote(upn))]
	}
	known = known && st.slots[ref].obj.life == live
	if known && st.slots[ref].obj.ent != e {
		return "", fmt.Errorf("%s is a %s", id, st.slots[ref].obj.ent.name)
	}
	if !known {
		if id == "" {
			id = uuid.NewString()
		}
		if ref, err = st.create((&object{ent: e, id: id}).with(set), staleness{}); err != nil {
			return "", err
		}
	} else if len(set) > 0 {
		st.update(ref, set, staleness{})
	}
	for _, f := range list {
		switch f.Name {
		case "members":
			err = st.replaceMembers(ref, f.Raw)
		case "unreadable":
			st.slots[ref].obj = st.slots[ref].obj.marked(f.Raw == "true")
		}
	}
	return st.slots[ref].obj.id, err
}

// settings is the members of a JSON object that are properties, by index, and the key.
func settings(e *entity, list []rawjson.Field) (set map[int]string, id string, err error) {
	set = map[int]string{}
	for _, f := range list {
		i, ok := e.find(f.Name)
		switch {
		case !ok:
			continue
		case e.prop(i).kind.check(f.Raw) != nil:
			return nil, "", fmt.Errorf("%s: %w", f.Name, e.prop(i).kind.check(f.Raw))
		case i == e.keyIndex:
			id = rawjson.Unquote(f.Raw)
		default:
			set[i] = f.Raw
		}
	}
	return set, id, nil
}

func (o *object) marked(unreadable bool) *object {
	next := *o
	next.unreadable = unreadable
	return &next
}

// replaceMembers makes the members of a group those of a JSON list, recording each that comes or goes.
func (s *store) replaceMembers(group int32, raw string) error {
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
		s.addMember(group, ref, staleness{})
	}
	for _, ref := range slices.Clone(s.slots[group].obj.members) {
		if !want[ref] {
			s.removeMember(group, ref, staleness{}, true)
		}
	}
	return nil
}

// locate is a live user or group by id, or a user by principal name.
func (s *store) locate(name string) (int32, error) {
	ref, ok := s.lookup(name)
	if !ok {
		ref, ok = s.byUPN[strings.ToLower(name)]
	}
	if !ok || s.slots[ref].obj.life == purged {
		return 0, fmt.Errorf("%q is neither an id nor a principal name here", name)
	}
	return ref, nil
}

// DeleteObject deletes a user, by id or principal name, or a group. Softly, a user goes to the deleted
// items, else it is gone.
func (s *store) DeleteObject(name string, soft bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref, err := s.locate(name)
	if err != nil {
		return err
	}
	o := s.slots[ref].obj
	if soft && o.ent == s.user && o.life == live {
		s.softDelete(ref, s.clock.Now().Format(time.RFC3339), staleness{})
		return nil
	}
	s.purge(ref, staleness{})
	return nil
}

// RestoreUser brings a user back from the deleted items, by id.
func (s *store) RestoreUser(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref, ok := s.lookup(id)
	if !ok || s.slots[ref].obj.life != softDeleted {
		return fmt.Errorf("%q isn't among the deleted users", id)
	}
	if _, taken := s.byUPN[strings.ToLower(s.slots[ref].obj.text("userPrincipalName"))]; taken {
		return fmt.Errorf("the principal name of %q is taken", id)
	}
	s.restore(ref)
	return nil
}

// AddMember makes a user or group a direct member of a group.
func (s *store) AddMember(group, member string) error {
	return s.changeMember(group, member, func(g, m int32) { s.addMember(g, m, staleness{}) })
}

// RemoveMember takes a direct member out of a group.
func (s *store) RemoveMember(group, member string) error {
	return s.changeMember(group, member, func(g, m int32) { s.removeMember(g, m, staleness{}, true) })
}

func (s *store) changeMember(group, member string, change func(g, m int32)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.locate(group)
	if err != nil {
		return err
	}
	m, err := s.locate(member)
	if err != nil {
		return err
	}
	if s.slots[g].obj.ent != s.group {
		return fmt.Errorf("%q isn't a group", group)
	}
	change(g, m)
	return nil
}

// SetUnreadable makes objects come back bare in lists of members, or readable again.
func (s *store) SetUnreadable(unreadable bool, names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		ref, err := s.locate(name)
		if err != nil {
			return err
		}
		s.slots[ref].obj = s.slots[ref].obj.marked(unreadable)
	}
	return nil
}

// PutDomain adds or changes a domain of the Entra tenant, given as a Graph domain.
func (s *store) PutDomain(domain []byte) error { return s.putSmall(&s.domains, domain) }

// PutPartner adds or changes a cross-tenant partner, which may hold identitySynchronization.
func (s *store) PutPartner(partner []byte) error {
	if !json.Valid(partner) {
		return fmt.Errorf("the partner isn't valid JSON")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loadPartner(partner)
}

func (s *store) putSmall(c *collection, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := rawjson.Fields(raw)
	if err != nil {
		return err
	}
	set, id, err := settings(c.ent, list)
	if err != nil {
		return err
	}
	if now := c.get(id); now != nil {
		c.put(now.with(set))
		return nil
	}
	return c.load(raw)
}

// RemoveDomain takes a domain out of the Entra tenant, whatever refers to it.
func (s *store) RemoveDomain(name string) error { return s.removeSmall(&s.domains, name) }

// RemovePartner takes a cross-tenant partner out of the policy.
func (s *store) RemovePartner(tenantID string) error {
	_ = s.removeSmall(&s.syncs, tenantID)
	return s.removeSmall(&s.partners, tenantID)
}

func (s *store) removeSmall(c *collection, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.remove(id) {
		return fmt.Errorf("%q isn't there", id)
	}
	return nil
}

// claimStatuses is what a claim may be [atlassian 3.2].
var claimStatuses = []string{"verified", "unverified", "missing_token", "superseded", "deleted"}

// SetDomainClaim changes the claim of a domain in an organization, by its id or key, or adds the domain; a
// type, which may be any word, is kept without one. The claim's proof isn't looked for from then on.
func (s *organizations) SetDomainClaim(org, domain, status string, claimType ...string) error {
	if !slices.Contains(claimStatuses, status) {
		return fmt.Errorf("status %q: one of %s", status, strings.Join(claimStatuses, ", "))
	}
	return s.inOrganization(org, func(g *organization) error {
		delete(g.claims, naming.HostName(domain))
		g.setClaim(domain, status, strings.Join(claimType, ""))
		return nil
	})
}

// RemoveDomainClaim takes a domain out of an organization's list.
func (s *organizations) RemoveDomainClaim(org, domain string) error {
	return s.inOrganization(org, func(g *organization) error {
		g.removeClaim(domain)
		return nil
	})
}

func (g *organization) removeClaim(domain string) {
	delete(g.claims, naming.HostName(domain))
	g.domains = slices.DeleteFunc(g.domains, func(d *claimedDomain) bool { return naming.HostName(d.Attributes.Name) == naming.HostName(domain) })
}

// PutAccount adds or replaces an account of an organization, in the words of v2. Without claimStatus it is
// managed on a domain that VerifyClaim claimed.
func (s *organizations) PutAccount(org string, raw []byte) error {
	return s.inOrganization(org, func(g *organization) error {
		g.cover("accounts")
		if err := putInto(raw, &g.accounts, func(a *account) string { return a.AccountID }); err != nil {
			return err
		}
		for _, a := range g.accounts {
			_, domain, _ := naming.CutLast(a.Email, "@")
			if a.ClaimStatus == "" && g.claims[naming.HostName(domain)] != nil && s.claimsNew(g, a.Email) {
				a.ClaimStatus = "managed"
			}
		}
		return nil
	})
}

// PutOrganizationGroup adds or replaces a group of an organization.
func (s *organizations) PutOrganizationGroup(org string, raw []byte) error {
	return s.inOrganization(org, func(g *organization) error {
		g.cover("groups")
		return putInto(raw, &g.groups, func(o *orgGroup) string { return o.ID })
	})
}

func (s *organizations) inOrganization(name string, change func(*organization) error) error {
	s.settleClaims()
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.find(name)
	if g == nil {
		return fmt.Errorf("no organization has the id or key %q", name)
	}
	return change(g)
}

// putInto adds or replaces an item of a list that is sorted by its key.
func putInto[T any](raw []byte, list *[]*T, key func(*T) string) error {
	item := new(T)
	if err := json.Unmarshal(raw, item); err != nil {
		return err
	}
	if key(item) == "" {
		return fmt.Errorf("the id is missing")
	}
	i, found := slices.BinarySearchFunc(*list, key(item), func(have *T, want string) int { return strings.Compare(key(have), want) })
	if found {
		(*list)[i] = item
		return nil
	}
	*list = slices.Insert(*list, i, item)
	return nil
}
