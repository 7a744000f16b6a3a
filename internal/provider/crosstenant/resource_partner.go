package crosstenant

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*partnerResource)(nil)
	_ resource.ResourceWithIdentity    = (*partnerResource)(nil)
	_ resource.ResourceWithImportState = (*partnerResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*partnerResource)(nil)
)

// partnerResource is usersync_cross_tenant_partner.
type partnerResource struct{ session.Resource }

// NewPartner makes the resource usersync_cross_tenant_partner.
func NewPartner() resource.Resource { return &partnerResource{} }

const defaultTimeout = 5 * time.Minute

func (r *partnerResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cross_tenant_partner"
}

func (r *partnerResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"tenant_id": identityschema.StringAttribute{RequiredForImport: true},
		},
	}
}

func (r *partnerResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Another tenant in the cross-tenant access policy: whether it may synchronize users " +
			"into this tenant, and whether invitations between the two are redeemed without asking. Cross-tenant " +
			"synchronization needs `inbound_user_sync` and `automatic_redemption.inbound` in the target tenant, and " +
			"`automatic_redemption.outbound` for the target in the source tenant. Only what is named here is " +
			"written: B2B collaboration, direct connect, trust settings and tenant restrictions stay as they are. " +
			"What was set here and no longer is, is given back: the user synchronization policy is deleted, " +
			"automatic redemption inherits. Whether groups may be synchronized (`groupSyncInbound`, in the beta " +
			"version of Graph alone) isn't managed: changes leave it as it is, and where Graph shows that groups " +
			"may be, the policy isn't deleted, but switched off for users. Destroying deletes the partner, or, " +
			"where others have set something of it, gives back what was set here and leaves the rest, with a " +
			"warning; users who were synchronized stay in this tenant. As Microsoft documents it, an administrator " +
			"can restore a deleted partner and its policy for 30 days; applications have no permission for that, " +
			"and what becomes of a deleted one when the partner is created again isn't documented. Needs the " +
			"application permission `Policy.ReadWrite.CrossTenantAccess`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The partner's tenant id.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"tenant_id": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The other tenant's id, a GUID in lower case; `usersync_cross_tenant_partners` " +
					"finds it by a domain. Changing it makes another partner.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: []validator.String{stringvalidator.RegexMatches(tenantIDs, "must be a tenant's id: a GUID "+
					"in lower case")},
			},
			"inbound_user_sync": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether the partner may synchronize users into this tenant. `false` stops its " +
					"synchronization; users who came by it stay. Not managed unless set.",
			},
			"display_name": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The name of the user synchronization policy, usually the partner's. Default: " +
					"as it is; a new policy has none. Only with `inbound_user_sync`.",
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.AlsoRequires(path.MatchRoot("inbound_user_sync")),
				},
			},
			"automatic_redemption": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "Whether invitations are redeemed without the person being asked. Where it is " +
					"set, both ways are managed. Not managed unless set.",
				Attributes: redemptionAttributes(),
			},
			"adopt": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether to take over a partner that is there already and says something else " +
					"than planned here. Default `false`: that is an error which asks for an import. One that is " +
					"bare, or exactly as planned, as an interrupted apply leaves it, is taken over in any case.",
			},
			"timeouts": partnerTimeouts(ctx),
		},
	}
}

func partnerTimeouts(ctx context.Context) schema.SingleNestedAttribute {
	const written = "How long to wait until what was written can be read, as a duration such as `5m` (default)."
	return tfutil.Timeouts(ctx, timeouts.Opts{
		Create: true, CreateDescription: written,
		Update: true, UpdateDescription: written,
		Delete: true, DeleteDescription: "How long to wait until it is gone, as a duration such as `5m` (default).",
	})
}

func redemptionAttributes() map[string]schema.Attribute {
	way := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: description + " `null` inherits the tenant's default.",
		}
	}
	return map[string]schema.Attribute{
		"inbound": way("Of the partner's users in this tenant, which takes the partner's consent (its `outbound`) " +
			"too."),
		"outbound": way("Of this tenant's users in the partner's, which takes the partner's consent (its `inbound`) " +
			"too."),
	}
}

// ModifyPlan says what the id and the name will be, and warns where the policy
// goes.
func (r *partnerResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var tenant, configured, was types.String
	var sync, before types.Bool
	d := &resp.Diagnostics
	d.Append(req.Config.GetAttribute(ctx, path.Root("tenant_id"), &tenant)...)
	d.Append(req.Config.GetAttribute(ctx, path.Root("display_name"), &configured)...)
	d.Append(req.Config.GetAttribute(ctx, path.Root("inbound_user_sync"), &sync)...)
	if !req.State.Raw.IsNull() {
		d.Append(req.State.GetAttribute(ctx, path.Root("display_name"), &was)...)
		d.Append(req.State.GetAttribute(ctx, path.Root("inbound_user_sync"), &before)...)
	}
	if d.HasError() {
		return
	}
	warnRedemption(ctx, req, d)
	if !tenant.IsUnknown() {
		d.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), strings.ToLower(tenant.ValueString()))...)
	}
	if configured.IsNull() {
		name := types.StringUnknown()
		switch {
		case sync.IsNull():
			name = types.StringNull()
		case !before.IsNull() && !sync.IsUnknown():
			name = was
		}
		d.Append(resp.Plan.SetAttribute(ctx, path.Root("display_name"), name)...)
	}
	if sync.IsNull() && !before.IsNull() && !r.Session.Offline() {
		d.AddAttributeWarning(path.Root("inbound_user_sync"), "The partner's user synchronization policy will be "+
			"deleted",
			"inbound_user_sync was managed here and no longer is. Without the policy the partner can't synchronize "+
				"users into this tenant; those who came by it stay. To go on, keep inbound_user_sync = true.")
	}
}

