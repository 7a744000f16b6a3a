package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

const connectorsAddress = "data.usersync_connectors.this"

func TestDataSourceConnectors_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_connectors", `
  from {
`+decided+`
  }
  to {
    connector         = "atlassian_scim"
    service_principal = "Atlassian Cloud"
  }`)),
			ConfigStateChecks: values(connectorsAddress, map[string]knownvalue.Check{
				"changes":          knownvalue.NotNull(),
				"decisions":        contains(`"before"`, `"after"`),
				"groups_to_assign": knownvalue.NotNull(),
				"notes.0.text":     knownvalue.NotNull(),
				"unlinked":         knownvalue.NotNull(),
				"duplicated":       knownvalue.NotNull(),
			}),
		},
	)
}

func TestDataSourceConnectors_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("from", data("usersync_connectors", `to { connector = "atlassian_scim" }`)),
		x.fails("connector", data("usersync_connectors", "from {\n"+decided+"}\n  to {}")),
	)
}
