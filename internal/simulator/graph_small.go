package simulator

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
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
	p := page{context: c.context(set.Entity.Set, selected), count: -1, room: len(all)}
	p.members = func(r *renderer) {
		for _, o := range all {
			r.object(o, plain)
			r.buf = append(r.buf, ',')
		}
	}
	return c.answerPage(p, selected)
}

// getSmall answers one object of such a collection.
func (c *graphCall) getSmall(set *tenant.Collection, missing graphError) *kernel.Response {
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
