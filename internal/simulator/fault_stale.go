package simulator

import (
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// pastPrincipal is what readers see of an application's synchronization while a write isn't seen yet
// ([graph 6]: a read after a write may be stale, or a 404, for seconds to minutes).
type pastPrincipal struct {
	principal *principal
	until     int64 // the last read request that sees it
}

// lagging is the application as a request sees it: writes, and questions by POST, see what is; reads may see
// what was. A write that shall stay unseen keeps what was. The caller holds the store's mutex, for writing
// where the request writes.
func (c *call) lagging(p *principal) *principal {
	past := p.before
	if past != nil && past.until < c.tick {
		past = nil
	}
	switch {
	case !c.writes() && past != nil:
		return past.principal
	case c.changes() && c.effects.staleReads > 0:
		until := c.tick + int64(c.effects.staleReads)
		if past == nil {
			past = &pastPrincipal{principal: p.copied()}
		}
		p.before = &pastPrincipal{past.principal, max(until, past.until)}
	}
	return p
}

// copied is a copy of an application that shares nothing with it that a request may change.
func (p *principal) copied() *principal {
	out := *p
	out.before, out.assigned, out.secrets, out.jobs = nil, slices.Clone(p.assigned), slices.Clone(p.secrets), nil
	for _, j := range p.jobs {
		was := *j
		was.body, was.schema = rawjson.Clone(j.body), rawjson.Clone(j.schema)
		out.jobs = append(out.jobs, &was)
	}
	return &out
}
