package arguments

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// DataSourceBlock is a block of a data source.
func DataSourceBlock(b Block) schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: b.Description,
		Attributes:          DataSourceAttributes(b.Arguments),
	}
}

// DataSourceAttributes are arguments of a data source.
func DataSourceAttributes(list []Argument) map[string]schema.Attribute {
	out := make(map[string]schema.Attribute, len(list))
	for _, a := range list {
		out[a.Name] = dataSourceAttribute(a)
	}
	return out
}

func dataSourceAttribute(a Argument) schema.Attribute {
	switch {
	case a.Object != nil:
		return schema.SingleNestedAttribute{
			MarkdownDescription: a.Description,
			Required:            a.Required,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			Attributes:          DataSourceAttributes(a.Object),
		}
	case a.Objects != nil:
		return schema.ListNestedAttribute{
			MarkdownDescription: a.Description,
			Required:            a.Required,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			Validators:          a.Lists,
			NestedObject:        schema.NestedAttributeObject{Attributes: DataSourceAttributes(a.Objects)},
		}
	}
	if collection := dataSourceCollection(a); collection != nil {
		return collection
	}
	return dataSourceSimple(a)
}

// dataSourceCollection is nil for an argument that isn't a collection of simple
// values.
func dataSourceCollection(a Argument) schema.Attribute {
	switch t := a.Type.(type) {
	case types.SetType:
		return schema.SetAttribute{
			MarkdownDescription: a.Description,
			ElementType:         t.ElemType,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			Validators:          a.Sets,
		}
	case types.ListType:
		return schema.ListAttribute{
			MarkdownDescription: a.Description,
			ElementType:         t.ElemType,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			Validators:          a.Lists,
		}
	case types.MapType:
		return schema.MapAttribute{
			MarkdownDescription: a.Description,
			ElementType:         t.ElemType,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
		}
	}
	return nil
}

func dataSourceSimple(a Argument) schema.Attribute {
	switch a.Type {
	case attr.Type(types.BoolType):
		return schema.BoolAttribute{
			MarkdownDescription: a.Description,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
		}
	case attr.Type(types.Int64Type):
		return schema.Int64Attribute{
			MarkdownDescription: a.Description,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
		}
	case attr.Type(types.Float64Type):
		return schema.Float64Attribute{
			MarkdownDescription: a.Description,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
		}
	case attr.Type(types.StringType):
		return schema.StringAttribute{
			MarkdownDescription: a.Description,
			Required:            a.Required,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			Validators:          a.Strings,
		}
	}
	panic(fmt.Sprintf("argument %s: no attribute is made of a %s", a.Name, a.Type))
}
