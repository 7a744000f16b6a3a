// Package mapping is what Terraform sees of the mappings of provisioning jobs: the
// mapping of one kind of object, the schema that it is a part of, the preview of
// what it gives, and the functions that evaluate expressions and filters.
package mapping

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure      = (*mappingResource)(nil)
	_ resource.ResourceWithIdentity       = (*mappingResource)(nil)
	_ resource.ResourceWithImportState    = (*mappingResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*mappingResource)(nil)
	_ resource.ResourceWithValidateConfig = (*mappingResource)(nil)
)

// mappingResource is usersync_provisioning_mapping.
type mappingResource struct{ syncjob.Resource }

// NewResource makes the resource usersync_provisioning_mapping.
func NewResource() resource.Resource { return &mappingResource{} }

// How long a saved schema is waited for.
const mappingTimeout = 2 * time.Minute

var mappingIdentity = []string{"service_principal_id", "job_id", "rule", "source", "target"}

func (r *mappingResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_mapping"
}

func (r *mappingResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = tfutil.IdentitySchema(mappingIdentity...)
}

// ValidateConfig finds mistakes in expressions and filters.
func (r *mappingResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var m mappingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateMapping(ctx, &m, &resp.Diagnostics)
}

// ModifyPlan computes what is known of the mapping before the apply, and
// advises. It reads configuration and prior state alone
// [CONTRIBUTING: Planning is pure].
func (r *mappingResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		if !r.Session.Offline() {
			resp.Diagnostics.AddWarning(
				"Destroying a mapping restores the template's rows",
				"Who is provisioned afterwards is provisioned by the template's rows. A job that runs is paused "+
					"first; its usersync_provisioning_schedule starts it again.",
			)
		}
		return
	}
	var config, plan mappingModel
	var state *mappingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		state = &mappingModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if state != nil {
		plan.priorSpelling(ctx, state, &resp.Diagnostics)
	}
	var seen mapping.Attributes
	if req.Private != nil {
		seen = seenAttributes(ctx, req.Private, &resp.Diagnostics)
	}
	planMapping(ctx, &config, &plan, state, seen, r.Session.Offline(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Directory = types.StringNull()
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// Create lays the mapping over what the job has.
func (r *mappingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	const operation = "Creating the mapping"
	var plan mappingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.Session.Client(ctx, operation, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	defer r.lock(&plan)()
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, mappingTimeout, &resp.Diagnostics)
	defer cancel()
	if r.write(ctx, c, operation, &plan, nil, &resp.Diagnostics) {
		r.Claim("mapping/"+plan.ID.ValueString(), "The mapping "+plan.ID.ValueString(), &resp.Diagnostics)
		r.store(ctx, &plan, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// Update changes what differs between the state and the plan.
func (r *mappingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	const operation = "Changing the mapping"
	var plan, state mappingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.Session.Client(ctx, operation, &resp.Diagnostics)
	before := state.mapping(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	defer r.lock(&plan)()
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Update, mappingTimeout, &resp.Diagnostics)
	defer cancel()
	if r.write(ctx, c, operation, &plan, &before, &resp.Diagnostics) {
		r.store(ctx, &plan, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// lock keeps other writes to the job away.
func (r *mappingResource) lock(m *mappingModel) func() {
	return r.Session.Lock(m.ServicePrincipalID.ValueString() + "/" + m.JobID.ValueString())
}

// store writes the state and the identity.
func (r *mappingResource) store(
	ctx context.Context, m *mappingModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	m.Directory = types.StringNull()
	d.Append(state.Set(ctx, m)...)
	o := m.mapping(ctx, d).Object
	tfutil.SetIdentity(
		ctx,
		identity,
		d,
		"service_principal_id",
		m.ServicePrincipalID,
		"job_id",
		m.JobID,
		"rule",
		m.Rule,
		"source",
		o.Source,
		"target",
		o.Target,
	)
}

// write puts the mapping into the job's schema: read anew, changed where it is
// ours, and written whole, alone for this job. It reports whether
// the schema is as planned now.
func (r *mappingResource) write(
	ctx context.Context, c *entra.Client, operation string, plan *mappingModel, prior *mapping.Mapping,
	d *diag.Diagnostics,
) bool {
	planned := plan.mapping(ctx, d)
	if d.HasError() {
		return false
	}
	sp, job := plan.ServicePrincipalID.ValueString(), plan.JobID.ValueString()
	edit := func(s *mapping.Schema, template func() (*mapping.Schema, error)) (mapping.Change, error) {
		section, err := s.Section(plan.Rule.ValueString(), planned.Object)
		if err != nil {
			return mapping.Change{}, err
		}
		plan.Rule = types.StringValue(section.Rule)
		had := section.Mapping()
		change, err := writeOver(section, template, prior, planned, plan.Adopt.ValueBool())
		if err == nil {
			err = unknownAttributes(s, section, had, planned, append(change.Set, change.Filters...), d)
		}
		return change, err
	}
	there := inSection(func(s *mapping.Section) bool { return arrived(s, planned) })
	if err := replace(ctx, r.Session, &schemaWrite{c, sp, job, "mapping", edit, there}, d); err != nil {
		if at := argumentOf(err); at != "" {
			d.Append(tfutil.FailureAt(path.Root(at), operation, err))
		} else {
			d.Append(tfutil.Failure(operation, err))
		}
		return false
	}
	plan.ID = types.StringValue(syncjob.MappingID(sp, job, plan.Rule.ValueString(), planned.Object))
	plan.Effective = effectiveOf(planned, d)
	return true
}

// Read refreshes what the mapping manages.
func (r *mappingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the mapping"
	var state mappingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.NotRefreshed(&resp.Diagnostics) {
		r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics)
		return
	}
	if r.Session.Client(ctx, operation, &resp.Diagnostics) == nil {
		return
	}
	raw, err := r.Session.Schema(ctx, state.ServicePrincipalID.ValueString(), state.JobID.ValueString())
	if entra.NotFound(err) {
		r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics) // for the identity
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(tfutil.Failure(operation, err))
		return
	}
	s, err := mapping.ParseSchema(raw)
	if err != nil {
		resp.Diagnostics.Append(tfutil.Failure(operation, err))
		return
	}
	before := state.mapping(ctx, &resp.Diagnostics)
	section, err := s.Section(state.Rule.ValueString(), before.Object)
	if err != nil {
		r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics)
		resp.State.RemoveResource(ctx)
		return
	}
	now := mapping.Refresh(section, before)
	if state.Effective.IsNull() { // imported: all that is there
		now, _ = mapping.Importable(section)
		now.Manage = before.Manage
	}
	state.Rule = types.StringValue(section.Rule)
	state.ID = types.StringValue(syncjob.MappingID(state.ServicePrincipalID.ValueString(), state.JobID.ValueString(),
		section.Rule, section.Object))
	state.fill(ctx, now, &resp.Diagnostics)
	state.Effective = effectiveOf(now, &resp.Diagnostics)
	if resp.Private != nil { // a list has none
		rememberAttributes(ctx, resp.Private, s.Attributes(section), &resp.Diagnostics)
	}
	r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete gives the template's rows back.
func (r *mappingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Destroying the mapping"
	var state mappingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.Session.Client(ctx, operation, &resp.Diagnostics)
	before := state.mapping(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	sp, job := state.ServicePrincipalID.ValueString(), state.JobID.ValueString()
	defer r.lock(&state)() // waiting for others doesn't count
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, mappingTimeout, &resp.Diagnostics)
	defer cancel()
	if r.ClaimedElsewhere("mapping/"+state.ID.ValueString(), "The mapping "+state.ID.ValueString(), &resp.Diagnostics) {
		return
	}
	var own *mapping.Section // the template's; nil where it has no such mapping
	edit := func(s *mapping.Schema, template func() (*mapping.Schema, error)) (mapping.Change, error) {
		section, err := s.Section(state.Rule.ValueString(), before.Object)
		if err != nil {
			return mapping.Change{}, nil //nolint:nilerr // the object mapping is gone: nothing is managed any more
		}
		t, err := template()
		if err != nil {
			return mapping.Change{}, err
		}
		if found, err := t.Section(section.Rule, section.Object); err == nil {
			own = found
		}
		change, err := mapping.Reset(section, own, before)
		if err == nil && !change.None() {
			err = r.stop(ctx, c, sp, job, &resp.Diagnostics)
		}
		return change, err
	}
	there := inSection(func(s *mapping.Section) bool {
		if s.Object != before.Object {
			return false
		}
		change, err := mapping.Reset(s, own, before)
		return err == nil && change.None()
	})
	err := replace(ctx, r.Session, &schemaWrite{c, sp, job, "mapping", edit, there}, &resp.Diagnostics)
	if err != nil && !entra.NotFound(err) {
		resp.Diagnostics.Append(tfutil.Failure(operation, err))
	}
}

// ImportState takes service_principal_id/job_id/rule/source/target.
func (r *mappingResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	importMapping(ctx, req, resp)
}
