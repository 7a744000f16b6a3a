// Package heap says how often garbage is collected.
package heap

import (
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

// await sets the rule until the next collection, and is called after it again.
func await(bytes uint64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(percent(bytes, live[0].Value.Uint64()))
	runtime.AddCleanup(&struct{ _ [64]byte }{}, await, bytes)
}

// percent is how much may be allocated, as a part of what is in use.
func percent(spare, live uint64) int { return int(max(100, 100*spare/max(live, smallest))) }
