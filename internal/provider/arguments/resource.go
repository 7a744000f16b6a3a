package arguments

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ResourceBlock is a block of a resource; of a write-only one the state keeps
// that it is there, and nothing inside.
func ResourceBlock(b Block, writeOnly bool) schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: b.Description,
		Attributes:          ResourceAttributes(b.Arguments, writeOnly),
	}
}

// ResourceAttributes are arguments of a resource.
func ResourceAttributes(list []Argument, writeOnly bool) map[string]schema.Attribute {
	out := make(map[string]schema.Attribute, len(list))
	for _, a := range list {
		out[a.Name] = resourceAttribute(a, writeOnly)
	}
	return out
}

func resourceAttribute(a Argument, writeOnly bool) schema.Attribute {
	switch {
	case a.Object != nil:
		return schema.SingleNestedAttribute{
			MarkdownDescription: a.Description,
			Required:            a.Required,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
			Attributes:          ResourceAttributes(a.Object, writeOnly),
		}
	case a.Objects != nil:
		return schema.ListNestedAttribute{
			MarkdownDescription: a.Description,
			Required:            a.Required,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
			Validators:          a.Lists,
			NestedObject:        schema.NestedAttributeObject{Attributes: ResourceAttributes(a.Objects, writeOnly)},
		}
	}
	if collection := resourceCollection(a, writeOnly); collection != nil {
		return collection
	}
	return resourceSimple(a, writeOnly)
}

// resourceCollection is nil for an argument that isn't a collection of simple
// values.
func resourceCollection(a Argument, writeOnly bool) schema.Attribute {
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
			WriteOnly:           writeOnly,
			Validators:          a.Lists,
		}
	case types.MapType:
		return schema.MapAttribute{
			MarkdownDescription: a.Description,
			ElementType:         t.ElemType,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
		}
	}
	return nil
}

func resourceSimple(a Argument, writeOnly bool) schema.Attribute {
	switch a.Type {
	case attr.Type(types.BoolType):
		return schema.BoolAttribute{
			MarkdownDescription: a.Description,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
		}
	case attr.Type(types.Int64Type):
		return schema.Int64Attribute{
			MarkdownDescription: a.Description,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
		}
	case attr.Type(types.Float64Type):
		return schema.Float64Attribute{
			MarkdownDescription: a.Description,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
		}
	case attr.Type(types.StringType):
		return schema.StringAttribute{
			MarkdownDescription: a.Description,
			Required:            a.Required,
			Optional:            a.optional(),
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           writeOnly,
			Validators:          a.Strings,
		}
	}
	panic(fmt.Sprintf("argument %s: no attribute is made of a %s", a.Name, a.Type))
}
