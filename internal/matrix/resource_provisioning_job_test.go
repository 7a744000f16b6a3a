package matrix

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const jobAddress = "usersync_provisioning_job.atlassian"

// job is a job of an application.
func job(app, template string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_job" "atlassian" {
  service_principal_id = %q
  template_id          = %q
}
`, app, template)
}

func TestResourceProvisioningJob_Life(t *testing.T) {
	x := newTenant(t)
	app, other := x.app(), x.app()
	x.run(x.noJobs(app, other), anyCLI,
		resource.TestStep{
			Config:           x.config(job(app, "customappsso")),
			ConfigPlanChecks: planned(jobAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(jobAddress, map[string]knownvalue.Check{
				"id":                   knownvalue.StringRegexp(regexp.MustCompile(`^customappsso\.`)),
				"service_principal_id": exact(app),
				"template_id":          exact("customappsso"),
				"interval":             exact("PT40M"),
			}),
		},
		importedByID(jobAddress, app+"/%s"),
		// The time-outs are all that can be changed in place.
		resource.TestStep{
			Config: x.config(fmt.Sprintf(`
resource "usersync_provisioning_job" "atlassian" {
  service_principal_id = %q
  template_id          = "customappsso"
  timeouts             = { delete = "1m" }
}
`, app)),
			ConfigPlanChecks:  planned(jobAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(jobAddress, map[string]knownvalue.Check{"timeouts.delete": exact("1m")}),
		},
		resource.TestStep{
			Config:            x.config(job(other, "customappsso")),
			ConfigPlanChecks:  planned(jobAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(jobAddress, map[string]knownvalue.Check{"service_principal_id": exact(other)}),
		},
	)
}

func TestResourceProvisioningJob_Identity(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	x.run(x.noJobs(app), withIdentity,
		resource.TestStep{
			Config: x.config(job(app, "customappsso")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValue(jobAddress, at("service_principal_id"), exact(app)),
				statecheck.ExpectIdentityValueMatchesStateAtPath(jobAddress, at("job_id"), at("id")),
			},
		},
		importedByIdentity(jobAddress),
	)
}

func TestResourceProvisioningJob_Drift(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	config := x.config(job(app, "customappsso"))
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { x.done(http.MethodDelete, jobsOf(app)+"/"+x.jobs(app)[0], nil) },
			Config:           config,
			ConfigPlanChecks: planned(jobAddress, plancheck.ResourceActionCreate),
		},
	)
}

func TestResourceProvisioningJob_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("Invalid ID", job(exampleApp+"/"+exampleJob, "customappsso")),
		x.fails("template_id", job(exampleApp, "")),
		x.refuses(`no template "other"`, job(x.app(), "other")),
		x.refuses("which was run or changed", job(exampleApp, "customappsso")),
		x.importFails(jobAddress, exampleApp, "Invalid import ID", job(exampleApp, "customappsso")),
	)
}
