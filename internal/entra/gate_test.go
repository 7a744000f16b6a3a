package entra

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
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
func TestGateAdapts(t *testing.T) {
	g := newGate()
	say := func(status int, share string, want int) {
		t.Helper()
		g.hear(status, percentage(share))
		if g.places() != want {
			t.Errorf("%d %q: %d places, want %d", status, share, g.places(), want)
		}
	}
	say(200, "", mostAtOnce)
	say(200, "0.7", mostAtOnce)
	say(200, "nonsense", mostAtOnce)
	say(200, "0.85", mostAtOnce-1)
	say(200, "1.2", (mostAtOnce-1)/2)
	for range 10 {
		g.hear(429, nil)
	}
	say(503, "", 1)
	say(404, "", 1)
	for want := 2; want <= mostAtOnce; want++ {
		for range want - 1 {
			g.hear(200, nil)
		}
		if g.places() != want {
			t.Fatalf("%d places, want %d", g.places(), want)
		}
	}
	for range 100 {
		g.hear(200, nil)
	}
	say(200, "", mostAtOnce)
}

// Answers to requests that were under way when the limit fell say nothing new.
func TestGateCutsOnceForABurst(t *testing.T) {
	g := newGate()
	for range mostAtOnce {
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range mostAtOnce {
		g.hear(429, nil)
	}
	if g.places() != mostAtOnce/2 {
		t.Error(g.places())
	}
	for range mostAtOnce / 2 {
		g.leave()
	}
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.enter(full); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A tenant with a limit is read to its end, without another refusal for each
// request, and the reading is the same.
func TestReadWithinTheLimits(t *testing.T) {
	tenant := simulator.Synthetic{Users: 4000, Groups: 300}
	s, err := simulator.NewSynthetic(tenant, simulator.WithBehavior(func(b *simulator.Behavior) { b.UnitQuota = 300 }))
	if err != nil {
		t.Fatal(err)
	}
	var refusals, requests atomic.Int32
	synctest.Test(t, func(t *testing.T) {
		c := inProcessClient(t, s, 100*time.Millisecond, func(status int, _ http.Header) {
			requests.Add(1)
			if status == http.StatusTooManyRequests {
				refusals.Add(1)
			}
		})
		c.top = "50"
		if _, err := c.ReadDirectory(t.Context(), ReadOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	items := s.Requests().Batch[listMembers]
	free, err := simulator.NewSynthetic(tenant)
	if err != nil {
		t.Fatal(err)
	}
	timed(t, free, "50", false)
	enough := free.Requests().Batch[listMembers]
	t.Logf("%d of %d requests were refused; %d items of batches were sent for %d", refusals.Load(), requests.Load(), items, enough)
	if refusals.Load()*5 > requests.Load() || items > 3*enough {
		t.Error("too many refusals")
	}
}
