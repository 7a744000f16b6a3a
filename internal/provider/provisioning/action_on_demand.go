package provisioning

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

var (
	_ action.ActionWithConfigure      = (*onDemand)(nil)
	_ action.ActionWithModifyPlan     = (*onDemand)(nil)
	_ action.ActionWithValidateConfig = (*onDemand)(nil)
)

// onDemand is usersync_provision_on_demand.
type onDemand struct{ actionBase }

// NewOnDemand makes the action usersync_provision_on_demand.
func NewOnDemand() action.Action { return &onDemand{} }

// maxMembers is how many members of a group can be provisioned on demand
// [graph 3.8].
const maxMembers = 5

type onDemandModel struct {
	ServicePrincipalID types.String `tfsdk:"service_principal_id"`
	JobID              types.String `tfsdk:"job_id"`
	Rule               types.String `tfsdk:"rule"`
	Users              types.Set    `tfsdk:"users"`
	Groups             types.List   `tfsdk:"groups"`
}

func (a *onDemand) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provision_on_demand"
}

func (a *onDemand) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Provisions some users or groups now, with a synchronization job's present mappings, " +
			"without waiting for its next cycle: whoever changed a mapping tries it on a few people first. It really " +
			"writes to the target. Subjects are provisioned one after another, at most five in ten seconds, which is " +
			"the service's limit. Each step is reported, with the names of the attributes that changed, not their " +
			"values. One that fails doesn't stop the others; at the end, failed ones are an error, and skipped ones " +
			"(out of scope, or nothing to change) a warning.\n\nAn assignment made moments ago may take minutes to " +
			"be honoured. Users who are disabled or deleted can't be provisioned so. It needs the permission " +
			"`Synchronization.ReadWrite.All`, or `Application.ReadWrite.OwnedBy` where the application owns the " +
			"service principal; users named otherwise than by object id need those of `usersync_directory` too, " +
			"since the tenant is read to find them.\n\nActions need Terraform 1.14 or later. In other CLIs there is " +
			"the page *Provision on demand* of the enterprise application, in the Entra admin center.",
		Attributes: map[string]schema.Attribute{
			"service_principal_id": actionServicePrincipal(),
			"job_id":               actionJob(),
			"rule": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "The name (or id) of the synchronization rule of the job's schema. Needed only " +
					"where the schema has several; the error that says so lists them.",
			},
			"users": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
				MarkdownDescription: "Users by principal name, mail or object id. At least one of `users` and " +
					"`groups` is needed.",
			},
			"groups": onDemandGroups(),
		},
	}
}

func onDemandGroups() schema.ListNestedAttribute {
	id := []validator.String{stringvalidator.RegexMatches(objectID, "must be an object id")}
	return schema.ListNestedAttribute{
		Optional:            true,
		Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
		MarkdownDescription: "Groups, each with those of its members that are to be provisioned with it.",
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"id": schema.StringAttribute{
					Required:            true,
					Validators:          id,
					MarkdownDescription: "The group's object id.",
				},
				"members": schema.ListAttribute{
					ElementType: types.StringType,
					Optional:    true,
					Validators: []validator.List{
						listvalidator.SizeAtMost(maxMembers),
						listvalidator.NoNullValues(),
						listvalidator.UniqueValues(),
						listvalidator.ValueStringsAre(id...),
					},
					MarkdownDescription: "Object ids of users who are members of it: at most five, which is " +
						"the service's limit. Default: none.",
				},
			},
		},
	}
}

// ValidateConfig wants users or groups to provision.
func (a *onDemand) ValidateConfig(
	ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse,
) {
	var m onDemandModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		m.checkSubjects(&resp.Diagnostics)
	}
}

func (m *onDemandModel) checkSubjects(d *diag.Diagnostics) {
	if m.Users.IsNull() && m.Groups.IsNull() {
		d.AddError("No users to provision", "Set users, groups or both.")
	}
}

const onDemandOperation = "Provisioning on demand"

