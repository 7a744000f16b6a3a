package scimapp

import (
	"bytes"
	"encoding/json"
	stderrors "errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	atlassianscim "github.com/usersync/terraform-provider-usersync/internal/simulator/scim"
)

// Service answers for the applications.
type Service struct{ *Applications }

// call is a request to an application.
type call struct {
	*kernel.Call
	srv *Service
}

// Register adds what RFC 7644, 3.2 names of users and groups.
func (s *Service) Register(t *kernel.Routes) {
	const at = "/apps/{id}/scim/v2"
	for _, kind := range []string{"/Users", "/Groups"} {
		for _, m := range []string{"GET", "POST"} {
			t.Add(kernel.Route{Service: s, Method: m, Template: at + kind, Handle: s.run})
		}
		for _, m := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			t.Add(kernel.Route{Service: s, Method: m, Template: at + kind + "/{id}", Handle: s.run})
		}
	}
	for _, about := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas"} {
		t.Add(kernel.Route{Service: s, Method: "GET", Template: at + about, Handle: s.run})
	}
}

// fail is an error in SCIM's form (RFC 7644, 3.12).
func (c *call) fail(status int, kind errors.ScimType, detail string) *kernel.Response {
	a := c.JSON(status, rawjson.Marshal(errors.ScimError{Status: status, ScimType: kind, Detail: detail}))
	a.ContentType = atlassianscim.ContentType
	return a
}

func (s *Service) run(k *kernel.Call) *kernel.Response {
	c := &call{Call: k, srv: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.byID[c.Param(0)]
	token, bearer := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	switch {
	case app == nil:
		return c.fail(http.StatusNotFound, "", "There is no application "+c.Param(0)+".")
	case !bearer || token != app.token:
		return c.fail(http.StatusUnauthorized, "", "The bearer token isn't the application's.")
	}
	return c.serve(app)
}

// serve hands a request to the library and takes its answer.
func (c *call) serve(app *application) *kernel.Response {
	path := strings.TrimPrefix(c.Path, Path(app.id))
	if text := c.Query.Value("filter"); text != "" {
		attribute, _, ok := filter(text)
		by := app.rules.AskedBy
		if path == "/Groups" {
			by = []string{"displayname", "externalid"}
		}
		if !ok || !slices.Contains(by, attribute) {
			return c.fail(http.StatusBadRequest, errors.ScimTypeInvalidFilter, "The filter isn't supported.")
		}
	}
	in, err := http.NewRequestWithContext(c.Context, c.Method, c.Base+path, bytes.NewReader(c.Body))
	if err != nil {
		return c.fail(http.StatusBadRequest, errors.ScimTypeInvalidSyntax, err.Error())
	}
	in.Header = c.Header.Clone()
	cursor, paged := c.Query.Get("cursor")
	if paged = paged && app.rules.Cursor; paged && cursor != "" {
		if _, err := strconv.Atoi(cursor); err != nil {
			return c.fail(http.StatusBadRequest, errors.ScimTypeInvalidValue, "The cursor isn't one of this service's.")
		}
	}
	q := in.URL.Query()
	for i, name := range c.Query.Names { // the filter was checked, and is applied by the collection
		if name == "count" || name == "startIndex" && !app.rules.Cursor {
			q.Set(name, c.Query.Values[i])
		}
	}
	if paged && cursor != "" {
		q.Set("startIndex", cursor)
	}
	in.URL.RawQuery = q.Encode()
	server, err := c.library(app)
	if err != nil {
		return c.fail(http.StatusInternalServerError, "", err.Error())
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, in)
	body := w.Body.Bytes()
	if paged {
		body = byCursor(body)
	}
	a := c.JSON(w.Code, body)
	a.ContentType = atlassianscim.ContentType
	return a
}

// byCursor is a page as a service answers it that pages by cursor: without totals, with what asks for the next.
func byCursor(body []byte) []byte {
	var list rawjson.Object
	if json.Unmarshal(body, &list) != nil || list["Resources"] == nil {
		return body
	}
	first, _ := list["startIndex"].(float64)
	total, _ := list["totalResults"].(float64)
	if next := int(first) + len(rawjson.Objects(list["Resources"])); next <= int(total) {
		list["nextCursor"] = strconv.Itoa(next)
	}
	delete(list, "startIndex")
	delete(list, "totalResults")
	return rawjson.Marshal(list)
}

func (c *call) library(app *application) (http.Handler, error) {
	if app.rules.Page <= 0 {
		return nil, stderrors.New("the application has no size of pages")
	}
	users, groups := schema.CoreUserSchema(), schema.CoreGroupSchema()
	return scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{
			MaxResults: app.rules.Page, SupportFiltering: true, SupportPatch: true,
		},
		ResourceTypes: []scim.ResourceType{
			{
				ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: users,
				SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}},
				Handler:          collection{c, app, &app.users, users},
			},
			{
				ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: groups,
				Handler: collection{c, app, &app.groups, groups},
			},
		},
	}, scim.WithBaseURL(c.Base+Path(app.id)))
}

// Matching says that faults hit any request.
func (s *Service) Matching() faults.Matching { return faults.MatchAll }

// Changes says whether a request may change what an application holds.
func (s *Service) Changes(c *kernel.Call) bool { return c.Writes() }

// Fault words a fault as SCIM does.
func (s *Service) Fault(k *kernel.Call, f *faults.Fault) *kernel.Response {
	return (&call{Call: k, srv: s}).fail(f.Status, "", http.StatusText(f.Status))
}

// UnknownPath answers a path that an application doesn't have.
func (s *Service) UnknownPath(k *kernel.Call, _, _ []string) *kernel.Response {
	return (&call{Call: k, srv: s}).fail(http.StatusNotFound, "", "Specified endpoint does not exist.")
}
