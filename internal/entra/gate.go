package entra

import (
	"context"
	"net/http"
	"strconv"
	"sync"
)

// mostAtOnce is how many requests of a read are under way at once while Graph
// doesn't object. Each of the $batch kind stands for up to 20.
const mostAtOnce = 20

// gate bounds how many requests of reads are under way at once, and adapts to
// what the service says of its limits: x-ms-throttle-limit-percentage comes
// from 0.8 of the limit on, 429 beyond it [graph 6, D]. Half
// as many go on after a refusal, one less after a warning, one more after as
// many good answers as may be under way. It needs no clock: the requests that
// were refused wait as they were told, in their places.
type gate struct {
	mu          sync.Mutex
	limit, busy int
	// good answers came since the limit changed; deaf ones are still to come
	// from requests that were sent before the last cut, which say nothing new.
	good, deaf int
	wake       chan struct{}
}

func newGate() *gate { return &gate{limit: mostAtOnce, wake: make(chan struct{})} }

// enter waits for a place.
func (g *gate) enter(ctx context.Context) error {
	for {
		g.mu.Lock()
		if ctx.Err() == nil && g.busy < g.limit {
			g.busy++
			g.mu.Unlock()
			return nil
		}
		wake := g.wake
		g.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}

// places is how many there are at present.
func (g *gate) places() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit
}

// leave gives a place back.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	g.stir()
}

// stir has those who wait look again.
func (g *gate) stir() {
	close(g.wake)
	g.wake = make(chan struct{})
}

// hear takes note of an answer, or of one within a batch.
func (g *gate) hear(status int, header http.Header) {
	used, err := strconv.ParseFloat(header.Get("x-ms-throttle-limit-percentage"), 64)
	if err != nil {
		used = 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.deaf > 0 {
		g.deaf--
		return
	}
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || used >= 1:
		g.cut(max(1, g.limit/2))
	case used > 0.8:
		g.cut(max(1, g.limit-1))
	case status < 300:
		if g.good++; g.good >= g.limit && g.limit < mostAtOnce {
			g.limit++
			g.good = 0
			g.stir()
		}
	}
}

func (g *gate) cut(limit int) {
	g.limit, g.good, g.deaf = limit, 0, g.busy
}
