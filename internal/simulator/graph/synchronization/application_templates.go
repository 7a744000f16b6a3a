package synchronization

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

var writeApps = []string{"Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", "Directory.ReadWrite.All"}

// ApplicationOperations are the gallery and what is made from it [graph 3.1].
func (s *Service) ApplicationOperations() []graph.Operation {
	on := s.on
	return []graph.Operation{
		graph.Get("/v1.0/applicationTemplates", nil, on(listApplicationTemplates)),
		graph.Get("/v1.0/applicationTemplates/{id}", nil, on(getApplicationTemplate)),
		graph.Post("/v1.0/applicationTemplates/{id}/instantiate", writeApps, on(instantiate)),
		graph.Delete("/v1.0/servicePrincipals/{id}", writeApps, on(deletePrincipal)),
		graph.Get("/v1.0/applications", readApplications, on(listApplications)),
		graph.Get("/v1.0/applications/{id}", readApplications, on(getApplication)),
		graph.Delete("/v1.0/applications/{id}", writeApps, on(deletePrincipal)),
	}
}

var byTemplateName = regexp.MustCompile(`^displayName eq '((?:[^']|'')*)'$`)

func listApplicationTemplates(c *call) *kernel.Response {
	if a := c.UnknownOptions([]string{"$select", "$filter", "$top", "$format", "$count"}); a != nil {
		return a
	}
	filter := c.Query.Value("$filter")
	by := byTemplateName.FindStringSubmatch(filter)
	if filter != "" && by == nil {
		return c.Fail(odata.NotBuilt("a filter on application templates other than displayName eq '…'"))
	}
	value := []any{}
	for _, t := range jobs.Gallery() {
		name, _ := t["displayName"].(string)
		if by == nil || strings.EqualFold(name, strings.ReplaceAll(by[1], "''", "'")) {
			item, refusal := c.selectOf("applicationTemplate", t)
			if refusal != nil {
				return refusal
			}
			value = append(value, item)
		}
	}
	return c.Encode(
		http.StatusOK, rawjson.Object{"@odata.context": c.ContextURL("applicationTemplates", nil), "value": value},
	)
}

func (c *call) galleryItem() rawjson.Object {
	for _, t := range jobs.Gallery() {
		if strings.EqualFold(rawjson.Text(t["id"]), c.Param(0)) {
			return t
		}
	}
	return nil
}

func getApplicationTemplate(c *call) *kernel.Response {
	t := c.galleryItem()
	if t == nil {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	t["@odata.context"] = c.ContextURL("applicationTemplates", nil) + "/$entity"
	return c.Encode(http.StatusOK, t)
}

// instantiate makes an application and its service principal [graph 3.1, D].
func instantiate(c *call) *kernel.Response {
	var name, reference string
	if refusal := c.into(
		map[string]*string{"displayName": &name, "serviceManagementReference": &reference},
	); refusal != nil {
		return refusal
	}
	t := c.galleryItem()
	if t == nil {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	if name == "" {
		return c.Fail(odata.Invalid("Invalid value specified for property 'displayName' of resource " +
			"'ApplicationTemplate'."))
	}
	p := &jobs.Principal{
		Created: c.srv.Clock.Now().Format("2006-01-02T15:04:05Z"),

		ID: uuid.NewString(), ApplicationID: uuid.NewString(), AppID: uuid.NewString(), Name: name,
		Gallery: rawjson.Text(t["id"]),
	}
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	c.srv.Jobs.Listed = true
	c.srv.Jobs.Principals = append(c.srv.Jobs.Principals, p)
	return c.Encode(http.StatusCreated, rawjson.Object{
		"@odata.context":   c.Root() + "/$metadata#microsoft.graph.applicationServicePrincipal",
		"application":      p.Application(),
		"servicePrincipal": p.Body(),
	})
}

// deletePrincipal deletes an application by its object's id, or a service principal: with the first
// the second goes too.
func deletePrincipal(c *call) *kernel.Response {
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	at := slices.IndexFunc(c.srv.Jobs.Principals, func(p *jobs.Principal) bool {
		id := p.ID
		if strings.HasPrefix(c.Route.Template, "/v1.0/applications/") {
			id = p.ApplicationID
		}
		return strings.EqualFold(id, c.Param(0))
	})
	if at < 0 {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	c.srv.Jobs.Principals = slices.Delete(c.srv.Jobs.Principals, at, at+1)
	return kernel.NoContent()
}

// readApplications are the permissions to read applications.
var readApplications = []string{
	"Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All",
}

// byApplication is the filters on applications that are built.
var byApplication = regexp.MustCompile(`^(displayName|appId|id) eq '((?:[^']|'')*)'$`)

func listApplications(c *call) *kernel.Response {
	if a := c.UnknownOptions([]string{"$select", "$filter", "$top", "$format", "$count"}); a != nil {
		return a
	}
	filter := c.Query.Value("$filter")
	by := byApplication.FindStringSubmatch(filter)
	if filter != "" && by == nil {
		return c.Fail(odata.NotBuilt("a filter on applications other than appId eq '…'"))
	}
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	value := []any{}
	for _, p := range c.srv.Jobs.Principals {
		body := p.Application()
		if by != nil && !strings.EqualFold(fmt.Sprint(body[by[1]]), strings.ReplaceAll(by[2], "''", "'")) {
			continue
		}
		item, refusal := c.selectOf("application", body)
		if refusal != nil {
			return refusal
		}
		value = append(value, item)
	}
	return c.Encode(http.StatusOK, rawjson.Object{"@odata.context": c.ContextURL("applications", nil), "value": value})
}

func getApplication(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	at := slices.IndexFunc(c.srv.Jobs.Principals, func(p *jobs.Principal) bool {
		return strings.EqualFold(p.ApplicationID, c.Param(0))
	})
	if at < 0 {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	out, refusal := c.selectOf("application", c.srv.Jobs.Principals[at].Application())
	if refusal != nil {
		return refusal
	}
	out["@odata.context"] = c.ContextURL("applications", nil) + "/$entity"
	return c.Encode(http.StatusOK, out)
}
