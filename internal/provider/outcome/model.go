package outcome

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

// request is what outcome and decision data sources share.
type request struct {
	Connector      types.String
	Scope          types.Object
	EntraDomains   types.Set
	WhatIf         types.Object
	ConnectorRules types.Object
	// ServicePrincipal and TakenAt are for SCIM.
	ServicePrincipal types.String
	TakenAt          types.String
}

// model is the outcome as Terraform holds it. directory, organization,
// taken_at and what_if are write-only: null everywhere but in the
// configuration.
type model struct {
	ID               types.String `tfsdk:"id"`
	Directory        types.String `tfsdk:"directory"`
	Organization     types.String `tfsdk:"organization"`
	TakenAt          types.String `tfsdk:"taken_at"`
	Connector        types.String `tfsdk:"connector"`
	Scope            types.Object `tfsdk:"scope"`
	ServicePrincipal types.String `tfsdk:"service_principal"`
	EntraDomains     types.Set    `tfsdk:"entra_domains"`
	WhatIf           types.Object `tfsdk:"what_if"`
	ConnectorRules   types.Object `tfsdk:"connector_rules"`
	Guardrails       types.Object `tfsdk:"guardrails"`
	WatchGroups      types.Set    `tfsdk:"watch_groups"`
	List             types.String `tfsdk:"list"`
	Names            types.String `tfsdk:"names"`

	Decisions       types.String `tfsdk:"decisions"`
	Groups          types.String `tfsdk:"groups"`
	Summary         types.Object `tfsdk:"summary"`
	Severity        types.String `tfsdk:"severity"`
	Changes         types.Object `tfsdk:"changes"`
	ChangesMarkdown types.String `tfsdk:"changes_markdown"`
	WhatIfApplied   types.String `tfsdk:"what_if_applied"`
	Fingerprint     types.String `tfsdk:"fingerprint"`
	Settings        types.String `tfsdk:"settings"`
	Accepted        types.String `tfsdk:"accepted"`
	Resolved        types.String `tfsdk:"resolved"`
}

func (m *model) request() request {
	return request{m.Connector, m.Scope, m.EntraDomains, m.WhatIf, m.ConnectorRules, m.ServicePrincipal, m.TakenAt}
}

// Values of list and names.
const (
	listSkipped = "skipped"
	listAll     = "all"
	namesUPN    = "principal_name"
	namesID     = "id"
)

func (m *model) skippedOnly() bool { return m.List.ValueString() != listAll }
func (m *model) ids() bool         { return m.Names.ValueString() == namesID }

type scopeModel struct {
	Groups   types.Set  `tfsdk:"groups"`
	Everyone types.Bool `tfsdk:"everyone"`
}

type whatIfModel struct {
	UserTypes       types.String `tfsdk:"user_types"`
	VerifiedDomains types.List   `tfsdk:"verified_domains"`
	Members         types.Map    `tfsdk:"members"`
	Mappings        types.List   `tfsdk:"mappings"`
	CrossTenant     types.List   `tfsdk:"cross_tenant"`
}

type crossTenantModel struct {
	HomeDomains types.List   `tfsdk:"home_domains"`
	Mapping     types.String `tfsdk:"mapping"`
	Directory   types.String `tfsdk:"directory"`
}

