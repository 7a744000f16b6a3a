package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

// atlassianRoutes is the organizations API [atlassian 3.2].
func (s *adminService) register(t *routeTable) {
	const v1, v2 = "/admin/v1/orgs", "/admin/v2/orgs/{orgId}/directories"
	r := func(method, template string, h func(*adminCall) *answer) {
		t.add(route{service: s, method: method, template: template, handle: func(k *call) *answer { return s.run(k, h) }})
	}
	r(http.MethodGet, v1, listOrgs)
	r(http.MethodGet, v1+"/{orgId}/domains", listOrgDomains)
	r(http.MethodGet, v1+"/{orgId}/domains/{domainId}", getOrgDomain)
	r(http.MethodGet, v1+"/{orgId}/users", listManagedAccounts)
	r(http.MethodGet, v2, listDirectories)
	r(http.MethodPost, v2+"/{directoryId}/users/search", searchAccounts)
	r(http.MethodPost, v2+"/{directoryId}/groups/search", searchGroups)
}

type adminError struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// failAdmin is an error body of the organizations API.
func (c *adminCall) failAdmin(status int, code, title string) *answer {
	a := c.encode(status, map[string]any{"errors": []adminError{{
		ID: c.requestID, Status: http.StatusText(status), Code: code, Title: title, Detail: title,
	}}})
	a.contentType = plainJSON
	return a
}

// keyOf is the API key of an organization.
func (s *organizations) keyOf(org *organization) string {
	for _, name := range []string{org.id, org.key} {
		if key, ok := s.apiKeys[name]; ok {
			return key
		}
	}
	return DefaultAPIKey
}

// authorizeKey checks the API key and finds the organization of the path. A key is good for its own
// organization; the code of a 401 is not documented [?].
func (c *adminCall) authorizeKey() *answer {
	key, _ := strings.CutPrefix(c.header.Get("Authorization"), "Bearer ")
	s := c.srv
	s.orgs.mu.Lock()
	defer s.orgs.mu.Unlock()
	valid := slices.ContainsFunc(s.orgs.keys, func(k string) bool { return s.orgs.keyOf(s.orgs.byKey[k]) == key })
	if key == "" || !valid {
		return c.failAdmin(http.StatusUnauthorized, "ADMIN-401-1", "Unauthorized")
	}
	if !strings.Contains(c.route.template, "{orgId}") {
		return nil
	}
	for _, k := range s.orgs.keys {
		if org := s.orgs.byKey[k]; org.id == c.param(0) {
			if s.orgs.keyOf(org) != key {
				return c.failAdmin(http.StatusForbidden, "ADMIN-403-3", "The API key isn't allowed for this organization")
			}
			c.org = org
			return nil
		}
	}
	return c.failAdmin(http.StatusNotFound, "ADMIN-404-2", "Organization not found")
}

func listOrgs(c *adminCall) *answer {
	type attributes struct {
		Name string `json:"name"`
	}
	type entry struct {
		ID         string     `json:"id"`
		Type       string     `json:"type"`
		Attributes attributes `json:"attributes"`
		Links      links      `json:"links"`
	}
	s := c.srv
	key, _ := strings.CutPrefix(c.header.Get("Authorization"), "Bearer ")
	s.orgs.mu.Lock()
	defer s.orgs.mu.Unlock()
	data := []entry{}
	for _, k := range s.orgs.keys {
		if org := s.orgs.byKey[k]; s.orgs.keyOf(org) == key && !s.behavior.EmptyOrganizations {
			data = append(data, entry{org.id, "orgs", attributes{org.key}, links{Self: c.base + "/admin/v1/orgs/" + org.id}})
		}
	}
	return c.encode(http.StatusOK, map[string]any{"data": data, "links": links{Self: c.base + c.path}})
}

func listOrgDomains(c *adminCall) *answer {
	c.srv.orgs.mu.Lock()
	defer c.srv.orgs.mu.Unlock()
	return pageV1(c, c.org.domains, func(d *claimedDomain) any { return c.shown(d) })
}

// shown is a domain with its link.
func (c *adminCall) shown(d *claimedDomain) *claimedDomain {
	out := *d
	out.Links = &links{Self: c.base + "/admin/v1/orgs/" + c.org.id + "/domains/" + d.ID}
	return &out
}

func getOrgDomain(c *adminCall) *answer {
	c.srv.orgs.mu.Lock()
	defer c.srv.orgs.mu.Unlock()
	for _, d := range c.org.domains {
		if d.ID == c.param(1) {
			return c.encode(http.StatusOK, map[string]any{"data": c.shown(d)})
		}
	}
	return c.failAdmin(http.StatusNotFound, "ADMIN-404-3", "Domain not found")
}

// managedAccount is an entry of v1 users, which lists managed accounts alone.
type managedAccount struct {
	AccountID      string   `json:"account_id"`
	AccountType    string   `json:"account_type"`
	AccountStatus  string   `json:"account_status"`
	Name           string   `json:"name"`
	Email          string   `json:"email"`
	AccessBillable bool     `json:"access_billable"`
	ProductAccess  []string `json:"product_access"`
	Links          links    `json:"links"`
}

func listManagedAccounts(c *adminCall) *answer {
	c.srv.orgs.mu.Lock()
	defer c.srv.orgs.mu.Unlock()
	var managed []*account
	for _, a := range c.org.accounts {
		if a.ClaimStatus == "managed" {
			managed = append(managed, a)
		}
	}
	return pageV1(c, managed, func(a *account) any {
		return managedAccount{
			AccountID: a.AccountID, AccountType: cmp.Or(a.AccountType, "atlassian"), AccountStatus: cmp.Or(a.AccountStatus, "active"),
			Name: a.Name, Email: a.Email, AccessBillable: true, ProductAccess: []string{},
			Links: links{Self: c.base + "/users/" + a.AccountID + "/manage"},
		}
	})
}

func listDirectories(c *adminCall) *answer {
	return c.encode(http.StatusOK, map[string]any{
		"data":  []any{map[string]string{"directoryId": c.org.directory(), "name": c.org.key}},
		"links": map[string]string{},
	})
}

// adminService is the organizations API.
type adminService struct {
	orgs     *organizations
	clock    *env.Clock
	behavior *env.Behavior
}

// adminCall is a request to the organizations API.
type adminCall struct {
	*call
	srv *adminService
	org *organization // that the path names
}

func (s *adminService) run(k *call, h func(*adminCall) *answer) *answer {
	c := &adminCall{call: k, srv: s}
	if a := c.authorizeKey(); a != nil {
		return a
	}
	return h(c)
}

// Matching implements [service].
func (s *adminService) Matching() faults.Matching { return faults.MatchAll }

// Changes implements [service]: a search comes by POST.
func (s *adminService) Changes(c *call) bool {
	return c.writes() && !strings.HasSuffix(c.route.template, "/search")
}

// Fault implements [service].
func (s *adminService) Fault(k *call, f *faults.Fault) *answer {
	return (&adminCall{call: k, srv: s}).faultyAdmin(f)
}

// UnknownPath answers a path that the API doesn't have.
func (s *adminService) UnknownPath(k *call, _, allowed []string) *answer {
	c := &adminCall{call: k, srv: s}
	if len(allowed) > 0 {
		return c.failAdmin(http.StatusMethodNotAllowed, "ADMIN-405-1", "Method not allowed")
	}
	return c.failAdmin(http.StatusNotFound, "ADMIN-404-1", "Not found")
}
