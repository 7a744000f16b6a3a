// Package scim is the SCIM 2.0 directory of an organization, as Atlassian's documentation has it.
package scim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Register adds the directory that Entra provisions into [atlassian 2.4]. What of it follows SCIM
// alone, parsing, paging and the description of itself, is the library's work; the rest is in
// scim_users.go and scim_groups.go.
func (s *Service) Register(t *kernel.Routes) {
	const at = "/scim/directory/{directoryId}"
	r := func(template string, methods ...string) {
		for _, m := range methods {
			t.Add(kernel.Route{Service: s, Method: m, Template: at + template, Handle: s.run})
		}
	}
	for _, kind := range []string{"/Users", "/Groups"} {
		r(kind, "GET", "POST")
		r(kind+"/{id}", "GET", "PUT", "PATCH", "DELETE")
	}
	for _, about := range []string{
		"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/{name}", "/Schemas", "/Schemas/{id}",
	} {
		r(about, "GET")
	}
}

// failSCIM is an error body of SCIM [atlassian 2.5].
func (c *call) failSCIM(e errors.ScimError) *kernel.Response {
	a := c.JSON(e.Status, rawjson.Marshal(e))
	a.ContentType = ContentType
	return a
}

// ContentType is that of SCIM.
const ContentType = "application/scim+json"

func scimError(status int, kind errors.ScimType, detail string) errors.ScimError {
	return errors.ScimError{Status: status, ScimType: kind, Detail: detail}
}

// authorizeDirectory checks the directory's key, which isn't that of the organization [atlassian 2.4, D].
func (c *call) authorizeDirectory() *kernel.Response {
	key, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	s := c.srv
	s.Orgs.Mu.Lock()
	defer s.Orgs.Mu.Unlock()
	known := false
	for _, k := range s.Orgs.Keys {
		known = known || key != "" && s.Orgs.DirectoryToken(s.Orgs.ByKey[k]) == key
	}
	if !known {
		return c.failSCIM(scimError(http.StatusUnauthorized, "", "Unauthorized"))
	}
	org := s.Orgs.ByDirectory(c.Param(0))
	switch {
	case org == nil:
		return c.failSCIM(scimError(http.StatusNotFound, "", "Directory "+c.Param(0)+" not found"))
	case s.Orgs.DirectoryToken(org) != key:
		return c.failSCIM(scimError(http.StatusForbidden, "", "The API key isn't allowed for this directory"))
	}
	c.org = org
	return nil
}

// serveSCIM hands a request to the library and takes its answer. The directory's mutex is held.
func serveSCIM(c *call) *kernel.Response {
	c.srv.Orgs.Mu.Lock()
	defer c.srv.Orgs.Mu.Unlock()
	base := "/scim/directory/" + c.Param(0)
	path := strings.TrimPrefix(c.Path, base)
	in, err := http.NewRequestWithContext(c.Context, c.Method, c.Base+path, bytes.NewReader(c.Body))
	if err != nil {
		return c.failSCIM(errors.ScimErrorInvalidSyntax)
	}
	q := in.URL.Query()
	for i, name := range c.Query.Names {
		q.Add(name, c.Query.Values[i])
	}
	if refusal := c.checkSCIM(path); refusal != nil {
		return c.failSCIM(*refusal)
	}
	in.URL.RawQuery, in.Header = q.Encode(), c.Header.Clone()
	server, err := c.scimServer(c.Base + base)
	if err != nil {
		return c.failSCIM(scimError(http.StatusInternalServerError, "", err.Error()))
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, in)
	a := c.JSON(w.Code, c.project(w.Body.Bytes()))
	a.ContentType = ContentType
	if location := w.Header().Get("Location"); location != "" {
		a = a.With("Location", location)
	}
	return a
}

