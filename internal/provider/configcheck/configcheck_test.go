package configcheck

import (
	"math/big"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestFind(t *testing.T) {
	text := func(v any) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	number := func(s string) tftypes.Value {
		n, _, err := big.ParseFloat(s, 10, 512, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		return tftypes.NewValue(tftypes.Number, n)
	}
	list := func(of tftypes.Type, v ...tftypes.Value) tftypes.Value {
		return tftypes.NewValue(tftypes.List{ElementType: of}, v)
	}
	set := func(v ...tftypes.Value) tftypes.Value {
		return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, v)
	}
	lists := tftypes.List{ElementType: tftypes.String}
	stringList, stringSet := types.ListType{ElemType: types.StringType}, types.SetType{ElemType: types.StringType}
	rule := types.ObjectType{AttrTypes: map[string]attr.Type{"names": stringList}}
	for name, c := range map[string]struct {
		of   attr.Type
		v    tftypes.Value
		want []string
	}{
		"a null argument":           {stringList, tftypes.NewValue(lists, nil), nil},
		"an unknown argument":       {stringList, tftypes.NewValue(lists, tftypes.UnknownValue), nil},
		"an empty list":             {stringList, list(tftypes.String), nil},
		"an unknown element":        {stringList, list(tftypes.String, text(tftypes.UnknownValue)), nil},
		"a null element":            {stringList, list(tftypes.String, text("a"), text(nil)), []string{"x[1]: must not contain null."}},
		"a null element of a set":   {stringSet, set(text(nil)), []string{"x[]: must not contain null."}},
		"a null value of a map":     {types.MapType{ElemType: types.StringType}, tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"k": text(nil)}), []string{`x["k"]: must not contain null.`}},
		"a null list in a map":      {types.MapType{ElemType: stringList}, tftypes.NewValue(tftypes.Map{ElementType: lists}, map[string]tftypes.Value{"k": tftypes.NewValue(lists, nil)}), nil},
		"a null in a list in a map": {types.MapType{ElemType: stringList}, tftypes.NewValue(tftypes.Map{ElementType: lists}, map[string]tftypes.Value{"k": list(tftypes.String, text(nil))}), []string{`x["k"][0]: must not contain null.`}},
		"a null in a nested object": {types.ListType{ElemType: rule}, list(rule.TerraformType(t.Context()), tftypes.NewValue(rule.TerraformType(t.Context()), map[string]tftypes.Value{"names": list(tftypes.String, text(nil))})), []string{"x[0].names[0]: must not contain null."}},
		"a whole number":            {types.Int64Type, number("-7"), nil},
		"a fraction": {types.Int64Type, number("1.5"), []string{"x: expected a whole number, found " +
			"1.5."}},
		"too large a whole number": {types.Int64Type, number("9223372036854775808"), []string{"x: expected a whole number, found 9.223372037e+18, which is too large."}},
		"the largest whole number": {types.Int64Type, number("9223372036854775807"), nil},
		"a percentage":             {types.Float64Type, number("1.5"), nil},
		"a number beyond any": {types.Float64Type, number("1e4000"), []string{"x: expected a number, found " +
			"1e+4000, which is too large."}},
	} {
		object := tftypes.NewValue(
			tftypes.Object{AttributeTypes: map[string]tftypes.Type{"x": c.v.Type()}},
			map[string]tftypes.Value{"x": c.v},
		)
		var got []string
		for _, p := range Find(t.Context(), types.ObjectType{AttrTypes: map[string]attr.Type{"x": c.of}}, object) {
			if at, ok := p.(diag.DiagnosticWithPath); !ok || !at.Path().Equal(path.Root("x")) {
				t.Errorf("%s is on another argument: %v", name, p)
			}
			got = append(got, p.Detail()[:min(len(p.Detail()), len(first(c.want)))])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
