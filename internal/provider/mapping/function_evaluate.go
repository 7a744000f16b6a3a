package mapping

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

var _ function.Function = evaluate{}

type evaluate struct{}

// NewEvaluate makes the function evaluate.
func NewEvaluate() function.Function { return evaluate{} }

func (evaluate) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "evaluate"
}

func (evaluate) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Evaluates an attribute-mapping expression",
		MarkdownDescription: "Evaluates an expression of Entra's attribute mappings, such as `Join(\" \", " +
			"[givenName], [surname])`, for one user's attributes. The answer is a string, number, Boolean or list, " +
			"or null where nothing flows. Attributes that aren't given are null; the names are provisioning's " +
			"(`mobile`, not `mobilePhone`), and have a case. A variable of the job is given under its name " +
			"(`\"%DomainFQDN%\"`). What can't be told in advance (random values, uniqueness in the target) is an " +
			"error.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "expression", MarkdownDescription: "The expression."},
			function.DynamicParameter{
				Name:           "attributes",
				AllowNullValue: true,
				MarkdownDescription: "The user's attributes: an object from name to string, number, Boolean, list of " +
					"strings, or null.",
			},
			function.StringParameter{
				Name:                "now",
				AllowNullValue:      true,
				MarkdownDescription: "The clock of `Now()`, RFC 3339; null where the expression doesn't use it.",
			},
		},
		Return: function.DynamicReturn{},
	}
}

func (evaluate) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	var attributes types.Dynamic
	var now *string
	if resp.Error = req.Arguments.Get(ctx, &text, &attributes, &now); resp.Error != nil {
		return
	}
	program, values, env, bad := prepare(text, attributes, now)
	if bad != nil {
		resp.Error = bad
		return
	}
	result, err := program.Eval(rowOf(program.Attributes(), values), env)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	answer, err := dynamicOf(result)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, answer)
}

func prepare(
	text string, attributes types.Dynamic, now *string,
) (*expression.Program, map[string]expression.Value, *expression.Env, *function.FuncError) {
	e, err := expression.Parse(text)
	if err != nil {
		return nil, nil, nil, function.NewArgumentFuncError(0, err.Error())
	}
	program, err := e.Compile(expression.Context{})
	if err != nil {
		return nil, nil, nil, function.NewArgumentFuncError(0, err.Error())
	}
	values, err := attributesOf(attributes)
	if err != nil {
		return nil, nil, nil, function.NewArgumentFuncError(1, err.Error())
	}
	if err := otherCase(program.Attributes(), values); err != nil {
		return nil, nil, nil, function.NewArgumentFuncError(1, err.Error())
	}
	env := &expression.Env{Variables: variablesOf(values)}
	if now != nil && *now != "" {
		if env.Now, err = time.Parse(time.RFC3339, *now); err != nil {
			return nil, nil, nil, function.NewArgumentFuncError(2, fmt.Sprintf("%q is no time such as "+
				"2026-11-20T08:00:00Z", *now))
		}
	}
	return program, values, env, nil
}

// dynamicOf gives a result as a Terraform value: null where nothing flows.
func dynamicOf(r expression.Result) (types.Dynamic, error) {
	switch r.Outcome {
	case expression.OutcomeNull, expression.OutcomeDropAttribute, expression.OutcomeDropObject:
		return types.DynamicNull(), nil
	case expression.OutcomeUnpredictable:
		return types.DynamicNull(), fmt.Errorf("the value can't be told in advance: %w", r.Reason)
	default: // a value, by its kind
	}
	if s, ok := r.Value.Text(); ok {
		return types.DynamicValue(types.StringValue(s)), nil
	}
	if b, ok := r.Value.Bool(); ok {
		return types.DynamicValue(types.BoolValue(b)), nil
	}
	if i, ok := r.Value.Int(); ok {
		return types.DynamicValue(types.NumberValue(new(big.Float).SetInt64(i))), nil
	}
	if list, ok := r.Value.List(); ok {
		values := make([]attr.Value, len(list))
		for i, s := range list {
			values[i] = types.StringValue(s)
		}
		return types.DynamicValue(types.ListValueMust(types.StringType, values)), nil
	}
	if r.Value.IsNull() {
		return types.DynamicNull(), nil
	}
	return types.DynamicValue(types.StringValue(r.Value.String())), nil
}