// ModifyPlan checks again what wasn't known to ValidateConfig.
func (a *onDemand) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m onDemandModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.checkSubjects(&resp.Diagnostics)
	a.checkReady(onDemandOperation, &resp.Diagnostics)
}

// noneProvisioned is what is known of a run that was interrupted before its first
// request.
const noneProvisioned = "Nobody was provisioned: it was interrupted before the first."

// Invoke provisions one subject after another.
func (a *onDemand) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	d := &resp.Diagnostics
	var m onDemandModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	c := a.Session.Client(ctx, onDemandOperation, d)
	if c == nil {
		return
	}
	sp, job := m.ServicePrincipalID.ValueString(), m.JobID.ValueString()
	raw, err := a.Session.Schema(ctx, sp, job)
	if err != nil {
		d.Append(failed(ctx, onDemandOperation, noneProvisioned, err))
		return
	}
	rule, err := ruleID(raw, m.Rule.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("rule"), "Finding the synchronization rule", err))
		return
	}
	list := a.subjects(ctx, &m, d)
	if d.HasError() {
		return
	}
	defer a.Session.Forget() // what was read of the other side may be another now
	provisionAll(ctx, list, progress(resp.SendProgress), d, func(s subject) (entra.OnDemandResult, error) {
		return c.ProvisionOnDemand(ctx, sp, job, rule, []entra.OnDemandSubject{s.OnDemandSubject})
	})
}

// provisionAll tells of each subject, and at the end of all: as the last line
// of progress too, since Terraform doesn't show warnings of actions that
// something triggers.
func provisionAll(
	ctx context.Context, list []subject, tell progress, d *diag.Diagnostics,
	provision func(subject) (entra.OnDemandResult, error),
) {
	t := outcomes{all: len(list)}
	for i, s := range list {
		if ctx.Err() != nil {
			t.interrupted(list[i:], "", d)
			return
		}
		tell.say("%s: provisioning (%d of %d) …", s.shown(), i+1, len(list))
		r, err := provision(s)
		switch {
		case err == nil:
			tell.say("%s: %s", s.shown(), describe(r))
			t.add(s.shown(), r)
		case ctx.Err() != nil && entra.MayHaveArrived(err):
			t.interrupted(list[i+1:], s.shown(), d)
			return
		case ctx.Err() != nil:
			t.interrupted(list[i:], "", d)
			return
		case sameForAll(err):
			tell.say("%s: failed: %s", s.shown(), sanitize.Line(err.Error()))
			d.Append(tfutil.Failure(onDemandOperation, err))
			t.untried = len(list) - i
			t.report(tell, d)
			return
		default:
			tell.say("%s: failed: %s", s.shown(), sanitize.Line(err.Error()))
			t.failed = append(t.failed, s.shown()+": "+sanitize.Line(err.Error()))
		}
	}
	t.report(tell, d)
}

// sameForAll reports whether the next subject would meet the same error: it is
// about the application, not about one subject.
func sameForAll(err error) bool {
	var (
		config *entra.ConfigError
		signIn *entra.SignInError
		roles  *entra.MissingRolesError
		graph  *entra.Error
	)
	if errors.As(err, &config) || errors.As(err, &signIn) || errors.As(err, &roles) {
		return true
	}
	return errors.As(err, &graph) && (graph.Status == http.StatusUnauthorized || graph.Status == http.StatusForbidden)
}

// describe is what became of a subject, in a line: names of attributes, never
// their values.
func describe(r entra.OnDemandResult) string {
	steps := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		steps[i] = stepLine(s)
	}
	line := sanitize.Line(r.Result)
	if r.Action != "" {
		line += ", " + sanitize.Line(r.Action)
	}
	if len(steps) > 0 {
		line = strings.Join(steps, "; ") + "; result " + line
	}
	if len(r.Modified) > 0 {
		names := make([]string, len(r.Modified))
		for i, p := range r.Modified {
			names[i] = sanitize.Line(p.Name)
		}
		line += "; modified " + strings.Join(names, ", ")
	}
	if why := because(r); why != "" && !isSuccess(r) {
		line += "; " + why
	}
	return line
}
