package simulator

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

type connectionKey struct{}

// withConnection lets a request know its connection, so that a fault can end it: with HTTP/2, net/http
// itself would end the one stream alone.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// silence ends the connection without an answer: at once, or when the client or the fault has had enough
// of waiting. It doesn't return.
func (c *call) silence(f *Fault) {
	if f.Kind == FaultHang {
		c.srv.sleep(c.ctx, time.Duration(f.Latency))
	}
	if conn, ok := c.ctx.Value(connectionKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
	DropConnection()
}

// afterwards is what becomes of the answer to a request that was carried out.
func (c *call) afterwards(f *Fault, a *answer) *answer {
	if f == nil || !f.CarriedOut {
		return a
	}
	switch f.Kind {
	case FaultStatus:
		return c.faulty(f)
	case FaultDrop, FaultHang:
		c.silence(f)
	}
	return a
}

// writesDone counts the writes that were carried out.
type writesDone struct {
	mu     sync.Mutex
	routes map[string]int
}

// carryOut runs a request, and counts it if it changed something.
func (c *call) carryOut(name string) *answer {
	a := c.run()
	if a.status < http.StatusBadRequest && c.route.template != batchTemplate && c.changes() {
		d := &c.srv.done
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.routes == nil {
			d.routes = map[string]int{}
		}
		d.routes[name]++
	}
	return a
}

// Written is how often each write was carried out since the start or the last [Server.ResetRequests], by its
// route, items of a batch each by itself. Refused ones, and those that a fault kept from being carried out,
// don't count; those whose answer was lost do.
func (s *Server) Written() map[string]int {
	s.done.mu.Lock()
	defer s.done.mu.Unlock()
	return maps.Clone(s.done.routes)
}

// forget starts counting anew.
func (d *writesDone) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.routes = nil
}

// Hits is how often faults of the schedule have hit.
func (s *Server) Hits() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	n := 0
	for _, f := range s.faults.faults {
		n += f.hit
	}
	return n
}

// HeldSecrets are the credentials that a service principal's synchronization holds, which no answer shows.
func (s *Server) HeldSecrets(servicePrincipal string) map[string]string {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	out := map[string]string{}
	if p := s.sync.find(servicePrincipal, true); p != nil {
		for _, pair := range p.secrets {
			out[pair.Key] = pair.Value
		}
	}
	return out
}

// PutSecrets gives a service principal's synchronization credentials, which a snapshot doesn't hold.
func (s *Server) PutSecrets(servicePrincipal string, values map[string]string) error {
	return s.changePrincipal(servicePrincipal, func(p *principal) error {
		p.secrets = nil
		for _, key := range slices.Sorted(maps.Keys(values)) {
			p.secrets = append(p.secrets, keyValue{key, values[key]})
		}
		return nil
	})
}
