// Package heap says how often garbage is collected.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Relax has garbage collected when 64 MiB were allocated since the last time, where less
// than that is in use; Go's own rule is as many as are in use. A provider
// lives for seconds, and most of what it allocates it keeps to its end: looking through
// it at 4, 8, 16, 32 and 64 MiB finds little. Beyond that Go's rule holds, so that the
// peak of a large tenant is no higher. Where the environment says how often, that holds.
func Relax() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		await(spare)
	}
}

// spare may always be allocated; smallest is the least that Go takes to be in use. Both
// are bytes.
const (
	spare    = 64 << 20
	smallest = 4 << 20
)

// await sets the rule until the next collection, and is called after it again: how soon
// isn't said, and while all cores are busy it may take long. Until then the rule is that
// of the little that was in use before, so that memory has a limit, too.
func await(bytes uint64) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	live := sample[0].Value.Uint64()
	debug.SetGCPercent(percent(bytes, live))
	debug.SetMemoryLimit(limit(bytes, live))
	runtime.AddCleanup(&struct{ _ [64]byte }{}, await, bytes)
}

// percent is how much may be allocated, as a part of what is in use.
func percent(spare, live uint64) int { return int(max(100, 100*spare/max(live, smallest))) }

// limit is how much memory there may be before garbage is collected by whatever rule, in
// bytes: what Go's rule would give if nothing were garbage at the next collection.
func limit(spare, live uint64) int64 {
	if live >= spare {
		return math.MaxInt64
	}
	return int64(2 * (max(live, smallest) + spare))
}
