package provisioning

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// validateTogether refuses credentials without a version, and a version without
// credentials. It is on no attribute, as what validateKeys says.
func validateTogether(m *secretModel, d *diag.Diagnostics) {
	if !m.Credentials.IsUnknown() && !m.CredentialsVersion.IsUnknown() &&
		m.Credentials.IsNull() != m.CredentialsVersion.IsNull() {
		d.AddError("Missing argument", "credentials and credentials_version belong together: set both. Only a set "+
			"that was imported may do without both; the service then keeps what it has.")
	}
}

// plannedKeys are the keys that there will be. Without credentials nothing is written,
// and what would ask for it is refused.
func plannedKeys(ctx context.Context, config, plan, state *secretModel, d *diag.Diagnostics) types.Set {
	switch {
	case config.Credentials.IsUnknown():
		return types.SetUnknown(types.StringType)
	case !config.Credentials.IsNull():
		keys, diags := types.SetValueFrom(
			ctx,
			types.StringType,
			slices.Sorted(maps.Keys(config.Credentials.Elements())),
		)
		d.Append(diags...)
		return keys
	case state == nil || !plan.ServicePrincipalID.Equal(state.ServicePrincipalID):
		d.AddError("Missing argument", "credentials and credentials_version are required: the set is there only once "+
			"it is written. A set that the service already holds is imported.")
		return types.SetUnknown(types.StringType)
	case plan.asksForWrite(ctx, state, d):
		d.AddError("Missing argument", "credentials: sync_all, notifications or credentials_version differ from what "+
			"the service or the state has, and the service takes the set as a whole. Set credentials and "+
			"credentials_version, or write here what is there: the plan shows it.")
	}
	return state.Keys
}

// asksForWrite reports whether a plan without credentials changes what the service has.
func (m *secretModel) asksForWrite(ctx context.Context, state *secretModel, d *diag.Diagnostics) bool {
	return !m.CredentialsVersion.Equal(state.CredentialsVersion) ||
		!m.SyncAll.IsUnknown() && m.SyncAll.ValueBool() != state.SyncAll.ValueBool() ||
		!m.Notifications.IsNull() && !m.Notifications.IsUnknown() &&
			notificationsOf(ctx, m.Notifications, d) != notificationsOf(ctx, state.Notifications, d)
}
