package mapping

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// mappingModel is usersync_provisioning_mapping.
type mappingModel struct {
	ID                 types.String   `tfsdk:"id"`
	ServicePrincipalID types.String   `tfsdk:"service_principal_id"`
	JobID              types.String   `tfsdk:"job_id"`
	Rule               types.String   `tfsdk:"rule"`
	Object             types.Object   `tfsdk:"object"`
	Enabled            types.Bool     `tfsdk:"enabled"`
	Actions            types.Set      `tfsdk:"actions"`
	Attributes         types.Map      `tfsdk:"attributes"`
	ScopingFilter      types.Object   `tfsdk:"scoping_filter"`
	InputFilter        types.Object   `tfsdk:"input_filter"`
	CategoryFilter     types.Object   `tfsdk:"category_filter"`
	Manage             types.String   `tfsdk:"manage"`
	Adopt              types.Bool     `tfsdk:"adopt"`
	Directory          types.String   `tfsdk:"directory"`
	WarnEmptyPercent   types.Int64    `tfsdk:"warn_empty_percent"`
	Effective          types.String   `tfsdk:"effective"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

type objectModel struct {
	Source types.String `tfsdk:"source"`
	Target types.String `tfsdk:"target"`
}

type attributeModel struct {
	Expression       types.String `tfsdk:"expression"`
	MatchingPriority types.Int64  `tfsdk:"matching_priority"`
	Apply            types.String `tfsdk:"apply"`
	Default          types.String `tfsdk:"default"`
}

type filterModel struct {
	AnyOf []filterGroup `tfsdk:"any_of"`
}

type filterGroup struct {
	Name  types.String   `tfsdk:"name"`
	AllOf []filterClause `tfsdk:"all_of"`
}

type filterClause struct {
	Attribute types.String `tfsdk:"attribute"`
	Operator  types.String `tfsdk:"operator"`
	Values    types.List   `tfsdk:"values"`
}

// The types of the nested arguments.
var (
	objectTypes    = tfutil.AttributeTypes(objectArguments())
	attributeTypes = tfutil.AttributeTypes(attributeArguments())
	clauseTypes    = tfutil.AttributeTypes(clauseArguments())
	groupTypes     = tfutil.AttributeTypes(groupArguments())
	filterTypes    = tfutil.AttributeTypes(filterArguments())
)

// complete reports whether all that makes the mapping is known.
func (m *mappingModel) complete(ctx context.Context) bool {
	return tfutil.Known(ctx, m.Object, m.Enabled, m.Actions, m.Attributes, m.ScopingFilter, m.InputFilter,
		m.CategoryFilter, m.Manage)
}

// modelFilter is one of the three filters: where the model has it, and the
// engine's form.
type modelFilter struct {
	name  string
	model *types.Object
	of    func(*mapping.Mapping) **scoping.Spec
}

// filters are the model's, in the order of the documentation.
func (m *mappingModel) filters() []modelFilter {
	return []modelFilter{
		{mapping.NameFilter, &m.ScopingFilter, func(x *mapping.Mapping) **scoping.Spec { return &x.Filter }},
		{mapping.NameInputFilter, &m.InputFilter, func(x *mapping.Mapping) **scoping.Spec { return &x.InputFilter }},
		{
			mapping.NameCategoryFilter,
			&m.CategoryFilter,
			func(x *mapping.Mapping) **scoping.Spec { return &x.CategoryFilter },
		},
	}
}

// mapping is the model in the form of the engine; everything must be known.
func (m *mappingModel) mapping(ctx context.Context, d *diag.Diagnostics) mapping.Mapping {
	var o objectModel
	if !m.Object.IsNull() {
		d.Append(m.Object.As(ctx, &o, basetypes.ObjectAsOptions{})...)
	}
	out := mapping.Mapping{
		Object: mapping.Object{
			Source: o.Source.ValueString(),
			Target: o.Target.ValueString(),
		},
		Manage:     m.Manage.ValueString(),
		Enabled:    m.Enabled.ValueBoolPointer(),
		Attributes: map[string]mapping.Attribute{},
	}
	if out.Manage == "" {
		out.Manage = mapping.ManageListed
	}
	if !m.Actions.IsNull() {
		out.Actions = []string{}
		d.Append(m.Actions.ElementsAs(ctx, &out.Actions, false)...)
	}
	var rows map[string]attributeModel
	d.Append(m.Attributes.ElementsAs(ctx, &rows, false)...)
	for target, a := range rows {
		row := mapping.Attribute{
			Expression:       a.Expression.ValueString(),
			MatchingPriority: int(a.MatchingPriority.ValueInt64()),
			Apply:            a.Apply.ValueString(),
		}
		if !a.Default.IsNull() {
			row.Default = a.Default.ValueStringPointer()
		}
		out.Attributes[target] = row
	}
	for _, f := range m.filters() {
		if !f.model.IsNull() {
			*f.of(&out) = filterOf(ctx, *f.model, d)
		}
	}
	return out
}

func filterOf(ctx context.Context, v types.Object, d *diag.Diagnostics) *scoping.Spec {
	var f filterModel
	d.Append(v.As(ctx, &f, basetypes.ObjectAsOptions{})...)
	spec := &scoping.Spec{AnyOf: []scoping.SpecGroup{}}
	for _, g := range f.AnyOf {
		group := scoping.SpecGroup{Name: g.Name.ValueString(), AllOf: []scoping.SpecClause{}}
		for _, c := range g.AllOf {
			clause := scoping.SpecClause{Attribute: c.Attribute.ValueString(), Operator: c.Operator.ValueString()}
			clause.Values = tfutil.Strings(ctx, c.Values, d)
			group.AllOf = append(group.AllOf, clause)
		}
		spec.AnyOf = append(spec.AnyOf, group)
	}
	return spec
}

// fill writes a mapping into the model.
func (m *mappingModel) fill(ctx context.Context, v mapping.Mapping, d *diag.Diagnostics) {
	m.Object = types.ObjectValueMust(objectTypes, map[string]attr.Value{
		"source": types.StringValue(v.Object.Source),
		"target": types.StringValue(v.Object.Target),
	})
	m.Manage = types.StringValue(v.Manage)
	m.Enabled = types.BoolPointerValue(v.Enabled)
	m.Actions = types.SetNull(types.StringType)
	if v.Actions != nil {
		set, diags := types.SetValueFrom(ctx, types.StringType, v.Actions)
		d.Append(diags...)
		m.Actions = set
	}
	rows := make(map[string]attr.Value, len(v.Attributes))
	for _, target := range slices.Sorted(maps.Keys(v.Attributes)) {
		a := v.Attributes[target]
		rows[target] = types.ObjectValueMust(attributeTypes, map[string]attr.Value{
			"expression": expressionText(a), "matching_priority": types.Int64Value(int64(a.MatchingPriority)),
			"apply": types.StringValue(applyText(a.Apply)), "default": types.StringPointerValue(a.Default),
		})
	}
	m.Attributes = types.MapValueMust(types.ObjectType{AttrTypes: attributeTypes}, rows)
	for _, f := range m.filters() {
		*f.model = types.ObjectNull(filterTypes)
		if spec := *f.of(&v); spec != nil {
			*f.model = filterValue(*spec)
		}
	}
}

// expressionText is null for a row without a source.
func expressionText(a mapping.Attribute) types.String {
	if a.Expression == "" {
		return types.StringNull()
	}
	return types.StringValue(a.Expression)
}

func applyText(apply string) string {
	if apply == "" {
		return mapping.Applies[0].Apply
	}
	return apply
}

func filterValue(f scoping.Spec) types.Object {
	groups := make([]attr.Value, len(f.AnyOf))
	for i, g := range f.AnyOf {
		clauses := make([]attr.Value, len(g.AllOf))
		for k, c := range g.AllOf {
			values := types.ListNull(types.StringType)
			if len(c.Values) > 0 {
				texts := make([]attr.Value, len(c.Values))
				for n, text := range c.Values {
					texts[n] = types.StringValue(text)
				}
				values = types.ListValueMust(types.StringType, texts)
			}
			clauses[k] = types.ObjectValueMust(clauseTypes, map[string]attr.Value{
				"attribute": types.StringValue(c.Attribute),
				"operator":  types.StringValue(c.Operator),
				"values":    values,
			})
		}
		name := types.StringNull()
		if g.Name != "" {
			name = types.StringValue(g.Name)
		}
		groups[i] = types.ObjectValueMust(groupTypes, map[string]attr.Value{
			"name":   name,
			"all_of": types.ListValueMust(types.ObjectType{AttrTypes: clauseTypes}, clauses),
		})
	}
	return types.ObjectValueMust(filterTypes, map[string]attr.Value{
		"any_of": types.ListValueMust(types.ObjectType{AttrTypes: groupTypes}, groups),
	})
}

// priorSpelling gives a planned model the state's own words where both mean the
// same: spacing and quoting are no difference.
func (m *mappingModel) priorSpelling(ctx context.Context, state *mappingModel, d *diag.Diagnostics) {
	if !m.Attributes.IsUnknown() && !state.Attributes.IsNull() {
		rows, before := maps.Clone(m.Attributes.Elements()), state.Attributes.Elements()
		for target, v := range rows {
			was, ok := before[target].(types.Object)
			now, isObject := v.(types.Object)
			if !ok || !isObject || now.IsUnknown() {
				continue
			}
			rows[target] = priorExpression(now, was)
		}
		m.Attributes = types.MapValueMust(types.ObjectType{AttrTypes: attributeTypes}, rows)
	}
	before := state.filters()
	for i, f := range m.filters() {
		if f.model.IsNull() || before[i].model.IsNull() || !tfutil.Known(ctx, *f.model) {
			continue
		}
		if mapping.EqualFilter(filterOf(ctx, *f.model, d), filterOf(ctx, *before[i].model, d)) {
			*f.model = *before[i].model
		}
	}
}

func priorExpression(now, was types.Object) types.Object {
	fields := maps.Clone(now.Attributes())
	a, aok := fields["expression"].(types.String)
	b, bok := was.Attributes()["expression"].(types.String)
	if aok && bok && !a.IsUnknown() && !a.IsNull() && !b.IsNull() &&
		mapping.EqualExpression(a.ValueString(), b.ValueString()) {
		fields["expression"] = b
	}
	return types.ObjectValueMust(attributeTypes, fields)
}
