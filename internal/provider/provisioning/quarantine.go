package provisioning

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var quarantineTypes = tfutil.AttributeTypes(quarantineAttributes())

func quarantineOf(q *entra.Quarantine) types.Object {
	if q == nil {
		return types.ObjectNull(quarantineTypes)
	}
	return types.ObjectValueMust(quarantineTypes, map[string]attr.Value{
		"reason": types.StringValue(
			q.Reason,
		),
		"since":         timeValue(q.CurrentBegan),
		"next_attempt":  timeValue(q.NextAttempt),
		"error_code":    types.StringValue(q.ErrorCode),
		"error_message": types.StringValue(q.ErrorMessage),
	})
}

func timeValue(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

func warnQuarantine(job string, q *entra.Quarantine, d *diag.Diagnostics) {
	if q == nil {
		return
	}
	detail := fmt.Sprintf("Job %s runs seldom or not at all: %s. %s %s", job, q.Reason, q.ErrorCode, q.ErrorMessage)
	if !q.NextAttempt.IsZero() {
		detail += "\nThe service tries again at " + q.NextAttempt.UTC().Format(time.RFC3339) + "; after 28 days it " +
			"disables the job."
	}
	d.AddWarning(
		"The provisioning job is in quarantine",
		strings.TrimSpace(detail)+"\nFix the cause, then restart the job: change restart_triggers.",
	)
}
