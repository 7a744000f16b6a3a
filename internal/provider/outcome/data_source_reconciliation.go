package outcome

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
)

var (
	_ datasource.DataSourceWithConfigure      = (*reconciliationSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*reconciliationSource)(nil)
)

type reconciliationSource struct{ source }

// NewReconciliation makes the data source usersync_reconciliation.
func NewReconciliation() datasource.DataSource { return &reconciliationSource{} }

// datesOfUsers are Graph's properties that date a change of a user.
var datesOfUsers = []string{"createdDateTime", "externalUserStateChangeDateTime"}

type reconciliationModel struct {
	Organization        types.String `tfsdk:"organization"`
	DirectoryGroups     types.Set    `tfsdk:"directory_groups"`
	DirectoryAttributes types.Set    `tfsdk:"directory_attributes"`
	Connector           types.String `tfsdk:"connector"`
	Scope               types.Object `tfsdk:"scope"`
	ServicePrincipal    types.String `tfsdk:"service_principal"`
	TakenAt             types.String `tfsdk:"taken_at"`
	EntraDomains        types.Set    `tfsdk:"entra_domains"`
	ConnectorRules      types.Object `tfsdk:"connector_rules"`

	LastSync       types.String  `tfsdk:"last_sync"`
	Log            types.Bool    `tfsdk:"provisioning_log"`
	MinAgreement   types.Float64 `tfsdk:"min_agreement"`
	OnDisagreement types.String  `tfsdk:"on_disagreement"`
	Names          types.String  `tfsdk:"names"`
	MaxTelling     types.Int64   `tfsdk:"max_telling"`

	Agreement   types.Object `tfsdk:"agreement"`
	Confusion   types.String `tfsdk:"confusion"`
	Classes     types.Map    `tfsdk:"classes"`
	Mismatches  types.String `tfsdk:"mismatches"`
	Calibration types.List   `tfsdk:"calibration"`
	Telling     types.String `tfsdk:"telling"`
	Best        types.String `tfsdk:"best_connector_rules"`
	Source      types.String `tfsdk:"compared_with"`
}

func (m *reconciliationModel) sourceModel() *sourceModel {
	return &sourceModel{
		Organization: m.Organization, DirectoryGroups: m.DirectoryGroups, DirectoryAttributes: m.DirectoryAttributes, TakenAt: m.TakenAt,
		Connector: m.Connector, Scope: m.Scope, ServicePrincipal: m.ServicePrincipal, EntraDomains: m.EntraDomains,
		ConnectorRules: m.ConnectorRules, WhatIf: types.ObjectNull(whatIfType),
	}
}

func (s *reconciliationSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_reconciliation"
}

var (
	agreementTypes = map[string]attr.Type{
		"compared": types.Int64Type, "agreed": types.Int64Type, "percent": types.Float64Type, "unknown": types.Int64Type, "ambiguous": types.Int64Type,
	}
	readingTypes = map[string]attr.Type{
		"external_exception": types.StringType, "tested_address": types.StringType, "compared": types.Int64Type, "agreed": types.Int64Type,
		"percent": types.Float64Type, "default": types.BoolType, "hcl": types.StringType,
	}
)

