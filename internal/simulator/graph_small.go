package simulator

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// listSmall answers a whole collection that isn't paged. Of the options it takes $select; the pages
// show no others for domains and partners.
func (c *graphCall) listSmall(set *tenant.Collection, options ...string) *kernel.Response {
	if a := c.unknownOptions(append(options, "$select", "$expand", "$format", "$top")); a != nil {
		return a
	}
	selected, err := c.selected(set.Entity)
	if err != nil {
		return c.fail(*err)
	}
	c.srv.store.Mu.RLock()
	defer c.srv.store.Mu.RUnlock()
	all := set.Seen(c.tick)
	p := odata.Page{Context: c.context(set.Entity.Set, selected), Count: -1, Room: len(all)}
	p.Members = func(r *odata.Renderer) {
		for _, o := range all {
			r.Object(o, odata.Plain)
			r.Buf = append(r.Buf, ',')
		}
	}
	return c.answerPage(p, selected)
}

// getSmall answers one object of such a collection.
func (c *graphCall) getSmall(set *tenant.Collection, missing odata.Error) *kernel.Response {
	selected, a := c.single(set.Entity)
	if a != nil {
		return a
	}
	c.srv.store.Mu.RLock()
	defer c.srv.store.Mu.RUnlock()
	o := set.View(c.Param(0), c.tick)
	if o == nil {
		return c.fail(missing)
	}
	return c.one(http.StatusOK, o, set.Entity.Set, selected)
}
