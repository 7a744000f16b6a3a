package matrix

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const scheduleAddress = "usersync_provisioning_schedule.run"

// schedule runs the job in the same configuration.
func schedule(lines string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_schedule" "run" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
%s
}
`, lines)
}

const afterMapping = "  start_after = [usersync_provisioning_mapping.users.id]\n"

func TestResourceProvisioningSchedule_Life(t *testing.T) {
	x := newTenant(t)
	app, other := x.app(), x.app()
	made := job(app, "customappsso") + mapping("User", scimUser, titles)
	x.run(x.noJobs(app, other), anyCLI,
		resource.TestStep{
			Config: x.config(made, schedule(afterMapping+`  restart_triggers = { credentials = "1" }`)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(scheduleAddress, plancheck.ResourceActionCreate),
				plancheck.ExpectKnownValue(scheduleAddress, at("starts"), truth(true)),
			}},
			ConfigStateChecks: values(scheduleAddress, map[string]knownvalue.Check{
				"id":               contains("customappsso."),
				"enabled":          truth(true),
				"start_after":      knownvalue.SetSizeExact(1),
				"wait_for":         exact("started"),
				"quarantine":       null,
				"restart_triggers": knownvalue.MapExact(map[string]knownvalue.Check{"credentials": exact("1")}),
				"restart_scope": knownvalue.SetExact([]knownvalue.Check{
					exact("Escrows"), exact("QuarantineState"), exact("Watermark"),
				}),
			}),
			PostApplyFunc: func() { x.scheduled(app, "Active") },
		},
		importedByID(scheduleAddress, app+"/%s", "start_after", "restart_triggers", "starts"),
		resource.TestStep{
			Config:           x.config(made, schedule(afterMapping+"  enabled = false")),
			ConfigPlanChecks: planned(scheduleAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(scheduleAddress, map[string]knownvalue.Check{
				"enabled": truth(false),
				"starts":  truth(false),
			}),
			PostApplyFunc: func() { x.scheduled(app, "Paused") },
		},
		resource.TestStep{
			Config: x.config(
				strings.ReplaceAll(made, app, other),
				schedule(afterMapping+"  enabled = false"),
			),
			ConfigPlanChecks: planned(scheduleAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(scheduleAddress, map[string]knownvalue.Check{
				"service_principal_id": exact(other),
			}),
		},
	)
}

// scheduled fails unless the service has the state for the application's only job.
func (t *tenant) scheduled(app, want string) {
	t.Helper()
	answer := t.done(http.MethodGet, jobsOf(app)+"/"+t.jobs(app)[0], nil)
	if got := answer["schedule"].(map[string]any)["state"]; got != want {
		t.Errorf("the schedule's state: got %v, want %s", got, want)
	}
}

// An import knows nothing of start_after: the apply records it, and writes nothing.
func TestResourceProvisioningSchedule_Identity(t *testing.T) {
	x := newTenant(t)
	identity := map[string]knownvalue.Check{"service_principal_id": exact(exampleApp), "job_id": exact(exampleJob)}
	x.run(nil, withIdentity,
		resource.TestStep{
			Config: x.config(fmt.Sprintf(`
import {
  to       = usersync_provisioning_schedule.run
  identity = { service_principal_id = %q, job_id = %q }
}
resource "usersync_provisioning_schedule" "run" {
  service_principal_id = %q
  job_id               = %q
  start_after          = [%q]
}
`, exampleApp, exampleJob, exampleApp, exampleJob,
				strings.Join([]string{exampleApp, exampleJob, exampleRule, "User", scimUser}, "/"))),
			ConfigPlanChecks: planned(scheduleAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: append(
				values(scheduleAddress, map[string]knownvalue.Check{
					"id":      exact(exampleJob),
					"enabled": truth(true),
					"starts":  truth(false),
				}),
				statecheck.ExpectIdentity(scheduleAddress, identity)),
			PostApplyFunc: func() { x.wroteNothing() },
		},
	)
}

func TestResourceProvisioningSchedule_Drift(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	config := x.config(job(app, "customappsso"), mapping("User", scimUser, titles), schedule(afterMapping))
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { x.done(http.MethodPost, jobsOf(app)+"/"+x.jobs(app)[0]+"/pause", nil) },
			Config:           config,
			ConfigPlanChecks: planned(scheduleAddress, plancheck.ResourceActionUpdate),
			PostApplyFunc:    func() { x.scheduled(app, "Active") },
		},
	)
}

func TestResourceProvisioningSchedule_Errors(t *testing.T) {
	x := newTenant(t)
	made := job(x.app(), "customappsso") + mapping("User", scimUser, titles)
	x.run(nil, anyCLI,
		x.fails("start_after", made, schedule("  start_after = []")),
		x.fails("restart_scope", made, schedule(afterMapping+`  restart_scope = ["All"]`)),
		x.fails("wait_for", made, schedule(afterMapping+`  wait_for = "ever"`)),
		x.importFails(scheduleAddress, exampleApp, "Invalid import ID", made, schedule(afterMapping)),
	)
}