func (c *call) scimServer(base string) (http.Handler, error) {
	server, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{
			MaxResults:       maxPage,
			SupportFiltering: true,
			SupportPatch:     true, // the served values are [U] [atlassian 2.4]
			AuthenticationSchemes: []scim.AuthenticationScheme{
				{
					Type:        scim.AuthenticationTypeOauthBearerToken,
					Name:        "OAuth Bearer Token",
					Description: "The directory's API key",
					Primary:     true,
				},
			},
		},
		ResourceTypes: []scim.ResourceType{
			{
				ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: userSchema,
				SchemaExtensions: []scim.SchemaExtension{{Schema: enterpriseSchema}, {Schema: atlassianSchema}},
				Handler:          users{handler{c, &c.org.SCIM.Users}},
			},
			{
				ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: groupSchema,
				Handler: groups{handler{c, &c.org.SCIM.Groups}},
			},
		},
	}, scim.WithBaseURL(base))
	return server, err
}

// maxPage is how many are on a page, at most [atlassian 2.4, D].
const maxPage = 100

// checkSCIM refuses what this directory refuses before it looks: filters other than one exact eq on
// userName, externalId or a group's displayName (ACCESS-1424), attributes with excludedAttributes.
func (c *call) checkSCIM(path string) *errors.ScimError {
	if c.Query.Value("attributes") != "" && c.Query.Value("excludedAttributes") != "" {
		e := scimError(
			http.StatusBadRequest, errors.ScimTypeInvalidValue, "attributes and excludedAttributes exclude each other",
		)
		return &e
	}
	filter := strings.TrimSpace(c.Query.Value("filter"))
	names := map[string][]string{"/Users": {"username", "externalid"}, "/Groups": {"displayname"}}[path]
	if filter == "" || names == nil {
		return nil
	}
	m := eqFilter.FindStringSubmatch(filter)
	if m == nil || !naming.ContainsFold(names, m[1]) {
		e := errors.ScimErrorInvalidFilter
		return &e
	}
	return nil
}

// project applies attributes and excludedAttributes to the resources of an answer; id and schemas
// always stay.
func (c *call) project(body []byte) []byte {
	only, without := c.Query.Value("attributes"), c.Query.Value("excludedAttributes")
	var v rawjson.Object
	if only == "" && without == "" || json.Unmarshal(body, &v) != nil {
		return body
	}
	resources := rawjson.Objects(v["Resources"])
	if v["Resources"] == nil {
		resources = []rawjson.Object{v}
	}
	for _, r := range resources {
		for name := range r {
			listed := naming.ContainsFold(strings.Split(only+without, ","), name)
			if name != "id" && name != "schemas" && listed == (without != "") {
				delete(r, name)
			}
		}
	}
	return rawjson.Marshal(v)
}

// Service is the SCIM directories of the organizations.
type Service struct {
	Orgs     *atlassian.Organizations
	Clock    *env.Clock
	Behavior *env.Behavior
}

// call is a request to a SCIM directory.
type call struct {
	*kernel.Call
	srv *Service
	org *atlassian.Organization
}

func (s *Service) run(k *kernel.Call) *kernel.Response {
	c := &call{Call: k, srv: s}
	if a := c.authorizeDirectory(); a != nil {
		return a
	}
	return serveSCIM(c)
}

// Matching implements [service].
func (s *Service) Matching() faults.Matching { return faults.MatchAll }

// Changes implements [service].
func (s *Service) Changes(c *kernel.Call) bool { return c.Writes() }

// Fault implements [service].
func (s *Service) Fault(k *kernel.Call, f *faults.Fault) *kernel.Response {
	return (&call{Call: k, srv: s}).failSCIM(scimError(f.Status, "", http.StatusText(f.Status)))
}

// UnknownPath answers a path that a directory doesn't have.
func (s *Service) UnknownPath(k *kernel.Call, _, _ []string) *kernel.Response {
	return (&call{Call: k, srv: s}).failSCIM(scimError(http.StatusNotFound, "", "Specified endpoint does not exist."))
}
