package provisioning

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

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
	_ resource.ResourceWithConfigure   = (*scheduleResource)(nil)
	_ resource.ResourceWithIdentity    = (*scheduleResource)(nil)
	_ resource.ResourceWithImportState = (*scheduleResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*scheduleResource)(nil)
)

// scheduleResource is usersync_provisioning_schedule.
type scheduleResource struct{ syncjob.Resource }

// NewSchedule makes the resource usersync_provisioning_schedule.
func NewSchedule() resource.Resource { return &scheduleResource{} }

const scheduleTimeout = 20 * time.Minute

// Values of wait_for.
const (
	waitNothing    = "nothing"
	waitStarted    = "started"
	waitFirstCycle = "first_cycle"
)

// resetScopes are what a restart can reset [graph 3.2]; those of a usual
// restart come first.
var (
	resetScopes  = []string{"Watermark", "Escrows", "QuarantineState", "ConnectorDataStore", "ForceDeletes", "Full"}
	defaultReset = resetScopes[:3]
)

func (r *scheduleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_schedule"
}

func (r *scheduleResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = tfutil.IdentitySchema("service_principal_id", "job_id")
}

// ModifyPlan says whether the job is started or restarted, and keeps what is
// known of the quarantine where it isn't.
func (r *scheduleResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	d := &resp.Diagnostics
	var plan scheduleModel
	var state *scheduleModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		state = &scheduleModel{}
		d.Append(req.State.Get(ctx, state)...)
	}
	if d.HasError() {
		return
	}
	plan.adviseStartAfter(ctx, d)
	starts := plan.starts(state)
	if state != nil && req.Plan.Raw.Equal(req.State.Raw) {
		starts = state.Starts // nothing is applied
	}
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("starts"), starts)...)
	if state != nil && plan.Enabled.Equal(state.Enabled) && !plan.restarts(state) {
		d.Append(resp.Plan.SetAttribute(ctx, path.Root("quarantine"), state.Quarantine)...)
	}
}

// Create starts the job, or makes sure that it is paused.
func (r *scheduleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan scheduleModel
	d := &resp.Diagnostics
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, scheduleTimeout, d)
	defer cancel()
	if r.Session.Client(ctx, "Starting the provisioning job", d) == nil {
		return
	}
	if r.Claim("schedule/"+plan.ServicePrincipalID.ValueString()+"/"+plan.JobID.ValueString(),
		"The schedule of job "+plan.JobID.ValueString(), d); d.HasError() {
		return
	}
	r.apply(ctx, "Starting the provisioning job", &plan, nil, &resp.State, resp.Identity, d)
}

// Update starts, pauses or restarts the job.
func (r *scheduleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state scheduleModel
	d := &resp.Diagnostics
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Update, scheduleTimeout, d)
	defer cancel()
	r.apply(ctx, "Changing the provisioning schedule", &plan, &state, &resp.State, resp.Identity, d)
}

// apply brings the job to what is planned; prior is nil where there was no
// schedule. The state is written as soon as the service has taken it, before
// anything is waited for.
func (r *scheduleResource) apply(
	ctx context.Context, operation string, plan, prior *scheduleModel, state *tfsdk.State,
	identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp, id := plan.ServicePrincipalID.ValueString(), plan.JobID.ValueString()
	restart := prior != nil && plan.restarts(prior)
	defer r.Session.Lock(sp + "/" + id)()
	before, err := c.Job(ctx, sp, id)
	if err == nil {
		err = move(ctx, c, sp, before, plan.Enabled.ValueBool(), restart,
			strings.Join(tfutil.Strings(ctx, plan.RestartScope, d), ", "))
	}
	if err != nil {
		if restarted := new(restartError); errors.As(err, &restarted) && restarted.done {
			prior.RestartTriggers, prior.Starts = plan.RestartTriggers, types.BoolValue(false)
			r.store(ctx, prior, state, identity, d)
		}
		d.Append(tfutil.Failure(operation, err))
		return
	}
	r.Session.Forget()
	// What the plan promised of the quarantine is kept: the next Read shows what it is.
	promised := plan.Quarantine
	if promised.IsUnknown() {
		plan.Quarantine = types.ObjectNull(quarantineTypes)
	}
	plan.ID = types.StringValue(id)
	r.store(ctx, plan, state, identity, d)
	changed := restart || plan.Enabled.ValueBool() != (before.ScheduleState == entra.ScheduleActive)
	job, err := r.await(ctx, c, sp, before, plan, changed)
	if late := new(session.TimeoutError); prior == nil && errors.As(err, &late) {
		// An error would taint what is as it was ordered: the next apply would
		// pause the job and start it again.
		d.AddWarning("The provisioning job isn't there yet", "What wait_for says didn't come within timeouts.create. "+
			"The service took the order: the job goes on by itself.")
		return
	}
	if err != nil {
		plan.Starts = types.BoolValue(false) // it told of a plan that is over, as a refresh says, too
		r.store(ctx, plan, state, identity, d)
		diagnostic := tfutil.Failure("Waiting for the provisioning job", err)
		d.AddError(diagnostic.Summary(), diagnostic.Detail()+"\n\nThe service took the order: the job goes on by "+
			"itself, "+
			"and the next plan shows where it stands. What is waited for, and how long, is wait_for and timeouts.")
		return
	}
	if promised.IsUnknown() {
		plan.Quarantine = quarantineOf(job.Quarantine)
	}
	warnQuarantine(id, job.Quarantine, d)
	r.store(ctx, plan, state, identity, d)
}

