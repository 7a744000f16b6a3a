package graph

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestRateLimiter_Reserve(t *testing.T) {
	l := NewRateLimiter(5, 10*time.Second)
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for i, c := range []struct{ after, want time.Duration }{
		{0, 0}, {time.Second, 0}, {0, 0}, {0, 0}, {0, 0}, // at 0, 1, 1, 1, 1
		{time.Second, 8 * time.Second},       // at 10
		{0, 9 * time.Second},                 // at 11, with three others
		{9 * time.Second, 0},                 // it is 11 now
		{0, 0}, {0, 0}, {0, 9 * time.Second}, // at 20
		{time.Minute, 0},
	} {
		now = now.Add(c.after)
		if got := l.reserve(now); got != c.want {
			t.Errorf("request %d: got a wait of %v, want %v", i, got, c.want)
		}
	}
}

func TestRateLimiter_Canceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c, logs, onDemand := &Client{}, NewRateLimiter(5, 10*time.Second), NewRateLimiter(5, 10*time.Second)
	for range 5 {
		if err := c.waitForTurn(ctx, logs); err != nil {
			t.Error(err)
		}
	}
	if err := c.waitForTurn(ctx, logs); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the wait was canceled", err)
	}
	if err := c.waitForTurn(ctx, onDemand); err != nil {
		t.Errorf("another limiter waits, too: %v", err)
	}
	if err := c.waitForTurn(ctx, nil); err != nil {
		t.Error(err)
	}
}
