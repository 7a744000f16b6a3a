package tfutil

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

func two() []attr.Value {
	return []attr.Value{types.StringValue("b"), types.StringValue("a")}
}

func TestStrings(t *testing.T) {
	var d diag.Diagnostics
	for _, c := range []struct {
		in   Collection
		want []string
	}{
		{types.ListValueMust(types.StringType, two()), []string{"b", "a"}},
		{types.SetValueMust(types.StringType, two()), []string{"a", "b"}},
		{types.ListValueMust(types.StringType, nil), []string{}},
		{types.ListNull(types.StringType), nil},
		{types.SetUnknown(types.StringType), nil},
	} {
		if got := Strings(t.Context(), c.in, &d); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.in, got, c.want)
		}
	}
	if d.HasError() {
		t.Error(d)
	}
	Strings(t.Context(), types.ListValueMust(types.Int64Type, []attr.Value{types.Int64Value(1)}), &d)
	if !d.HasError() {
		t.Error("numbers are read as texts")
	}
}

func TestObject(t *testing.T) {
	var into struct {
		A types.String `tfsdk:"a"`
	}
	of := map[string]attr.Type{"a": types.StringType}
	var d diag.Diagnostics
	for _, o := range []types.Object{types.ObjectNull(of), types.ObjectUnknown(of)} {
		if Object(t.Context(), o, &into, &d) || d.HasError() {
			t.Errorf("%s is read", o)
		}
	}
	o := types.ObjectValueMust(of, map[string]attr.Value{"a": types.StringValue("x")})
	if !Object(t.Context(), o, &into, &d) || into.A.ValueString() != "x" {
		t.Error(into, d)
	}
	var other struct {
		B types.String `tfsdk:"b"`
	}
	if Object(t.Context(), o, &other, &d) || !d.HasError() {
		t.Error("an object is read into a model of other arguments")
	}
}

func TestKnown(t *testing.T) {
	known := types.ListValueMust(types.StringType, two())
	inside := types.ListValueMust(types.StringType, []attr.Value{types.StringUnknown()})
	if !Known(t.Context(), known, types.StringNull()) || Known(t.Context(), known, inside) || !Known(t.Context()) {
		t.Error("what is known inside and what isn't are mixed up")
	}
}

func TestAttributeTypes(t *testing.T) {
	got := AttributeTypes(map[string]schema.Attribute{
		"a": schema.StringAttribute{},
		"b": schema.SetAttribute{ElementType: types.Int64Type},
	})
	want := map[string]attr.Type{"a": types.StringType, "b": types.SetType{ElemType: types.Int64Type}}
	if !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
}

func TestJSON(t *testing.T) {
	var d diag.Diagnostics
	if got := JSON(map[string]int{"b": 1, "a": 2}, "x", &d).ValueString(); got != `{"a":2,"b":1}` || d.HasError() {
		t.Error(got, d)
	}
	if got := JSONMap(map[string][]string{"b": {"x"}, "a": nil}).ValueString(); got != `{"a":null,"b":["x"]}` {
		t.Error(got)
	}
	if JSON(func() {}, "Writing it", &d); !d.HasError() || d[0].Summary() != "Writing it failed" {
		t.Error(d)
	}
}

func TestLimit(t *testing.T) {
	var d diag.Diagnostics
	given := func(_ context.Context, otherwise time.Duration) (time.Duration, diag.Diagnostics) {
		return otherwise * 2, nil
	}
	ctx, allowed, cancel := Limit(t.Context(), given, time.Hour, &d)
	defer cancel()
	if at, ok := ctx.Deadline(); !ok || allowed != 2*time.Hour || time.Until(at) > allowed ||
		time.Until(at) < allowed-time.Minute {
		t.Error(at, allowed)
	}
	bad := func(context.Context, time.Duration) (time.Duration, diag.Diagnostics) {
		return 0, diag.Diagnostics{diag.NewErrorDiagnostic("no duration", "")}
	}
	_, _, cancel = Limit(t.Context(), bad, time.Hour, &d)
	cancel()
	if !d.HasError() {
		t.Error("what is no duration is taken")
	}
}

func TestNoTimeouts(t *testing.T) {
	got := NoTimeouts("create")
	after, diags := got.Create(t.Context(), time.Minute)
	if after != time.Minute || diags.HasError() || !got.IsNull() {
		t.Error(after, diags)
	}
}

func TestExists(t *testing.T) {
	err := &ExistsError{Problem: "the tenant has it already", ImportID: "a/b", More: "Or adopt it."}
	d := Failure("Creating it", err)
	if d.Summary() != "Creating it failed" || d.Detail() != "The tenant has it already.\n\nNothing was changed. "+
		"Import it: terraform import <address> a/b. Or adopt it." {
		t.Errorf("%q %q", d.Summary(), d.Detail())
	}
}

func TestIfMade(t *testing.T) {
	for _, c := range []struct {
		err  error
		made bool
	}{
		{errors.New("connection reset"), true},
		{&entra.Error{Status: 503}, true},
		{&entra.Error{Status: 400}, false},
		{&entra.SignInError{}, false},
		{&ExistsError{Problem: "is there"}, false},
	} {
		if got := IfMade(
			c.err,
			"it is taken over",
		); (got != "") != c.made ||
			c.made && !strings.HasSuffix(got, "Apply again: it is taken over.") {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}
