package outcome

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// model is the outcome as Terraform holds it. directory, organization, read_at
// and what is in what_if are write-only: null everywhere but in the
// configuration.
type model struct {
	ID           types.String `tfsdk:"id"`
	Directory    types.String `tfsdk:"directory"`
	Organization types.String `tfsdk:"organization"`
	// TargetDirectory is write-only, too.
	TargetDirectory types.String `tfsdk:"target_directory"`
	ReadAt          types.String `tfsdk:"read_at"`
	arguments.Connector
	WhatIf      types.Object `tfsdk:"what_if"`
	Guardrails  types.Object `tfsdk:"guardrails"`
	WatchGroups types.Set    `tfsdk:"watch_groups"`
	arguments.Shown
	computed
}

// targetDirectory is the target tenant's reading, nil where there is none.
func (m *model) targetDirectory(d *diag.Diagnostics) *directory.Directory {
	if m.TargetDirectory.ValueString() == "" {
		return nil
	}
	t, err := session.Decode(m.TargetDirectory.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("target_directory"), decide.Operation, err))
		return nil
	}
	return t.Directory
}

// validate checks which readings the connector takes.
func (m *model) validate(ctx context.Context, d *diag.Diagnostics) {
	m.Connector.Validate(ctx, "", d)
	arguments.ValidateWhatIf(ctx, m.Connector.Connector, m.WhatIf, "", d)
	if m.Connector.Connector.IsUnknown() {
		return
	}
	connector := m.Connector.Connector.ValueString()
	switch {
	case decision.OfAtlassian(connector) && m.Organization.IsNull():
		tfutil.ArgumentError(
			d,
			"Missing argument",
			fmt.Sprintf("organization is required with connector = %q: pass the "+
				"reading of a usersync_organization.", connector),
			"organization",
		)
	case !decision.OfAtlassian(connector) && !m.Organization.IsNull():
		tfutil.ArgumentError(d, "Conflicting arguments", fmt.Sprintf("connector = %q has no Atlassian organization: "+
			"leave organization out.", connector), "organization")
	}
	if connector != decision.CrossTenantSync && !m.TargetDirectory.IsNull() {
		tfutil.ArgumentError(
			d,
			"Conflicting arguments",
			fmt.Sprintf("target_directory is for connector = %q: leave it "+
				"out.", decision.CrossTenantSync),
			"target_directory",
		)
	}
}

// computed are the computed attributes but for the id.
type computed struct {
	Decisions       types.String `tfsdk:"decisions"`
	Groups          types.String `tfsdk:"groups"`
	GroupsHeldBack  types.String `tfsdk:"groups_held_back"`
	Service         types.Object `tfsdk:"service"`
	Unchecked       types.List   `tfsdk:"unchecked"`
	Summary         types.Object `tfsdk:"summary"`
	Severity        types.String `tfsdk:"severity"`
	Changes         types.Object `tfsdk:"changes"`
	ChangesMarkdown types.String `tfsdk:"changes_markdown"`
	ChangesJSON     types.String `tfsdk:"changes_json"`
	WhatIfApplied   types.String `tfsdk:"what_if_applied"`
	Fingerprint     types.String `tfsdk:"fingerprint"`
	Settings        types.String `tfsdk:"settings"`
	Accepted        types.String `tfsdk:"accepted"`
	Resolved        types.String `tfsdk:"resolved"`
}

type guardrailsModel struct {
	MaxLost        types.Int64   `tfsdk:"max_lost"`
	MaxLostPercent types.Float64 `tfsdk:"max_lost_percent"`
	MaxLeft        types.Int64   `tfsdk:"max_left"`
	MaxLeftPercent types.Float64 `tfsdk:"max_left_percent"`
	MaxGained      types.Int64   `tfsdk:"max_gained"`
	MaxGroupsLost  types.Int64   `tfsdk:"max_groups_lost"`
	MustSync       types.Set     `tfsdk:"must_sync"`
	MustNotSync    types.Set     `tfsdk:"must_not_sync"`
	ExpectSkipped  types.Set     `tfsdk:"expect_skipped"`
	OnPlan         types.String  `tfsdk:"on_plan"`
	OnDrift        types.String  `tfsdk:"on_drift"`
	Approve        types.String  `tfsdk:"approve"`
	ReviewWhen     types.Set     `tfsdk:"review_when"`
}

// Values of on_plan and on_drift.
const (
	onError = "error"
	onWarn  = "warn"
)

// guardrails are the guardrails with their defaults.
type guardrails struct {
	outcome.Guardrails
	onPlan, onDrift string
	// approve is the hash that is approved.
	approve    string
	reviewWhen []string
}

// defaultMaxLeftPercent is the default of max_left_percent.
const defaultMaxLeftPercent = 10.0

