package faults

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// A trial is one case of the matrix: one step of a story, in which the k-th
// request (from 1) goes wrong.
type trial struct {
	base *baseline
	step int
	k    int
	kind kind
	seed uint64
}

func (c trial) request() simulator.Request { return c.base.steps[c.step].requests[c.k-1] }

// String names a case so that it can be run again.
func (c trial) String() string {
	return fmt.Sprintf(
		"%s/%s/%d/%s/%s",
		c.base.story.name,
		c.base.story.steps[c.step].name,
		c.k,
		c.kind.name,
		c.base.cli.Name,
	)
}

// random is the case's own: the same whatever else runs.
func (c trial) random() *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, c)
	return rand.New(rand.NewPCG(c.seed, h.Sum64()))
}

// run applies with the fault, and again without, and looks at what is left.
func (c trial) run(t *testing.T) {
	t.Helper()
	w := newWorld(t, c.base.story, c.base.cli, c.base.before[c.step])
	w.configure(c.base.story.steps[c.step])
	first := c.misbehaving(w)
	v := verdict{trial: c, T: t, world: w, first: first}
	v.firstApply()
	if t.Failed() {
		return
	}
	v.convergence()
	if t.Failed() {
		return
	}
	v.end()
}

// misbehaving is the apply in which something goes wrong.
func (c trial) misbehaving(w *world) clitest.Result {
	w.Helper()
	if c.kind.dies {
		return c.deadly(w)
	}
	f := c.kind.fault(c.random())
	f.Match, f.Nth = "* *", c.k
	w.Must(w.Server.AddFault(f))
	r := w.apply()
	if w.Server.Hits() != 1 {
		w.Errorf("the fault hit %d times: the apply had fewer requests than without it\n%s", w.Server.Hits(), r.Output)
	}
	w.Server.ClearFaults()
	return r
}

// deadly kills the provider at the request, counted among the writes.
func (c trial) deadly(w *world) clitest.Result {
	w.Helper()
	n := 0
	for _, r := range c.base.steps[c.step].requests[:c.k] {
		if c.kind.fits(r) {
			n++
		}
	}
	k, err := w.Server.KillAt(simulator.Kill{N: n, Writes: true, Items: true, Before: !c.kind.done})
	w.Must(err)
	defer k.Cancel()
	r := w.apply()
	if _, died, err := k.Done(); !died || err != nil {
		w.Errorf("the provider wasn't killed: %v\n%s", err, r.Output)
	}
	return r
}

// compare is what a case ends with beside what it should.
func (c trial) want() moment { return c.base.before[c.step+1] }

func sameTenant(a, b moment) (string, bool) {
	x, y := normal(a), normal(b)
	return difference(x, y), bytes.Equal(x, y)
}
