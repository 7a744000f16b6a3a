package domain

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*entraVerification)(nil)
	_ resource.ResourceWithIdentity    = (*entraVerification)(nil)
	_ resource.ResourceWithImportState = (*entraVerification)(nil)
	_ resource.ResourceWithModifyPlan  = (*entraVerification)(nil)
)

// entraVerification is usersync_entra_domain_verification.
type entraVerification struct{ session.Resource }

// NewEntraVerification makes the resource usersync_entra_domain_verification.
func NewEntraVerification() resource.Resource { return &entraVerification{} }

// entraVerificationTime is a little more than the hour that DNS may take
// [graph 4].
const entraVerificationTime = 75 * time.Minute

type entraVerificationModel struct {
	ID         types.String   `tfsdk:"id"`
	Domain     types.String   `tfsdk:"domain"`
	Records    types.List     `tfsdk:"records"`
	CheckDNS   types.Bool     `tfsdk:"check_dns"`
	IsVerified types.Bool     `tfsdk:"is_verified"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

func (r *entraVerification) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_entra_domain_verification"
}

func (r *entraVerification) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = domainIdentity()
}

// checkDNSText describes check_dns.
const checkDNSText = "Whether the error says what DNS answers this machine, when the record isn't found in time. " +
	"Default `true`; `false` where this machine sees another view of the zone (split horizon), or may not ask DNS. " +
	"It decides nothing else."

// recordsText describes records.
const recordsText = "Attributes of the DNS records, such as their ids, of your DNS provider's resources: they are " +
	"only there so that the verification waits for the records. Changing them verifies nothing again."

func (r *entraVerification) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const wait = "How long to ask again until Entra finds the record, as a duration such as `75m` (default): answers " +
		"of DNS may take an hour to arrive."
	resp.Schema = schema.Schema{
		MarkdownDescription: "That the Entra tenant has verified a domain, as certificate-validation resources of " +
			"other providers work: it depends on the DNS records, and asks Entra to look for them, again and again " +
			"with growing pauses up to a minute, until they are found or the time-out passes. A domain that is no " +
			"longer verified is verified again by the next apply; one that is no longer in the tenant drops out of " +
			"the state. Destroying forgets: the domain stays verified. Needs the application permission " +
			"`Domain.ReadWrite.All`, for planning `Domain.Read.All`; with `CrossTenantInformation.ReadBasic.All` the " +
			"error can say which tenant holds the domain.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The domain in lower-case ASCII form."},
			"domain": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The domain, in any form: usually `usersync_entra_domain.….domain`. Another one " +
					"makes another resource.",
				Validators:    []validator.String{nameValidator{}},
				PlanModifiers: []planmodifier.String{sameName{}},
			},
			"records": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: recordsText,
			},
			"check_dns": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
				MarkdownDescription: checkDNSText,
			},
			"is_verified": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether the tenant has verified the domain; after apply, `true`.",
			},
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{Create: true, Update: true,
				CreateDescription: wait, UpdateDescription: "The same, where the domain is no longer verified."}),
		},
	}
}

// ModifyPlan plans that the domain is verified: where the state says
// otherwise, that is the drift.
func (r *entraVerification) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	d := &resp.Diagnostics
	var name types.String
	d.Append(req.Plan.GetAttribute(ctx, path.Root("domain"), &name)...)
	if d.HasError() || name.IsUnknown() {
		return
	}
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), ascii(name))...)
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("is_verified"), true)...)
}

func (r *entraVerification) store(
	ctx context.Context, m *entraVerificationModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity,
	d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "domain", m.ID)
}

// Create verifies. On an error there is no state: nothing was made that could
// be left behind.
func (r *entraVerification) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	d := &resp.Diagnostics
	var plan entraVerificationModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	if r.verify(ctx, &plan, plan.Timeouts.Create, d) {
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
	}
}

// Update verifies again where that is needed.
func (r *entraVerification) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	d := &resp.Diagnostics
	var plan, state entraVerificationModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if state.IsVerified.ValueBool() || r.verify(ctx, &plan, plan.Timeouts.Update, d) {
		plan.ID, plan.IsVerified = types.StringValue(ascii(plan.Domain)), types.BoolValue(true)
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
	}
}

// Read refreshes whether the domain is verified.
func (r *entraVerification) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the domain's verification"
	d := &resp.Diagnostics
	var state entraVerificationModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.Session != nil && r.Session.Offline() {
		d.AddWarning("Not refreshed: the provider reads a snapshot", "What the state says of verifications in Entra "+
			"is taken as it is: a snapshot stands in place of the services.")
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d, entra.NeedDomains)
	if c == nil {
		return
	}
	state.ID = types.StringValue(ascii(state.Domain))
	now, err := c.Domain(ctx, state.ID.ValueString())
	if entra.NotFound(err) {
		// Terraform 1.11 wants the identity of what is removed, too.
		tfutil.SetIdentity(ctx, resp.Identity, d, "domain", state.ID)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(failure(operation, err))
		return
	}
	state.IsVerified = types.BoolValue(now.IsVerified)
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// Delete forgets: a verification can't be taken back without the domain.
func (r *entraVerification) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes a domain in any form.
func (r *entraVerification) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	d := &resp.Diagnostics
	name := importName(ctx, req.ID, req.Identity, d)
	if d.HasError() {
		return
	}
	for attribute, value := range map[string]any{"id": name, "domain": name, "check_dns": true} {
		d.Append(resp.State.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	tfutil.SetIdentity(ctx, resp.Identity, d, "domain", types.StringValue(name))
}
