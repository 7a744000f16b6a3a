package outcome

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// checkSize refuses what could be accepted, and never planned again.
func checkSize(plan, config *model, d *diag.Diagnostics) {
	kept, readings := 0, 0
	for _, v := range []types.String{
		plan.Decisions, plan.Groups, plan.Accepted, plan.Settings, plan.ChangesMarkdown, plan.ChangesJSON,
	} {
		kept += len(v.ValueString())
	}
	for _, v := range []types.String{config.Directory, config.Organization} {
		readings += len(v.ValueString())
	}
	if size := nextPlan(kept, readings); size > maxMessage {
		d.AddAttributeError(path.Root("scope"), "The outcome is too large to be planned again", fmt.Sprintf(
			"Once it is accepted, the next plan would pass %d MiB between CLI and provider, and the limit is %d MiB: "+
				"every plan would fail, a destroy's too. Nothing was changed. Narrow the scope, or split it over "+
				"several outcomes, each with a reading of its own groups; use show = \"skipped\" (the default) or "+
				"\"summary\".", size>>20, maxMessage>>20))
	}
}

// maxMessage is what the CLIs and the plugin protocol let pass at once.
const maxMessage = 256 << 20

// nextPlan is about how many bytes the request to plan an accepted outcome has:
// what is kept is in it twice, as it was and as it is proposed, and the readings
// are, in the configuration and in what is proposed. A part of 32 is for the
// rest, and for how they are packed.
func nextPlan(kept, readings int) int {
	size := 2 * (kept + readings)
	return size + size/32
}
