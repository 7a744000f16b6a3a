package simulator

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// listSmall answers a whole collection that isn't paged. Of the options it takes $select; the pages
// show no others for domains and partners.
func (c *graphCall) listSmall(set *collection, options ...string) *kernel.Response {
	if a := c.unknownOptions(append(options, "$select", "$expand", "$format", "$top")); a != nil {
		return a
	}
	selected, err := c.selected(set.ent)
	if err != nil {
		return c.fail(*err)
	}
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	all := set.seen(c.tick)
	p := page{context: c.context(set.ent.set, selected), count: -1, room: len(all)}
	p.members = func(r *renderer) {
		for _, o := range all {
			r.object(o, plain)
			r.buf = append(r.buf, ',')
		}
	}
	return c.answerPage(p, selected)
}

// getSmall answers one object of such a collection.
func (c *graphCall) getSmall(set *collection, missing graphError) *kernel.Response {
	selected, a := c.single(set.ent)
	if a != nil {
		return a
	}
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	o := set.view(c.Param(0), c.tick)
	if o == nil {
		return c.fail(missing)
	}
	return c.one(http.StatusOK, o, set.ent.set, selected)
}