// toGuardrails gives the guardrails with their defaults.
func toGuardrails(ctx context.Context, o types.Object, d *diag.Diagnostics) guardrails {
	leavers := defaultMaxLeftPercent
	g := guardrails{onPlan: onError, onDrift: onWarn, reviewWhen: outcome.DefaultReview()}
	g.MaxLeftPercent = &leavers
	var m guardrailsModel
	if !tfutil.Object(ctx, o, &m, d) {
		return g
	}
	g.MaxLost, g.MaxLostPercent = m.MaxLost.ValueInt64Pointer(), m.MaxLostPercent.ValueFloat64Pointer()
	g.MaxLeft, g.MaxGained = m.MaxLeft.ValueInt64Pointer(), m.MaxGained.ValueInt64Pointer()
	g.MaxGroupsLost = m.MaxGroupsLost.ValueInt64Pointer()
	if !m.MaxLeftPercent.IsNull() {
		g.MaxLeftPercent = m.MaxLeftPercent.ValueFloat64Pointer()
	}
	g.MustSync, g.MustNotSync = tfutil.Strings(ctx, m.MustSync, d), tfutil.Strings(ctx, m.MustNotSync, d)
	g.ExpectSkipped = tfutil.Strings(ctx, m.ExpectSkipped, d)
	if v := m.OnPlan.ValueString(); v != "" {
		g.onPlan = v
	}
	if v := m.OnDrift.ValueString(); v != "" {
		g.onDrift = v
	}
	g.approve = m.Approve.ValueString()
	if !m.ReviewWhen.IsNull() {
		g.reviewWhen = tfutil.Strings(ctx, m.ReviewWhen, d)
	}
	return g
}

// sameConfiguration reports whether the arguments that the state keeps are
// those of the accepted outcome. Of what_if it keeps whether it is there: a
// block that comes or goes is a change, whatever is in it.
func (m *model) sameConfiguration(state *model) bool {
	for _, pair := range [][2]attr.Value{
		{m.Connector.Connector, state.Connector.Connector},
		{m.ServicePrincipal, state.ServicePrincipal},
		{m.Scope, state.Scope},
		{m.ConnectorSettings, state.ConnectorSettings},
		{m.Guardrails, state.Guardrails},
		{m.WatchGroups, state.WatchGroups},
		{m.Show, state.Show},
		{m.IdentifyUsersBy, state.IdentifyUsersBy},
	} {
		if !pair[0].Equal(pair[1]) {
			return false
		}
	}
	return m.WhatIf.IsNull() == state.WhatIf.IsNull()
}

// setUnknown makes what is computed unknown, but for the id.
func (m *model) setUnknown() {
	unknown := types.StringUnknown()
	m.computed = computed{
		Decisions:       unknown,
		Groups:          unknown,
		GroupsHeldBack:  unknown,
		Service:         types.ObjectUnknown(serviceTypes()),
		Unchecked:       types.ListUnknown(types.StringType),
		Summary:         types.ObjectUnknown(summaryTypes()),
		Severity:        unknown,
		Changes:         types.ObjectUnknown(changesTypes()),
		ChangesMarkdown: unknown,
		ChangesJSON:     unknown,
		WhatIfApplied:   unknown,
		Fingerprint:     unknown,
		Settings:        unknown,
		Accepted:        unknown,
		Resolved:        unknown,
	}
}

func serviceTypes() map[string]attr.Type {
	return arguments.ObjectTypes(arguments.Service().Object)
}

func summaryTypes() map[string]attr.Type { return arguments.ObjectTypes(arguments.Summary().Object) }

func changesTypes() map[string]attr.Type { return tfutil.AttributeTypes(changesSchema().Attributes) }

// causes counts the changes of a kind by who caused them.
type causes struct {
	Drift    int64 `tfsdk:"drift"`
	ThisPlan int64 `tfsdk:"this_plan"`
	Rules    int64 `tfsdk:"rules"`
}

func changesOf(ctx context.Context, c *outcome.Changes, d *diag.Diagnostics) types.Object {
	counts := make(map[string]causes, len(outcome.Kinds))
	for _, k := range outcome.Kinds {
		n := c.Counts[k.Kind]
		counts[k.Name] = causes{
			Drift:    int64(n[outcome.Drift]),
			ThisPlan: int64(n[outcome.ThisPlan]),
			Rules:    int64(n[outcome.NewRules]),
		}
	}
	values := make(map[string]attr.Value, len(counts))
	for name, of := range changesTypes() {
		object, _ := of.(types.ObjectType) // by changesSchema
		o, diags := types.ObjectValueFrom(ctx, object.AttrTypes, counts[name])
		d.Append(diags...)
		values[name] = o
	}
	return types.ObjectValueMust(changesTypes(), values)
}
