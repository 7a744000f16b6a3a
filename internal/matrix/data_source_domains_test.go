package matrix

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestDataSourceDomains_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_domains", decided)),
			ConfigStateChecks: values("data.usersync_domains.this", map[string]knownvalue.Check{
				"domains": contains(`"company.com":`, `"legacy.company.com":`, `"if_verified":`, `"if_not_verified":`),
			}),
		},
	)
}

func TestDataSourceDomains_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("max_names", data("usersync_domains", decided+"max_names = 1001")),
		x.fails("Nobody", data("usersync_domains", strings.Replace(decided, "Atlassian users", "Nobody", 1))),
	)
}
