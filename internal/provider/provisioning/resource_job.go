// Package provisioning is what Terraform sees of Entra's provisioning jobs: the job
// with its schedule and its secrets, the log, and the actions on jobs. What a job
// maps is in the package mapping.
package provisioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*jobResource)(nil)
	_ resource.ResourceWithIdentity    = (*jobResource)(nil)
	_ resource.ResourceWithImportState = (*jobResource)(nil)
)

// jobResource is usersync_provisioning_job.
type jobResource struct{ syncjob.Resource }

// NewJob makes the resource usersync_provisioning_job.
func NewJob() resource.Resource { return &jobResource{} }

const (
	jobTimeout = 5 * time.Minute
	// A new service principal isn't found for some seconds [graph 3.1]; a
	// wrong id isn't found for ever.
	newPrincipalTimeout = 30 * time.Second
)

type jobModel struct {
	ID                 types.String   `tfsdk:"id"`
	ServicePrincipalID types.String   `tfsdk:"service_principal_id"`
	TemplateID         types.String   `tfsdk:"template_id"`
	Interval           types.String   `tfsdk:"interval"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (r *jobResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_job"
}

func (r *jobResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = tfutil.IdentitySchema("service_principal_id", "job_id")
}

func (r *jobResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A synchronization job of a service principal, made from one of its templates. It is " +
			"created paused, with the template's mappings: `usersync_provisioning_schedule` starts it, once its " +
			"mappings and credentials are in place. A job that an interrupted apply left behind, paused, never run " +
			"and with the template's mappings, is taken over; any other job of that template is an error that asks " +
			"for an import. Destroying deletes the job; the accounts that it made stay at the target.",
		Attributes: map[string]schema.Attribute{
			"id":                   syncjob.ID("The job's id."),
			"service_principal_id": syncjob.ServicePrincipal(),
			"template_id": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The id of the service principal's template, for instance `customappsso` (SCIM) " +
					"or `Azure2Azure` (cross-tenant synchronization). A wrong one is an error that lists those there " +
					"are. Changing it makes another job.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"interval": schema.StringAttribute{
				Computed:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				MarkdownDescription: "How often it runs once it is started, as an ISO 8601 duration, usually " +
					"`PT40M`. The service sets it.",
			},
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{Create: true, Delete: true,
				CreateDescription: "How long to wait until the new job and its schema can be read, as a duration " +
					"such as `5m` (default).",
				DeleteDescription: "How long to wait until the job is gone, as a duration such as `5m` (default)."}),
		},
	}
}

// Create makes the job. Its id is in the state before anything is waited for.
func (r *jobResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	const operation = "Creating the provisioning job"
	d := &resp.Diagnostics
	var plan jobModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, jobTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp := plan.ServicePrincipalID.ValueString()
	defer r.Session.Lock(sp)()
	job, err := r.findOrCreate(ctx, c, sp, plan.TemplateID.ValueString())
	if err != nil {
		failure := tfutil.FailureAt(path.Root(jobArgumentOf(err)), operation, err)
		d.AddAttributeError(path.Root(jobArgumentOf(err)), failure.Summary(), failure.Detail()+tfutil.IfMade(err, "a "+
			"job that was made all the same, and never ran, is taken over"))
		return
	}
	if r.Claim("job/"+sp+"/"+job.ID, "The job "+job.ID, d); d.HasError() {
		return
	}
	r.Session.Forget()
	plan.ID, plan.Interval = types.StringValue(job.ID), types.StringValue(job.Interval)
	r.store(ctx, &plan, &resp.State, resp.Identity, d)
	err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
		if _, err := c.Job(ctx, sp, job.ID); err != nil {
			return false, session.RetryableIfMissing(err)
		}
		_, err := c.Schema(ctx, sp, job.ID)
		return err == nil, session.RetryableIfMissing(err)
	})
	if err != nil {
		summary := tfutil.Failure("Waiting for the new provisioning job", overdue(err))
		d.AddError(
			summary.Summary(),
			summary.Detail()+"\n\nThe job exists and is in the state: "+job.ID+". It is paused and has never run. "+
				"The CLI marks it as tainted, so that the next apply makes it anew; terraform untaint keeps it.",
		)
	}
}

// findOrCreate takes over what an interrupted create of ours left, or makes a
// job.
func (r *jobResource) findOrCreate(
	ctx context.Context, c *entra.Client, sp, template string,
) (entra.SynchronizationJob, error) {
	jobs, err := r.jobsOfNewPrincipal(ctx, c, sp)
	if err != nil {
		return entra.SynchronizationJob{}, err
	}
	for _, j := range jobs {
		if j.TemplateID != template {
			continue
		}
		ours, err := untouched(ctx, c, sp, j)
		if err != nil {
			return entra.SynchronizationJob{}, err
		}
		if !ours {
			return entra.SynchronizationJob{}, &tfutil.ExistsError{
				Problem:  "the service principal has a job of this template already, which was run or changed: " + j.ID,
				ImportID: sp + "/" + j.ID,
			}
		}
		return j, nil
	}
	templates, err := c.Templates(ctx, sp)
	if err != nil {
		return entra.SynchronizationJob{}, err
	}
	if !slices.ContainsFunc(templates, func(t entra.Template) bool { return t.ID == template }) {
		return entra.SynchronizationJob{}, &templateError{template, templates}
	}
	made, err := c.CreateJob(ctx, sp, template)
	if err != nil {
		return made, err
	}
	return r.removeDuplicates(ctx, c, sp, made)
}

// removeDuplicates makes sure that a job that was just made has no twin, made by
// another apply at the same time: the service lets a template have several. Of
// two the one with the smaller id stays, and who made the other takes it over,
// as if it had come second. It looks more than once, since the other's may come
// late. What can't be read is left to the next steps; a provider that dies
// meanwhile leaves a job that the next apply takes over.
func (r *jobResource) removeDuplicates(
	ctx context.Context, c *entra.Client, sp string, job entra.SynchronizationJob,
) (entra.SynchronizationJob, error) {
	seen, twin := 0, false
	_ = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
		jobs, err := c.Jobs(ctx, sp)
		if err != nil {
			return false, err
		}
		twin = slices.ContainsFunc(
			jobs,
			func(j entra.SynchronizationJob) bool { return j.TemplateID == job.TemplateID && j.ID < job.ID },
		)
		seen++
		return twin || seen == syncjob.Looks, nil
	})
	if !twin {
		return job, nil
	}
	if err := c.DeleteJob(ctx, sp, job.ID); err != nil {
		return job, err
	}
	return r.findOrCreate(ctx, c, sp, job.TemplateID)
}

func (r *jobResource) jobsOfNewPrincipal(
	ctx context.Context, c *entra.Client, sp string,
) (jobs []entra.SynchronizationJob, err error) {
	short, cancel := context.WithTimeout(ctx, newPrincipalTimeout)
	defer cancel()
	err = r.Session.Await(short, func(ctx context.Context) (bool, error) {
		jobs, err = c.Jobs(ctx, sp)
		return err == nil, session.RetryableIfMissing(err)
	})
	var late *session.TimeoutError
	if errors.As(err, &late) && late.Last != nil {
		return nil, late.Last
	}
	return jobs, err
}

// untouched reports whether a job is as a create leaves it.
func untouched(ctx context.Context, c *entra.Client, sp string, j entra.SynchronizationJob) (bool, error) {
	if !j.NeverRan() || j.ScheduleState == entra.ScheduleActive {
		return false, nil
	}
	raw, err := c.Schema(ctx, sp, j.ID)
	if err != nil {
		return false, err
	}
	live, err := mapping.ParseSchema(raw)
	if err != nil {
		return false, err
	}
	own, err := syncjob.TemplateOf(ctx, c, sp, j.ID)
	if err != nil {
		return false, err
	}
	return mapping.SameMappings(live, own), nil
}

type templateError struct {
	id   string
	have []entra.Template
}

func (e *templateError) Error() string {
	names := make([]string, len(e.have))
	for i, t := range e.have {
		names[i] = t.ID
		if t.Default {
			names[i] += " (default)"
		}
	}
	if len(names) == 0 {
		return "the service principal has no template for provisioning: its application doesn't support it"
	}
	return fmt.Sprintf("the service principal has no template %q; it has: %s", e.id, strings.Join(names, ", "))
}

func jobArgumentOf(err error) string {
	var template *templateError
	if errors.As(err, &template) {
		return "template_id"
	}
	return "service_principal_id"
}

func (r *jobResource) store(
	ctx context.Context, m *jobModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "service_principal_id", m.ServicePrincipalID, "job_id", m.ID)
}

// Read refreshes what the service sets.
func (r *jobResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the provisioning job"
	d := &resp.Diagnostics
	var state jobModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.NotRefreshed(d) {
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if c == nil {
		return
	}
	job, err := c.Job(ctx, state.ServicePrincipalID.ValueString(), state.ID.ValueString())
	if entra.NotFound(err) {
		tfutil.SetIdentity(ctx, resp.Identity, d, "service_principal_id", state.ServicePrincipalID, "job_id", state.ID)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	state.TemplateID, state.Interval = types.StringValue(job.TemplateID), types.StringValue(job.Interval)
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// Update changes nothing at the service: all that can change is the time-outs.
func (r *jobResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan jobModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.store(ctx, &plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete deletes the job and waits until it is gone.
func (r *jobResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Deleting the provisioning job"
	d := &resp.Diagnostics
	var state jobModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, jobTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	sp, id := state.ServicePrincipalID.ValueString(), state.ID.ValueString()
	defer r.Session.Lock(sp)()
	if r.ClaimedElsewhere("job/"+sp+"/"+id, "The job "+id, d) {
		return
	}
	defer r.Session.Forget()
	err := c.DeleteJob(ctx, sp, id)
	if err == nil {
		err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
			_, err := c.Job(ctx, sp, id)
			if entra.NotFound(err) {
				return true, nil
			}
			return false, err
		})
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, overdue(err)))
	}
}

// ImportState takes service_principal_id/job_id, or azuread's id.
func (r *jobResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	ids, ok := tfutil.ImportIDs(ctx, fromAzuread(req), resp, "service_principal_id", "job_id")
	if ok {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("service_principal_id"), ids[0])...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), ids[1])...)
	}
}
