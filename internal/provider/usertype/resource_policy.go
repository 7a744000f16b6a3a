package usertype

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure      = (*policyResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*policyResource)(nil)
	_ resource.ResourceWithValidateConfig = (*policyResource)(nil)
)

// policyResource is usersync_user_type_policy.
type policyResource struct{ session.Resource }

// NewPolicy makes the resource usersync_user_type_policy.
func NewPolicy() resource.Resource { return &policyResource{} }

const applyTimeout = 30 * time.Minute

func (r *policyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_type_policy"
}

// ValidateConfig checks that each rule says whom and what.
func (r *policyResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var m policyModel
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() || !tfutil.Known(ctx, m.Rules) {
		return
	}
	var rules []ruleModel
	if !m.Rules.IsNull() {
		d.Append(m.Rules.ElementsAs(ctx, &rules, false)...)
	}
	for i, rule := range rules {
		match := arguments.Match(ctx, rule.Match, d)
		problem := ""
		switch {
		case !rule.Types.IsNull() && (match != nil || !rule.UserType.IsNull()):
			problem = "types stands alone: it says both whom and what"
		case rule.Types.IsNull() && (match == nil || rule.UserType.IsNull()):
			problem = "it needs user_type and a match in which at least one of users, home_domains, creation_types, " +
				"groups, origin and filter is set, or types"
		}
		if problem != "" {
			d.AddAttributeError(path.Root("rule"), "Invalid rule", fmt.Sprintf("rule[%d] (%s): "+
				"%s.", i, rule.Name.ValueString(), problem))
		}
	}
}

// ModifyPlan says who is converted. It reads configuration and prior state
// alone [CONTRIBUTING: Planning is pure].
func (r *policyResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	d := &resp.Diagnostics
	var config, plan policyModel
	var state *policyModel
	d.Append(req.Config.Get(ctx, &config)...)
	d.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		state = &policyModel{}
		d.Append(req.State.Get(ctx, state)...)
	}
	if d.HasError() {
		return
	}
	config.Mode, config.IdentifyUsersBy = plan.Mode, plan.IdentifyUsersBy
	if names := unknownArguments(req.Config); len(names) > 0 {
		if config.Mode.ValueString() == modeEnforce || config.Mode.IsUnknown() {
			d.AddAttributeError(
				path.Root(names[0]),
				"Users to convert aren't known at plan",
				strings.Join(names, ", ")+" won't be known before the apply, and a policy that writes converts only "+
					"whom the plan names. The CLI puts a data source off when its arguments refer to something that "+
					"this plan changes, or when its module has a depends_on that changes: let the reading depend on "+
					"nothing, or apply what it depends on first (-target).",
			)
			return
		}
		d.AddAttributeWarning(path.Root(names[0]), "Users who differ from the policy aren't known at "+
			"plan", strings.Join(names, ", ")+" won't be known before the apply.")
		unknown := types.StringUnknown()
		plan.Desired, plan.Assignments, plan.Violations, plan.Resolved = unknown, unknown, unknown, unknown
		plan.Remaining = types.Int64Unknown()
	} else {
		planPolicy(ctx, &config, &plan, state, r.Session.Offline(), d)
	}
	if d.HasError() {
		return
	}
	d.Append(resp.Plan.Set(ctx, &plan)...)
}

// unknownArguments names the arguments that aren't known yet, and on which it
// rests who is converted.
func unknownArguments(config tfsdk.Config) []string {
	return slices.DeleteFunc(tfutil.UnknownArguments(config), func(name string) bool {
		return name == "cross_tenant" || name == "record" || name == "timeouts"
	})
}

// Create converts whom the plan names. A failure leaves no state, so that
// nothing is tainted and the next apply does the rest.
func (r *policyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	d := &resp.Diagnostics
	var config, plan policyModel
	d.Append(req.Config.Get(ctx, &config)...)
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, applyTimeout, d)
	defer cancel()
	done := r.apply(ctx, &config, &plan, nil, d)
	if d.HasError() {
		if len(done) > 0 {
			d.AddWarning("What was written before the failure", fmt.Sprintf("%s converted: %s. No state is kept of "+
				"it: apply again, and the rest "+
				"follows.", count(len(done), "user was", "users were"), tfutil.Names(namesOf(done))))
		}
		return
	}
	plan.ID = types.StringValue(uuid.NewString())
	d.Append(resp.State.Set(ctx, &plan)...)
}

// Update converts whom the plan names. After a failure the state says what was
// written.
func (r *policyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	d := &resp.Diagnostics
	var config, plan, state policyModel
	d.Append(req.Config.Get(ctx, &config)...)
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Update, applyTimeout, d)
	defer cancel()
	done := r.apply(ctx, &config, &plan, &state, d)
	if d.HasError() {
		have, want := mapOf(state.Assignments), mapOf(plan.Assignments)
		held, desired := mapOf(state.Desired), mapOf(plan.Desired)
		for id, name := range done {
			have[name], held[id] = want[name], desired[id]
		}
		state.Assignments, state.Desired = tfutil.JSONMap(have), tfutil.JSONMap(held)
		d.AddWarning("What was written before the failure", fmt.Sprintf("%s converted%s. The state says so; apply "+
			"again, "+
			"and the rest follows.", count(len(done), "user was", "users were"), colon(tfutil.Names(namesOf(done)))))
		d.Append(resp.State.Set(ctx, &state)...)
		return
	}
	plan.ID = state.ID
	d.Append(resp.State.Set(ctx, &plan)...)
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func namesOf(done map[string]string) []string { return slices.Sorted(maps.Values(done)) }

// apply converts whom the plan names, and gives who is converted now: object id
// to name.
func (r *policyResource) apply(
	ctx context.Context, config, plan, state *policyModel, d *diag.Diagnostics,
) (done map[string]string) {
	config.Mode, config.IdentifyUsersBy = plan.Mode, plan.IdentifyUsersBy
	e := evaluate(ctx, config, state, d)
	if e == nil {
		return nil
	}
	if plan.Assignments.IsUnknown() {
		e.fill(plan)
	}
	if plan.Mode.ValueString() != modeEnforce {
		return nil
	}
	changes := e.conversions()
	if len(changes) == 0 {
		return nil
	}
	const operation = "Converting users"
	if r.Session == nil {
		d.Append(tfutil.NotConfigured(operation))
		return nil
	}
	c, err := r.Session.Entra()
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return nil
	}
	ids := plan.ids()
	names, want := make(map[string]string, len(changes)), make(map[string]string, len(changes))
	order := make([]string, len(changes))
	for i, a := range changes {
		id := e.user(a).ID
		order[i], names[id], want[id] = id, e.name(a, ids), a.Want
	}
	defer r.Session.ForgetUsers()
	return r.convert(ctx, c, order, names, want, d)
}

// Read sees which types those have whom the policy holds.
func (r *policyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the types of users"
	d := &resp.Diagnostics
	var state policyModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	held := slices.Sorted(maps.Keys(mapOf(state.Desired)))
	if r.Session == nil || len(held) == 0 {
		return
	}
	users, err := r.Session.Users(ctx, held)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	have, names := map[string]string{}, map[string]string{}
	for _, id := range held {
		if u, ok := users[id]; ok {
			have[id], names[id] = u.UserType, u.UserPrincipalName
		}
	}
	readBack(&state, have, names)
	d.Append(resp.State.Set(ctx, &state)...)
}

// Delete leaves people as they are.
func (r *policyResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
