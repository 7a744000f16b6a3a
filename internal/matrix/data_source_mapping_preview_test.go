package matrix

import (
	"fmt"
	"net/http"
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

// A manager is the target's to name, and the role is the assignment's; what isn't read names what to add.
func TestDataSourceMappingPreview_References(t *testing.T) {
	x := newTenant(t)
	x.done(http.MethodPut, "/users/"+ledID+"/manager/$ref", map[string]string{
		"@odata.id": "https://graph.microsoft.com/v1.0/users/" + leaderID,
	})
	const engineering = "26917810-8e2b-4149-a1d3-a3dee320d529"
	must(t, x.SetAssigned(exampleApp))
	must(t, x.AssignRole(exampleApp, engineering, x.Registry.Find(exampleApp, false).Roles()[0].ID))
	const mappings = `
  users    = ["henrik.lindqvist@company.com"]
  mappings = [jsonencode({
    version = 1, manage = "listed", object = { source = "User", target = "` + scimUser + `" },
    attributes = {
      "title"                     = { expression = "SingleAppRoleAssignment([appRoleAssignments])" }
      "` + scimUser + `:manager" = { expression = "[manager]" }
      "nickName"                  = { expression = "IIF(IsPresent([manager]), \"led\", \"leads\")" }
      "locale"                    = { expression = "[netId]" }
    }
  })]
`
	says := func(lines string, want ...string) resource.TestStep {
		return resource.TestStep{
			Config:            x.config(preview(mappings + lines)),
			ConfigStateChecks: values(previewAddress, map[string]knownvalue.Check{"values": contains(want...)}),
		}
	}
	x.run(
		nil,
		anyCLI,
		says(`  directory_attributes = ["manager"]`, `"title":{"value":"User"}`, `"nickName":{"value":"led"}`,
			`:manager":{"unknown":"the id that amara.okafor@company.com has at the target`,
			`"locale":{"unknown":"it reads netId, which Graph doesn't show to anyone"}`),
		says(
			"",
			`"nickName":{"unknown":"it reads manager, which the directory's reading doesn't hold: add \"manager\"`,
		),
	)
}

func TestDataSourceMappingPreview_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("nobody@company.com", preview(`users = ["nobody@company.com"]`)),
		x.fails("mappings", preview(fmt.Sprintf("  users = [%q]\n  mappings = [\"nonsense\"]", exampleUser))),
	)
}
