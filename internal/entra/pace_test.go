package entra

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	var p pace
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
		if got := p.reserve(now); got != c.want {
			t.Errorf("request %d waits %v, expected %v", i, got, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := &Client{}
	for range paceMany {
		if err := c.paced(ctx, &c.logsPace); err != nil {
			t.Error(err)
		}
	}
	if err := c.paced(ctx, &c.logsPace); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := c.paced(ctx, &c.onDemandPace); err != nil {
		t.Error(err)
	}
}
