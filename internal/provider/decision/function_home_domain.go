package decision

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

var _ function.Function = homeDomain{}

type homeDomain struct{}

// NewHomeDomain makes the function home_domain.
func NewHomeDomain() function.Function { return homeDomain{} }

func (homeDomain) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "home_domain"
}

func (homeDomain) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The home domain of a principal name",
		MarkdownDescription: "Gives the domain of a principal name's home, in lower-case ASCII form: of " +
			"`alias_fabrikam.com#EXT#@company.onmicrosoft.com` it is `fabrikam.com` (what stands behind the last " +
			"underscore before `#EXT#`), else the domain of the name itself. Null where there is none.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "upn",
			MarkdownDescription: "A user principal name.",
		}},
		Return: function.StringReturn{},
	}
}

func (homeDomain) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var upn string
	if resp.Error = req.Arguments.Get(ctx, &upn); resp.Error != nil {
		return
	}
	out := types.StringNull()
	if d := decision.HomeOf(upn); d != "" {
		out = types.StringValue(d)
	}
	resp.Error = resp.Result.Set(ctx, out)
}
