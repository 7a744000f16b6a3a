package faults

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
)

// Kill is a death on schedule: when the n-th request arrives, the client's process is killed.
type Kill struct {
	N      int    // which request, from 1
	Writes bool   // count those alone that may change something; a $batch is one write if an item of it writes
	Items  bool   // count the items of a $batch in its place
	Before bool   // kill before the request is carried out; else when it was, and its answer is lost
	Match  string // count requests of these routes alone, as in a Fault: "PATCH /v1.0/users/{id}"; "": all

	// How to kill, for those who know better. By default every process but our own that has a connection
	// to the server gets SIGKILL, and is waited for; that takes Linux.
	By func(Request) error
}

// Killing is a Kill that waits for its turn, or had it.
type Killing struct {
	kill   Kill
	remove func()

	mu   sync.Mutex
	seen int
	due  bool          // the n-th request came
	dead chan struct{} // closed when the client is dead
	err  error
	who  Request
}

// Schedule puts a death on the schedule of the hooks; it happens once. From the n-th request on, what else arrives is
// held until the client is dead, and then dropped: exactly the n-1 requests before it were carried out, or n.
// Several deaths may wait at once; each counts by itself.
func (kill Kill) Schedule(h *Hooks) (*Killing, error) {
	if kill.N < 1 {
		return nil, errors.New("a kill needs n, the request to die at, from 1")
	}
	if _, err := path.Match(flat(kill.Match), ""); err != nil {
		return nil, fmt.Errorf("match %q: %w", kill.Match, err)
	}
	k := &Killing{kill: kill, dead: make(chan struct{})}
	k.remove = h.OnRequest(k.look)
	return k, nil
}

// Seen is how many requests were counted so far.
func (k *Killing) Seen() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.seen
}

// Done says whether the death happened, at which request, and whether killing went wrong. It waits for the
// end of one that is happening.
func (k *Killing) Done() (at Request, done bool, err error) {
	k.mu.Lock()
	due := k.due
	k.mu.Unlock()
	if !due {
		return Request{}, false, nil
	}
	<-k.dead
	return k.who, true, k.err
}

// Cancel takes the death off the schedule.
func (k *Killing) Cancel() { k.remove() }

// counts says whether a request is one of those that are counted.
func (k *Killing) counts(r Request) bool {
	isBatch := strings.HasSuffix(r.Route, "/$batch")
	switch {
	case k.kill.Items && isBatch, !k.kill.Items && r.InBatch:
		return false
	case k.kill.Writes && !r.Writes:
		return false
	}
	return matchesRoute(k.kill.Match, r.Route)
}

func (k *Killing) look(r Request) (before, after func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.due {
		if r.InBatch && !k.kill.Items { // of a batch that came before, or that is the one
			return nil, nil
		}
		select {
		case <-k.dead:
			return nil, nil
		default:
			return func() { <-k.dead; DropConnection() }, nil
		}
	}
	if !k.counts(r) {
		return nil, nil
	}
	if k.seen++; k.seen < k.kill.N {
		return nil, nil
	}
	k.due, k.who = true, r
	now := func() {
		k.err = k.kill.By(r)
		k.remove()
		close(k.dead)
		DropConnection()
	}
	if k.kill.Before {
		return now, nil
	}
	return nil, now
}
