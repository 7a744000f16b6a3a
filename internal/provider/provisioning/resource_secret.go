package provisioning

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure      = (*secretResource)(nil)
	_ resource.ResourceWithIdentity       = (*secretResource)(nil)
	_ resource.ResourceWithImportState    = (*secretResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*secretResource)(nil)
	_ resource.ResourceWithValidateConfig = (*secretResource)(nil)
)

// secretResource is usersync_provisioning_secret.
type secretResource struct{ syncjob.Resource }

// NewSecret makes the resource usersync_provisioning_secret.
func NewSecret() resource.Resource { return &secretResource{} }

func (r *secretResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_secret"
}

func (r *secretResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = tfutil.IdentitySchema("service_principal_id")
}

// ValidateConfig looks at the keys of the credentials.
func (r *secretResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var m secretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		validateTogether(&m, &resp.Diagnostics)
		validateKeys(&m, &resp.Diagnostics)
	}
}

// ModifyPlan says which keys there will be.
func (r *secretResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var config, plan secretModel
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &config)...)
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	var state *secretModel
	if !req.State.Raw.IsNull() {
		state = &secretModel{}
		d.Append(req.State.Get(ctx, state)...)
	}
	plan.Keys = plannedKeys(ctx, &config, &plan, state, d)
	if state != nil && !r.Session.Offline() && state.SyncAll.ValueBool() && !plan.SyncAll.IsUnknown() &&
		!plan.SyncAll.ValueBool() {
		d.AddAttributeWarning(path.Root("sync_all"), "The job needs a restart", "When sync_all goes from true to "+
			"false, the service says to restart the job: change restart_triggers of its schedule.")
	}
	plan.Credentials = types.MapNull(types.StringType)
	d.Append(resp.Plan.Set(ctx, &plan)...)
}

// Create validates and writes the set.
func (r *secretResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	const operation = "Writing the provisioning credentials"
	d := &resp.Diagnostics
	var plan, config secretModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.Config.Get(ctx, &config)...)
	if d.HasError() {
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp := plan.ServicePrincipalID.ValueString()
	defer r.Session.Lock(sp + "/secrets")()
	live, err := c.Secrets(ctx, sp)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	given := credentialsOf(ctx, &config, d)
	if foreign := plan.foreign(ctx, given, live, d); len(foreign) > 0 {
		d.AddError("The service principal has other credentials already",
			"credentials: nothing was written. The set is written as a whole, and what is there isn't what an "+
				"interrupted apply of this one leaves: "+strings.Join(foreign, ", ")+
				". Import it (terraform import <address> "+sp+"), and change credentials_version to write yours over "+
				"it.")
	}
	if d.HasError() {
		return
	}
	if r.Claim("secret/"+sp, "The set of credentials of service principal "+sp, d); d.HasError() {
		return
	}
	r.write(ctx, c, operation, &plan, plan.CredentialsVersion, given, live, &resp.State, resp.Identity, d)
}

// Update writes the set where something of it changes.
func (r *secretResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	const operation = "Changing the provisioning credentials"
	d := &resp.Diagnostics
	var plan, config, state secretModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.Config.Get(ctx, &config)...)
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	given := credentialsOf(ctx, &config, d)
	if d.HasError() {
		return
	}
	if config.Credentials.IsNull() || !plan.differs(ctx, &state, given, d) {
		if plan.Keys = state.Keys; !config.Credentials.IsNull() {
			plan.Keys = keysValue(given)
		}
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp := plan.ServicePrincipalID.ValueString()
	defer r.Session.Lock(sp + "/secrets")()
	live, err := c.Secrets(ctx, sp)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	if changed := state.changed(ctx, live, d); len(changed) > 0 {
		d.AddError("Someone else changed the credentials after they were read",
			"credentials: "+strings.Join(changed, ", ")+" differ from what the plan saw. Nothing was written. Plan "+
				"again: the plan shows what is there now.")
	}
	if d.HasError() {
		return
	}
	r.write(ctx, c, operation, &plan, state.CredentialsVersion, given, live, &resp.State, resp.Identity, d)
}

