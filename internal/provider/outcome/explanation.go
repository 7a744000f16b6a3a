package outcome

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// The types of an explanation's parts; function and data source share them.
var (
	StepType = map[string]attr.Type{"rule": types.StringType, "saw": types.StringType, "result": types.StringType, "source": types.StringType, "confidence": types.StringType}
	FixType  = map[string]attr.Type{"change": types.StringType, "who": types.StringType, "effect": types.StringType, "undone_by": types.StringType, "others_changed": types.Int64Type}
	// ExplanationType is the type of an explanation.
	ExplanationType = map[string]attr.Type{
		"verdict": types.StringType, "code": types.StringType, "decision": types.StringType, "explanation": types.StringType, "confidence": types.StringType,
		"groups": types.ListType{ElemType: types.StringType},
		"trace":  types.ListType{ElemType: types.ObjectType{AttrTypes: StepType}},
		"fixes":  types.ListType{ElemType: types.ObjectType{AttrTypes: FixType}},
	}
)

// Explanation makes the object of an explanation.
func Explanation(e decision.Explanation) types.Object {
	trace := make([]attr.Value, len(e.Trace))
	for i, s := range e.Trace {
		trace[i] = types.ObjectValueMust(StepType, map[string]attr.Value{
			"rule": types.StringValue(s.Rule), "saw": types.StringValue(s.Observed), "result": types.StringValue(s.Result),
			"source": types.StringValue(s.Source), "confidence": types.StringValue(s.Confidence.String()),
		})
	}
	fixes := make([]attr.Value, len(e.Fixes))
	for i, f := range e.Fixes {
		fixes[i] = types.ObjectValueMust(FixType, map[string]attr.Value{
			"change": types.StringValue(f.Change), "who": types.StringValue(f.Who), "effect": types.StringValue(f.Effect),
			"undone_by": types.StringValue(f.Caveats), "others_changed": types.Int64Value(int64(f.OthersChanged)),
		})
	}
	groups := make([]attr.Value, len(e.Groups))
	for i, g := range e.Groups {
		groups[i] = types.StringValue(g)
	}
	return types.ObjectValueMust(ExplanationType, map[string]attr.Value{
		"verdict": types.StringValue(e.Decision.Code.Verdict().String()), "code": types.StringValue(e.Decision.Code.String()),
		"decision": types.StringValue(e.Text), "explanation": types.StringValue(e.Sentence), "confidence": types.StringValue(e.Confidence.String()),
		"groups": types.ListValueMust(types.StringType, groups),
		"trace":  types.ListValueMust(types.ObjectType{AttrTypes: StepType}, trace),
		"fixes":  types.ListValueMust(types.ObjectType{AttrTypes: FixType}, fixes),
	})
}
