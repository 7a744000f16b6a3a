package tenant

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// Tenant is what other tenants may know of one.
type Tenant struct {
	TenantID            string   `json:"tenant_id"`
	DisplayName         string   `json:"display_name"`
	DefaultDomainName   string   `json:"default_domain_name"` // the first of Domains unless given
	FederationBrandName string   `json:"federation_brand_name,omitempty"`
	Domains             []string `json:"domains"` // verified ones
}

// Others are those that lookups find beside the server's own: registered ones, and linked servers.
type Others struct {
	own    *Store
	Mu     sync.Mutex
	known  map[string]Tenant
	linked map[string]*Others // found by lookups
	Into   map[string]*Store  // and those that jobs push into
}

// NewOthers knows no other tenant yet.
func NewOthers(own *Store) *Others {
	return &Others{own: own, known: map[string]Tenant{}, linked: map[string]*Others{}, Into: map[string]*Store{}}
}

// PutTenant registers another tenant, which the lookups by domain and by id then find; with the id of one
// that is registered it replaces that.
func (s *Others) PutTenant(t Tenant) error {
	if t.TenantID == "" || len(t.Domains) == 0 {
		return fmt.Errorf("a tenant needs tenant_id and domains")
	}
	if t.DefaultDomainName == "" {
		t.DefaultDomainName = t.Domains[0]
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.known[strings.ToLower(t.TenantID)] = t
	return nil
}

// RemoveTenant takes a registered tenant back.
func (s *Others) RemoveTenant(id string) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if _, ok := s.known[strings.ToLower(id)]; !ok {
		return fmt.Errorf("no tenant %q is registered", id)
	}
	delete(s.known, strings.ToLower(id))
	return nil
}

// Link lets jobs push into another tenant, in process; both then find each other by their domains.
func (s *Others) Link(target *Others) error {
	if target == s || strings.EqualFold(target.own.ID, s.own.ID) {
		return fmt.Errorf("a tenant can't be linked to itself: both have the id %s", s.own.ID)
	}
	for _, side := range [][2]*Others{{s, target}, {target, s}} {
		side[0].Mu.Lock()
		side[0].linked[strings.ToLower(side[1].own.ID)] = side[1]
		side[0].Mu.Unlock()
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.Into[strings.ToLower(target.own.ID)] = target.own
	return nil
}

// tenant is what a server says of itself.
func (s *Store) tenant() Tenant {
	st := s
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	t := Tenant{TenantID: s.ID, DisplayName: "Simulated tenant", DefaultDomainName: st.DefaultDomain()}
	for _, d := range st.Domains.All() {
		if d.Value("isVerified") == "true" {
			t.Domains = append(t.Domains, d.ID)
		}
	}
	if t.DefaultDomainName == "" && len(t.Domains) > 0 {
		t.DefaultDomainName = t.Domains[0]
	}
	return t
}

// List is every tenant that a lookup finds. No store's mutex is held.
func (s *Others) List() []Tenant {
	s.Mu.Lock()
	out := make([]Tenant, 0, len(s.known))
	for _, t := range s.known {
		out = append(out, t)
	}
	linked := []*Store{s.own}
	for _, other := range s.linked {
		linked = append(linked, other.own)
	}
	s.Mu.Unlock()
	for _, other := range linked {
		if t := other.tenant(); !slices.ContainsFunc(
			out, func(have Tenant) bool { return strings.EqualFold(have.TenantID, t.TenantID) },
		) {
			out = append(out, t)
		}
	}
	return out
}

// VerifiedElsewhere says whether another tenant that this server knows of has a domain verified. No store's
// mutex is held.
func (s *Others) VerifiedElsewhere(domain string) bool {
	return slices.ContainsFunc(s.List(), func(t Tenant) bool {
		return !strings.EqualFold(t.TenantID, s.own.ID) && slices.ContainsFunc(
			t.Domains, func(d string) bool { return naming.HostName(d) == naming.HostName(domain) },
		)
	})
}
