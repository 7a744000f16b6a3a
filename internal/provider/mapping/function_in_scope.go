package mapping

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

var _ function.Function = inScope{}

type inScope struct{}

// NewInScope makes the function in_scope.
func NewInScope() function.Function { return inScope{} }

func (inScope) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "in_scope"
}

func (inScope) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Evaluates a scoping filter",
		MarkdownDescription: "Tells whether a user's attributes pass a scoping filter of Entra's provisioning. The " +
			"filter is an object `{ any_of = [ { name = \"…\", all_of = [ { attribute = \"…\", operator = \"…\", " +
			"values = [\"…\"] } ] } ] }`, or Graph's JSON (a `scope` with `groups`, `inputFilterGroups`, " +
			"`categoryFilterGroups`) as a string: all that are there decide. A filter without groups lets all users " +
			"through.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "filter",
				AllowNullValue:      true,
				MarkdownDescription: "The filter: an object, or a string of JSON in either form.",
			},
			function.DynamicParameter{
				Name:                "attributes",
				AllowNullValue:      true,
				MarkdownDescription: "The user's attributes: an object from name to string, number, Boolean, or null.",
			},
		},
		Return: function.BoolReturn{},
	}
}

func (inScope) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var filter, attributes types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &filter, &attributes); resp.Error != nil {
		return
	}
	f, err := readFilterValue(filter)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	values, err := attributesOf(attributes)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	in := true
	var unknown error // of one kind: another may decide
	for _, kind := range []struct {
		name   string
		groups []scoping.Group
	}{
		{mapping.NameInputFilter, f.InputFilterGroups}, {mapping.NameFilter, f.Groups},
		{mapping.NameCategoryFilter, f.CategoryFilterGroups},
	} {
		program, err := scoping.Compile(kind.groups, nil, mapping.FilterOptions(kind.name))
		if err != nil {
			resp.Error = function.NewArgumentFuncError(0, err.Error())
			return
		}
		if err := otherCase(program.Attributes(), values); err != nil {
			resp.Error = function.NewArgumentFuncError(1, err.Error())
			return
		}
		passes, err := program.Match(rowOf(program.Attributes(), values))
		if err != nil {
			unknown = err
			continue
		}
		in = in && passes
	}
	if in && unknown != nil {
		resp.Error = function.NewArgumentFuncError(1, unknown.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, in)
}

// readFilterValue reads a filter in either form.
func readFilterValue(v types.Dynamic) (f scoping.Filter, err error) {
	if v.IsNull() || v.IsUnderlyingValueNull() {
		return f, nil
	}
	var raw []byte
	if s, ok := v.UnderlyingValue().(types.String); ok {
		raw = []byte(s.ValueString())
	} else {
		plain, err := plainOf(v.UnderlyingValue())
		if err != nil {
			return f, err
		}
		if raw, err = json.Marshal(plain); err != nil {
			return f, err
		}
	}
	return scoping.ParseJSON(raw)
}
