package tfutil

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func identity(values map[string]tftypes.Value) *tfsdk.ResourceIdentity {
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"app_id": tftypes.String, "name": tftypes.String}}
	raw := tftypes.NewValue(of, nil)
	if values != nil {
		raw = tftypes.NewValue(of, values)
	}
	return &tfsdk.ResourceIdentity{Schema: IdentitySchema("app_id", "name"), Raw: raw}
}

const upper, lower = "11111111-1111-4111-8111-00000000000A", "11111111-1111-4111-8111-00000000000a"

func TestImportIDs(t *testing.T) {
	for _, c := range []struct {
		id   string
		want []string
	}{
		{upper + "/" + upper, []string{lower, upper}}, // a name is as it is
		{"a/b/c", []string{"a", "b/c"}},
		{"a", nil},
		{"a/", nil},
		{"/b", nil},
	} {
		var resp resource.ImportStateResponse
		got, ok := ImportIDs(t.Context(), resource.ImportStateRequest{ID: c.id}, &resp, "app_id", "name")
		if !reflect.DeepEqual(got, c.want) || ok != (c.want != nil) || resp.Diagnostics.HasError() == ok {
			t.Errorf("%q: %v %v %v", c.id, got, ok, resp.Diagnostics)
		}
	}
}

func TestImportIDs_Identity(t *testing.T) {
	req := resource.ImportStateRequest{Identity: identity(map[string]tftypes.Value{
		"app_id": tftypes.NewValue(tftypes.String, upper), "name": tftypes.NewValue(tftypes.String, "n"),
	})}
	resp := resource.ImportStateResponse{Identity: identity(nil)}
	got, ok := ImportIDs(t.Context(), req, &resp, "app_id", "name")
	if !ok || !reflect.DeepEqual(got, []string{lower, "n"}) {
		t.Error(got, resp.Diagnostics)
	}
	var values map[string]tftypes.Value
	if err := resp.Identity.Raw.As(
		&values,
	); err != nil ||
		!values["app_id"].Equal(tftypes.NewValue(tftypes.String, lower)) {
		t.Error(values, err)
	}
}

func TestSetIdentity(t *testing.T) {
	var d diag.Diagnostics
	SetIdentity(t.Context(), nil, &d, "app_id", "x") // a CLI without identities
	to := identity(nil)
	SetIdentity(t.Context(), to, &d, "app_id", "x", "name", "y")
	var values map[string]tftypes.Value
	if err := to.Raw.As(
		&values,
	); err != nil || d.HasError() ||
		!values["name"].Equal(tftypes.NewValue(tftypes.String, "y")) {
		t.Error(values, d, err)
	}
}