// write validates, writes, and validates what was saved; where that fails, the
// state keeps the version before, so that the next apply writes again.
func (r *secretResource) write(
	ctx context.Context, c *entra.Client, operation string, plan *secretModel, before types.String,
	given map[string]string, live []entra.Secret, state *tfsdk.State, identity *tfsdk.ResourceIdentity,
	d *diag.Diagnostics,
) {
	set, credentials := plan.set(ctx, given, live, d)
	if d.HasError() {
		return
	}
	sp := plan.ServicePrincipalID.ValueString()
	job, template, err := validatingJob(ctx, c, sp, plan.JobID.ValueString())
	if err == nil && plan.Validate.ValueBool() {
		if err = c.ValidateCredentials(ctx, sp, job, template, credentials); err != nil {
			d.Append(refusedCredentials(err, "Nothing was written."))
			return
		}
	}
	if err == nil {
		err = c.PutSecrets(ctx, sp, set)
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	r.Session.Forget()
	plan.ID, plan.Keys = types.StringValue(sp), keysValue(given)
	r.store(ctx, plan, state, identity, d)
	if !plan.Validate.ValueBool() {
		return
	}
	if err := c.ValidateCredentials(ctx, sp, job, template, nil); err != nil {
		plan.CredentialsVersion = before
		r.store(ctx, plan, state, identity, d)
		d.Append(refusedCredentials(err, "They were good before they were written, and are saved: someone else may "+
			"have written others since. Apply again."))
	}
}

func (r *secretResource) store(
	ctx context.Context, m *secretModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	m.Credentials = types.MapNull(types.StringType)
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "service_principal_id", m.ServicePrincipalID)
}

// Read sees which keys there are, and the settings beside them.
func (r *secretResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the keys of the provisioning credentials"
	d := &resp.Diagnostics
	var state secretModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	state.warnExpiry(r.Session, d)
	if r.NotRefreshed(d) {
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if c == nil {
		return
	}
	live, err := c.Secrets(ctx, state.ServicePrincipalID.ValueString())
	if entra.NotFound(err) || err == nil && len(heldKeys(live, tfutil.Strings(ctx, state.Keys, d))) == 0 {
		tfutil.SetIdentity(ctx, resp.Identity, d, "service_principal_id", state.ServicePrincipalID)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	state.refresh(ctx, live, d)
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// warnExpiry says that the credentials have expired, or are about to.
func (m *secretModel) warnExpiry(session *session.Session, d *diag.Diagnostics) {
	if session == nil {
		return // the CLI only validates
	}
	what := "The set of credentials of service principal " + m.ServicePrincipalID.ValueString()
	if summary, detail := tfutil.Expiry(what, m.ExpiresOn.ValueString(), session.Now()); summary != "" {
		d.AddAttributeWarning(path.Root("expires_on"), summary, detail)
	}
}

// Delete empties the credentials: the service has no other way [graph 3.4].
func (r *secretResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Emptying the provisioning credentials"
	d := &resp.Diagnostics
	var state secretModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp := state.ServicePrincipalID.ValueString()
	defer r.Session.Lock(sp + "/secrets")()
	if r.ClaimedElsewhere("secret/"+sp, "The credentials of service principal "+sp, d) {
		return
	}
	var set []entra.Secret
	for _, key := range tfutil.Strings(ctx, state.Keys, d) {
		set = append(set, entra.Secret{Key: key})
	}
	if err := c.PutSecrets(ctx, sp, set); err != nil && !entra.NotFound(err) {
		d.Append(tfutil.Failure(operation, err))
	}
	r.Session.Forget()
}

// ImportState takes the service principal's object id.
func (r *secretResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	ids, ok := tfutil.ImportIDs(ctx, fromAzuread(req), resp, "service_principal_id")
	if !ok {
		return
	}
	if strings.Contains(ids[0], "/") {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("Expected the service principal's object id alone, "+
			"found %q.", ids[0]))
		return
	}
	m := importedSecret(ids[0])
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// importedSecret is what is known of a set of credentials before it is read.
func importedSecret(sp string) secretModel {
	return secretModel{
		ID:                 types.StringValue(sp),
		ServicePrincipalID: types.StringValue(sp),
		Validate:           types.BoolValue(true),
		Credentials:        types.MapNull(types.StringType),
		Notifications:      types.ObjectNull(notificationTypes),
		Keys:               types.SetNull(types.StringType),
	}
}
