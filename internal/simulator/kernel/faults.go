package kernel

import (
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

// misbehave applies a fault: the answer it puts in the right one's place, or nil with c changed.
func (k *Kernel) misbehave(c *Call, f *faults.Fault) *Response {
	if f == nil || f.CarriedOut {
		return nil
	}
	switch f.Kind {
	case faults.Status:
		return k.faulty(c, f)
	case faults.Drop, faults.Hang:
		k.silence(c, f)
	case faults.Latency:
		k.Sleep(c.Context, time.Duration(f.Latency))
	case faults.Stale:
		c.Effects.StaleReads = f.Reads
	case faults.NextLoop:
		c.Effects.NextLoop = true
	case faults.NextEndless:
		c.Effects.NextEndless = true
	case faults.NextForeign:
		c.Effects.NextHost = f.Host
	default: // an answer that is cut short is written first
	}
	return nil
}

// faulty is an error answer in the form of the service that was asked.
func (k *Kernel) faulty(c *Call, f *faults.Fault) *Response {
	a := c.Route.Service.Fault(c, f)
	if f.RetryAfter != "" {
		a.With("Retry-After", f.RetryAfter)
	}
	return a
}
