package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

var (
	_ resource.ResourceWithConfigure      = (*mappingResource)(nil)
	_ resource.ResourceWithIdentity       = (*mappingResource)(nil)
	_ resource.ResourceWithImportState    = (*mappingResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*mappingResource)(nil)
	_ resource.ResourceWithValidateConfig = (*mappingResource)(nil)
)

// mappingResource is usersync_provisioning_mapping.
type mappingResource struct{ base }

// NewMapping makes the resource usersync_provisioning_mapping.
func NewMapping() resource.Resource { return &mappingResource{} }

// How long a saved schema is waited for.
const mappingTimeout = 2 * time.Minute

var mappingIdentity = []string{"service_principal_id", "job_id", "rule", "source", "target"}

func (r *mappingResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_mapping"
}

func (r *mappingResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf(mappingIdentity...)
}

// ValidateConfig finds mistakes in expressions and filters.
func (r *mappingResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m mappingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateMapping(ctx, &m, &resp.Diagnostics)
}

// ModifyPlan computes what is known of the mapping before the apply, and
// advises. It reads configuration and prior state alone (design 3).
func (r *mappingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
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
		plan.keepWords(ctx, state, &resp.Diagnostics)
	}
	var seen mapping.Attributes
	if req.Private != nil {
		seen = seenAttributes(ctx, req.Private, &resp.Diagnostics)
	}
	planMapping(ctx, &config, &plan, state, seen, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Directory = types.StringNull()
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// Create lays the mapping over what the job has.
func (r *mappingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	const doing = "Creating the mapping"
	var plan mappingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := limit(ctx, plan.Timeouts.Create, mappingTimeout, &resp.Diagnostics)
	defer cancel()
	c := r.client(doing, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.write(ctx, c, doing, &plan, nil, &resp.Diagnostics) {
		r.take("mapping/"+plan.ID.ValueString(), "The mapping "+plan.ID.ValueString(), &resp.Diagnostics)
		r.store(ctx, &plan, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// Update changes what differs between the state and the plan.
func (r *mappingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	const doing = "Changing the mapping"
	var plan, state mappingModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := limit(ctx, plan.Timeouts.Update, mappingTimeout, &resp.Diagnostics)
	defer cancel()
	c := r.client(doing, &resp.Diagnostics)
	before := state.mapping(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.write(ctx, c, doing, &plan, &before, &resp.Diagnostics) {
		r.store(ctx, &plan, &resp.State, resp.Identity, &resp.Diagnostics)
	}
}

// store writes the state and the identity.
func (r *mappingResource) store(ctx context.Context, m *mappingModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics) {
	m.Directory = types.StringNull()
	d.Append(state.Set(ctx, m)...)
	o := m.mapping(ctx, d).Object
	setIdentity(ctx, identity, d, "service_principal_id", m.ServicePrincipalID, "job_id", m.JobID, "rule", m.Rule, "source", o.Source, "target", o.Target)
}

// write puts the mapping into the job's schema: read anew, changed where it is
// ours, and written whole, alone for this job (design 4). It reports whether
// the schema is as planned now.
func (r *mappingResource) write(ctx context.Context, c *entra.Client, doing string, plan *mappingModel, prior *mapping.Mapping, d *diag.Diagnostics) bool {
	planned := plan.mapping(ctx, d)
	if d.HasError() {
		return false
	}
	sp, job := plan.ServicePrincipalID.ValueString(), plan.JobID.ValueString()
	defer r.session.Lock(sp + "/" + job)()
	edit := func(s *mapping.Schema, template func() (*mapping.Schema, error)) (mapping.Change, error) {
		section, err := s.Section(plan.Rule.ValueString(), planned.Object)
		if err != nil {
			return mapping.Change{}, err
		}
		plan.Rule = types.StringValue(section.Rule)
		if err := unknownAttributes(s, section, planned, d); err != nil {
			return mapping.Change{}, err
		}
		return writeOver(section, template, prior, planned, plan.Adopt.ValueBool())
	}
	if err := r.replace(ctx, c, sp, job, edit, func(s *mapping.Section) bool { return arrived(s, planned) }, d); err != nil {
		d.Append(diagnose.At(path.Root(argumentOf(err)), doing, err))
		return false
	}
	plan.ID = types.StringValue(mappingID(sp, job, plan.Rule.ValueString(), planned.Object))
	plan.Effective = effectiveOf(planned, d)
	return true
}

// writeOver asks for the template only where what is there is neither the
// state's nor the plan's.
func writeOver(live *mapping.Section, template func() (*mapping.Schema, error), prior *mapping.Mapping, planned mapping.Mapping, adopt bool) (mapping.Change, error) {
	change, err := mapping.Write(live, nil, prior, planned, adopt)
	var foreign *mapping.ForeignError
	if !errors.As(err, &foreign) {
		return change, err
	}
	s, err := template()
	if err != nil {
		return change, err
	}
	own, err := s.Section(live.Rule, live.Object)
	if err != nil {
		return change, foreign // the template has no such mapping
	}
	return mapping.Write(live, own, prior, planned, adopt)
}

// replace reads the schema, lets edit change it, writes it, and waits until it
// shows.
func (r *mappingResource) replace(ctx context.Context, c *entra.Client, sp, job string,
	edit func(*mapping.Schema, func() (*mapping.Schema, error)) (mapping.Change, error), there func(*mapping.Section) bool, d *diag.Diagnostics,
) error {
	raw, err := c.Schema(ctx, sp, job)
	if err != nil {
		return err
	}
	s, err := mapping.ParseSchema(raw)
	if err != nil {
		return err
	}
	change, err := edit(s, func() (*mapping.Schema, error) { return templateOf(ctx, c, sp, job) })
	if err != nil || change.None() {
		return err
	}
	out, err := s.Bytes()
	if err != nil {
		return err
	}
	defer r.session.Forget()
	if err := c.PutSchema(ctx, sp, job, out); err != nil {
		return err
	}
	err = r.session.Await(ctx, func(ctx context.Context) (bool, error) {
		raw, err := c.Schema(ctx, sp, job)
		if err != nil {
			return false, reading.Later(err)
		}
		s, err := mapping.ParseSchema(raw)
		if err != nil {
			return false, err
		}
		for _, section := range s.Sections() {
			if there(section) {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		d.AddWarning("The mapping was saved but doesn't show yet",
			"The service accepted the schema of job "+job+", and what it answers since doesn't have all of it: "+err.Error()+". The next plan shows what is there.")
	}
	return nil
}

// arrived reports whether a section is what was planned.
func arrived(s *mapping.Section, planned mapping.Mapping) bool {
	if s.Object != planned.Object {
		return false
	}
	// A write of what is there already changes nothing.
	prior := planned
	change, err := mapping.Write(s, nil, &prior, planned, true)
	return err == nil && change.None()
}

// templateOf reads the schema that the job had when it was made.
func templateOf(ctx context.Context, c *entra.Client, sp, job string) (*mapping.Schema, error) {
	j, err := c.Job(ctx, sp, job)
	if err != nil {
		return nil, err
	}
	raw, err := c.TemplateSchema(ctx, sp, j.TemplateID)
	if err != nil {
		return nil, err
	}
	return mapping.ParseSchema(raw)
}

// unknownAttributes refuses targets that the service would refuse, before
// anything is written.
func unknownAttributes(s *mapping.Schema, section *mapping.Section, planned mapping.Mapping, d *diag.Diagnostics) error {
	have := s.Attributes(section)
	targets, sources := planned.Unknown(have)
	for _, u := range sources {
		d.AddAttributeWarning(path.Root("attributes"), "The job's schema doesn't list a source attribute", u.String()+". The service may refuse it, or nothing may arrive.")
	}
	if len(targets) == 0 {
		return nil
	}
	return &targetError{targets, have.Target}
}

// Read refreshes what the mapping manages.
func (r *mappingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const doing = "Reading the mapping"
	var state mappingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.keepsState(&resp.Diagnostics) {
		r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics)
		return
	}
	if r.client(doing, &resp.Diagnostics) == nil {
		return
	}
	raw, err := r.session.Schema(ctx, state.ServicePrincipalID.ValueString(), state.JobID.ValueString())
	if entra.NotFound(err) {
		r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics) // for the identity
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(doing, err))
		return
	}
	s, err := mapping.ParseSchema(raw)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(doing, err))
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
		now = section.Mapping()
		now.Manage = before.Manage
	}
	state.Rule = types.StringValue(section.Rule)
	state.ID = types.StringValue(mappingID(state.ServicePrincipalID.ValueString(), state.JobID.ValueString(), section.Rule, section.Object))
	state.take(ctx, now, &resp.Diagnostics)
	state.Effective = effectiveOf(now, &resp.Diagnostics)
	rememberAttributes(ctx, resp.Private, s.Attributes(section), &resp.Diagnostics)
	r.store(ctx, &state, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete gives the template's rows back.
func (r *mappingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const doing = "Destroying the mapping"
	var state mappingModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := limit(ctx, state.Timeouts.Delete, mappingTimeout, &resp.Diagnostics)
	defer cancel()
	c := r.client(doing, &resp.Diagnostics)
	before := state.mapping(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	sp, job := state.ServicePrincipalID.ValueString(), state.JobID.ValueString()
	defer r.session.Lock(sp + "/" + job)()
	if r.leaves("mapping/"+state.ID.ValueString(), "The mapping "+state.ID.ValueString(), &resp.Diagnostics) {
		return
	}
	edit := func(s *mapping.Schema, template func() (*mapping.Schema, error)) (mapping.Change, error) {
		section, err := s.Section(state.Rule.ValueString(), before.Object)
		if err != nil {
			return mapping.Change{}, nil //nolint:nilerr // the object mapping is gone: nothing is managed any more
		}
		t, err := template()
		if err != nil {
			return mapping.Change{}, err
		}
		own, err := t.Section(section.Rule, section.Object)
		if err != nil {
			own = nil // not the template's: rows of ours are taken away
		}
		change, err := mapping.Reset(section, own, before)
		if err == nil && !change.None() {
			err = r.stop(ctx, c, sp, job, &resp.Diagnostics)
		}
		return change, err
	}
	err := r.replace(ctx, c, sp, job, edit, func(*mapping.Section) bool { return true }, &resp.Diagnostics)
	if err != nil && !entra.NotFound(err) {
		resp.Diagnostics.Append(diagnose.Error(doing, err))
	}
}

// stop pauses a job that runs, so that no cycle runs with the template's rows.
func (r *mappingResource) stop(ctx context.Context, c *entra.Client, sp, job string, d *diag.Diagnostics) error {
	j, err := c.Job(ctx, sp, job)
	if err != nil || j.ScheduleState != scheduleActive {
		return err
	}
	if err := c.PauseJob(ctx, sp, job); err != nil {
		return err
	}
	d.AddWarning("The job was paused", "Job "+job+" was running, and would have provisioned everybody by the template's rows once the mapping is gone. "+
		"Its usersync_provisioning_schedule starts it again: in this apply where it comes after the mapping, else in the next.")
	return nil
}

// ImportState takes service_principal_id/job_id/rule/source/target.
func (r *mappingResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importMapping(ctx, req, resp)
}

func mappingID(sp, job, rule string, o mapping.Object) string {
	return fmt.Sprintf("%s/%s/%s/%s/%s", sp, job, rule, o.Source, o.Target)
}