type rulesModel struct {
	ExternalException types.String `tfsdk:"external_exception"`
	TestedAddress     types.String `tfsdk:"tested_address"`
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

func stringsOf(ctx context.Context, v interface {
	attr.Value
	ElementsAs(context.Context, any, bool) diag.Diagnostics
}, d *diag.Diagnostics) []string {
	if v.IsNull() || v.IsUnknown() {
		return nil
	}
	var out []string
	d.Append(v.ElementsAs(ctx, &out, false)...)
	slices.Sort(out)
	return out
}

// object reads an object attribute where it is set; it reports whether it was.
func object(ctx context.Context, o types.Object, into any, d *diag.Diagnostics) bool {
	if o.IsNull() || o.IsUnknown() {
		return false
	}
	d.Append(o.As(ctx, into, basetypes.ObjectAsOptions{})...)
	return true
}

// toRequest gives what is asked to be decided. kept is what names meant when
// they were accepted.
func (q request) toRequest(ctx context.Context, kept decision.Resolved, d *diag.Diagnostics) decision.Request {
	r := decision.Request{Connector: q.Connector.ValueString(), Kept: kept, ServicePrincipal: q.ServicePrincipal.ValueString()}
	if v := q.TakenAt.ValueString(); v != "" {
		now, err := time.Parse(time.RFC3339, v)
		if err != nil {
			d.AddAttributeError(path.Root("taken_at"), "Invalid taken_at", fmt.Sprintf("%q is no time such as 2026-11-20T08:00:00Z; pass the directory's taken_at.", v))
		}
		r.Now = now
	}
	var scope scopeModel
	if object(ctx, q.Scope, &scope, d) {
		r.Groups = stringsOf(ctx, scope.Groups, d)
		r.Everyone = scope.Everyone.ValueBool()
	}
	r.ConnectorSettings.EntraDomains = stringsOf(ctx, q.EntraDomains, d)
	var rules rulesModel
	if object(ctx, q.ConnectorRules, &rules, d) {
		if v := rules.ExternalException.ValueString(); v != "" {
			r.ConnectorSettings.ExternalUsers = v
		}
		if v := rules.TestedAddress.ValueString(); v != "" {
			r.ConnectorSettings.UserIdentifier = v
		}
	}
	var w whatIfModel
	if object(ctx, q.WhatIf, &w, d) {
		r.UserTypes = userTypes(w.UserTypes, d)
		r.VerifiedDomains = stringsOf(ctx, w.VerifiedDomains, d)
		if !w.Members.IsNull() {
			d.Append(w.Members.ElementsAs(ctx, &r.Members, false)...)
		}
		if !w.Mappings.IsNull() {
			d.Append(w.Mappings.ElementsAs(ctx, &r.Mappings, false)...)
		}
		r.CrossTenant = crossTenants(ctx, w.CrossTenant, d)
	}
	return r
}

// crossTenants reads what_if.cross_tenant; the source tenants' readings are
// decoded once in a process.
func crossTenants(ctx context.Context, list types.List, d *diag.Diagnostics) []decision.CrossTenant {
	if list.IsNull() {
		return nil
	}
	var models []crossTenantModel
	d.Append(list.ElementsAs(ctx, &models, false)...)
	out := make([]decision.CrossTenant, len(models))
	for i, m := range models {
		out[i] = decision.CrossTenant{HomeDomains: stringsOf(ctx, m.HomeDomains, d), Mapping: m.Mapping.ValueString()}
		if m.Directory.IsNull() {
			continue
		}
		tenant, err := reading.Decode(m.Directory.ValueString())
		if err != nil {
			at := diagnose.At(path.Root("what_if"), doing, err)
			d.AddAttributeError(path.Root("what_if"), at.Summary(), fmt.Sprintf("what_if.cross_tenant[%d].directory: %s", i, at.Detail()))
			continue
		}
		out[i].Source = tenant.Directory
	}
	return out
}

// userTypes reads the JSON object of what_if.user_types.
func userTypes(v types.String, d *diag.Diagnostics) map[string]string {
	if v.IsNull() || v.ValueString() == "" {
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(v.ValueString()), &m); err != nil {
		d.AddAttributeError(path.Root("what_if"), "Invalid what_if.user_types",
			fmt.Sprintf("Expected a JSON object from user (principal name, mail or object id) to \"Member\" or \"Guest\", such as a policy's \"desired\" or jsonencode({ \"a@b.c\" = \"Guest\" }). The JSON parser says: %v.", err))
	}
	return m
}

// hasUnknown reports whether a value, or one inside it, isn't known yet.
func hasUnknown(ctx context.Context, v attr.Value) bool {
	t, err := v.ToTerraformValue(ctx)
	return err != nil || !t.IsFullyKnown()
}

// unknown names the arguments that aren't known yet.
func (m *model) unknown(ctx context.Context) []string {
	var names []string
	for _, a := range []struct {
		name  string
		value attr.Value
	}{
		{"directory", m.Directory}, {"organization", m.Organization}, {"taken_at", m.TakenAt}, {"connector", m.Connector},
		{"scope", m.Scope}, {"service_principal", m.ServicePrincipal}, {"entra_domains", m.EntraDomains}, {"what_if", m.WhatIf}, {"connector_rules", m.ConnectorRules},
		{"guardrails", m.Guardrails}, {"watch_groups", m.WatchGroups}, {"list", m.List}, {"names", m.Names},
	} {
		if hasUnknown(ctx, a.value) {
			names = append(names, a.name)
		}
	}
	return names
}

// toGuardrails gives the guardrails with their defaults.
func toGuardrails(ctx context.Context, o types.Object, d *diag.Diagnostics) guardrails {
	leavers := defaultMaxLeftPercent
	g := guardrails{onPlan: onError, onDrift: onWarn, reviewWhen: outcome.DefaultReview()}
	g.MaxLeftPercent = &leavers
	var m guardrailsModel
	if !object(ctx, o, &m, d) {
		return g
	}
	g.MaxLost, g.MaxLostPercent = m.MaxLost.ValueInt64Pointer(), m.MaxLostPercent.ValueFloat64Pointer()
	g.MaxLeft, g.MaxGained = m.MaxLeft.ValueInt64Pointer(), m.MaxGained.ValueInt64Pointer()
	g.MaxGroupsLost = m.MaxGroupsLost.ValueInt64Pointer()
	if !m.MaxLeftPercent.IsNull() {
		g.MaxLeftPercent = m.MaxLeftPercent.ValueFloat64Pointer()
	}
	g.MustSync, g.MustNotSync = stringsOf(ctx, m.MustSync, d), stringsOf(ctx, m.MustNotSync, d)
	g.ExpectSkipped = stringsOf(ctx, m.ExpectSkipped, d)
	if v := m.OnPlan.ValueString(); v != "" {
		g.onPlan = v
	}
	if v := m.OnDrift.ValueString(); v != "" {
		g.onDrift = v
	}
	g.approve = m.Approve.ValueString()
	if !m.ReviewWhen.IsNull() {
		g.reviewWhen = stringsOf(ctx, m.ReviewWhen, d)
	}
	return g
}

// sameConfiguration reports whether the arguments that the state keeps are
// those of the accepted outcome.
func (m *model) sameConfiguration(state *model) bool {
	return m.Connector.Equal(state.Connector) && m.ServicePrincipal.Equal(state.ServicePrincipal) && m.Scope.Equal(state.Scope) && m.EntraDomains.Equal(state.EntraDomains) &&
		m.ConnectorRules.Equal(state.ConnectorRules) && m.Guardrails.Equal(state.Guardrails) && m.WatchGroups.Equal(state.WatchGroups) &&
		m.List.Equal(state.List) && m.Names.Equal(state.Names)
}

// copyComputed takes the computed attributes of another model.
func (m *model) copyComputed(from *model) {
	m.ID, m.Decisions, m.Groups, m.Summary, m.Changes, m.ChangesMarkdown = from.ID, from.Decisions, from.Groups, from.Summary, from.Changes, from.ChangesMarkdown
	m.WhatIfApplied, m.Fingerprint, m.Settings, m.Accepted = from.WhatIfApplied, from.Fingerprint, from.Settings, from.Accepted
	m.Severity, m.Resolved = from.Severity, from.Resolved
}

// setUnknown makes what is computed unknown, but for the id.
func (m *model) setUnknown() {
	m.Decisions, m.Groups, m.ChangesMarkdown = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.WhatIfApplied, m.Fingerprint, m.Settings, m.Accepted = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Severity, m.Resolved = types.StringUnknown(), types.StringUnknown()
	m.Summary, m.Changes = types.ObjectUnknown(summaryType), types.ObjectUnknown(changesType)
}

// withoutWriteOnly drops what the state doesn't keep.
func (m *model) withoutWriteOnly() {
	m.Directory, m.Organization, m.TakenAt = types.StringNull(), types.StringNull(), types.StringNull()
	m.WhatIf = types.ObjectNull(whatIfType)
}

var (
	whatIfType = map[string]attr.Type{
		"user_types": types.StringType, "verified_domains": types.ListType{ElemType: types.StringType},
		"members": types.MapType{ElemType: types.ListType{ElemType: types.StringType}}, "mappings": types.ListType{ElemType: types.StringType},
		"cross_tenant": types.ListType{ElemType: types.ObjectType{AttrTypes: map[string]attr.Type{"home_domains": types.ListType{ElemType: types.StringType}, "mapping": types.StringType, "directory": types.StringType}}},
	}
	countsType  = types.MapType{ElemType: types.Int64Type}
	summaryType = map[string]attr.Type{
		"users": types.Int64Type, "synced": types.Int64Type, "skipped": types.Int64Type, "unknown": types.Int64Type,
		"not_in_scope": types.Int64Type, "by_reason": countsType, "by_home_domain": countsType,
	}
	causesType  = map[string]attr.Type{"drift": types.Int64Type, "this_plan": types.Int64Type, "rules": types.Int64Type}
	changesType = func() map[string]attr.Type {
		t := map[string]attr.Type{}
		for _, k := range outcome.Kinds {
			t[k.Name] = types.ObjectType{AttrTypes: causesType}
		}
		return t
	}()
)

func int64s(m map[string]int) attr.Value {
	values := make(map[string]attr.Value, len(m))
	for k, n := range m {
		values[k] = types.Int64Value(int64(n))
	}
	return types.MapValueMust(types.Int64Type, values)
}

func summaryOf(s outcome.Summary) types.Object {
	return types.ObjectValueMust(summaryType, map[string]attr.Value{
		"users": types.Int64Value(int64(s.Users)), "synced": types.Int64Value(int64(s.Synced)), "skipped": types.Int64Value(int64(s.Skipped)),
		"unknown": types.Int64Value(int64(s.Unknown)), "not_in_scope": types.Int64Value(int64(s.NotInScope)),
		"by_reason": int64s(s.ByReason), "by_home_domain": int64s(s.ByHomeDomain),
	})
}

func changesOf(c *outcome.Changes) types.Object {
	values := map[string]attr.Value{}
	for _, k := range outcome.Kinds {
		n := c.Counts[k.Kind]
		values[k.Name] = types.ObjectValueMust(causesType, map[string]attr.Value{
			"drift":     types.Int64Value(int64(n[outcome.Drift])),
			"this_plan": types.Int64Value(int64(n[outcome.ThisPlan])),
			"rules":     types.Int64Value(int64(n[outcome.NewRules])),
		})
	}
	return types.ObjectValueMust(changesType, values)
}
