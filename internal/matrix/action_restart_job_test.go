package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func restart(jobID, lines string) string {
	return fmt.Sprintf(`
action "usersync_restart_job" "this" {
  config {
    service_principal_id = %q
    job_id               = %q
%s
  }
}
`, exampleApp, jobID, lines) + triggering("usersync_restart_job")
}

func TestActionRestartJob_Triggered(t *testing.T) {
	x := newTenant(t)
	x.run(nil, withActions, resource.TestStep{
		PreConfig: x.ResetRequests,
		Config:    x.config(restart(exampleJob, "    reset_scope = [\"Watermark\"]\n    start = true")),
		PostApplyFunc: func() {
			x.posted("/jobs/{job}/restart", 1)
			x.scheduled(exampleApp, "Active")
		},
	})
}

func TestActionRestartJob_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, withActions,
		x.fails("reset_scope", restart(exampleJob, `    reset_scope = ["All"]`)),
		x.refuses("customappsso.gone", restart("customappsso.gone", "")),
	)
}
