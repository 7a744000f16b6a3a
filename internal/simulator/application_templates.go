package simulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// crossTenantTemplate is the gallery's id of cross-tenant synchronization [graph 3.1, D].
const crossTenantTemplate = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"

var writeApps = []string{"Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", "Directory.ReadWrite.All"}

// applicationRoutes are the gallery and what is made from it [graph 3.1].
func applicationRoutes() []route {
	return []route{
		get("/v1.0/applicationTemplates", nil, listApplicationTemplates),
		get("/v1.0/applicationTemplates/{id}", nil, getApplicationTemplate),
		post("/v1.0/applicationTemplates/{id}/instantiate", writeApps, instantiate),
		del("/v1.0/servicePrincipals/{id}", writeApps, deletePrincipal),
		del("/v1.0/applications/{id}", writeApps, deletePrincipal),
	}
}

// gallery is the templates of [graph 3.1]. The id of Atlassian Cloud wasn't found in any source; the
// one here is made up, so that nobody relies on it.
func gallery() []rawjson.Object {
	var out []rawjson.Object
	for _, t := range []struct{ id, name, publisher string }{
		{naming.StableID("gallery:Atlassian Cloud"), "Atlassian Cloud", "Atlassian"},
		{crossTenantTemplate, "Microsoft Entra cross-tenant synchronization", "Microsoft"},
		{"8b1025e4-1dd2-430b-a150-2ef79cd700f5", "AWS IAM Identity Center", "Amazon Web Services, Inc."},
		{"8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "Custom", ""},
	} {
		out = append(out, rawjson.Object{
			"id": t.id, "displayName": t.name, "homePageUrl": nil, "supportedSingleSignOnModes": []any{"saml"},
			"supportedProvisioningTypes": []any{"sync"}, "categories": []any{}, "publisher": t.publisher, "description": t.name, "logoUrl": nil,
		})
	}
	return out
}

var byTemplateName = regexp.MustCompile(`^displayName eq '((?:[^']|'')*)'$`)

func listApplicationTemplates(c *call) *answer {
	if a := c.unknownOptions([]string{"$select", "$filter", "$top", "$format", "$count"}); a != nil {
		return a
	}
	filter := c.query.value("$filter")
	by := byTemplateName.FindStringSubmatch(filter)
	if filter != "" && by == nil {
		return c.fail(notBuilt("a filter on application templates other than displayName eq '…'"))
	}
	value := []any{}
	for _, t := range gallery() {
		name, _ := t["displayName"].(string)
		if by == nil || strings.EqualFold(name, strings.ReplaceAll(by[1], "''", "'")) {
			value = append(value, c.selectOf(t))
		}
	}
	return c.encode(http.StatusOK, rawjson.Object{"@odata.context": c.context("applicationTemplates", nil), "value": value})
}

func (c *call) galleryItem() rawjson.Object {
	for _, t := range gallery() {
		if strings.EqualFold(t["id"].(string), c.param(0)) {
			return t
		}
	}
	return nil
}

func getApplicationTemplate(c *call) *answer {
	t := c.galleryItem()
	if t == nil {
		return c.fail(notFound(c.param(0)))
	}
	t["@odata.context"] = c.context("applicationTemplates", nil) + "/$entity"
	return c.encode(http.StatusOK, t)
}

// instantiate makes an application and its service principal [graph 3.1, D].
func instantiate(c *call) *answer {
	var name, reference string
	if refusal := c.into(map[string]*string{"displayName": &name, "serviceManagementReference": &reference}); refusal != nil {
		return refusal
	}
	t := c.galleryItem()
	if t == nil {
		return c.fail(notFound(c.param(0)))
	}
	if name == "" {
		return c.fail(invalid("Invalid value specified for property 'displayName' of resource 'ApplicationTemplate'."))
	}
	p := &principal{id: uuid.NewString(), applicationID: uuid.NewString(), appID: uuid.NewString(), name: name, gallery: t["id"].(string)}
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	c.srv.sync.listed = true
	c.srv.sync.principals = append(c.srv.sync.principals, p)
	return c.encode(http.StatusCreated, rawjson.Object{
		"@odata.context": c.base + "/v1.0/$metadata#microsoft.graph.applicationServicePrincipal",
		"application": rawjson.Object{
			"id": p.applicationID, "appId": p.appID, "applicationTemplateId": p.gallery, "displayName": name, "identifierUris": []any{},
			"createdDateTime": c.srv.clock.Now().Format("2006-01-02T15:04:05Z"), "signInAudience": "AzureADMyOrg", "tags": []any{}, "appRoles": p.roles(),
		},
		"servicePrincipal": p.body(),
	})
}

// deletePrincipal deletes an application by its object's id, or a service principal: with the first
// the second goes too.
func deletePrincipal(c *call) *answer {
	c.srv.store.mu.Lock()
	defer c.srv.store.mu.Unlock()
	at := slices.IndexFunc(c.srv.sync.principals, func(p *principal) bool {
		id := p.id
		if strings.HasPrefix(c.route.template, "/v1.0/applications/") {
			id = p.applicationID
		}
		return strings.EqualFold(id, c.param(0))
	})
	if at < 0 {
		return c.fail(notFound(c.param(0)))
	}
	c.srv.sync.principals = slices.Delete(c.srv.sync.principals, at, at+1)
	return noContent()
}
