package mapping

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

type directoryModel struct {
	ID       types.String           `tfsdk:"id"`
	Name     types.String           `tfsdk:"name"`
	ReadOnly types.Bool             `tfsdk:"read_only"`
	Objects  []directoryObjectModel `tfsdk:"objects"`
}

type directoryObjectModel struct {
	Name       types.String      `tfsdk:"name"`
	Attributes []definitionModel `tfsdk:"attributes"`
}

type definitionModel struct {
	Name           types.String      `tfsdk:"name"`
	Type           types.String      `tfsdk:"type"`
	Required       types.Bool        `tfsdk:"required"`
	Multivalued    types.Bool        `tfsdk:"multivalued"`
	Mutability     types.String      `tfsdk:"mutability"`
	CaseExact      types.Bool        `tfsdk:"case_exact"`
	Anchor         types.Bool        `tfsdk:"anchor"`
	FlowNullValues types.Bool        `tfsdk:"flow_null_values"`
	Default        types.String      `tfsdk:"default"`
	APIExpressions map[string]string `tfsdk:"api_expressions"`
	References     []string          `tfsdk:"referenced_objects"`
	Metadata       map[string]string `tfsdk:"metadata"`
}

func directoryAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":   text("Its id."),
		"name": text("Its name, as `usersync_provisioning_attribute` takes it."),
		"read_only": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: "Whether nothing is written to it; null where the schema doesn't say.",
		},
		"objects": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Its kinds of object.",
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"name": text("The kind of object."),
					"attributes": schema.ListNestedAttribute{
						Computed:            true,
						MarkdownDescription: "Its attributes.",
						NestedObject:        schema.NestedAttributeObject{Attributes: definitionAttributes()},
					},
				},
			},
		},
	}
}

func definitionAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	is := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: description + " Null where the schema doesn't say.",
		}
	}
	pairs := func(description string) schema.MapAttribute {
		return schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"name":             text("The attribute's name."),
		"type":             text("`String`, `Integer`, `Reference`, `Binary`, `Boolean` or `DateTime`."),
		"required":         is("Whether an object can't be made without it."),
		"multivalued":      is("Whether it has several values."),
		"mutability":       text("`ReadWrite`, `ReadOnly`, `Immutable` or `WriteOnly`."),
		"case_exact":       is("Whether upper and lower case make a difference."),
		"anchor":           is("Whether it tells objects apart."),
		"flow_null_values": is("Whether null is written, too."),
		"default":          text("The default that the schema gives; null for none."),
		"api_expressions": pairs("Where the attribute stands in a source's answer (XPath for Workday), by the " +
			"version of the source's API."),
		"referenced_objects": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The kinds of object that a reference may name.",
		},
		"metadata": pairs("What the service notes of it, for instance `IsCustomerDefined`."),
	}
}

// directoriesValue is null where the schema has none.
func directoriesValue(ctx context.Context, all []mapping.Directory, d *diag.Diagnostics) types.List {
	var out []directoryModel
	for _, one := range all {
		m := directoryModel{
			ID: types.StringValue(
				one.ID,
			),
			Name:     types.StringValue(one.Name),
			ReadOnly: types.BoolPointerValue(one.ReadOnly),
			Objects:  []directoryObjectModel{},
		}
		for _, o := range one.Objects {
			object := directoryObjectModel{Name: types.StringValue(o.Name), Attributes: []definitionModel{}}
			for _, a := range o.Attributes {
				object.Attributes = append(object.Attributes, seenDefinition(a))
			}
			m.Objects = append(m.Objects, object)
		}
		out = append(out, m)
	}
	of := schema.NestedAttributeObject{Attributes: directoryAttributes()}.Type()
	if out == nil {
		return types.ListNull(of)
	}
	list, diags := types.ListValueFrom(ctx, of, out)
	d.Append(diags...)
	return list
}

func seenDefinition(a mapping.Definition) definitionModel {
	return definitionModel{
		Name:           types.StringValue(a.Name),
		Type:           types.StringValue(a.Type),
		Required:       types.BoolPointerValue(a.Required),
		Multivalued:    types.BoolPointerValue(a.Multivalued),
		Mutability:     types.StringValue(a.Mutability),
		CaseExact:      types.BoolPointerValue(a.CaseExact),
		Anchor:         types.BoolPointerValue(a.Anchor),
		FlowNullValues: types.BoolPointerValue(a.FlowsNull),
		Default:        types.StringPointerValue(a.Default),
		APIExpressions: a.APIExpressions,
		References:     append([]string{}, a.References...),
		Metadata:       a.Metadata,
	}
}
