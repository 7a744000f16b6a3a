package domain

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*entraDomain)(nil)
	_ resource.ResourceWithIdentity    = (*entraDomain)(nil)
	_ resource.ResourceWithImportState = (*entraDomain)(nil)
	_ resource.ResourceWithModifyPlan  = (*entraDomain)(nil)
)

// entraDomain is usersync_entra_domain.
type entraDomain struct{ session.Resource }

// NewEntraDomain makes the resource usersync_entra_domain.
func NewEntraDomain() resource.Resource { return &entraDomain{} }

const entraDomainTime = 5 * time.Minute

type entraDomainModel struct {
	ID                  types.String   `tfsdk:"id"`
	Domain              types.String   `tfsdk:"domain"`
	Zone                types.String   `tfsdk:"zone"`
	IsVerified          types.Bool     `tfsdk:"is_verified"`
	VerificationRecords types.List     `tfsdk:"verification_records"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
}

func (r *entraDomain) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_entra_domain"
}

func (r *entraDomain) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = domainIdentity()
}

// domainIdentity is the identity of what there is once for each domain of a
// tenant: its ASCII form.
func domainIdentity() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"domain": identityschema.StringAttribute{RequiredForImport: true},
		},
	}
}

func (r *entraDomain) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A domain in the Entra tenant: that it is there, and the DNS records that prove who " +
			"holds it. Verifying it is `usersync_entra_domain_verification`. A sub-domain of a domain that the " +
			"tenant has verified is verified at once, and no record is asked for. Whether it is the default domain, " +
			"its services and its password policy are left alone. A domain that is there already is an error which " +
			"asks for an import, except one that is as an interrupted apply leaves it: unverified, or an unused " +
			"sub-domain of a verified one. Destroying deletes the domain; where something still uses it, that is an " +
			"error which names what. Nothing is deleted by force. Needs the application permission " +
			"`Domain.ReadWrite.All`, for planning `Domain.Read.All`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The domain in lower-case ASCII form, as Entra has it.",
			},
			"domain": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The domain, such as `legacy.company.com`. Capitals, a dot at the end, and " +
					"internationalised names in either form are the same domain. Another one makes another resource.",
				Validators:    []validator.String{nameValidator{}},
				PlanModifiers: []planmodifier.String{sameName{}},
			},
			"zone": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The DNS zone that the records' `name` is relative to. Default: the part of the " +
					"domain that can be registered, by the public suffix list (`company.com` for " +
					"`legacy.company.com`).",
				Validators: []validator.String{nameValidator{}},
			},
			"is_verified": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether the tenant has verified the domain, when it was last read.",
			},
			"verification_records": recordsAttribute("The DNS records of which one proves who holds the domain, TXT " +
				"first: publish the first. Empty for a sub-domain that was verified with its parent. They are known " +
				"only after the domain was added, so they can't be keys of `for_each`: write " +
				"`verification_records[0].value`."),
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{Create: true, Delete: true,
				CreateDescription: "How long to wait until the new domain can be read, as a duration such as `5m` " +
					"(default).",
				DeleteDescription: "How long to wait until it is gone, as a duration such as `5m` (default)."}),
		},
	}
}

// ModifyPlan says what follows from the name alone.
func (r *entraDomain) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	d := &resp.Diagnostics
	var plan entraDomainModel
	var zone types.String
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.Config.GetAttribute(ctx, path.Root("zone"), &zone)...)
	if d.HasError() || plan.Domain.IsUnknown() || zone.IsUnknown() {
		return
	}
	plan.ID = types.StringValue(ascii(plan.Domain))
	plan.Zone = zone
	if zone.IsNull() {
		plan.Zone = types.StringValue(zoneOf(plan.ID.ValueString()))
	} else if _, in := within(plan.ID.ValueString(), ascii(zone)); !in {
		d.AddAttributeError(path.Root("zone"), "Domain outside the zone", fmt.Sprintf("%s is neither %s nor below it. "+
			"Leave zone out for the registrable part of the domain, or name the zone that the domain's records are "+
			"in.", plan.ID.ValueString(), ascii(zone)))
		return
	}
	if !req.State.Raw.IsNull() {
		var state entraDomainModel
		d.Append(req.State.Get(ctx, &state)...)
		if state.ID.Equal(plan.ID) {
			plan.IsVerified = state.IsVerified
			plan.VerificationRecords = recordsOf(recordsIn(state.VerificationRecords), ascii(plan.Zone))
		}
	}
	d.Append(resp.Plan.Set(ctx, &plan)...)
}

// store writes the state and the identity.
func (r *entraDomain) store(
	ctx context.Context, m *entraDomainModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "domain", m.ID)
}

// Create adds the domain, or takes over one that an interrupted apply left. On
// an error there is no state: what was added is taken over by the next apply,
// where a state would be tainted and the domain deleted first.
func (r *entraDomain) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	const operation = "Adding the domain"
	d := &resp.Diagnostics
	var plan entraDomainModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, entraDomainTime, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d, entra.NeedDomainsWrite)
	if d.HasError() {
		return
	}
	name := ascii(plan.Domain)
	defer r.Session.Lock(domainLock(name))()
	defer r.Session.Forget()
	now, records, err := r.findOrAdd(ctx, c, name)
	if err != nil {
		failed := failure(operation, err)
		d.AddAttributeError(path.Root("domain"), failed.Summary(), failed.Detail())
		return
	}
	if r.Claim(domainLock(name), "The domain "+name, d); d.HasError() {
		return
	}
	plan.ID = types.StringValue(name)
	if plan.Zone.IsUnknown() {
		plan.Zone = types.StringValue(zoneOf(name))
	}
	plan.IsVerified = types.BoolValue(now.IsVerified)
	plan.VerificationRecords = recordsOf(records, ascii(plan.Zone))
	r.store(ctx, &plan, &resp.State, resp.Identity, d)
}

// Read refreshes the domain.
func (r *entraDomain) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the domain"
	d := &resp.Diagnostics
	var state entraDomainModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.Session != nil && r.Session.Offline() {
		d.AddWarning("Not refreshed: the provider reads a snapshot", "What the state says of domains in Entra is "+
			"taken as it is: a snapshot stands in place of the services.")
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d, entra.NeedDomains)
	if c == nil {
		return
	}
	name := ascii(state.Domain)
	now, err := c.Domain(ctx, name)
	if entra.NotFound(err) {
		// Terraform 1.11 wants the identity of what is removed, too.
		tfutil.SetIdentity(ctx, resp.Identity, d, "domain", types.StringValue(name))
		resp.State.RemoveResource(ctx)
		return
	}
	var records []entra.DNSRecord
	if err == nil && (!inherits(now) || len(state.VerificationRecords.Elements()) > 0) {
		// A domain whose parent was verified later keeps the records that others
		// publish by now.
		records, err = c.VerificationRecords(ctx, name)
	}
	if err != nil {
		d.Append(failure(operation, err))
		return
	}
	state.ID, state.IsVerified = types.StringValue(name), types.BoolValue(now.IsVerified)
	if state.Zone.IsNull() { // imported
		state.Zone = types.StringValue(zoneOf(name))
	}
	state.VerificationRecords = recordsOf(records, ascii(state.Zone))
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// Update changes nothing but the state: the spelling, the zone, the time-outs.
func (r *entraDomain) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan entraDomainModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.VerificationRecords.IsUnknown() { // the zone wasn't known
		var state entraDomainModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		plan.ID, plan.IsVerified = state.ID, state.IsVerified
		if plan.Zone.IsUnknown() {
			plan.Zone = types.StringValue(zoneOf(state.ID.ValueString()))
		}
		plan.VerificationRecords = recordsOf(recordsIn(state.VerificationRecords), ascii(plan.Zone))
	}
	r.store(ctx, &plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// ImportState takes a domain in any form.
func (r *entraDomain) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	name := importName(ctx, req.ID, req.Identity, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("domain"), name)...)
	tfutil.SetIdentity(ctx, resp.Identity, &resp.Diagnostics, "domain", name)
}

// inherits reports a domain that was verified with its root, without a proof
// of its own [graph 4].
func inherits(d entra.Domain) bool { return d.IsVerified && !d.IsRoot && !d.IsInitial }

func domainLock(name string) string { return "domain/" + directory.ASCIIDomain(name) }
