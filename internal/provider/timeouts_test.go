package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// No timeout of any resource may be none or negative: the operation would end
// before it begins.
func TestTimeouts(t *testing.T) {
	c := newConfigTester(t)
	tried := 0
	for name, s := range c.schemas.ResourceSchemas {
		for _, a := range s.Block.Attributes {
			if a.Name != "timeouts" {
				continue
			}
			for _, operation := range a.NestedType.Attributes {
				for value, want := range map[string]bool{"0s": false, "-5m": false, "0": false, "1ms": true, "2h": true} {
					tried++
					config := c.required("resource "+name, argumentsOf(s.Block), true)
					config["timeouts"] = map[string]any{operation.Name: value}
					d := dynamic(t, fillIn(s.ValueType(), config))
					resp, err := c.server.ValidateResourceConfig(
						t.Context(),
						&tfprotov6.ValidateResourceConfigRequest{
							TypeName: name,
							Config:   d,
							ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{
								WriteOnlyAttributesAllowed: true,
							},
						},
					)
					if err != nil {
						t.Fatal(err)
					}
					if failed(resp.Diagnostics) == want ||
						!want && !strings.Contains(said(resp.Diagnostics), "longer than none") {
						t.Errorf("%s: timeouts.%s = %s: %s", name, operation.Name, value, said(resp.Diagnostics))
					}
				}
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d timeouts were tried", tried)
	}
}
