package decision

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/usertype"
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
	Match          types.Object `tfsdk:"match"`
	CSV            types.String `tfsdk:"csv"`
	Decisions      types.String `tfsdk:"decisions"`
	Groups         types.String `tfsdk:"groups"`
	GroupsHeldBack types.String `tfsdk:"groups_held_back"`
	Service        *Service     `tfsdk:"service"`
	Unchecked      []string     `tfsdk:"unchecked"`
	Summary        *Summary     `tfsdk:"summary"`
	Fingerprint    types.String `tfsdk:"fingerprint"`
	Settings       types.String `tfsdk:"settings"`
}

func (s *decisionsSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_decisions"
}

func (s *decisionsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	match := arguments.MatchBlock()
	match.Description = "Whom `decisions` and `csv` list, beside what `show` says; counts and groups are whole. All " +
		"that is set must hold, of each list one value. Default: all users."
	more := append(arguments.Decisions(), arguments.Show(), arguments.IdentifyUsersBy(""), arguments.Argument{
		Name:      "csv",
		Type:      types.StringType,
		Computed:  true,
		Sensitive: true,
		Description: "What `decisions` lists as CSV (RFC 4180): `user`, `id`, `verdict`, `code`, `account`, " +
			"`decision`, `groups`; a line for each user, ascending by object id.",
	})
	resp.Schema = SourceSchema("All decisions, without accepting them: no comparison, no guardrails. It uses the "+
		"provider's own reading of this plan.", []arguments.Block{arguments.WhatIfBlock(false), match}, more...)
}

func (s *decisionsSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
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
	some := m.matched(ctx, o, r, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	shown := Show(some, r, m.Shown, &resp.Diagnostics)
	text, err := CSV(listed(some, m.Shown), m.IDs())
	if err != nil {
		resp.Diagnostics.Append(tfutil.Failure(Operation, err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	m.Decisions, m.Groups, m.Fingerprint, m.Settings = shown.Decisions, shown.Groups, shown.Fingerprint, shown.Settings
	m.GroupsHeldBack, m.Service, m.Unchecked = shown.GroupsHeldBack, &shown.Service, r.Unchecked()
	m.Summary, m.Fingerprint, m.CSV = SummaryOf(o, r), types.StringValue(o.Fingerprint()), types.StringValue(text)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// matched is an outcome with the rows of whom match fits; whole without one.
func (m *decisionsModel) matched(
	ctx context.Context, o *outcome.Outcome, r *decision.Result, d *diag.Diagnostics,
) *outcome.Outcome {
	match := arguments.Match(ctx, m.Match, d)
	if match == nil {
		return o
	}
	users, _, err := usertype.Matched(match, r.Directory, r.Lookup)
	if err != nil {
		if !missesAttributes(err, attributesArgument, d) {
			d.Append(tfutil.RuleFailure("match", Operation, err))
		}
		return o
	}
	ids := make(map[string]bool, len(users))
	for _, i := range users {
		ids[r.Directory.Users[i].ID] = true
	}
	return only(o, func(row *outcome.Row) bool { return ids[row.ID] })
}
