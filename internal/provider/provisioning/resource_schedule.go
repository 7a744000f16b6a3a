package provisioning

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*scheduleResource)(nil)
	_ resource.ResourceWithIdentity    = (*scheduleResource)(nil)
	_ resource.ResourceWithImportState = (*scheduleResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*scheduleResource)(nil)
)

// scheduleResource is usersync_provisioning_schedule.
type scheduleResource struct{ base }

// NewSchedule makes the resource usersync_provisioning_schedule.
func NewSchedule() resource.Resource { return &scheduleResource{} }

const (
	scheduleActive  = "Active"
	scheduleTimeout = 20 * time.Minute
)

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

type scheduleModel struct {
	ID                 types.String   `tfsdk:"id"`
	ServicePrincipalID types.String   `tfsdk:"service_principal_id"`
	JobID              types.String   `tfsdk:"job_id"`
	After              types.Set      `tfsdk:"after"`
	Enabled            types.Bool     `tfsdk:"enabled"`
	RestartTriggers    types.Map      `tfsdk:"restart_triggers"`
	RestartScope       types.Set      `tfsdk:"restart_scope"`
	WaitFor            types.String   `tfsdk:"wait_for"`
	Quarantine         types.Object   `tfsdk:"quarantine"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (r *scheduleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_schedule"
}

func (r *scheduleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf("service_principal_id", "job_id")
}

func (r *scheduleResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	scope := make([]attr.Value, len(defaultReset))
	for i, s := range defaultReset {
		scope[i] = types.StringValue(s)
	}
	wait := "How long to wait for what `wait_for` says, as a duration such as `20m` (default)."
	resp.Schema = schema.Schema{
		MarkdownDescription: "Whether a synchronization job runs. It starts the job, pauses it, and restarts it. " +
			"`after` makes sure that the job doesn't run before its mappings and credentials are in place: a first cycle with the template's mappings would provision everybody by them. " +
			"Destroying pauses the job.\n\n" +
			"Restarting is also an action (`usersync_restart_job`), for CLIs that have actions; `restart_triggers` does it in all of them.",
		Attributes: map[string]schema.Attribute{
			"id":                   idAttribute("The job's id."),
			"service_principal_id": servicePrincipalArgument(),
			"job_id":               jobArgument(),
			"after": schema.SetAttribute{ElementType: types.StringType, Required: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
				MarkdownDescription: "The `id` of each mapping of the job, and of its secret: the job starts after them, and pauses before they are destroyed."},
			"enabled": schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether the job runs. Default `true`."},
			"restart_triggers": schema.MapAttribute{ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Any values: when they change while the job is enabled, it is restarted. The first values are recorded without a restart, and so are values that change while it isn't enabled: a start afterwards goes on from where the job stood."},
			"restart_scope": schema.SetAttribute{ElementType: types.StringType, Optional: true, Computed: true, Default: setdefault.StaticValue(types.SetValueMust(types.StringType, scope)),
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(resetScopes...))},
				MarkdownDescription: "What a restart resets: `Watermark` (everyone is looked at again), `Escrows` (failures are tried again), `QuarantineState`, `ConnectorDataStore`, " +
					"`ForceDeletes` (deletions that were held back are let through), `Full` (all; also breaks the links between source and target). Default: the first three."},
			"wait_for": schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString(waitStarted), Validators: []validator.String{stringvalidator.OneOf(waitNothing, waitStarted, waitFirstCycle)},
				MarkdownDescription: "What to wait for after a start: `started` (default: the service shows the job as active), `first_cycle` (a cycle has ended; it can take hours: raise `timeouts`), or `nothing`. Where it doesn't come in time, the create warns, and an update is an error."},
			"quarantine": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "Why the job is in quarantine; null where it isn't. A quarantine is a warning at each refresh.",
				Attributes: map[string]schema.Attribute{
					"reason":        text("The reason, in the service's word."),
					"since":         text("When it began, RFC 3339."),
					"next_attempt":  text("When the service tries again, RFC 3339."),
					"error_code":    text("The code of the error behind it."),
					"error_message": text("The service's text."),
				}},
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{Create: true, Update: true, Delete: true, CreateDescription: wait, UpdateDescription: wait,
				DeleteDescription: "How long to wait until the job is paused, as a duration such as `20m` (default)."}),
		},
	}
}

// ModifyPlan keeps what is known of the quarantine where nothing is started.
func (r *scheduleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, state scheduleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	plan.adviseAfter(ctx, &resp.Diagnostics)
	if req.State.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.Enabled.Equal(state.Enabled) && !plan.restarts(&state) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("quarantine"), state.Quarantine)...)
	}
}

// adviseAfter warns where, for all that is known, no mapping comes first.
func (m *scheduleModel) adviseAfter(ctx context.Context, d *diag.Diagnostics) {
	if !known(ctx, m.After, m.ServicePrincipalID, m.JobID) || !m.Enabled.ValueBool() {
		return
	}
	prefix := m.ServicePrincipalID.ValueString() + "/" + m.JobID.ValueString() + "/"
	if !slices.ContainsFunc(listOf(ctx, m.After, d), func(id string) bool { return strings.HasPrefix(id, prefix) }) {
		d.AddAttributeWarning(path.Root("after"), "No mapping of this job comes first", "after has the id of no usersync_provisioning_mapping of job "+m.JobID.ValueString()+": where nobody else has set its mappings, the first cycle provisions everybody by the template's.")
	}
}

// restarts reports whether new triggers ask for a restart.
func (m *scheduleModel) restarts(state *scheduleModel) bool {
	return m.Enabled.ValueBool() && !state.RestartTriggers.IsNull() && !m.RestartTriggers.IsNull() && !m.RestartTriggers.Equal(state.RestartTriggers)
}

// Create starts the job, or makes sure that it is paused.
func (r *scheduleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan scheduleModel
	d := &resp.Diagnostics
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	ctx, cancel := limit(ctx, plan.Timeouts.Create, scheduleTimeout, d)
	defer cancel()
	if r.session.Client(ctx, "Starting the provisioning job", d) == nil {
		return
	}
	if r.take("schedule/"+plan.ServicePrincipalID.ValueString()+"/"+plan.JobID.ValueString(), "The schedule of job "+plan.JobID.ValueString(), d); d.HasError() {
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
	ctx, cancel := limit(ctx, plan.Timeouts.Update, scheduleTimeout, d)
	defer cancel()
	r.apply(ctx, "Changing the provisioning schedule", &plan, &state, &resp.State, resp.Identity, d)
}

// apply brings the job to what is planned; prior is nil where there was no
// schedule. The state is written as soon as the service has taken it, before
// anything is waited for.
func (r *scheduleResource) apply(ctx context.Context, doing string, plan, prior *scheduleModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics) {
	c := r.session.Client(ctx, doing, d)
	if d.HasError() {
		return
	}
	sp, id := plan.ServicePrincipalID.ValueString(), plan.JobID.ValueString()
	restart := prior != nil && plan.restarts(prior)
	defer r.session.Lock(sp + "/" + id)()
	before, err := c.Job(ctx, sp, id)
	if err == nil {
		err = move(ctx, c, sp, before, plan.Enabled.ValueBool(), restart, strings.Join(listOf(ctx, plan.RestartScope, d), ", "))
	}
	if err != nil {
		if restarted := new(restartError); errors.As(err, &restarted) && restarted.done {
			prior.RestartTriggers = plan.RestartTriggers
			r.store(ctx, prior, state, identity, d)
		}
		d.Append(diagnose.Error(doing, err))
		return
	}
	r.session.Forget()
	// What the plan promised of the quarantine is kept: the next Read has the news.
	promised := plan.Quarantine
	if promised.IsUnknown() {
		plan.Quarantine = types.ObjectNull(quarantineTypes)
	}
	plan.ID = types.StringValue(id)
	r.store(ctx, plan, state, identity, d)
	moved := restart || plan.Enabled.ValueBool() != (before.ScheduleState == scheduleActive)
	job, err := r.await(ctx, c, sp, before, plan, moved)
	if late := new(reading.TimeoutError); prior == nil && errors.As(err, &late) {
		// An error would taint what is as it was ordered: the next apply would
		// pause the job and start it again.
		d.AddWarning("The provisioning job isn't there yet", "What wait_for says didn't come within timeouts.create. The service took the order: the job goes on by itself.")
		return
	}
	if err != nil {
		diagnostic := diagnose.Error("Waiting for the provisioning job", err)
		d.AddError(diagnostic.Summary(), diagnostic.Detail()+"\n\nThe service took the order: the job goes on by itself, and the next plan shows where it stands. What is waited for, and how long, is wait_for and timeouts.")
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
func move(ctx context.Context, c *entra.Client, sp string, job entra.SynchronizationJob, enabled, restart bool, scope string) error {
	active := job.ScheduleState == scheduleActive
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
		active = now.ScheduleState == scheduleActive // whether a restart starts a paused job isn't documented
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
	if now, again := c.Job(ctx, sp, job.ID); again == nil && now.ScheduleState == scheduleActive {
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
		return "The service took the restart, and the state says so: the next apply doesn't restart the job again, and starts it if it has to."
	}
	var refused *entra.Error
	if errors.As(e.err, &refused) && refused.Status < http.StatusInternalServerError {
		return refused.Advice()
	}
	return "Whether the restart arrived all the same can't be seen: the next apply restarts the job, again if it did."
}

func (r *scheduleResource) store(ctx context.Context, m *scheduleModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics) {
	d.Append(state.Set(ctx, m)...)
	setIdentity(ctx, identity, d, "service_principal_id", m.ServicePrincipalID, "job_id", m.JobID)
}

// Read sees whether the job runs, and its quarantine.
func (r *scheduleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const doing = "Reading the provisioning schedule"
	d := &resp.Diagnostics
	var state scheduleModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.keepsState(d) {
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.session.Client(ctx, doing, d)
	if c == nil {
		return
	}
	job, err := c.Job(ctx, state.ServicePrincipalID.ValueString(), state.JobID.ValueString())
	if entra.NotFound(err) {
		setIdentity(ctx, resp.Identity, d, "service_principal_id", state.ServicePrincipalID, "job_id", state.JobID)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(diagnose.Error(doing, err))
		return
	}
	state.ID, state.Enabled = state.JobID, types.BoolValue(job.ScheduleState == scheduleActive)
	state.Quarantine = quarantineOf(job.Quarantine)
	warnQuarantine(job.ID, job.Quarantine, d)
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// Delete pauses the job.
func (r *scheduleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const doing = "Pausing the provisioning job"
	d := &resp.Diagnostics
	var state scheduleModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, cancel := limit(ctx, state.Timeouts.Delete, scheduleTimeout, d)
	defer cancel()
	c := r.session.Client(ctx, doing, d)
	if d.HasError() {
		return
	}
	sp, id := state.ServicePrincipalID.ValueString(), state.JobID.ValueString()
	defer r.session.Lock(sp + "/" + id)()
	if r.leaves("schedule/"+sp+"/"+id, "The schedule of job "+id, d) {
		return
	}
	job, err := c.Job(ctx, sp, id)
	if err == nil && job.ScheduleState == scheduleActive {
		if err = c.PauseJob(ctx, sp, id); err == nil {
			r.session.Forget()
			err = r.session.Await(ctx, func(ctx context.Context) (bool, error) {
				job, err := c.Job(ctx, sp, id)
				return err == nil && job.ScheduleState != scheduleActive, err
			})
		}
	}
	if err != nil && !entra.NotFound(err) {
		d.Append(diagnose.Error(doing, overdue(err)))
	}
}

// ImportState takes service_principal_id/job_id.
func (r *scheduleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ids, ok := importIDs(ctx, req, resp, "service_principal_id", "job_id")
	if !ok {
		return
	}
	scope, diags := types.SetValueFrom(ctx, types.StringType, slices.Clone(defaultReset))
	resp.Diagnostics.Append(diags...)
	m := scheduleModel{
		ID: types.StringValue(ids[1]), ServicePrincipalID: types.StringValue(ids[0]), JobID: types.StringValue(ids[1]), After: types.SetNull(types.StringType),
		RestartTriggers: types.MapNull(types.StringType), RestartScope: scope, WaitFor: types.StringValue(waitStarted), Quarantine: types.ObjectNull(quarantineTypes),
		Timeouts: timeouts.Value{Object: types.ObjectNull(textTypes("create", "update", "delete"))},
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
