package graph

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

func percentage(s string) http.Header {
	h := http.Header{}
	if s != "" {
		h.Set("x-ms-throttle-limit-percentage", s)
	}
	return h
}

// The limit falls with refusals and warnings, never below one, and rises with
// good answers, never above the most.
func TestConcurrencyLimit_Adapts(t *testing.T) {
	g := NewConcurrencyLimit()
	say := func(status int, share string, want int) {
		t.Helper()
		g.Observe(status, percentage(share))
		if g.Limit() != want {
			t.Errorf("%d %q: %d places, want %d", status, share, g.Limit(), want)
		}
	}
	say(200, "", MaxConcurrent)
	say(200, "0.7", MaxConcurrent)
	say(200, "nonsense", MaxConcurrent)
	say(200, "0.85", MaxConcurrent-1)
	say(200, "1.2", (MaxConcurrent-1)/2)
	for range 10 {
		g.Observe(429, nil)
	}
	say(503, "", 1)
	say(404, "", 1)
	for want := 2; want <= MaxConcurrent; want++ {
		for range want - 1 {
			g.Observe(200, nil)
		}
		if g.Limit() != want {
			t.Fatalf("%d places, want %d", g.Limit(), want)
		}
	}
	for range 100 {
		g.Observe(200, nil)
	}
	say(200, "", MaxConcurrent)
}

// Answers to requests that were under way when the limit fell say nothing new.
func TestConcurrencyLimit_CutsOnceForABurst(t *testing.T) {
	g := NewConcurrencyLimit()
	for range MaxConcurrent {
		if err := g.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range MaxConcurrent {
		g.Observe(429, nil)
	}
	if g.Limit() != MaxConcurrent/2 {
		t.Error(g.Limit())
	}
	for range MaxConcurrent / 2 {
		g.Release()
	}
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Acquire(full); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
