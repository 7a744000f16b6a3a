package faults

import (
	"net/http"
	"path"
	"sync"
)

// Request is what a hook is told of a request, or of an item of a $batch.
type Request struct {
	Method     string
	Route      string // method and route template, as in the counts
	Path       string
	InBatch    bool   // an item of a $batch, which came as a request of its own before
	Writes     bool   // it may change something: a $batch does if an item of it does
	RemoteAddr string // of the client; "" without a network
}

// Hook looks at a request before anything is done. What it answers is called, if it isn't nil, before the
// request is carried out, and when it has been, before the answer goes out; not in the order of other
// requests. [DropConnection] in one of them ends the connection without an answer.
type Hook func(Request) (before, after func())

// DropConnection ends the connection of the request at hand without a word; of a $batch, the whole. It is for
// hooks, and doesn't return.
func DropConnection() { panic(http.ErrAbortHandler) }

// Hooks are the functions that look at every request.
type Hooks struct {
	mu   sync.RWMutex
	next int
	list map[int]Hook
}

// OnRequest has a function look at every request, those to the control plane excepted, until it is removed.
// An item of a $batch is shown after the batch itself.
func (s *Hooks) OnRequest(hook Hook) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		s.list = map[int]Hook{}
	}
	id := s.next
	s.next++
	s.list[id] = hook
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.list, id)
	}
}

// matchesRoute is how faults and hooks name requests: * matches anything, "" everything.
func matchesRoute(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	ok, _ := path.Match(flat(pattern), flat(name))
	return ok
}

// All are the hooks that there are, in the order in which they came.
func (s *Hooks) All() []Hook {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Hook
	for i := 0; i < s.next; i++ {
		if h := s.list[i]; h != nil {
			out = append(out, h)
		}
	}
	return out
}
