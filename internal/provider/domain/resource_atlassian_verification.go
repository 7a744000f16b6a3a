package domain

import (
	"context"
	"fmt"
	"maps"
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

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*orgVerification)(nil)
	_ resource.ResourceWithIdentity    = (*orgVerification)(nil)
	_ resource.ResourceWithImportState = (*orgVerification)(nil)
	_ resource.ResourceWithModifyPlan  = (*orgVerification)(nil)
)

// orgVerification is usersync_atlassian_domain_verification.
type orgVerification struct{ session.Resource }

// NewOrganizationVerification makes the resource
// usersync_atlassian_domain_verification.
func NewOrganizationVerification() resource.Resource { return &orgVerification{} }

// orgVerificationTime leaves an administrator the time to publish a record and
// press the button.
const orgVerificationTime = time.Hour

func (r *orgVerification) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_atlassian_domain_verification"
}

func (r *orgVerification) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"domain":       identityschema.StringAttribute{RequiredForImport: true},
			"organization": identityschema.StringAttribute{OptionalForImport: true},
		},
	}
}

func (r *orgVerification) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := func(d string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: d}
	}
	const wait = "How long to wait until the organization lists the domain as verified, as a duration such as `1h` " +
		"(default)."
	resp.Schema = schema.Schema{
		MarkdownDescription: "That a domain is verified in an Atlassian organization. No API of Atlassian's verifies " +
			"a domain, so this resource declares and watches: it gives the record to publish, waits until the " +
			"organization lists the domain as `verified`, and shows when it no longer does. Adding the domain, " +
			"copying its token and pressing *Verify domain* is an administrator's work at admin.atlassian.com " +
			"(Settings, Domains). Verifying is one step, claiming the accounts of the domain another; until they are " +
			"claimed they stay external. Destroying forgets: the domain stays as it is in the organization. The list " +
			"of domains whose people may join by themselves is another thing, and never written. Needs an API key " +
			"without scopes, or with `read:domains:admin`.",
		Attributes: map[string]schema.Attribute{
			"id": text("The domain in lower-case ASCII form."),
			"organization": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The organization's key in the provider's `organizations`. Optional while there " +
					"is exactly one. Another one makes another resource.",
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"domain": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The domain, such as `legacy.company.com`, in any form. A verified parent " +
					"doesn't cover it: each domain is verified by itself. Another one makes another resource.",
				Validators:    []validator.String{nameValidator{}},
				PlanModifiers: []planmodifier.String{sameName{}},
			},
			"token": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The verification token that the administration shows, with or without " +
					"`atlassian-domain-verification=` before it. It is public once the record is: no secret. Without " +
					"it there are no `verification_records`.",
				Validators: []validator.String{tokenValidator{}},
			},
			"zone": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The DNS zone that the record's `name` is relative to. Default: the part of the " +
					"domain that can be registered, by the public suffix list.",
				Validators: []validator.String{nameValidator{}},
			},
			"records": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: recordsText,
			},
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{Create: true, Update: true,
				CreateDescription: wait, UpdateDescription: "The same, where the domain is no longer verified."}),
		},
	}
	maps.Copy(resp.Schema.Attributes, verificationOptions())
	maps.Copy(resp.Schema.Attributes, verificationComputed())
}

func verificationOptions() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"wait": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(true),
			MarkdownDescription: "Whether apply waits until the organization lists the domain as `verified`, and a " +
				"domain that no longer is so is a change in the plan. Default `true`; with `false` the resource only " +
				"watches, and says in a warning what it sees.",
		},
		"check_dns": schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
			MarkdownDescription: checkDNSText,
		},
	}
}

func verificationComputed() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"status": text("How the organization lists the domain: `verified`; `missing_token` (the proof is no longer " +
			"found, and within 14 days the verification lapses); `unverified`; `superseded` (another claim took its " +
			"place); `deleted`; or what else the service says. Null where the organization doesn't list it."),
		"method":    text("How it was verified: `dns`, `http`, or what else the service says."),
		"domain_id": text("The service's id of the domain in the organization."),
		"verified_domains": schema.SetAttribute{
			ElementType: types.StringType,
			Computed:    true,
			MarkdownDescription: "For an outcome's `what_if.verified_domains`, known when planning: the domain, with " +
				"`wait = true` or while it was last seen `verified`; else empty.",
		},
		"verification_records": recordsAttribute("The DNS record that proves who holds the domain, as a list of one; " +
			"empty without `token`. Known when planning, where the token is. The CLI makes a DNS record that refers " +
			"to this after this resource, which with `wait = true` would wait for it in vain: write that record from " +
			"the token, or refer to another instance of this resource, with `wait = false`."),
		"verification_file": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The other way to prove it: a page of the domain's website. Null without `token`.",
			Attributes:          fileAttributes(),
		},
	}
}

func fileAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"path": text("The page's path."),
		"url":  text("Where it has to be reachable. One redirect is followed, to the same page under `www.`."),
		"content": text("A page that holds the token. The one that the administration offers for download holds it, " +
			"too."),
	}
}