// warnRedemption says so where automatic_redemption is written, or changed, without either of its keys: the CLIs drop
// a misspelled one without a word, and both ways then inherit.
func warnRedemption(ctx context.Context, req resource.ModifyPlanRequest, d *diag.Diagnostics) {
	var now, before types.Object
	at := path.Root("automatic_redemption")
	d.Append(req.Config.GetAttribute(ctx, at, &now)...)
	if !req.State.Raw.IsNull() {
		d.Append(req.State.GetAttribute(ctx, at, &before)...)
	}
	if now.IsNull() || now.IsUnknown() || now.Equal(before) {
		return
	}
	for _, v := range now.Attributes() {
		if !v.IsNull() {
			return
		}
	}
	d.AddAttributeWarning(at, "Neither way of redemption is set", "automatic_redemption has the keys inbound and "+
		"outbound, and neither is set, so that both inherit the tenant's default. Is a key misspelled? The CLIs drop "+
		"any other without a word.")
}

// store writes the state and the identity.
func (r *partnerResource) store(
	ctx context.Context, m *partnerModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "tenant_id", m.TenantID)
}

// Read refreshes what is managed.
func (r *partnerResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the cross-tenant partner"
	d := &resp.Diagnostics
	var state partnerModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.Session != nil && r.Session.Offline() {
		d.AddWarning("Not refreshed: the provider reads a snapshot", "What the state says of cross-tenant partners is "+
			"taken as it is: a snapshot stands in place of the services.")
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d, entra.NeedPartners)
	if c == nil {
		return
	}
	ours := state.managed()
	now, err := look(ctx, c, strings.ToLower(state.TenantID.ValueString()), ours.allowed != nil)
	if entra.NotFound(err) {
		// Terraform 1.11 wants the identity of what is removed, too.
		tfutil.SetIdentity(ctx, resp.Identity, d, "tenant_id", state.TenantID)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(failure(operation, err))
		return
	}
	state.set(now.seen(ours))
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// Update writes what differs, and gives back what is no longer managed.
func (r *partnerResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	const operation = "Changing the cross-tenant partner"
	d := &resp.Diagnostics
	var plan, config, state partnerModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.Config.Get(ctx, &config)...)
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	before, want := state.managed(), config.managed()
	if plan.unchanged(&state) { // the time-outs alone, or adopt
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Update, defaultTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d, entra.NeedPartnersWrite)
	if d.HasError() {
		return
	}
	w := &writer{session: r.Session, client: c, id: strings.ToLower(plan.TenantID.ValueString()), done: before}
	defer r.Session.Lock(partnerLock(w.id))()
	defer r.Session.Forget()
	now, err := look(ctx, c, w.id, before.allowed != nil || want.allowed != nil)
	if err == nil {
		err = w.write(ctx, now.changes(before, want), want)
	}
	if err == nil {
		now, err = w.awaitWritten(ctx, before, want)
	}
	if err != nil {
		state.set(w.done)
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		failed := failure(operation, err)
		d.AddError(failed.Summary(), failed.Detail()+"\n\nThe state says what was done. Apply again: only what is "+
			"left is written.")
		return
	}
	plan.named(now)
	r.store(ctx, &plan, &resp.State, resp.Identity, d)
}

// ImportState takes a tenant id, and reads what is set of the partner.
func (r *partnerResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	const operation = "Importing the cross-tenant partner"
	d := &resp.Diagnostics
	id := req.ID
	if id == "" && req.Identity != nil {
		d.Append(req.Identity.GetAttribute(ctx, path.Root("tenant_id"), &id)...)
	}
	if id = strings.ToLower(id); !tenantIDs.MatchString(id) {
		d.AddError("Invalid import ID", "Expected a tenant's id, a GUID, found \""+id+"\". The data source "+
			"usersync_cross_tenant_partners finds it by a domain.")
		return
	}
	c := r.Session.Client(ctx, operation, d, entra.NeedPartners)
	if d.HasError() {
		return
	}
	now, err := look(ctx, c, id, true)
	if entra.NotFound(err) {
		d.AddError("Partner not found", "The cross-tenant access policy has no partner "+id+", so there is nothing to "+
			"import: without an import, apply creates it.")
		return
	}
	if err != nil {
		d.Append(failure(operation, err))
		return
	}
	var m partnerModel
	m.set(now.everything())
	for name, value := range map[string]any{
		"id":                   id,
		"tenant_id":            id,
		"adopt":                false,
		"inbound_user_sync":    m.InboundUserSync,
		"display_name":         m.DisplayName,
		"automatic_redemption": m.AutomaticRedemption,
	} {
		d.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	tfutil.SetIdentity(ctx, resp.Identity, d, "tenant_id", types.StringValue(id))
}

func partnerLock(id string) string { return "partner/" + id }
