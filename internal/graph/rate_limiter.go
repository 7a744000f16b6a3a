package graph

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RateLimiter keeps requests of one kind below a limit of so many in any window
// of some length. Other processes share the limit: 429 is obeyed all the same.
//
// One token bucket of x/time/rate isn't that: with a burst of five it lets more
// than five through in the window that begins with the burst. So each request of a
// window has a bucket of its own, of one token, and they take turns.
type RateLimiter struct {
	mu      sync.Mutex
	buckets []*rate.Limiter
	next    int
}

// rateMargin is how much later a request is sent than it may be: that the service
// counts from when it arrives, a little after it is sent, is inferred.
const rateMargin = 250 * time.Millisecond

// NewRateLimiter allows so many requests in any window of a length.
func NewRateLimiter(requests int, window time.Duration) *RateLimiter {
	l := &RateLimiter{}
	for range requests {
		l.buckets = append(l.buckets, rate.NewLimiter(rate.Every(window), 1))
	}
	return l
}

// reserve gives how long the next request has to wait, and counts it.
func (l *RateLimiter) reserve(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[l.next]
	l.next = (l.next + 1) % len(l.buckets)
	return bucket.ReserveN(now, 1).DelayFrom(now)
}

// waitForTurn waits until a request may be sent.
func (c *Client) waitForTurn(ctx context.Context, l *RateLimiter) error {
	if l == nil {
		return nil
	}
	if d := l.reserve(time.Now()); d > 0 {
		return c.Pause(ctx, 1, d+rateMargin)
	}
	return nil
}
