package graph

import (
	"context"
	"net/http"
	"strconv"
	"sync"
)

// MaxConcurrent is how many requests of a read are under way at once while Graph
// doesn't object. Each of the $batch kind stands for up to 20.
const MaxConcurrent = 20

// ConcurrencyLimit bounds how many requests of reads are under way at once, and
// adapts to what the service says of its limits: x-ms-throttle-limit-percentage
// comes from 0.8 of the limit on, 429 beyond it [graph 6, D]. Half as many go on
// after a refusal, one less after a warning, one more after as many good answers
// as may be under way. It needs no clock: the requests that were refused wait as
// they were told, in their places.
type ConcurrencyLimit struct {
	mu          sync.Mutex
	limit, busy int
	// good answers came since the limit changed; ignored ones are still to come
	// from requests that were sent before the last cut, which say nothing new.
	good, ignored int
	wake          chan struct{}
}

// NewConcurrencyLimit begins with as many places as there are at most.
func NewConcurrencyLimit() *ConcurrencyLimit {
	return &ConcurrencyLimit{limit: MaxConcurrent, wake: make(chan struct{})}
}

// Acquire waits for a place.
func (l *ConcurrencyLimit) Acquire(ctx context.Context) error {
	for {
		l.mu.Lock()
		if ctx.Err() == nil && l.busy < l.limit {
			l.busy++
			l.mu.Unlock()
			return nil
		}
		wake := l.wake
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}

// Limit is how many places there are at present.
func (l *ConcurrencyLimit) Limit() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit
}

// Release gives a place back.
func (l *ConcurrencyLimit) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	l.wakeWaiters()
}

// wakeWaiters has those who wait look again.
func (l *ConcurrencyLimit) wakeWaiters() {
	close(l.wake)
	l.wake = make(chan struct{})
}

// Observe takes note of an answer, or of one within a batch.
func (l *ConcurrencyLimit) Observe(status int, header http.Header) {
	used, err := strconv.ParseFloat(header.Get("x-ms-throttle-limit-percentage"), 64)
	if err != nil {
		used = 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ignored > 0 {
		l.ignored--
		return
	}
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || used >= 1:
		l.cut(max(1, l.limit/2))
	case used > 0.8:
		l.cut(max(1, l.limit-1))
	case status < 300:
		if l.good++; l.good >= l.limit && l.limit < MaxConcurrent {
			l.limit++
			l.good = 0
			l.wakeWaiters()
		}
	}
}

func (l *ConcurrencyLimit) cut(limit int) {
	l.limit, l.good, l.ignored = limit, 0, l.busy
}
