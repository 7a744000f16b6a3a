package decision

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
)

var (
	_ datasource.DataSourceWithConfigure      = (*decisionsSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*decisionsSource)(nil)
)

// decisionsSource is usersync_decisions.
type decisionsSource struct{ Source }

// NewDecisions makes the data source usersync_decisions.
func NewDecisions() datasource.DataSource { return &decisionsSource{} }

type decisionsModel struct {
	Question
	arguments.Shown
	Decisions      types.String `tfsdk:"decisions"`
	Groups         types.String `tfsdk:"groups"`
	GroupsHeldBack types.String `tfsdk:"groups_held_back"`
	Service        *Service     `tfsdk:"service"`
	Unchecked      []string     `tfsdk:"unchecked"`
	Summary        *Summary     `tfsdk:"summary"`
	Fingerprint    types.String `tfsdk:"fingerprint"`
	Settings       types.String `tfsdk:"settings"`
}

func (s *decisionsSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_decisions"
}

func (s *decisionsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	more := append(arguments.Decisions(), arguments.Show(), arguments.IdentifyUsersBy(""))
	resp.Schema = sourceSchema("All decisions, without accepting them: no comparison, no guardrails. It uses the "+
		"provider's own reading of this plan.", more...)
}

func (s *decisionsSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m decisionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		m.Validate(ctx, &resp.Diagnostics)
	}
}

func (s *decisionsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m decisionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r := s.Decide(ctx, &m.Question, "", &resp.Diagnostics)
	if r == nil {
		return
	}
	o := outcome.Of(r, nil)
	shown := Show(o, r, m.Shown, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	m.Decisions, m.Groups, m.Fingerprint, m.Settings = shown.Decisions, shown.Groups, shown.Fingerprint, shown.Settings
	m.GroupsHeldBack, m.Service, m.Unchecked = shown.GroupsHeldBack, &shown.Service, r.Unchecked()
	m.Summary = SummaryOf(o, r)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
