package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// OpenTofu sends a null argument without a value.
func TestNullArguments(t *testing.T) {
	s := Server("test")()
	value := func(v tftypes.Value) *tfprotov6.DynamicValue {
		d, err := tfprotov6.NewDynamicValue(v.Type(), v)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	text := tftypes.NewValue(tftypes.String, `"constant"`)
	none := tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]tftypes.Value{})
	attributes, err := tfprotov6.NewDynamicValue(tftypes.DynamicPseudoType, none)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.CallFunction(
		t.Context(),
		&tfprotov6.CallFunctionRequest{
			Name:      "evaluate",
			Arguments: []*tfprotov6.DynamicValue{value(text), &attributes, {}},
		},
	)
	if err != nil || resp.Error != nil {
		t.Fatalf("%v %+v", err, resp.Error)
	}
	got, err := resp.Result.Unmarshal(tftypes.DynamicPseudoType)
	var s1 string
	if err != nil || got.As(&s1) != nil || s1 != "constant" {
		t.Errorf("%v %v", got, err)
	}
}
