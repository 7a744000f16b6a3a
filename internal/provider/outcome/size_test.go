package outcome

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A million users were measured: a reading of 40 MiB, 27 MiB that are accepted and 62
// MiB of decisions made a request of 277,375,305 bytes, which the protocol refused.
func TestCheckSize(t *testing.T) {
	const measured = 277_375_305
	sized := func(part int) (size int, d diag.Diagnostics) {
		text := func(mib int) types.String { return types.StringValue(strings.Repeat("x", mib<<20/part)) }
		plan, config := &model{computed: computed{Accepted: text(27), Decisions: text(62)}}, &model{Directory: text(40)}
		checkSize(plan, config, &d)
		return nextPlan((27+62)<<20/part, 40<<20/part), d
	}
	size, d := sized(1)
	if size < measured*95/100 || size > measured*105/100 {
		t.Errorf("got %d bytes, want about %d", size, measured)
	}
	if len(d) != 1 || !strings.Contains(d[0].Detail(), "the limit is 256 MiB") ||
		!strings.Contains(d[0].Detail(), "Narrow the scope") {
		t.Errorf("got %v, want one error that says what to narrow", d)
	}
	if _, d := sized(2); len(d) != 0 {
		t.Errorf("half of it: got %v", d)
	}
}
