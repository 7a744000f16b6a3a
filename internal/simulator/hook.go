package simulator

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"
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

type hooks struct {
	mu   sync.RWMutex
	next int
	list map[int]Hook
}

// OnRequest has a function look at every request, those to the control plane excepted, until it is removed.
// An item of a $batch is shown after the batch itself.
func (s *Server) OnRequest(hook Hook) (remove func()) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	if s.hooks.list == nil {
		s.hooks.list = map[int]Hook{}
	}
	id := s.hooks.next
	s.hooks.next++
	s.hooks.list[id] = hook
	return func() {
		s.hooks.mu.Lock()
		defer s.hooks.mu.Unlock()
		delete(s.hooks.list, id)
	}
}

// announce shows a request to the hooks, does what they want done before, and answers what they want done
// when it is over.
func (c *call) announce(name string) (after func()) {
	nothing := func() {}
	c.srv.hooks.mu.RLock()
	var list []Hook
	for i := 0; i < c.srv.hooks.next; i++ {
		if h := c.srv.hooks.list[i]; h != nil {
			list = append(list, h)
		}
	}
	c.srv.hooks.mu.RUnlock()
	if len(list) == 0 || c.control() {
		return nothing
	}
	r := Request{Method: c.method, Route: name, Path: c.path, InBatch: c.inBatch, Writes: c.changes(), RemoteAddr: c.remote}
	var later []func()
	for _, h := range list {
		before, after := h(r)
		if before != nil {
			before()
		}
		if after != nil {
			later = append(later, after)
		}
	}
	return func() {
		for _, f := range later {
			f()
		}
	}
}

// asking are the routes whose POST changes nothing.
var asking = []string{"/search", "/validateCredentials", "/parseExpression", "/discover", "/checkMemberGroups", "/token"}

// changes says whether a request may change what a service holds: a login doesn't, nor does a question that
// comes by POST.
func (c *call) changes() bool {
	if !c.writes() || c.route == nil || c.route.api == apiLogin || c.route.api == apiIdentity {
		return false
	}
	for _, end := range asking {
		if strings.HasSuffix(c.route.template, end) {
			return false
		}
	}
	if c.route.template != batchTemplate {
		return true
	}
	for _, item := range c.batchItems() {
		one := &call{srv: c.srv, method: strings.ToUpper(item.Method)}
		target, _, _ := strings.Cut(item.URL, "?")
		if at, ok := splitPath("/v1.0/" + strings.TrimPrefix(target, "/")); ok {
			one.route, _, _ = c.srv.routes.find(one.method, at)
		}
		if one.changes() {
			return true
		}
	}
	return false
}

// batchItems are the items of a $batch as far as its body can be read.
func (c *call) batchItems() []batchItem {
	var in batchBody
	if json.Unmarshal(c.body, &in) != nil {
		return nil
	}
	return in.Requests
}

// matchesRoute is how faults and hooks name requests: * matches anything, "" everything.
func matchesRoute(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	ok, _ := path.Match(flat(pattern), flat(name))
	return ok
}