func (s *reconciliationSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(d string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: d}
	}
	number := func(d string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: d}
	}
	percent := func(d string) schema.Float64Attribute {
		return schema.Float64Attribute{Computed: true, MarkdownDescription: d}
	}
	attributes := sourceAttributes(map[string]schema.Attribute{
		"last_sync":        schema.StringAttribute{Optional: true, MarkdownDescription: "When the last sync began (RFC 3339): no API tells. With it, a user who was created or whose invitation changed after it is `pending`; a change of type, address or groups has no date in Graph. It reads `createdDateTime` and `externalUserStateChangeDateTime`: name them in `attributes` of a `usersync_directory` beside it, and one read serves both. Without it such mismatches are `pending_or_predicted_wrong`."},
		"provisioning_log": schema.BoolAttribute{Optional: true, MarkdownDescription: "For SCIM: whether `cause` also says what the provisioning log has last of a user (action, status, error code or reason to skip, and when). It takes the newest 10,000 entries of the service principal and needs the permission `AuditLog.Read.All`. Default `false`."},
		"min_agreement": schema.Float64Attribute{Optional: true, Validators: []validator.Float64{float64validator.Between(0, 100)},
			MarkdownDescription: "The least agreement, in percent of the compared users; below it `on_disagreement` says what happens. Pending users count as not agreeing."},
		"on_disagreement": schema.StringAttribute{Optional: true, Validators: []validator.String{stringvalidator.OneOf("warn", "error")}, MarkdownDescription: "What an agreement below `min_agreement` is: `warn` (default), a warning; `error`, an error that stops the plan."},
		"names": schema.StringAttribute{Optional: true, MarkdownDescription: "How users are named: `principal_name` (default) or `id`; with `id`, orphans are named by the id of their account or record.",
			Validators: []validator.String{stringvalidator.OneOf(namesUPN, namesID)}},
		"max_telling": schema.Int64Attribute{Optional: true, Validators: []validator.Int64{int64validator.Between(0, 1000)}, MarkdownDescription: "How many users `telling` names. Default 10."},
		"agreement": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "How many users in scope are as predicted.", Attributes: map[string]schema.Attribute{
			"compared": number("Users in scope of whom prediction and organization both say something."), "agreed": number("Those of whom both say the same."),
			"percent": percent("`agreed` of `compared`, in percent; 100 where nobody is compared."), "unknown": number("Users predicted as unknown; not compared."),
			"ambiguous": number("Users who can't be told from others, or have several accounts; not compared."),
		}},
		"confusion": text("A JSON object: decision code (`sync: guest`) to what the organization has (`synced`, `present`, `absent`, `inactive`, `unlinked`, `ambiguous`) to the number of users in scope."),
		"classes":   schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "Number of mismatches by class."},
		"mismatches": text("A JSON list of every mismatch, sorted: `class`, `who`, `predicted`, `actual`, `groups`, `cause`. Classes: `pending`, `pending_or_predicted_wrong`, `predicted_wrong`, `orphan` (what the sync holds of nobody in scope), " +
			"`duplicate` (several accounts of one user), `unlinked` (a SCIM record without account), `missing_from_group`, `extra_in_group`, `ambiguous` (several users with one address), `group_missing`, `group_extra`."),
		"calibration": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Every reading of the connector's undocumented rules, best agreement first, the default first among equals; empty for SCIM, which has no such rules.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"external_exception": text("As in an outcome's `connector_rules`."), "tested_address": text("As in an outcome's `connector_rules`."),
			"compared": number("Users compared under it."), "agreed": number("Users who agree under it."), "percent": percent("In percent."),
			"default": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it is the default."}, "hcl": text("The argument to paste into an outcome."),
		}}},
		"telling":              text("A JSON list of users whom the readings decide otherwise: `who`, `actual`, `decisions` (by position in `calibration`), `fits` (the positions that agree). They are the evidence."),
		"best_connector_rules": text("`connector_rules` to paste, of the reading that fits better than every other; \"\" where several fit alike."),
		"compared_with":        text("What was compared: `accounts` of the organization, or `scim`, its SCIM directory."),
	})
	delete(attributes, "what_if")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Predicted against actual: joins what this reading predicts, without what-if, with what the organization has, and finds out which reading of Atlassian's undocumented rules fits. " +
			"Users and accounts are joined by the tested address and the account's e-mail, both in one form (no spaces around, lower case, the domain in ASCII form; that Atlassian compares so is inferred); with the SCIM connector and a configured SCIM directory by its records: `externalId` and the object id, else `userName` or e-mail. " +
			"No call tells which accounts the nested-groups connector holds: an account counts as synced where its `managementSource` says so (managed accounts only), or where it is in a group that the organization shows as externally synced. " +
			"It uses the provider's own reading of this plan, with the organization's accounts and groups; the API key needs `read:directories:admin` and `read:groups:admin`, too.",
		Attributes: attributes,
	}
}

func (s *reconciliationSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m reconciliationModel
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	validateRequest(ctx, m.sourceModel().request(), d)
	if v := m.LastSync; !v.IsNull() && !v.IsUnknown() {
		if _, err := time.Parse(time.RFC3339, v.ValueString()); err != nil {
			d.AddAttributeError(path.Root("last_sync"), "Invalid time", fmt.Sprintf("Expected RFC 3339, such as 2026-11-20T08:00:00Z; found %q.", v.ValueString()))
		}
	}
	if m.Log.ValueBool() && !m.Connector.IsUnknown() && m.Connector.ValueString() != decision.SCIM {
		d.AddAttributeError(path.Root("provisioning_log"), "This connector has no provisioning log", "provisioning_log is for connector = \""+decision.SCIM+"\": the nested-groups connector is Atlassian's, and Entra's log has nothing of it.")
	}
	if !m.OnDisagreement.IsNull() && m.MinAgreement.IsNull() {
		d.AddAttributeError(path.Root("on_disagreement"), "Missing argument", "on_disagreement needs min_agreement: it says what an agreement below it is.")
	}
}

