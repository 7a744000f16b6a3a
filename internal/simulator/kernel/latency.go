package kernel

import (
	"sync"
	"time"
)

// latency is how long a request waits before it is answered.
type latency struct {
	mu  sync.Mutex
	How func(method, route string) time.Duration // nil: not at all
}

func (l *latency) of(method, route string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.How == nil {
		return 0
	}
	return l.How(method, route)
}

// Set delays every request by the same time.
func (l *latency) Set(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.How = func(string, string) time.Duration { return d }
}
