package faults

import (
	"maps"
	"sync"
)

// Counts is how often each operation was asked for since the start or the last reset. Keys are a
// method and a route template, "GET /v1.0/users/{id}".
type Counts struct {
	Total  int            `json:"total"` // HTTP requests, those to the control plane left out
	Routes map[string]int `json:"routes"`
	Batch  map[string]int `json:"batch"` // items of $batch, which aren't in the total
}

// Counters count requests, and the writes among them that were carried out.
type Counters struct {
	mu      sync.Mutex
	now     Counts
	written map[string]int
}

// NewCounters counts from zero.
func NewCounters() *Counters {
	return &Counters{written: map[string]int{}, now: Counts{Routes: map[string]int{}, Batch: map[string]int{}}}
}

// Add counts a request.
func (c *Counters) Add(name string, inBatch bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if inBatch {
		c.now.Batch[name]++
		return
	}
	c.now.Total++
	c.now.Routes[name]++
}

// Requests is the present counts.
func (c *Counters) Requests() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now
	now.Routes, now.Batch = maps.Clone(now.Routes), maps.Clone(now.Batch)
	return now
}

// ResetRequests starts counting anew.
func (c *Counters) ResetRequests() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.written = NewCounters().now, map[string]int{}
}

// Written is how often each write was carried out since the start or the last [Server.ResetRequests], by its
// route, items of a batch each by itself. Refused ones, and those that a fault kept from being carried out,
// don't count; those whose answer was lost do.
func (c *Counters) Written() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.written)
}

// Done counts a write that was carried out.
func (c *Counters) Done(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written[name]++
}
