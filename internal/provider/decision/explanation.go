package decision

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// explanation is what is said of one user, as data source and function have it.
type explanation struct {
	Verdict     types.String `tfsdk:"verdict"`
	Code        types.String `tfsdk:"code"`
	Decision    types.String `tfsdk:"decision"`
	Explanation types.String `tfsdk:"explanation"`
	Confidence  types.String `tfsdk:"confidence"`
	Action      types.String `tfsdk:"action"`
	Account     types.String `tfsdk:"account"`
	Groups      []string     `tfsdk:"groups"`
	Trace       []step       `tfsdk:"trace"`
	Fixes       []fix        `tfsdk:"fixes"`
}

// step is a rule that was looked at.
type step struct {
	Rule       string `tfsdk:"rule"`
	Observed   string `tfsdk:"observed"`
	Applies    *bool  `tfsdk:"applies"`
	Source     string `tfsdk:"source"`
	Confidence string `tfsdk:"confidence"`
}

// fix is a change after which the user syncs.
type fix struct {
	Change        string `tfsdk:"change"`
	Who           string `tfsdk:"who"`
	Effect        string `tfsdk:"effect"`
	Caveats       string `tfsdk:"caveats"`
	OthersChanged int64  `tfsdk:"others_changed"`
}

func explanationOf(e decision.Explanation) explanation {
	out := explanation{
		Verdict:     types.StringValue(e.Decision.Code.Verdict().String()),
		Code:        types.StringValue(e.Decision.Code.String()),
		Decision:    types.StringValue(e.Text),
		Explanation: types.StringValue(e.Sentence),
		Confidence:  types.StringValue(e.Confidence.String()),
		Action:      types.StringValue(e.Action),
		Account:     types.StringNull(),
		Groups:      append([]string{}, e.Groups...),
		Trace:       make([]step, len(e.Trace)),
		Fixes:       make([]fix, len(e.Fixes)),
	}
	if account := e.Decision.Account.String(); account != "" {
		out.Account = types.StringValue(account)
	}
	for i, s := range e.Trace {
		out.Trace[i] = step{
			Rule:       s.Rule,
			Observed:   s.Observed,
			Applies:    applies(s.Result),
			Source:     s.Source,
			Confidence: s.Confidence.String(),
		}
	}
	for i, f := range e.Fixes {
		out.Fixes[i] = fix{
			Change:        f.Change,
			Who:           f.Who,
			Effect:        f.Effect,
			Caveats:       f.Caveats,
			OthersChanged: int64(f.OthersChanged),
		}
	}
	return out
}

// applies reads a step's result; nil where the rule is only noted.
func applies(result string) *bool {
	var yes bool
	switch result {
	case "applies":
		yes = true
	case "doesn't apply":
	default:
		return nil
	}
	return &yes
}
