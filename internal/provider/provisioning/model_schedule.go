package provisioning

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

type scheduleModel struct {
	ID                 types.String   `tfsdk:"id"`
	ServicePrincipalID types.String   `tfsdk:"service_principal_id"`
	JobID              types.String   `tfsdk:"job_id"`
	StartAfter         types.Set      `tfsdk:"start_after"`
	Enabled            types.Bool     `tfsdk:"enabled"`
	RestartTriggers    types.Map      `tfsdk:"restart_triggers"`
	RestartScope       types.Set      `tfsdk:"restart_scope"`
	WaitFor            types.String   `tfsdk:"wait_for"`
	Starts             types.Bool     `tfsdk:"starts"`
	Quarantine         types.Object   `tfsdk:"quarantine"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// starts says whether the plan starts or restarts the job; unknown where
// enabled is. state is nil before the create.
func (m *scheduleModel) starts(state *scheduleModel) types.Bool {
	switch {
	case m.Enabled.IsUnknown():
		return types.BoolUnknown()
	case !m.Enabled.ValueBool():
		return types.BoolValue(false)
	case state == nil || !state.Enabled.ValueBool():
		return types.BoolValue(true)
	case m.RestartTriggers.IsUnknown():
		return types.BoolUnknown()
	}
	return types.BoolValue(m.restarts(state))
}

// adviseStartAfter warns where, for all that is known, no mapping comes first.
func (m *scheduleModel) adviseStartAfter(ctx context.Context, d *diag.Diagnostics) {
	if !tfutil.Known(ctx, m.StartAfter, m.ServicePrincipalID, m.JobID) || !m.Enabled.ValueBool() {
		return
	}
	prefix := m.ServicePrincipalID.ValueString() + "/" + m.JobID.ValueString() + "/"
	if !slices.ContainsFunc(tfutil.Strings(ctx, m.StartAfter, d),
		func(id string) bool { return strings.HasPrefix(id, prefix) }) {
		d.AddAttributeWarning(
			path.Root("start_after"),
			"No mapping of this job comes first",
			"start_after has the id of no usersync_provisioning_mapping of "+
				"job "+m.JobID.ValueString()+": where nobody else has set its "+
				"mappings, the first cycle provisions all users by the template's.",
		)
	}
}

// restarts reports whether new triggers ask for a restart.
func (m *scheduleModel) restarts(state *scheduleModel) bool {
	return m.Enabled.ValueBool() && !state.RestartTriggers.IsNull() && !m.RestartTriggers.IsNull() &&
		!m.RestartTriggers.Equal(state.RestartTriggers)
}

// mappingsOf are the ids of a job's mappings, which an imported schedule starts after;
// null where they can't be read.
func (r *scheduleResource) mappingsOf(ctx context.Context, sp, job string, d *diag.Diagnostics) types.Set {
	raw, err := r.Session.Schema(ctx, sp, job)
	if err != nil {
		return types.SetNull(types.StringType)
	}
	schema, err := mapping.ParseSchema(raw)
	if err != nil || len(schema.Sections()) == 0 {
		return types.SetNull(types.StringType)
	}
	var ids []string
	for _, s := range schema.Sections() {
		ids = append(ids, syncjob.MappingID(sp, job, s.Rule, s.Object))
	}
	set, diags := types.SetValueFrom(ctx, types.StringType, ids)
	d.Append(diags...)
	return set
}
