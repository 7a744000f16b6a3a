package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

var (
	writePolicies = []string{"Policy.ReadWrite.CrossTenantAccess"}
	readTenants   = []string{"CrossTenantInformation.ReadBasic.All"}
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
	mu     sync.Mutex
	known  map[string]Tenant
	linked map[string]*Server // found by lookups
	into   map[string]*Server // and those that jobs push into
}

func newOtherTenants() *otherTenants {
	return &otherTenants{known: map[string]Tenant{}, linked: map[string]*Server{}, into: map[string]*Server{}}
}

// PutTenant registers another tenant, which the lookups by domain and by id then find; with the id of one
// that is registered it replaces that.
func (s *Server) PutTenant(t Tenant) error {
	if t.TenantID == "" || len(t.Domains) == 0 {
		return fmt.Errorf("a tenant needs tenant_id and domains")
	}
	if t.DefaultDomainName == "" {
		t.DefaultDomainName = t.Domains[0]
	}
	s.others.mu.Lock()
	defer s.others.mu.Unlock()
	s.others.known[strings.ToLower(t.TenantID)] = t
	return nil
}

// RemoveTenant takes a registered tenant back.
func (s *Server) RemoveTenant(id string) error {
	s.others.mu.Lock()
	defer s.others.mu.Unlock()
	if _, ok := s.others.known[strings.ToLower(id)]; !ok {
		return fmt.Errorf("no tenant %q is registered", id)
	}
	delete(s.others.known, strings.ToLower(id))
	return nil
}

// LinkTenant lets cross-tenant jobs of this server push into another, in process; both then find each other
// by their domains. Calling it the other way round too links both directions.
func (s *Server) LinkTenant(target *Server) error {
	if target == s || strings.EqualFold(target.tenantID, s.tenantID) {
		return fmt.Errorf("a tenant can't be linked to itself: both have the id %s", s.tenantID)
	}
	for _, side := range [][2]*Server{{s, target}, {target, s}} {
		side[0].others.mu.Lock()
		side[0].others.linked[strings.ToLower(side[1].tenantID)] = side[1]
		side[0].others.mu.Unlock()
	}
	s.others.mu.Lock()
	defer s.others.mu.Unlock()
	s.others.into[strings.ToLower(target.tenantID)] = target
	return nil
}

// tenant is what a server says of itself.
func (s *Server) tenant() Tenant {
	st := s.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	t := Tenant{TenantID: s.tenantID, DisplayName: "Simulated tenant", DefaultDomainName: st.defaultDomain()}
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
func (s *Server) tenants() []Tenant {
	s.others.mu.Lock()
	out := make([]Tenant, 0, len(s.others.known))
	for _, t := range s.others.known {
		out = append(out, t)
	}
	linked := make([]*Server, 0, len(s.others.linked))
	for _, other := range s.others.linked {
		linked = append(linked, other)
	}
	s.others.mu.Unlock()
	for _, other := range append(linked, s) {
		if t := other.tenant(); !slices.ContainsFunc(out, func(have Tenant) bool { return strings.EqualFold(have.TenantID, t.TenantID) }) {
			out = append(out, t)
		}
	}
	return out
}

// findTenant is the lookup by a verified domain, or by the id [graph 1.6, M]; the answer for one that
// nobody has is [?].
func findTenant(c *call) *answer {
	byID := strings.Contains(c.route.template, "ByTenantId")
	for _, t := range c.srv.tenants() {
		if byID && strings.EqualFold(t.TenantID, c.param(0)) || !byID && slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, c.param(0)) }) {
			var brand any
			if t.FederationBrandName != "" {
				brand = t.FederationBrandName
			}
			return c.encode(http.StatusOK, rawjson.Object{
				"@odata.context": c.base + "/v1.0/$metadata#microsoft.graph.tenantInformation",
				"tenantId":       t.TenantID, "federationBrandName": brand, "displayName": t.DisplayName, "defaultDomainName": t.DefaultDomainName,
			})
		}
	}
	return c.fail(notFound(c.param(0)))
}

func putTenant(c *call) error {
	var t Tenant
	if err := c.decode(&t); err != nil {
		return err
	}
	return c.srv.PutTenant(t)
}
