package simulator

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

type counters struct {
	mu  sync.Mutex
	now Counts
}

func newCounters() *counters {
	return &counters{now: Counts{Routes: map[string]int{}, Batch: map[string]int{}}}
}

func (c *counters) add(name string, inBatch bool) {
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
func (s *Server) Requests() Counts {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	now := s.counts.now
	now.Routes, now.Batch = maps.Clone(now.Routes), maps.Clone(now.Batch)
	return now
}

// ResetRequests starts counting anew.
func (s *Server) ResetRequests() {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	s.counts.now = newCounters().now
	s.done.forget()
}
