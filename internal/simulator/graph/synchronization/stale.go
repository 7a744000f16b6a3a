package synchronization

import "github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"

// lagging is the application as a request sees it: writes, and questions by POST, see what is; reads may see
// what was. A write that shall stay unseen keeps what was. The caller holds the store's mutex, for writing
// where the request writes.
func (c *call) lagging(p *jobs.Principal) *jobs.Principal {
	past := p.Before
	if past != nil && past.Until < c.Tick {
		past = nil
	}
	switch {
	case !c.Writes() && past != nil:
		return past.Principal
	case c.Changes() && c.Effects.StaleReads > 0:
		until := c.Tick + int64(c.Effects.StaleReads)
		if past == nil {
			past = &jobs.PastPrincipal{Principal: p.Copy()}
		}
		p.Before = &jobs.PastPrincipal{Principal: past.Principal, Until: max(until, past.Until)}
	}
	return p
}
