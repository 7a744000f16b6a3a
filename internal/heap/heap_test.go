package heap

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// rule is how much may be allocated, as a part of what is in use.
func rule() uint64 {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{
		0: 1600, smallest: 1600, 32 << 20: 200, spare: 100, 200 << 20: 100, 1 << 40: 100,
	} {
		if got := percent(spare, live); got != want {
			t.Errorf("%d in use: %d, want %d", live, got, want)
		}
	}
}

func TestLimit(t *testing.T) {
	for live, want := range map[uint64]int64{
		0: 136 << 20, smallest: 136 << 20, 32 << 20: 192 << 20, spare - 1: 256<<20 - 2,
		spare: math.MaxInt64, 1 << 40: math.MaxInt64,
	} {
		if got := limit(spare, live); got != want {
			t.Errorf("%d in use: %d, want %d", live, got, want)
		}
	}
}

// What the environment says holds.
func TestRelax_Environment(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Run(name, func(t *testing.T) {
			before := debug.SetGCPercent(123)
			t.Cleanup(func() { debug.SetGCPercent(before) })
			t.Setenv(name, "50")
			Relax()
			if got := rule(); got != 123 {
				t.Errorf("%d percent", got)
			}
		})
	}
}

// The rule is set anew after each collection, for what is in use then. Until it is, the
// memory is limited.
func TestRelax(t *testing.T) {
	before, unlimited := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(before)
		debug.SetMemoryLimit(unlimited)
	})
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	runtime.GC() // what other tests left
	if Relax(); rule() <= 100 {
		t.Errorf("%d percent of little", rule())
	}
	if got := debug.SetMemoryLimit(-1); got > 4*spare {
		t.Errorf("with little in use, memory is limited to %d bytes", got)
	}
	large := make([]byte, 2*spare)
	for range 1000 { // cleanups run soon after a collection, by themselves
		runtime.GC()
		runtime.Gosched()
		if rule() == 100 && debug.SetMemoryLimit(-1) == unlimited {
			runtime.KeepAlive(large)
			return
		}
	}
	t.Error("with much in use, garbage is still collected late")
}
