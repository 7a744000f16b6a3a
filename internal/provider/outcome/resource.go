// Package outcome is usersync_outcome, the accepted outcome.
package outcome

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.Resource                   = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// Resource is usersync_outcome.
type Resource struct{}

// NewResource makes the resource.
func NewResource() resource.Resource { return &Resource{} }

// Metadata names the resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_outcome"
}

// ValidateConfig finds what is wrong in the configuration alone.
func (r *Resource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validate(ctx, &resp.Diagnostics)
}

// ModifyPlan decides. It reads configuration and prior state, never the
// network or the clock [CONTRIBUTING: Planning is pure].
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	config, plan, state := decode(ctx, req.Config, req.Plan, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if unknown := tfutil.UnknownArguments(req.Config); len(unknown) > 0 {
		warnUnknown(unknown, &resp.Diagnostics)
		plan.setUnknown()
	} else {
		compute(ctx, config, state, plan, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func warnUnknown(names []string, d *diag.Diagnostics) {
	cause := "It depends on something that this plan makes or changes: use an attribute that is known at plan."
	if slices.ContainsFunc(
		names,
		func(n string) bool {
			return n == "directory" || n == "target_directory" || n == "organization" || n == "read_at"
		},
	) {
		cause = "The CLI puts a data source off when its arguments refer to something that this plan changes, or " +
			"when its module has a depends_on that changes: let the readings depend on nothing, and put what changes " +
			"into what_if."
	}
	d.AddAttributeWarning(path.Root(names[0]), "Who will sync isn't known at plan",
		strings.Join(names, ", ")+" won't be known before the apply, so decisions are made then, and guardrails are "+
			"held then. "+cause)
}

// decode reads configuration, plan and state; state is nil before the create.
func decode(
	ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, d *diag.Diagnostics,
) (c, p, s *model) {
	c, p = &model{}, &model{}
	d.Append(config.Get(ctx, c)...)
	d.Append(plan.Get(ctx, p)...)
	if !state.Raw.IsNull() {
		s = &model{}
		d.Append(state.Get(ctx, s)...)
	}
	return c, p, s
}

// Create accepts what was planned.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	config, plan, _ := decode(ctx, req.Config, req.Plan, tfsdk.State{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	accept(ctx, config, nil, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = types.StringValue(uuid.NewString())
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// accept decides now where the plan couldn't.
func accept(ctx context.Context, config, state, plan *model, d *diag.Diagnostics) {
	if plan.Accepted.IsUnknown() {
		compute(ctx, config, state, plan, d)
	}
}

// Read keeps the accepted outcome: what moved shows in the plan.
func (r *Resource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update accepts what was planned.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	config, plan, state := decode(ctx, req.Config, req.Plan, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	accept(ctx, config, state, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = state.ID
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete forgets the accepted outcome; nothing else is touched.
func (r *Resource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// ImportState accepts nothing: the next plan shows everything.
func (r *Resource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
