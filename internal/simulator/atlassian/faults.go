package atlassian

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// faultyAdmin words an error as [atlassian 3.2] does, with the headers of its rate limit.
func (c *call) faultyAdmin(f *faults.Fault) *kernel.Response {
	code, title := fmt.Sprintf("ADMIN-%d-1", f.Status), http.StatusText(f.Status)
	if f.Code != "" {
		code = f.Code
	}
	a := c.failAdmin(f.Status, code, title)
	if f.Status == http.StatusTooManyRequests {
		wait := time.Second
		if seconds, err := strconv.ParseFloat(f.RetryAfter, 64); err == nil {
			wait = time.Duration(seconds * float64(time.Second))
		}
		a.With("X-RateLimit-Limit", "100").With("X-RateLimit-Remaining", "0")
		a.With("X-RateLimit-Reset", c.srv.Clock.Now().Add(wait).Format("2006-01-02T15:04:05.000Z"))
	}
	return a
}
