package outcome

import "testing"

// What was measured with a million users: a reading of 40 MiB, 27 MiB that are
// accepted and 62 MiB of decisions made a request of 277,375,305 bytes, which
// the protocol refused. A tenth of them passes.
func TestNextPlan(t *testing.T) {
	const reading, kept = 40 << 20, (27 + 62) << 20
	if size := nextPlan(kept, reading); size <= maxMessage || size > 300_000_000 {
		t.Errorf("%d bytes are said to pass, and don't", size)
	}
	if size := nextPlan(kept/10, reading/10); size > maxMessage/5 {
		t.Errorf("%d bytes are too many for a tenth", size)
	}
}
