package provisioning

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

var (
	_ action.ActionWithConfigure  = (*restartAction)(nil)
	_ action.ActionWithModifyPlan = (*restartAction)(nil)
)

// restartAction is usersync_restart_job.
type restartAction struct{ actionBase }

// NewRestartJob makes the action usersync_restart_job.
func NewRestartJob() action.Action { return &restartAction{} }

type restartModel struct {
	ServicePrincipalID types.String `tfsdk:"service_principal_id"`
	JobID              types.String `tfsdk:"job_id"`
	ResetScope         types.Set    `tfsdk:"reset_scope"`
	Start              types.Bool   `tfsdk:"start"`
}

func (a *restartAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restart_job"
}

func (a *restartAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Restarts a synchronization job: all users are looked at again, failures are tried " +
			"again, and a quarantine ends. It needs the permission `Synchronization.ReadWrite.All`, or " +
			"`Application.ReadWrite.OwnedBy` where the application owns the service principal.\n\nActions need " +
			"Terraform 1.14 or later. In other CLIs, OpenTofu among them, change `restart_triggers` of " +
			"`usersync_provisioning_schedule`: it restarts the job in the same way while its schedule is enabled.",
		Attributes: map[string]schema.Attribute{
			"service_principal_id": actionServicePrincipal(),
			"job_id":               actionJob(),
			"reset_scope": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.OneOf(resetScopes...)),
				},
				MarkdownDescription: "What is reset: `Watermark` (all users are looked at again), `Escrows` " +
					"(failures are tried again), `QuarantineState`, `ConnectorDataStore`, `ForceDeletes` (deletions " +
					"that were held back are let through), `Full` (all; also breaks the links between source and " +
					"target). Default: the first three.",
			},
			"start": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to start the job too where the restart leaves it paused. Default " +
					"`false`: a job that doesn't run afterwards is a warning.",
			},
		},
	}
}

const restartOperation = "Restarting the provisioning job"

// ModifyPlan checks that the job could be restarted from here.
func (a *restartAction) ModifyPlan(_ context.Context, _ action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	a.checkReady(restartOperation, &resp.Diagnostics)
}

// Invoke restarts the job.
func (a *restartAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	d := &resp.Diagnostics
	var m restartModel
	d.Append(req.Config.Get(ctx, &m)...)
	scope := scopeOf(ctx, m.ResetScope, d)
	if d.HasError() {
		return
	}
	c := a.Session.Client(ctx, restartOperation, d)
	if c == nil {
		return
	}
	sp, id, tell := m.ServicePrincipalID.ValueString(), m.JobID.ValueString(), progress(resp.SendProgress)
	defer a.Session.Lock(sp + "/" + id)()
	before, err := c.Job(ctx, sp, id)
	if err != nil {
		d.Append(failed(ctx, restartOperation, notRestarted(id), err))
		return
	}
	tell.say("Job %s: %s", id, stateOf(before))
	defer a.Session.Forget() // also where it isn't known whether a request arrived
	if err := c.RestartJob(ctx, sp, id, scope); err != nil {
		known := notRestarted(id)
		if entra.MayHaveArrived(err) {
			known = "It isn't known whether the service restarted job " + id + ": the request may have arrived. " +
				"Look at the job before running the action again: a second restart throws away the cycle that the " +
				"first began."
		}
		d.Append(failed(ctx, restartOperation, known, err))
		return
	}
	tell.say("Job %s: restart accepted, reset of %s", id, scope)
	now, err := c.Job(ctx, sp, id)
	// Whether a restart starts a paused job isn't documented.
	if err == nil && now.ScheduleState != entra.ScheduleActive && m.Start.ValueBool() {
		tell.say("Job %s: %s, so it is started", id, stateOf(now))
		if err = start(ctx, c, sp, id); err == nil {
			now, err = c.Job(ctx, sp, id)
		}
	}
	if err != nil {
		d.Append(failed(ctx, "Looking after the restarted job", "Job "+id+" was restarted; it isn't known whether "+
			"it runs.", err))
		return
	}
	// Terraform doesn't show warnings of actions that something triggers.
	tell.say("Job %s was restarted: %s%s", id, stateOf(now), idle(now))
	warnIdle(now, d)
}

func notRestarted(id string) string {
	return "Job " + id + " wasn't restarted: it was interrupted before the request."
}

// idle is why the job doesn't provision although it was restarted.
func idle(job entra.SynchronizationJob) string {
	switch {
	case job.ScheduleState != entra.ScheduleActive:
		return "; it doesn't run until it is started"
	case job.Quarantine != nil:
		return "; it is still in quarantine"
	}
	return ""
}

// start starts a job that doesn't run.
func start(ctx context.Context, c *entra.Client, sp, id string) error {
	err := c.StartJob(ctx, sp, id)
	var refused *entra.Error
	if err == nil || errors.As(err, &refused) {
		return err
	}
	// The answer is lost, and a start isn't sent twice: did it arrive?
	if now, again := c.Job(ctx, sp, id); again == nil && now.ScheduleState == entra.ScheduleActive {
		return nil
	}
	return err
}

// warnIdle warns where the job won't provision although it was restarted.
func warnIdle(job entra.SynchronizationJob, d *diag.Diagnostics) {
	if job.ScheduleState != entra.ScheduleActive {
		d.AddWarning("The restarted job doesn't run", "Its schedule is "+sanitize.Line(job.ScheduleState)+": "+
			"what was reset takes effect once it is started. Set start = true here, or enabled = true in its "+
			"usersync_provisioning_schedule.")
	}
	if q := job.Quarantine; q != nil {
		d.AddWarning("The restarted job is in quarantine", sanitize.Line(q.Reason+". "+q.ErrorCode+" "+q.ErrorMessage)+
			"\nFix the cause and restart it again; reset_scope must have QuarantineState (or Full) to end a "+
			"quarantine.")
	}
}

// stateOf is a job's state in a line.
func stateOf(job entra.SynchronizationJob) string {
	s := "schedule " + sanitize.Line(job.ScheduleState) + ", status " + sanitize.Line(job.StatusCode)
	if job.Quarantine != nil {
		s += ", in quarantine since " + job.Quarantine.CurrentBegan.UTC().
			Format(time.RFC3339) +
			" (" + sanitize.Line(
			job.Quarantine.Reason,
		) + ")"
	}
	return s
}

// scopeOf writes what to reset as the service wants it.
func scopeOf(ctx context.Context, v types.Set, d *diag.Diagnostics) string {
	asked := defaultReset
	if !v.IsNull() {
		asked = nil
		d.Append(v.ElementsAs(ctx, &asked, false)...)
	}
	var names []string
	for _, s := range resetScopes {
		if slices.Contains(asked, s) {
			names = append(names, s)
		}
	}
	return strings.Join(names, ", ")
}
