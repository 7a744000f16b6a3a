package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// explained explains a user by the settings of an outcome over the same readings.
func explained(user string) string {
	return requires + readings + outcome(decided) + `
output "explained" {
  sensitive = true
  value = provider::usersync::explain(
    data.usersync_directory.now.reading,
    data.usersync_organization.main.reading,
    usersync_outcome.guard.settings,
    "` + user + `",
    usersync_outcome.guard.accepted,
  )
}
`
}

func TestFunctionExplain_Values(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, resource.TestStep{
		Config: x.config(explained(adele)),
		ConfigStateChecks: outputObject("explained", map[string]knownvalue.Check{
			"verdict":        exact("skip"),
			"code":           exact("external_member"),
			"confidence":     exact("reported"),
			"decision":       contains("fabrikam.example, Member"),
			"groups":         knownvalue.ListSizeExact(0),
			"trace.0.rule":   knownvalue.NotNull(),
			"fixes.0.change": knownvalue.NotNull(),
		}),
	})
}

func TestFunctionExplain_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.refuses("nobody@company.com", explained("nobody@company.com")),
		functionFails("reading", `provider::usersync::explain("nonsense", "nonsense", "{}", "nobody")`),
	)
}