// ModifyPlan says what follows from the configuration, and warns of what the
// state saw.
func (r *orgVerification) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	d := &resp.Diagnostics
	var plan, state orgVerificationModel
	if !req.State.Raw.IsNull() {
		d.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		d.AddWarning("The domain stays as it is in the organization", fmt.Sprintf("Destroying only forgets that %s "+
			"is to be verified: no API of Atlassian's takes a verification back. An administrator does that at "+
			"admin.atlassian.com; removing the DNS record ends it, too, after 14 days.", state.ID.ValueString()))
		return
	}
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	r.checkKey(ctx, plan.Organization, d)
	if !plan.Domain.IsUnknown() && !plan.Zone.IsUnknown() {
		if _, in := within(ascii(plan.Domain), ascii(plan.Zone)); !plan.Zone.IsNull() && !in {
			d.AddAttributeError(
				path.Root("zone"),
				"Domain outside the zone",
				fmt.Sprintf("%s is neither %s nor below it. Leave zone out for the registrable part of the domain, "+
					"or name the zone that the domain's records are in.", ascii(plan.Domain), ascii(plan.Zone)),
			)
		}
	}
	if d.HasError() {
		return
	}
	known := !req.State.Raw.IsNull() && state.ID.ValueString() == ascii(plan.Domain) &&
		state.Organization.Equal(plan.Organization)
	plan.foresee(&state, known)
	d.Append(resp.Plan.Set(ctx, &plan)...)
	if known && state.Status.ValueString() != directory.ClaimVerified {
		warnLapsed(&plan, &state, d)
	}
}

// checkKey refuses a key that the provider doesn't have, where that can be told
// without reading anything.
func (r *orgVerification) checkKey(ctx context.Context, key types.String, d *diag.Diagnostics) {
	if r.Session == nil || r.Session.Offline() || key.IsUnknown() {
		return
	}
	if _, err := r.Session.OrganizationKey(ctx, key.ValueString()); err != nil {
		d.Append(tfutil.FailureAt(path.Root("organization"), "Finding the organization", err))
	}
}

// warnLapsed says what the state saw, and what follows.
func warnLapsed(plan, state *orgVerificationModel, d *diag.Diagnostics) {
	then := "wait = true: apply waits until it is listed as verified again."
	if !plan.Wait.ValueBool() {
		then = "wait = false: nothing is waited for."
	}
	d.AddAttributeWarning(path.Root("domain"), "The organization doesn't list "+state.ID.ValueString()+" as verified",
		meaning(state.Status)+"\n\n"+then)
}

// Create waits, or looks once. On an error there is no state: nothing was made
// that could be left behind.
func (r *orgVerification) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	d := &resp.Diagnostics
	var plan orgVerificationModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	if r.awaitVerified(ctx, &plan, plan.Timeouts.Create, d) {
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
	}
}

// Update waits again where that is needed.
func (r *orgVerification) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	d := &resp.Diagnostics
	var plan, state orgVerificationModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	waits := plan.Wait.ValueBool() && state.Status.ValueString() != directory.ClaimVerified
	if !waits && !plan.Status.IsUnknown() {
		plan.foresee(&state, true)
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
		return
	}
	if r.awaitVerified(ctx, &plan, plan.Timeouts.Update, d) {
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
	}
}

func (r *orgVerification) store(
	ctx context.Context, m *orgVerificationModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity,
	d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "domain", m.ID)
	tfutil.SetIdentity(ctx, identity, d, "organization", m.Organization)
}

// Read refreshes what the organization says; with a snapshot, what that says.
func (r *orgVerification) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the organization's domains"
	d := &resp.Diagnostics
	var state orgVerificationModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.Session == nil {
		d.Append(tfutil.NotConfigured(operation))
		return
	}
	claim, err := r.claim(ctx, &state)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	imported := state.Status.IsNull()
	state.see(claim)
	if imported && state.Status.ValueString() != directory.ClaimVerified {
		// A configuration that is generated of it plans nothing, and waits for nobody.
		state.Wait = types.BoolValue(false)
	}
	state.derive()
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// claim is what the shared reading of the organization says of the domain; nil
// where it doesn't list it.
func (r *orgVerification) claim(ctx context.Context, m *orgVerificationModel) (*directory.Claim, error) {
	key, err := r.Session.OrganizationKey(ctx, m.Organization.ValueString())
	if err != nil {
		return nil, err
	}
	o, info, err := r.Session.Organization(ctx, key, session.Parts{})
	if err == nil && info.Source == session.SourceDeclared {
		_, err = r.Session.Atlassian(key) // says why it can't be asked
	}
	if err != nil {
		return nil, err
	}
	return claimOf(o.Domains, ascii(m.Domain)), nil
}

// Delete forgets: no API takes a verification back.
func (r *orgVerification) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes a domain, or an organization's key and a domain.
func (r *orgVerification) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	d := &resp.Diagnostics
	var organization types.String
	id := req.ID
	if id == "" && req.Identity != nil {
		d.Append(req.Identity.GetAttribute(ctx, path.Root("organization"), &organization)...)
	} else if key, domain, cut := strings.Cut(id, "/"); cut {
		organization, id = types.StringValue(key), domain
	}
	name := importName(ctx, id, req.Identity, d)
	if d.HasError() {
		return
	}
	for attribute, value := range map[string]any{
		"id":           name,
		"domain":       name,
		"organization": organization,
		"wait":         true,
		"check_dns":    true,
	} {
		d.Append(resp.State.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	tfutil.SetIdentity(ctx, resp.Identity, d, "domain", types.StringValue(name))
	tfutil.SetIdentity(ctx, resp.Identity, d, "organization", organization)
}
