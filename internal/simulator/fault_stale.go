package simulator

// lagging is the application as a request sees it: writes, and questions by POST, see what is; reads may see
// what was. A write that shall stay unseen keeps what was. The caller holds the store's mutex, for writing
// where the request writes.
func (c *syncCall) lagging(p *principal) *principal {
	past := p.before
	if past != nil && past.until < c.tick {
		past = nil
	}
	switch {
	case !c.Writes() && past != nil:
		return past.principal
	case c.Changes() && c.Effects.StaleReads > 0:
		until := c.tick + int64(c.Effects.StaleReads)
		if past == nil {
			past = &pastPrincipal{principal: p.copied()}
		}
		p.before = &pastPrincipal{past.principal, max(until, past.until)}
	}
	return p
}
