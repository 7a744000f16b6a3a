package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const organizationAddress = "data.usersync_organization.this"

func TestDataSourceOrganization_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_organization", "accounts = true")),
			ConfigStateChecks: append(values(organizationAddress, map[string]knownvalue.Check{
				"organization_id": exact(x.About().Organizations[0].ID),
				"source":          exact("live"),
				"read_at":         exact("2026-11-20T12:00:00Z"),
				"verified_domains": knownvalue.SetExact([]knownvalue.Check{
					exact("company.com"), exact("eng.company.com"), exact("xn--bcher-kva.example"),
				}),
				"counts.domains":      whole(3),
				"counts.accounts":     whole(0),
				"counts.scim_records": whole(0),
			}), statecheck.ExpectSensitiveValue(organizationAddress, at("reading"))),
		},
	)
}

func TestDataSourceOrganization_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("emea", data("usersync_organization", `organization = "emea"`)),
		x.fails("scim_directory_id", data("usersync_organization", "scim_records = true")),
	)
}
