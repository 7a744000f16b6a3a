package entra

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

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
		c := inProcessClient(t, s, 100*time.Millisecond, nil, func(status int, _ http.Header) {
			requests.Add(1)
			if status == http.StatusTooManyRequests {
				refusals.Add(1)
			}
		})
		c.pageSize = "50"
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
	t.Logf(
		"%d of %d requests were refused; %d items of batches were sent for %d",
		refusals.Load(),
		requests.Load(),
		items,
		enough,
	)
	if refusals.Load()*5 > requests.Load() || items > 3*enough {
		t.Error("too many refusals")
	}
}
