package synchronization

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

func listTemplates(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	value := []any{}
	for _, t := range p.Templates() {
		value = append(value, t.Body(p))
	}
	return c.Encode(http.StatusOK, rawjson.Object{"@odata.context": c.metadata(p, "templates"), "value": value})
}

func (c *call) syncTemplate() (*jobs.Principal, jobs.Template, *kernel.Response) {
	p, refusal := c.principal()
	if refusal != nil {
		return nil, jobs.Template{}, refusal
	}
	t, ok := p.Template(c.Param(1))
	if !ok {
		return nil, t, c.failSync(
			http.StatusNotFound, "ResourceNotFound", "The synchronization template "+c.Param(1)+" was not found.",
		)
	}
	return p, t, nil
}

func getTemplate(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	p, t, refusal := c.syncTemplate()
	if refusal != nil {
		return refusal
	}
	return c.withContext(http.StatusOK, p, t.Body(p), "templates/$entity")
}

func getTemplateSchema(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	p, t, refusal := c.syncTemplate()
	if refusal != nil {
		return refusal
	}
	return c.withContext(http.StatusOK, p, t.Schema(), "templates('"+t.ID+"')/schema/$entity")
}
