package simulator

import (
	"time"
)

// misbehave applies a fault: the answer it puts in the right one's place, or nil with c changed.
func (k *kernel) misbehave(c *call, f *Fault) *answer {
	if f == nil || f.CarriedOut {
		return nil
	}
	switch f.Kind {
	case FaultStatus:
		return k.faulty(c, f)
	case FaultDrop, FaultHang:
		k.silence(c, f)
	case FaultLatency:
		k.sleep(c.ctx, time.Duration(f.Latency))
	case FaultStale:
		c.effects.staleReads = f.Reads
	case FaultNextLoop:
		c.effects.nextLoop = true
	case FaultNextEndless:
		c.effects.nextEndless = true
	case FaultNextForeign:
		c.effects.nextHost = f.Host
	}
	return nil
}

// faulty is an error answer in the form of the service that was asked.
func (k *kernel) faulty(c *call, f *Fault) *answer {
	a := c.route.service.Fault(c, f)
	if f.RetryAfter != "" {
		a.with("Retry-After", f.RetryAfter)
	}
	return a
}
