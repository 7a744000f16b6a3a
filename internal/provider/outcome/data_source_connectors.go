package outcome

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
)

var (
	_ datasource.DataSourceWithConfigure      = (*connectorsSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*connectorsSource)(nil)
)

type connectorsSource struct{ source }

// NewConnectors makes the data source usersync_connectors.
func NewConnectors() datasource.DataSource { return &connectorsSource{} }

// sideModel is one of the two sets of settings.
type sideModel struct {
	Connector        types.String `tfsdk:"connector"`
	Scope            types.Object `tfsdk:"scope"`
	ServicePrincipal types.String `tfsdk:"service_principal"`
	EntraDomains     types.Set    `tfsdk:"entra_domains"`
	WhatIf           types.Object `tfsdk:"what_if"`
	ConnectorRules   types.Object `tfsdk:"connector_rules"`
}

type connectorsModel struct {
	Organization        types.String `tfsdk:"organization"`
	DirectoryGroups     types.Set    `tfsdk:"directory_groups"`
	DirectoryAttributes types.Set    `tfsdk:"directory_attributes"`
	TakenAt             types.String `tfsdk:"taken_at"`
	Names               types.String `tfsdk:"names"`
	From                *sideModel   `tfsdk:"from"`
	To                  *sideModel   `tfsdk:"to"`

	Changes        types.Map    `tfsdk:"changes"`
	Decisions      types.String `tfsdk:"decisions"`
	Duplicated     types.String `tfsdk:"duplicated"`
	Unlinked       types.String `tfsdk:"unlinked"`
	GroupsToAssign types.List   `tfsdk:"groups_to_assign"`
	Notes          types.List   `tfsdk:"notes"`
}

// of gives the arguments of one side as the other data sources have them.
func (m *connectorsModel) of(s *sideModel) *sourceModel {
	return &sourceModel{
		Organization: m.Organization, DirectoryGroups: m.DirectoryGroups, DirectoryAttributes: m.DirectoryAttributes, TakenAt: m.TakenAt,
		Connector: s.Connector, Scope: s.Scope, ServicePrincipal: s.ServicePrincipal, EntraDomains: s.EntraDomains, WhatIf: s.WhatIf, ConnectorRules: s.ConnectorRules,
	}
}

func (s *connectorsSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connectors"
}

func (s *connectorsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	all := sourceAttributes(nil)
	side := map[string]schema.Attribute{}
	for _, name := range []string{"connector", "scope", "service_principal", "entra_domains", "what_if", "connector_rules"} {
		side[name] = all[name]
	}
	text := func(d string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: d}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The same directory under two settings, a switch between the two connectors above all: who is gained, lost, duplicated or unlinked, which groups to assign, and what leaving takes with it. It uses the provider's own reading of this plan.",
		Attributes: map[string]schema.Attribute{
			"organization":         all["organization"],
			"directory_groups":     all["directory_groups"],
			"directory_attributes": all["directory_attributes"],
			"taken_at":             all["taken_at"],
			"names": schema.StringAttribute{Optional: true, MarkdownDescription: "How users are named: `principal_name` (default) or `id`.",
				Validators: []validator.String{stringvalidator.OneOf(namesUPN, namesID)}},
			"from":             schema.SingleNestedAttribute{Required: true, MarkdownDescription: "The settings before, shaped like an outcome's.", Attributes: side},
			"to":               schema.SingleNestedAttribute{Required: true, MarkdownDescription: "The settings afterwards.", Attributes: side},
			"changes":          schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "Number of users by kind of change, named as an outcome's `changes`."},
			"decisions":        text("A JSON object, user to `before` and `after`, of everybody whose decision differs."),
			"duplicated":       text("A JSON object, user to decision, of users who collide on an address only afterwards."),
			"unlinked":         text("A JSON object, user to decision, of users whose account an update would unlink afterwards."),
			"groups_to_assign": schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Groups to assign to the application, so that users who sync before do so afterwards."},
			"notes": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "What else the switch does.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"text": text("The consequence."), "source": text("Where it is described."), "confidence": text("`documented`, `reported` or `inferred`."),
			}}},
		},
	}
}

func (s *connectorsSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	for _, side := range []string{"from", "to"} {
		var o types.Object
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(side), &o)...)
		if resp.Diagnostics.HasError() || o.IsUnknown() || o.IsNull() {
			return
		}
	}
	var m connectorsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateRequest(ctx, m.of(m.From).request(), &resp.Diagnostics)
	validateRequest(ctx, m.of(m.To).request(), &resp.Diagnostics)
}

func (s *connectorsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m connectorsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	from := s.decide(ctx, m.of(m.From), &resp.Diagnostics)
	if from == nil {
		return
	}
	to := s.decide(ctx, m.of(m.To), &resp.Diagnostics)
	if to == nil {
		return
	}
	m.fill(ctx, outcome.CompareConnectors(from, to), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

var noteType = map[string]attr.Type{"text": types.StringType, "source": types.StringType, "confidence": types.StringType}

func (m *connectorsModel) fill(ctx context.Context, s outcome.Switch, d *diag.Diagnostics) {
	ids := m.Names.ValueString() == namesID
	counts := map[string]int64{}
	type sides struct {
		Before string `json:"before"`
		After  string `json:"after"`
	}
	list := map[string]sides{}
	for i := range s.Changes.List {
		c := &s.Changes.List[i]
		counts[c.Kind.String()]++
		if c.Group {
			continue
		}
		x := sides{"not in scope", "not in scope"}
		if c.Before != nil {
			x.Before = c.Before.Text
		}
		if c.After != nil {
			x.After = c.After.Text
		}
		if x.Before != x.After { // else other groups alone, or another address
			list[c.Shown(ids)] = x
		}
	}
	rows := func(rows []outcome.Row) map[string]string {
		out := make(map[string]string, len(rows))
		for i := range rows {
			out[rows[i].Shown(ids)] = rows[i].Text
		}
		return out
	}
	for _, x := range []struct {
		into  *types.String
		value any
	}{{&m.Decisions, list}, {&m.Duplicated, rows(s.Duplicated)}, {&m.Unlinked, rows(s.Unlinked)}} {
		raw, err := json.Marshal(x.value)
		if err != nil {
			d.Append(diagnose.Error(doing, err))
			return
		}
		*x.into = types.StringValue(string(raw))
	}
	notes := make([]attr.Value, len(s.Notes))
	for i, n := range s.Notes {
		notes[i] = types.ObjectValueMust(noteType, map[string]attr.Value{
			"text": types.StringValue(n.Text), "source": types.StringValue(n.Source), "confidence": types.StringValue(n.Confidence.String()),
		})
	}
	m.Notes = types.ListValueMust(types.ObjectType{AttrTypes: noteType}, notes)
	var diags diag.Diagnostics
	m.Changes, diags = types.MapValueFrom(ctx, types.Int64Type, counts)
	d.Append(diags...)
	if s.GroupsToAssign == nil {
		s.GroupsToAssign = []string{}
	}
	m.GroupsToAssign, diags = types.ListValueFrom(ctx, types.StringType, s.GroupsToAssign)
	d.Append(diags...)
}
