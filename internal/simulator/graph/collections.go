package graph

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// ListCollection answers a whole collection that isn't paged. Of the options it takes $select; the pages
// show no others for domains and partners.
func (c *Call) ListCollection(set *tenant.Collection, options ...string) *kernel.Response {
	if a := c.UnknownOptions(append(options, "$select", "$expand", "$format", "$top")); a != nil {
		return a
	}
	selected, err := c.selected(set.Entity)
	if err != nil {
		return c.Fail(*err)
	}
	c.Service.Store.Mu.RLock()
	defer c.Service.Store.Mu.RUnlock()
	all := set.Seen(c.Tick)
	p := odata.Page{Context: c.ContextURL(set.Entity.Set, selected), Count: -1, Room: len(all)}
	p.Members = func(r *odata.Renderer) {
		for _, o := range all {
			r.Object(o, odata.Plain)
			r.Buf = append(r.Buf, ',')
		}
	}
	return c.AnswerPage(p, selected)
}

// GetFrom answers one object of such a collection.
func (c *Call) GetFrom(set *tenant.Collection, missing odata.Error) *kernel.Response {
	selected, a := c.SelectOne(set.Entity)
	if a != nil {
		return a
	}
	c.Service.Store.Mu.RLock()
	defer c.Service.Store.Mu.RUnlock()
	o := set.View(c.Param(0), c.Tick)
	if o == nil {
		return c.Fail(missing)
	}
	return c.AnswerObject(http.StatusOK, o, set.Entity.Set, selected)
}
