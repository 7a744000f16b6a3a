package simulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Tenant is what other tenants may know of one.
type Tenant struct {
	TenantID            string   `json:"tenant_id"`
	DisplayName         string   `json:"display_name"`
	DefaultDomainName   string   `json:"default_domain_name"` // the first of Domains unless given
	FederationBrandName string   `json:"federation_brand_name,omitempty"`
	Domains             []string `json:"domains"` // verified ones
}

// otherTenants are those that lookups find beside the server's own: registered ones, and linked servers.
type otherTenants struct {
	own    *store
	mu     sync.Mutex
	known  map[string]Tenant
	linked map[string]*otherTenants // found by lookups
	into   map[string]*store        // and those that jobs push into
}

func newOtherTenants(own *store) *otherTenants {
	return &otherTenants{own: own, known: map[string]Tenant{}, linked: map[string]*otherTenants{}, into: map[string]*store{}}
}

// PutTenant registers another tenant, which the lookups by domain and by id then find; with the id of one
// that is registered it replaces that.
func (s *otherTenants) PutTenant(t Tenant) error {
	if t.TenantID == "" || len(t.Domains) == 0 {
		return fmt.Errorf("a tenant needs tenant_id and domains")
	}
	if t.DefaultDomainName == "" {
		t.DefaultDomainName = t.Domains[0]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[strings.ToLower(t.TenantID)] = t
	return nil
}

// RemoveTenant takes a registered tenant back.
func (s *otherTenants) RemoveTenant(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.known[strings.ToLower(id)]; !ok {
		return fmt.Errorf("no tenant %q is registered", id)
	}
	delete(s.known, strings.ToLower(id))
	return nil
}

// link lets jobs push into another tenant, in process; both then find each other by their domains.
func (s *otherTenants) link(target *otherTenants) error {
	if target == s || strings.EqualFold(target.own.id, s.own.id) {
		return fmt.Errorf("a tenant can't be linked to itself: both have the id %s", s.own.id)
	}
	for _, side := range [][2]*otherTenants{{s, target}, {target, s}} {
		side[0].mu.Lock()
		side[0].linked[strings.ToLower(side[1].own.id)] = side[1]
		side[0].mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.into[strings.ToLower(target.own.id)] = target.own
	return nil
}

// tenant is what a server says of itself.
func (s *store) tenant() Tenant {
	st := s
	st.mu.RLock()
	defer st.mu.RUnlock()
	t := Tenant{TenantID: s.id, DisplayName: "Simulated tenant", DefaultDomainName: st.defaultDomain()}
	for _, d := range st.domains.all() {
		if d.value("isVerified") == "true" {
			t.Domains = append(t.Domains, d.id)
		}
	}
	if t.DefaultDomainName == "" && len(t.Domains) > 0 {
		t.DefaultDomainName = t.Domains[0]
	}
	return t
}

// tenants is every tenant that a lookup finds. No store's mutex is held.
func (s *otherTenants) tenants() []Tenant {
	s.mu.Lock()
	out := make([]Tenant, 0, len(s.known))
	for _, t := range s.known {
		out = append(out, t)
	}
	linked := []*store{s.own}
	for _, other := range s.linked {
		linked = append(linked, other.own)
	}
	s.mu.Unlock()
	for _, other := range linked {
		if t := other.tenant(); !slices.ContainsFunc(out, func(have Tenant) bool { return strings.EqualFold(have.TenantID, t.TenantID) }) {
			out = append(out, t)
		}
	}
	return out
}
