package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestDataSourceProvisioningSchema_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(
				data("usersync_provisioning_schema", fmt.Sprintf("  service_principal_id = %q", exampleApp)),
			),
			ConfigStateChecks: values("data.usersync_provisioning_schema.this", map[string]knownvalue.Check{
				"mappings":                                  knownvalue.ListSizeExact(2),
				"mappings.0.object.source":                  exact("Group"),
				"mappings.1.object.target":                  exact(scimUser),
				"mappings.1.rule":                           exact(exampleRule),
				"mappings.1.enabled":                        truth(true),
				"mappings.1.scoping_filter":                 null,
				"mappings.1.attributes.userName.apply":      exact("always"),
				"mappings.1.attributes.userName.expression": exact("[userPrincipalName]"),
				"directories":                               null,
				"hcl": contains(
					"import {",
					`resource "usersync_provisioning_mapping"`,
					exampleJob,
				),
			}),
		},
	)
}

// A job made from a template lists the attributes of source and target.
func TestDataSourceProvisioningSchema_Directories(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{
			Config: x.config(job(app, "customappsso"), data("usersync_provisioning_schema", `
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id`)),
			ConfigStateChecks: values("data.usersync_provisioning_schema.this", map[string]knownvalue.Check{
				"directories":                               knownvalue.ListSizeExact(2),
				"directories.0.name":                        exact("Azure Active Directory"),
				"directories.1.name":                        exact("customappsso"),
				"directories.1.objects.0.attributes.0.type": exact("String"),
			}),
		},
	)
}

func TestDataSourceProvisioningSchema_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("Nobody", data("usersync_provisioning_schema", `service_principal_id = "Nobody"`)),
		x.fails("customappsso.gone", data("usersync_provisioning_schema",
			fmt.Sprintf("  service_principal_id = %q\n  job_id = \"customappsso.gone\"", exampleApp))),
	)
}
