package decision

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ datasource.DataSourceWithConfigure      = (*decisionSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*decisionSource)(nil)
)

// decisionSource is usersync_decision.
type decisionSource struct{ Source }

// NewDecision makes the data source usersync_decision.
func NewDecision() datasource.DataSource { return &decisionSource{} }

type decisionModel struct {
	Question
	User   types.String `tfsdk:"user"`
	UserID types.String `tfsdk:"user_id"`
	explanation
}

func (s *decisionSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_decision"
}

func (s *decisionSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	more := append(arguments.Explanation(),
		arguments.Argument{
			Name:        "user",
			Type:        types.StringType,
			Required:    true,
			Description: "The user, by principal name, mail or object id.",
		},
		arguments.Argument{
			Name:        "user_id",
			Type:        types.StringType,
			Computed:    true,
			Description: "The user's object id.",
		},
	)
	resp.Schema = sourceSchema("One user: whether they sync, why, which rules were looked at, and fixes that the "+
		"engine has itself tried. It uses the provider's own reading of this plan.", more...)
}

func (s *decisionSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m decisionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		m.Validate(ctx, &resp.Diagnostics)
	}
}

func (s *decisionSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m decisionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r := s.Decide(ctx, &m.Question, "", &resp.Diagnostics)
	if r == nil {
		return
	}
	i, err := r.Lookup.User(m.User.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tfutil.FailureAt(path.Root("user"), Operation, err))
		return
	}
	e := r.Explain(i)
	m.UserID, m.explanation = types.StringValue(e.UserID), explanationOf(e)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
