package decision

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ datasource.DataSourceWithConfigure      = (*connectorsSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*connectorsSource)(nil)
)

// connectorsSource is usersync_connectors.
type connectorsSource struct{ Source }

// NewConnectors makes the data source usersync_connectors.
func NewConnectors() datasource.DataSource { return &connectorsSource{} }

type connectorsModel struct {
	arguments.Readings
	IdentifyUsersBy types.String `tfsdk:"identify_users_by"`
	From            types.Object `tfsdk:"from"`
	To              types.Object `tfsdk:"to"`

	Changes        map[string]int64 `tfsdk:"changes"`
	Decisions      types.String     `tfsdk:"decisions"`
	Duplicated     types.String     `tfsdk:"duplicated"`
	Unlinked       types.String     `tfsdk:"unlinked"`
	GroupsToAssign []string         `tfsdk:"groups_to_assign"`
	Notes          []note           `tfsdk:"notes"`
}

// side is one of the two sets of settings.
type side struct {
	arguments.Connector
	WhatIf types.Object `tfsdk:"what_if"`
}

// note is what else a switch does.
type note struct {
	Text       string `tfsdk:"text"`
	Source     string `tfsdk:"source"`
	Confidence string `tfsdk:"confidence"`
}

func (s *connectorsSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_connectors"
}

func (s *connectorsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	more := append(arguments.ReadingsArguments(), arguments.IdentifyUsersBy(""))
	resp.Schema = schema.Schema{
		MarkdownDescription: "The same directory under two settings, a switch between the two connectors above all: " +
			"who is gained, lost, duplicated or unlinked, which groups to assign, and what leaving takes with it. It " +
			"uses the provider's own reading of this plan.",
		Attributes: arguments.DataSourceAttributes(append(more, connectorsComputed()...)),
		Blocks: map[string]schema.Block{
			"from": sideBlock("The settings before, shaped like an outcome's. Required."),
			"to":   sideBlock("The settings afterwards. Required."),
		},
	}
}

func connectorsComputed() []arguments.Argument {
	text := func(name, description string) arguments.Argument {
		return arguments.Argument{Name: name, Type: types.StringType, Computed: true, Description: description}
	}
	return []arguments.Argument{
		{
			Name:        "changes",
			Type:        types.MapType{ElemType: types.Int64Type},
			Computed:    true,
			Description: "Number of users by kind of change, named as an outcome's `changes`.",
		},
		text("decisions", "A JSON object, user to `before` and `after`, of all users whose decision differs."),
		text("duplicated", "A JSON object, user to decision, of users who collide on an address only afterwards."),
		text("unlinked", "A JSON object, user to decision, of users whose account an update would unlink afterwards."),
		{
			Name:        "groups_to_assign",
			Type:        types.ListType{ElemType: types.StringType},
			Computed:    true,
			Description: "Groups to assign to the application, so that users who sync before do so afterwards.",
		},
		{
			Name:        "notes",
			Computed:    true,
			Description: "What else the switch does.",
			Objects: []arguments.Argument{
				text("text", "The consequence."),
				text("source", "Where it is described."),
				text("confidence", "`documented`, `reported` or `inferred`."),
			},
		},
	}
}

// sideBlock is from, or to.
func sideBlock(description string) schema.SingleNestedBlock {
	block := schema.SingleNestedBlock{
		MarkdownDescription: description,
		Attributes:          arguments.DataSourceAttributes(arguments.ConnectorArguments(false)),
		Blocks:              map[string]schema.Block{},
	}
	for _, b := range []arguments.Block{
		arguments.ScopeBlock(), arguments.SettingsBlock(), arguments.WhatIfBlock(false),
	} {
		block.Blocks[b.Name] = arguments.DataSourceBlock(b)
	}
	return block
}

// sides reads the two blocks; what isn't known yet is left out.
func (m *connectorsModel) sides(ctx context.Context, d *diag.Diagnostics) map[string]*side {
	out := map[string]*side{}
	for name, o := range map[string]types.Object{"from": m.From, "to": m.To} {
		if o.IsUnknown() {
			continue
		}
		out[name] = &side{}
		if !o.IsNull() {
			tfutil.Object(ctx, o, out[name], d)
		}
	}
	return out
}

func (s *connectorsSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m connectorsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	sides := m.sides(ctx, &resp.Diagnostics)
	for _, name := range []string{"from", "to"} {
		if x := sides[name]; x != nil {
			Validate(ctx, &x.Connector, name, &resp.Diagnostics)
			arguments.ValidateWhatIf(ctx, x.Connector.Connector, x.WhatIf, name, &resp.Diagnostics)
		}
	}
}

func (s *connectorsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m connectorsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	sides := m.sides(ctx, &resp.Diagnostics)
	results := map[string]*decision.Result{}
	for _, name := range []string{"from", "to"} {
		x := sides[name]
		q := &Question{Readings: m.Readings, Connector: x.Connector, WhatIf: x.WhatIf}
		if results[name] = s.Decide(ctx, q, name, &resp.Diagnostics); results[name] == nil {
			return
		}
	}
	m.fill(outcome.CompareConnectors(results["from"], results["to"]), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// beforeAfter are a user's two decisions.
type beforeAfter struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

func (m *connectorsModel) fill(s outcome.Switch, d *diag.Diagnostics) {
	ids := arguments.IDs(m.IdentifyUsersBy)
	m.Changes = map[string]int64{}
	list := map[string]beforeAfter{}
	for i := range s.Changes.List {
		c := &s.Changes.List[i]
		m.Changes[c.Kind.String()]++
		if c.Group {
			continue
		}
		x := beforeAfter{Before: "not in scope", After: "not in scope"}
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
	m.Decisions = tfutil.JSON(list, Operation, d)
	m.Duplicated = tfutil.JSON(texts(s.Duplicated, ids), Operation, d)
	m.Unlinked = tfutil.JSON(texts(s.Unlinked, ids), Operation, d)
	m.Notes = make([]note, len(s.Notes))
	for i, n := range s.Notes {
		m.Notes[i] = note{Text: n.Text, Source: n.Source, Confidence: n.Confidence.String()}
	}
	m.GroupsToAssign = append([]string{}, s.GroupsToAssign...)
}

// texts are decisions by user.
func texts(rows []outcome.Row, ids bool) map[string]string {
	out := make(map[string]string, len(rows))
	for i := range rows {
		out[rows[i].Shown(ids)] = rows[i].Text
	}
	return out
}
