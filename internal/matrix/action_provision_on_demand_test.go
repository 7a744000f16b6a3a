package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// onDemand provisions people when a resource is made.
func onDemand(lines string) string {
	return fmt.Sprintf(`
action "usersync_provision_on_demand" "this" {
  config {
    service_principal_id = %q
    job_id               = %q
%s
  }
}
`, exampleApp, exampleJob, lines) + triggering("usersync_provision_on_demand")
}

func TestActionProvisionOnDemand_Triggered(t *testing.T) {
	x := newTenant(t)
	x.run(nil, withActions, resource.TestStep{
		PreConfig:     x.ResetRequests,
		Config:        x.config(onDemand(fmt.Sprintf("    users = [%q, \"mei.chen@company.com\"]", exampleUser))),
		PostApplyFunc: func() { x.posted("/jobs/{job}/provisionOnDemand", 2) },
	})
}

func TestActionProvisionOnDemand_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, withActions,
		x.fails("No users to provision", onDemand("")),
		x.refuses("User not found", onDemand(`    users = ["nobody@company.com"]`)),
	)
}
