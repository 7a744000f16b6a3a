package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const previewAddress = "data.usersync_mapping_preview.this"

func preview(lines string) string {
	return data("usersync_mapping_preview", "  service_principal = \"Atlassian Cloud\"\n"+lines)
}

func TestDataSourceMappingPreview_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(preview(fmt.Sprintf("  users = [%q]", exampleUser))),
			ConfigStateChecks: append(values(previewAddress, map[string]knownvalue.Check{
				"values": contains(exampleUser, `"in_scope":true`, `"userName":{"value":"`+exampleUser+`"}`),
			}), statecheck.ExpectSensitiveValue(previewAddress, at("values"))),
		},
	)
}

func TestDataSourceMappingPreview_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("nobody@company.com", preview(`users = ["nobody@company.com"]`)),
		x.fails("mappings", preview(fmt.Sprintf("  users = [%q]\n  mappings = [\"nonsense\"]", exampleUser))),
	)
}
