package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const decisionsAddress = "data.usersync_decisions.this"

func TestDataSourceDecisions_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_decisions", decided+`
  match {
    home_domains = ["fabrikam.example"]
  }`)),
			ConfigStateChecks: append(values(decisionsAddress, map[string]knownvalue.Check{
				"decisions":                         contains(adele, "skip: external_member"),
				"csv":                               contains("user,id,verdict", adeleID),
				"summary.synced":                    whole(31),
				"summary.by_reason.external_member": whole(11),
				"service.state":                     exact("none"),
				"groups":                            contains(`"Sales"`),
				"fingerprint":                       knownvalue.NotNull(),
				"unchecked":                         knownvalue.NotNull(),
				"settings":                          contains(`"atlassian_nested_groups"`),
			}), statecheck.ExpectSensitiveValue(decisionsAddress, at("csv"))),
		},
	)
}

func TestDataSourceDecisions_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("show", data("usersync_decisions", decided+`show = "everybody"`)),
		x.fails("origin", data("usersync_decisions", decided+"match {\n  origin = \"elsewhere\"\n}")),
	)
}