// move sends what the job lacks: a start isn't to be called on a running job
// [graph 3.2].
func move(
	ctx context.Context, c *entra.Client, sp string, job entra.SynchronizationJob, enabled, restart bool, scope string,
) error {
	active := job.ScheduleState == entra.ScheduleActive
	if !enabled {
		if active {
			return c.PauseJob(ctx, sp, job.ID)
		}
		return nil
	}
	if restart {
		if err := c.RestartJob(ctx, sp, job.ID, scope); err != nil {
			return &restartError{err: err}
		}
		now, err := c.Job(ctx, sp, job.ID)
		if err != nil {
			return &restartError{done: true, err: err}
		}
		active = now.ScheduleState == entra.ScheduleActive // whether a restart starts a paused job isn't documented
	}
	if active {
		return nil
	}
	err := c.StartJob(ctx, sp, job.ID)
	var refused *entra.Error
	if err == nil || errors.As(err, &refused) {
		return err
	}
	// The answer is lost, and a start isn't sent twice: did it arrive?
	if now, again := c.Job(ctx, sp, job.ID); again == nil && now.ScheduleState == entra.ScheduleActive {
		return nil
	}
	return err
}

// restartError is a failure in or after a restart. One that was taken isn't sent
// again; whether one arrived whose answer is lost, nothing at the service shows.
type restartError struct {
	done bool
	err  error
}

func (e *restartError) Error() string { return e.err.Error() }

// Advice says what follows.
func (e *restartError) Advice() string {
	if e.done {
		return "The service took the restart, and the state says so: the next apply doesn't restart the job again, " +
			"and starts it if it has to."
	}
	var refused *entra.Error
	if errors.As(e.err, &refused) && refused.Status < http.StatusInternalServerError {
		return refused.Advice()
	}
	return "Whether the restart arrived all the same can't be seen: the next apply restarts the job, again if it did."
}

func (r *scheduleResource) store(
	ctx context.Context, m *scheduleModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "service_principal_id", m.ServicePrincipalID, "job_id", m.JobID)
}

// Read sees whether the job runs, and its quarantine.
func (r *scheduleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the provisioning schedule"
	d := &resp.Diagnostics
	var state scheduleModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	state.Starts = types.BoolValue(false) // it was the last plan that did
	if r.NotRefreshed(d) {
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if c == nil {
		return
	}
	job, err := c.Job(ctx, state.ServicePrincipalID.ValueString(), state.JobID.ValueString())
	if entra.NotFound(err) {
		tfutil.SetIdentity(
			ctx,
			resp.Identity,
			d,
			"service_principal_id",
			state.ServicePrincipalID,
			"job_id",
			state.JobID,
		)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	state.ID, state.Enabled = state.JobID, types.BoolValue(job.ScheduleState == entra.ScheduleActive)
	state.Quarantine = quarantineOf(job.Quarantine)
	warnQuarantine(job.ID, job.Quarantine, d)
	if state.StartAfter.IsNull() {
		state.StartAfter = r.mappingsOf(ctx, state.ServicePrincipalID.ValueString(), job.ID, d)
	}
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// Delete pauses the job.
func (r *scheduleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Pausing the provisioning job"
	d := &resp.Diagnostics
	var state scheduleModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, scheduleTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp, id := state.ServicePrincipalID.ValueString(), state.JobID.ValueString()
	defer r.Session.Lock(sp + "/" + id)()
	if r.ClaimedElsewhere("schedule/"+sp+"/"+id, "The schedule of job "+id, d) {
		return
	}
	job, err := c.Job(ctx, sp, id)
	if err == nil && job.ScheduleState == entra.ScheduleActive {
		if err = c.PauseJob(ctx, sp, id); err == nil {
			r.Session.Forget()
			err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
				job, err := c.Job(ctx, sp, id)
				return err == nil && job.ScheduleState != entra.ScheduleActive, err
			})
		}
	}
	if err != nil && !entra.NotFound(err) {
		d.Append(tfutil.Failure(operation, overdue(err)))
	}
}

// ImportState takes service_principal_id/job_id, or azuread's id of the job.
func (r *scheduleResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	ids, ok := tfutil.ImportIDs(ctx, fromAzuread(req), resp, "service_principal_id", "job_id")
	if !ok {
		return
	}
	scope, diags := types.SetValueFrom(ctx, types.StringType, slices.Clone(defaultReset))
	resp.Diagnostics.Append(diags...)
	m := scheduleModel{
		ID:                 types.StringValue(ids[1]),
		ServicePrincipalID: types.StringValue(ids[0]),
		JobID:              types.StringValue(ids[1]),
		StartAfter:         types.SetNull(types.StringType),
		RestartTriggers:    types.MapNull(types.StringType),
		RestartScope:       scope,
		WaitFor:            types.StringValue(waitStarted),
		Quarantine:         types.ObjectNull(quarantineTypes),
		Timeouts:           tfutil.NoTimeouts("create", "update", "delete"),
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