func (s *reconciliationSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d := &resp.Diagnostics
	var m reconciliationModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	in := s.input(ctx, &m, d)
	if in == nil {
		return
	}
	m.show(reconcile.Reconcile(*in), d)
	m.calibrate(*in, d)
	if d.HasError() {
		return
	}
	d.Append(resp.State.Set(ctx, &m)...)
}

// input reads and predicts; nil after a diagnostic.
func (s *reconciliationSource) input(ctx context.Context, m *reconciliationModel, d *diag.Diagnostics) *reconcile.Input {
	of := m.sourceModel()
	in := &reconcile.Input{Changed: func(int32) time.Time { return time.Time{} }}
	if !m.LastSync.IsNull() {
		in.LastSync, _ = time.Parse(time.RFC3339, m.LastSync.ValueString())
		attributes := append(stringsOf(ctx, m.DirectoryAttributes, d), datesOfUsers...)
		set, diags := types.SetValueFrom(ctx, types.StringType, attributes)
		d.Append(diags...)
		of.DirectoryAttributes = set
	}
	r := s.decideWith(ctx, of, true, d)
	if r == nil {
		return nil
	}
	in.Result, in.Organization = r, r.Organization
	if !m.LastSync.IsNull() {
		in.Changed = changedAt(r.Directory)
	}
	m.Source = types.StringValue("accounts")
	if r.Settings.Connector == decision.SCIM && !s.overSCIM(ctx, m, in, d) {
		return nil
	}
	return in
}

// overSCIM reads what the SCIM connector fills, and its log where it is wanted.
func (s *reconciliationSource) overSCIM(ctx context.Context, m *reconciliationModel, in *reconcile.Input, d *diag.Diagnostics) bool {
	key, err := s.session.OrganizationKey(m.Organization.ValueString())
	if err == nil {
		in.SCIM, err = s.session.SCIM(ctx, key)
	}
	if err != nil {
		d.Append(diagnose.Error("Reading the SCIM directory", err))
		return false
	}
	if in.SCIM != nil {
		m.Source = types.StringValue("scim")
	}
	if !m.Log.ValueBool() {
		return true
	}
	if in.Log, err = s.logOf(ctx, in.Result); err != nil {
		d.Append(diagnose.At(path.Root("provisioning_log"), "Reading the provisioning log", err))
	}
	return err == nil
}

// changedAt dates the last change of a user that Graph dates.
func changedAt(dir *directory.Directory) func(int32) time.Time {
	var columns [][]string
	for _, name := range datesOfUsers {
		if c, ok := dir.Column(name); ok {
			columns = append(columns, c)
		}
	}
	return func(i int32) (last time.Time) {
		for _, c := range columns {
			var at time.Time
			if c[i] != "" && json.Unmarshal([]byte(c[i]), &at) == nil && at.After(last) {
				last = at
			}
		}
		return last
	}
}

// mismatchJSON is one mismatch as the attribute shows it.
type mismatchJSON struct {
	Class     string   `json:"class"`
	Who       string   `json:"who"`
	Predicted string   `json:"predicted"`
	Actual    string   `json:"actual"`
	Groups    []string `json:"groups"`
	Cause     string   `json:"cause"`
}

