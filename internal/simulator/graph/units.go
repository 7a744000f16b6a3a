package graph

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// units is the bucket that identity requests are paid from: resource units of an application in a
// tenant, filled up again over ten seconds of the server's clock ([graph 6, D]; that it fills
// evenly is [?]).
type units struct {
	mu   sync.Mutex
	at   time.Time
	used float64
}

const unitPeriod = 10 * time.Second

// cost is what a request costs in resource units [graph 6, D].
func (c *Call) cost() int {
	n := 1
	if c.Writes() {
		return 1
	}
	switch template := strings.TrimPrefix(c.Route.Template, "/v1.0"); {
	case template == "/users" || template == "/users/delta" || template == "/users/{id}":
		n = 2
	case strings.HasPrefix(template, "/groups/{id}/members"):
		n = 3
	case strings.HasPrefix(template, "/groups/{id}/transitiveMembers"):
		n = 5
	case strings.HasSuffix(template, "emberOf"), strings.HasSuffix(template, "/appRoleAssignments"):
		n = 2
	case strings.HasSuffix(template, "/domainNameReferences"):
		n = 4
	}
	if _, ok := c.Query.Get("$select"); ok {
		n--
	}
	if _, ok := c.Query.Get("$expand"); ok {
		n++
	}
	if top, err := strconv.Atoi(c.Query.Value("$top")); err == nil && top < 20 {
		n--
	}
	return max(1, n)
}

// pay takes a request's units from the bucket, and answers 429 where they aren't there: such calls
// count, too. share is how much of the limit is used then.
func (c *Call) pay() (share float64, refusal *kernel.Response) {
	limit := float64(c.Service.Behavior.UnitQuota)
	if limit == 0 || c.Route.Template == batchTemplate || strings.Contains(c.Route.Template, "/synchronization") {
		return 0, nil
	}
	u, now := &c.Service.units, c.Service.Clock.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if passed := now.Sub(u.at); passed > 0 {
		u.used = max(0, u.used-limit*passed.Seconds()/unitPeriod.Seconds())
		u.at = now
	}
	u.used = min(u.used+float64(c.cost()), 1.8*limit)
	share = u.used / limit
	if share <= 1 {
		return share, nil
	}
	wait := math.Round((share-0.9)*unitPeriod.Seconds()*1000) / 1000
	return share, c.faultyGraph(&faults.Fault{Status: http.StatusTooManyRequests}).With(
		"Retry-After", strconv.FormatFloat(wait, 'f', -1, 64),
	)
}

// meter puts the headers of the limit on an answer: the percentage from 0.8 on alone
// [graph 6, D].
func (c *Call) meter(a *kernel.Response, share float64) *kernel.Response {
	if c.Service.Behavior.UnitQuota == 0 {
		return a
	}
	a.With("x-ms-resource-unit", strconv.Itoa(c.cost()))
	if share > 0.8 {
		a.With("x-ms-throttle-limit-percentage", strconv.FormatFloat(share, 'f', 2, 64))
	}
	return a
}
