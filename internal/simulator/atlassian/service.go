// Package atlassian is the organizations: domains and claims, accounts, groups, SCIM directories, and the API that
// administrators have.
package atlassian

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// Register adds the organizations API [atlassian 3.2].
func (s *Service) Register(t *kernel.Routes) {
	const v1, v2 = "/admin/v1/orgs", "/admin/v2/orgs/{orgId}/directories"
	r := func(method, template string, h func(*call) *kernel.Response) {
		t.Add(
			kernel.Route{
				Service: s, Method: method, Template: template,
				Handle: func(k *kernel.Call) *kernel.Response { return s.run(k, h) },
			},
		)
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
func (c *call) failAdmin(status int, code, title string) *kernel.Response {
	a := c.Encode(status, map[string]any{"errors": []adminError{{
		ID: c.RequestID, Status: http.StatusText(status), Code: code, Title: title, Detail: title,
	}}})
	a.ContentType = kernel.PlainJSON
	return a
}

// authorizeKey checks the API key and finds the organization of the path. A key is good for its own
// organization; the code of a 401 is not documented [?].
func (c *call) authorizeKey() *kernel.Response {
	key, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	s := c.srv
	s.Orgs.Mu.Lock()
	defer s.Orgs.Mu.Unlock()
	valid := slices.ContainsFunc(s.Orgs.Keys, func(k string) bool { return s.Orgs.KeyOf(s.Orgs.ByKey[k]) == key })
	if key == "" || !valid {
		return c.failAdmin(http.StatusUnauthorized, "ADMIN-401-1", "Unauthorized")
	}
	if !strings.Contains(c.Route.Template, "{orgId}") {
		return nil
	}
	for _, k := range s.Orgs.Keys {
		if org := s.Orgs.ByKey[k]; org.ID == c.Param(0) {
			if s.Orgs.KeyOf(org) != key {
				return c.failAdmin(http.StatusForbidden, "ADMIN-403-3", "The API key isn't allowed for this "+
					"organization")
			}
			c.org = org
			return nil
		}
	}
	return c.failAdmin(http.StatusNotFound, "ADMIN-404-2", "Organization not found")
}

func listOrgs(c *call) *kernel.Response {
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
	key, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	s.Orgs.Mu.Lock()
	defer s.Orgs.Mu.Unlock()
	data := []entry{}
	for _, k := range s.Orgs.Keys {
		if org := s.Orgs.ByKey[k]; s.Orgs.KeyOf(org) == key && !s.Behavior.EmptyOrganizations {
			data = append(
				data,
				entry{org.ID, "orgs", attributes{org.Key}, links{Self: c.Base + "/admin/v1/orgs/" + org.ID}},
			)
		}
	}
	return c.Encode(http.StatusOK, map[string]any{"data": data, "links": links{Self: c.Base + c.Path}})
}

func listOrgDomains(c *call) *kernel.Response {
	c.srv.Orgs.Mu.Lock()
	defer c.srv.Orgs.Mu.Unlock()
	return pageV1(c, c.org.Domains, func(d *ClaimedDomain) any { return c.shown(d) })
}

// shown is a domain with its link.
func (c *call) shown(d *ClaimedDomain) *ClaimedDomain {
	out := *d
	out.Links = &links{Self: c.Base + "/admin/v1/orgs/" + c.org.ID + "/domains/" + d.ID}
	return &out
}

func getOrgDomain(c *call) *kernel.Response {
	c.srv.Orgs.Mu.Lock()
	defer c.srv.Orgs.Mu.Unlock()
	for _, d := range c.org.Domains {
		if d.ID == c.Param(1) {
			return c.Encode(http.StatusOK, map[string]any{"data": c.shown(d)})
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

func listManagedAccounts(c *call) *kernel.Response {
	c.srv.Orgs.Mu.Lock()
	defer c.srv.Orgs.Mu.Unlock()
	var managed []*Account
	for _, a := range c.org.Accounts {
		if a.ClaimStatus == "managed" {
			managed = append(managed, a)
		}
	}
	return pageV1(c, managed, func(a *Account) any {
		return managedAccount{
			AccountID: a.AccountID, AccountType: cmp.Or(a.AccountType, "atlassian"),
			AccountStatus: cmp.Or(a.AccountStatus, "active"),
			Name:          a.Name, Email: a.Email, AccessBillable: true, ProductAccess: []string{},
			Links: links{Self: c.Base + "/users/" + a.AccountID + "/manage"},
		}
	})
}

func listDirectories(c *call) *kernel.Response {
	return c.Encode(http.StatusOK, map[string]any{
		"data":  []any{map[string]string{"directoryId": c.org.Directory(), "name": c.org.Key}},
		"links": map[string]string{},
	})
}

// Service is the organizations API.
type Service struct {
	Orgs     *Organizations
	Clock    *env.Clock
	Behavior *env.Behavior
}

// call is a request to the organizations API.
type call struct {
	*kernel.Call
	srv *Service
	org *Organization // that the path names
}

func (s *Service) run(k *kernel.Call, h func(*call) *kernel.Response) *kernel.Response {
	c := &call{Call: k, srv: s}
	if a := c.authorizeKey(); a != nil {
		return a
	}
	return h(c)
}

// Matching implements [service].
func (s *Service) Matching() faults.Matching { return faults.MatchAll }

// Changes implements [service]: a search comes by POST.
func (s *Service) Changes(c *kernel.Call) bool {
	return c.Writes() && !strings.HasSuffix(c.Route.Template, "/search")
}

// Fault implements [service].
func (s *Service) Fault(k *kernel.Call, f *faults.Fault) *kernel.Response {
	return (&call{Call: k, srv: s}).faultyAdmin(f)
}

// UnknownPath answers a path that the API doesn't have.
func (s *Service) UnknownPath(k *kernel.Call, _, allowed []string) *kernel.Response {
	c := &call{Call: k, srv: s}
	if len(allowed) > 0 {
		return c.failAdmin(http.StatusMethodNotAllowed, "ADMIN-405-1", "Method not allowed")
	}
	return c.failAdmin(http.StatusNotFound, "ADMIN-404-1", "Not found")
}
