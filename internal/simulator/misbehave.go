package simulator

import (
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

// misbehave applies a fault: the answer it puts in the right one's place, or nil with c changed.
func (k *kernel) misbehave(c *call, f *faults.Fault) *answer {
	if f == nil || f.CarriedOut {
		return nil
	}
	switch f.Kind {
	case faults.Status:
		return k.faulty(c, f)
	case faults.Drop, faults.Hang:
		k.silence(c, f)
	case faults.Latency:
		k.sleep(c.ctx, time.Duration(f.Latency))
	case faults.Stale:
		c.effects.staleReads = f.Reads
	case faults.NextLoop:
		c.effects.nextLoop = true
	case faults.NextEndless:
		c.effects.nextEndless = true
	case faults.NextForeign:
		c.effects.nextHost = f.Host
	}
	return nil
}

// faulty is an error answer in the form of the service that was asked.
func (k *kernel) faulty(c *call, f *faults.Fault) *answer {
	a := c.route.service.Fault(c, f)
	if f.RetryAfter != "" {
		a.with("Retry-After", f.RetryAfter)
	}
	return a
}
