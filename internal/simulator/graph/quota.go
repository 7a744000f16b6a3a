package graph

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// quota counts writes to the directory in periods of the server's clock.
type quota struct {
	mu    sync.Mutex
	began time.Time
	used  int
}

// overQuota refuses a write beyond the quota: 429 with the seconds that the period still lasts, which may be
// fractional [graph 6, D]. Items of a batch count one by one; refused ones count too, and change
// nothing about when the period ends.
func (c *Call) overQuota() *kernel.Response {
	limit, period := c.Service.Behavior.WriteQuota, c.Service.Behavior.WritePeriod
	if limit == 0 || !c.Writes() || c.Route.Template == batchTemplate || strings.Contains(
		c.Route.Template, "/synchronization",
	) || !c.Changes() {
		return nil
	}
	q, now := &c.Service.quota, c.Service.Clock.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.began.IsZero() || now.Sub(q.began) >= period {
		q.began, q.used = now, 0
	}
	if q.used++; q.used <= limit {
		return nil
	}
	wait := math.Ceil(q.began.Add(period).Sub(now).Seconds()*1000) / 1000
	return c.faultyGraph(&faults.Fault{Status: 429}).
		With("Retry-After", strconv.FormatFloat(wait, 'f', -1, 64)).
		With("x-ms-throttle-information", "WriteLimitExceeded")
}
