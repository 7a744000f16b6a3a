package tfutil

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Collection is a list or set, of texts.
type Collection interface {
	attr.Value
	ElementsAs(ctx context.Context, into any, allowUnhandled bool) diag.Diagnostics
}

// Strings reads a list or set of texts, nil where it is null or unknown. Those
// of a set, which has no order, are sorted.
func Strings(ctx context.Context, v Collection, d *diag.Diagnostics) []string {
	if v.IsNull() || v.IsUnknown() {
		return nil
	}
	out := []string{}
	d.Append(v.ElementsAs(ctx, &out, false)...)
	if _, ok := v.(types.Set); ok {
		slices.Sort(out)
	}
	return out
}

// Object reads an object or block into a model. It reports false where it is
// null or unknown.
func Object(ctx context.Context, o types.Object, into any, d *diag.Diagnostics) bool {
	if o.IsNull() || o.IsUnknown() {
		return false
	}
	diags := o.As(ctx, into, basetypes.ObjectAsOptions{})
	d.Append(diags...)
	return !diags.HasError()
}

// Known reports that values, and all inside them, are known.
func Known(ctx context.Context, values ...attr.Value) bool {
	return !slices.ContainsFunc(values, func(v attr.Value) bool {
		raw, err := v.ToTerraformValue(ctx)
		return err != nil || !raw.IsFullyKnown()
	})
}

// UnknownArguments names the arguments of a configuration that aren't known
// yet, ascending.
func UnknownArguments(config tfsdk.Config) []string {
	var values map[string]tftypes.Value
	if config.Raw.As(&values) != nil {
		return nil // a configuration is an object
	}
	var names []string
	for name, v := range values {
		if !v.IsFullyKnown() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// AttributeTypes are the types of a schema's attributes, for values that are
// made of them.
func AttributeTypes[A interface{ GetType() attr.Type }](attributes map[string]A) map[string]attr.Type {
	out := make(map[string]attr.Type, len(attributes))
	for name, a := range attributes {
		out[name] = a.GetType()
	}
	return out
}

// JSONMap is a map of strings or lists of them as a JSON object with sorted keys.
func JSONMap[M ~map[string]V, V any](m M) types.String {
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err) // texts alone: it can't fail
	}
	return types.StringValue(string(raw))
}

// JSON is a value as JSON, with sorted keys. operation is what fails where it can't be
// written.
func JSON(v any, operation string, d *diag.Diagnostics) types.String {
	raw, err := json.Marshal(v)
	if err != nil {
		d.Append(Failure(operation, err))
	}
	return types.StringValue(string(raw))
}
