package entra

import (
	"context"
	"sync"
	"time"
)

// Provisioning logs and provisionOnDemand take five requests in ten seconds
// [graph 6], [graph 3.8]. That the service counts from when a request
// arrives, a little after it is sent, is inferred: paceMargin is that little.
const (
	paceMany   = 5
	paceMargin = 250 * time.Millisecond
	paceWithin = 10 * time.Second
)

// pace keeps requests of one kind below the service's limit. Its zero value is
// ready. Other processes share the limit: 429 is obeyed all the same.
type pace struct {
	mu sync.Mutex
	// sent are the times of the last requests, oldest first; those that still
	// wait are in the future.
	sent []time.Time
}

// reserve gives how long the next request has to wait, and counts it.
func (p *pace) reserve(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := now
	if len(p.sent) == paceMany {
		if free := p.sent[0].Add(paceWithin); free.After(now) {
			at = free
		}
		p.sent = p.sent[1:]
	}
	p.sent = append(p.sent, at)
	return at.Sub(now)
}

// paced waits for a request's turn.
func (c *Client) paced(ctx context.Context, p *pace) error {
	if p == nil {
		return nil
	}
	if d := p.reserve(time.Now()); d > 0 {
		return c.pause(ctx, 1, d+paceMargin)
	}
	return nil
}
