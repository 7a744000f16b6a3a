package simulator

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// syncTemplate is a synchronization template [graph 3.2].
type syncTemplate struct {
	id, factory, description string
	schema                   func() rawjson.Object
}

// syncTemplates are the connectors that there are: SCIM, and into another tenant.
func syncTemplates() []syncTemplate {
	return []syncTemplate{
		{"customappsso", "CustomSCIM", "Provisioning into an application with a SCIM endpoint", scimSchema},
		{"Azure2Azure", "Azure2Azure", "Cross-tenant synchronization", crossTenantSchema},
	}
}

func templateByID(id string) (syncTemplate, bool) {
	for _, t := range syncTemplates() {
		if strings.EqualFold(t.id, id) {
			return t, true
		}
	}
	return syncTemplate{}, false
}

// templates are those of an application: of a cross-tenant app its own; any for an application that
// a snapshot brought, of which nobody knows what it is.
func (p *principal) templates() []syncTemplate {
	all := syncTemplates()
	switch p.gallery {
	case "":
		return all
	case crossTenantTemplate:
		return all[1:]
	}
	return all[:1]
}

func (p *principal) template(id string) (syncTemplate, bool) {
	for _, t := range p.templates() {
		if strings.EqualFold(t.id, id) {
			return t, true
		}
	}
	return syncTemplate{}, false
}

func (t syncTemplate) body(p *principal) rawjson.Object {
	return rawjson.Object{
		"id": t.id, "applicationId": p.appID, "default": t.id == p.templates()[0].id, "description": t.description,
		"discoverable": true, "factoryTag": t.factory, "metadata": []any{},
	}
}

func listTemplates(c *call) *answer {
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	value := []any{}
	for _, t := range p.templates() {
		value = append(value, t.body(p))
	}
	return c.encode(http.StatusOK, rawjson.Object{"@odata.context": c.metadata(p, "templates"), "value": value})
}

func (c *call) syncTemplate() (*principal, syncTemplate, *answer) {
	p, refusal := c.principal()
	if refusal != nil {
		return nil, syncTemplate{}, refusal
	}
	t, ok := p.template(c.param(1))
	if !ok {
		return nil, t, c.failSync(http.StatusNotFound, "ResourceNotFound", "The synchronization template "+c.param(1)+" was not found.")
	}
	return p, t, nil
}

func getTemplate(c *call) *answer {
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	p, t, refusal := c.syncTemplate()
	if refusal != nil {
		return refusal
	}
	return c.withContext(http.StatusOK, p, t.body(p), "templates/$entity")
}

func getTemplateSchema(c *call) *answer {
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	p, t, refusal := c.syncTemplate()
	if refusal != nil {
		return refusal
	}
	return c.withContext(http.StatusOK, p, t.schema(), "templates('"+t.id+"')/schema/$entity")
}