// show puts the comparison into the model, and holds the limit.
func (m *reconciliationModel) show(r *reconcile.Report, d *diag.Diagnostics) {
	m.Agreement = types.ObjectValueMust(agreementTypes, map[string]attr.Value{
		"compared": types.Int64Value(int64(r.Compared)), "agreed": types.Int64Value(int64(r.Agreed)), "percent": types.Float64Value(r.Percent()),
		"unknown": types.Int64Value(int64(r.Unknown)), "ambiguous": types.Int64Value(int64(r.Ambiguous)),
	})
	classes := map[string]attr.Value{}
	counts := map[string]int64{}
	list := make([]mismatchJSON, 0, len(r.Mismatches))
	for _, x := range r.Mismatches {
		counts[string(x.Class)]++
		groups := x.Groups
		if groups == nil {
			groups = []string{}
		}
		who := x.Name
		if (m.Names.ValueString() == namesID || who == "") && x.ID != "" {
			who = x.ID
		}
		list = append(list, mismatchJSON{string(x.Class), who, x.Predicted, x.Actual, groups, x.Cause})
	}
	for class, n := range counts {
		classes[class] = types.Int64Value(n)
	}
	m.Classes = types.MapValueMust(types.Int64Type, classes)
	m.Mismatches, m.Confusion = jsonText(list, d), jsonText(r.Confusion, d)
	if len(m.Mismatches.ValueString()) > packed.Max {
		d.AddError("The list of mismatches is too large", fmt.Sprintf("It has %d MiB, more than the %d MiB that can pass between CLI and provider. Narrow the scope: so many mismatches say that the settings aren't the connector's.", len(m.Mismatches.ValueString())>>20, packed.Max>>20))
	}
	if least := m.MinAgreement; !least.IsNull() && r.Percent() < least.ValueFloat64() {
		summary, detail := "The prediction agrees less than min_agreement", fmt.Sprintf("%d of %d users in scope are in the organization as predicted: %.2f %%, and min_agreement is %g %%. mismatches lists the others with the likely cause; calibration says whether another reading of the connector's rules fits better.",
			r.Agreed, r.Compared, r.Percent(), least.ValueFloat64())
		if m.OnDisagreement.ValueString() == "error" {
			d.AddAttributeError(path.Root("min_agreement"), summary, detail)
		} else {
			d.AddAttributeWarning(path.Root("min_agreement"), summary, detail)
		}
	}
}

func jsonText(v any, d *diag.Diagnostics) types.String {
	raw, err := json.Marshal(v)
	if err != nil {
		d.Append(diagnose.Error(doing, err))
	}
	return types.StringValue(string(raw))
}

// tellingJSON is one telling user as the attribute shows it.
type tellingJSON struct {
	Who       string   `json:"who"`
	Actual    string   `json:"actual"`
	Decisions []string `json:"decisions"`
	Fits      []int    `json:"fits"`
}

// calibrate tries every reading of the rules.
func (m *reconciliationModel) calibrate(in reconcile.Input, d *diag.Diagnostics) {
	m.Calibration, m.Telling, m.Best = types.ListValueMust(types.ObjectType{AttrTypes: readingTypes}, []attr.Value{}), types.StringValue("[]"), types.StringValue("")
	if in.Result.Settings.Connector != decision.NestedGroups {
		return
	}
	limit := 10
	if !m.MaxTelling.IsNull() {
		limit = int(m.MaxTelling.ValueInt64())
	}
	c, err := calibrated(in, limit)
	if err != nil {
		d.Append(diagnose.Error(doing, err))
		return
	}
	readings := make([]attr.Value, len(c.Readings))
	for i := range c.Readings {
		x := &c.Readings[i]
		readings[i] = types.ObjectValueMust(readingTypes, map[string]attr.Value{
			"external_exception": types.StringValue(x.ExternalUsers), "tested_address": types.StringValue(x.UserIdentifier),
			"compared": types.Int64Value(int64(x.Compared)), "agreed": types.Int64Value(int64(x.Agreed)), "percent": types.Float64Value(x.Percent()),
			"default": types.BoolValue(x.Default), "hcl": types.StringValue(x.HCL()),
		})
	}
	m.Calibration = types.ListValueMust(types.ObjectType{AttrTypes: readingTypes}, readings)
	list := make([]tellingJSON, 0, len(c.Telling))
	for _, t := range c.Telling {
		x := tellingJSON{t.Name, t.Actual, t.Decisions, t.Fits}
		if m.Names.ValueString() == namesID || x.Who == "" {
			x.Who = t.ID
		}
		if x.Fits == nil {
			x.Fits = []int{}
		}
		list = append(list, x)
	}
	m.Telling = jsonText(list, d)
	if c.Decided() {
		m.Best = types.StringValue(c.Readings[0].HCL())
	}
}

// calibrated tries every reading of the rules; limit bounds the telling users.
func calibrated(in reconcile.Input, limit int) (*reconcile.Calibration, error) {
	return reconcile.Calibrate(in, func(identifier, externalUsers string) (*decision.Result, error) {
		settings := in.Result.Settings
		settings.ConnectorSettings.UserIdentifier, settings.ConnectorSettings.ExternalUsers = identifier, externalUsers
		e, err := decision.NewEngine(in.Result.Directory, in.Result.Lookup, in.Result.Organization, settings)
		if err != nil {
			return nil, err
		}
		return e.Decide(), nil
	}, limit)
}
