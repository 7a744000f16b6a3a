// Package configcheck finds values that the plugin framework takes for the
// provider's own fault, before it does: null elements of collections, and
// numbers that are no whole numbers, or too large.
package configcheck

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Find says what can't be taken of a configuration of a type, in an order that
// doesn't change: on the argument, with the place in it in the detail. What
// isn't known yet is nothing to complain of.
func Find(ctx context.Context, of attr.Type, config tftypes.Value) diag.Diagnostics {
	f := &finder{ctx: ctx}
	f.walk(of, config, nil)
	return f.found
}

type finder struct {
	ctx   context.Context
	found diag.Diagnostics
}

func (f *finder) walk(of attr.Type, v tftypes.Value, at []string) {
	if v.IsNull() || !v.IsKnown() {
		return
	}
	switch t := of.(type) {
	case attr.TypeWithAttributeTypes:
		f.object(t.AttributeTypes(), v, at)
	case attr.TypeWithElementType:
		f.elements(t.ElementType(), v, at)
	default:
		f.number(of, v, at)
	}
}

func (f *finder) object(of map[string]attr.Type, v tftypes.Value, at []string) {
	var values map[string]tftypes.Value
	if v.As(&values) != nil {
		return
	}
	for _, name := range sortedKeys(values) {
		step := "." + name
		if len(at) == 0 {
			step = name
		}
		if t := of[name]; t != nil {
			f.walk(t, values[name], append(at[:len(at):len(at)], step))
		}
	}
}

func (f *finder) elements(of attr.Type, v tftypes.Value, at []string) {
	var list []tftypes.Value
	var byKey map[string]tftypes.Value
	if v.As(&list) == nil {
		ordered := v.Type().Is(tftypes.List{})
		for i, x := range list {
			step := "[]"
			if ordered {
				step = "[" + strconv.Itoa(i) + "]"
			}
			f.element(of, x, append(at[:len(at):len(at)], step))
		}
	} else if v.As(&byKey) == nil {
		for _, key := range sortedKeys(byKey) {
			f.element(of, byKey[key], append(at[:len(at):len(at)], "["+strconv.Quote(key)+"]"))
		}
	}
}

// element is walk, for which null is a problem. A list under a key of a map may
// be null: it is nothing, as an empty one is.
func (f *finder) element(of attr.Type, v tftypes.Value, at []string) {
	if _, nested := of.(attr.TypeWithElementType); v.IsNull() && !nested {
		f.found.AddAttributeError(path.Root(at[0]), "Null value in a collection",
			fmt.Sprintf("%s: must not contain null. Is the variable that it comes from set? Give the element a "+
				"value, or leave it out: compact() and a for expression with an if clause leave nulls "+
				"out.", strings.Join(at, "")))
		return
	}
	f.walk(of, v, at)
}

func (f *finder) number(of attr.Type, v tftypes.Value, at []string) {
	whole := of.Equal(types.Int64Type)
	if !whole && !of.Equal(types.Float64Type) {
		return
	}
	var n big.Float
	if v.As(&n) != nil {
		return
	}
	found := n.Text('g', 10)
	if !whole {
		if x, _ := n.Float64(); math.IsInf(x, 0) {
			f.found.AddAttributeError(
				path.Root(at[0]),
				"Number out of range",
				fmt.Sprintf("%s: expected a number, found %s, which is too large.", strings.Join(at, ""), found),
			)
		}
		return
	}
	if !n.IsInt() {
		f.found.AddAttributeError(
			path.Root(at[0]),
			"Not a whole number",
			fmt.Sprintf("%s: expected a whole number, found %s.", strings.Join(at, ""), found),
		)
	} else if _, exact := n.Int64(); exact != big.Exact {
		f.found.AddAttributeError(
			path.Root(at[0]),
			"Number out of range",
			fmt.Sprintf("%s: expected a whole number, found %s, which is too large.", strings.Join(at, ""), found),
		)
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
