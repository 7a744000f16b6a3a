package acceptance

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	exampleApp = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	exampleJob = "customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"

	provisionPath = "POST /v1.0/servicePrincipals/*/synchronization/jobs/*/provisionOnDemand"
)

// provisioning is an action that provisions people of the example tenant, and a
// resource that triggers it.
func provisioning(block string, users ...string) string {
	return block + `
action "usersync_provision_on_demand" "pilot" {
  config {
    service_principal_id = "` + exampleApp + `"
    job_id               = "` + exampleJob + `"
    users                = ["` + strings.Join(users, `", "`) + `"]
  }
}
resource "terraform_data" "mapping" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.usersync_provision_on_demand.pilot]
    }
  }
}
`
}

// An action that a resource triggers tells what became of everybody in its
// progress: Terraform doesn't show such an action's warnings.
func TestActions(t *testing.T) {
	each(t, func(b *bench) {
		if !b.CLI.Queries() { // both came with Terraform 1.14
			b.Logf("%s %s has no actions", b.CLI.Name, b.CLI.Version)
			return
		}
		b.Write("main.tf", provisioning(b.ProviderBlock(), "amara.okafor@company.com", "mei.chen@company.com"))
		out := b.Do(0, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.tidy(out)
		b.says(out, "Provisioned on demand: ", " of 2", "Apply complete!")
	})
}

// What is wrong with the provider for an action fails the plan: nothing is
// applied that the action should have followed.
func TestActions_FoundAtPlan(t *testing.T) {
	each(t, func(b *bench) {
		if !b.CLI.Queries() {
			b.Logf("%s %s has no actions", b.CLI.Name, b.CLI.Version)
			return
		}
		b.Write(
			"main.tf",
			provisioning(block(organizations(b.organization("main", nil)), ca), "amara.okafor@company.com"),
		)
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.says(out, "isn't configured")
		if b.State() != "" && strings.Contains(b.State(), "terraform_data") {
			b.Errorf("something was applied:\n%s", b.State())
		}
	})
}

// Somebody presses Ctrl-C while an action runs: that is an error, which says
// what is known, and never "Apply complete!".
func TestActions_Interrupted(t *testing.T) {
	each(t, func(b *bench) {
		if !b.CLI.Queries() {
			b.Logf("%s %s has no actions", b.CLI.Name, b.CLI.Version)
			return
		}
		b.Write("main.tf", provisioning(b.ProviderBlock(), "amara.okafor@company.com", "mei.chen@company.com"))
		b.fault(
			simulator.Fault{
				Kind:    simulator.FaultLatency,
				Match:   provisionPath,
				Latency: simulator.Duration(time.Minute),
				Times:   -1,
			},
		)
		for _, how := range [][]string{{}, {"-invoke=action.usersync_provision_on_demand.pilot"}} {
			b.Server.ResetRequests()
			ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
			cmd := b.Command(ctx, append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, how...)...)
			out := &output{}
			cmd.Stdout, cmd.Stderr = out, out
			b.Must(cmd.Start())
			// Progress that reaches Terraform after the interrupt makes it leave the
			// action ("execution halted"), and what the provider says is lost: the
			// first line must have been taken.
			b.waitFor(ctx, func() bool {
				return posted(b.Server.Requests().Routes, "/provisionOnDemand") > 0 &&
					strings.Contains(out.String(), "(1 of 2)")
			})
			at := time.Now()
			b.Must(cmd.Process.Signal(os.Interrupt))
			err := cmd.Wait()
			cancel()
			b.show("%v: %v after %s\n%s", how, err, time.Since(at), out.String())
			if cmd.ProcessState.ExitCode() != 1 || time.Since(at) > 15*time.Second {
				b.Errorf("%v: it ended with %v after %s", how, err, time.Since(at))
			}
			b.says(out.String(), "Provisioning on demand was interrupted", "It isn't known whether "+
				"amara.okafor@company.com was provisioned", "Not begun:", "mei.chen@company.com")
			b.saysNot(out.String(), "Apply complete!")
			if n := posted(b.Server.Requests().Routes, "/provisionOnDemand"); n != 1 {
				b.Errorf("%v: %d were begun", how, n)
			}
		}
	})
}

// posted counts the requests of routes that end so.
func posted(routes map[string]int, end string) (n int) {
	for route, count := range routes {
		if strings.HasPrefix(route, "POST ") && strings.HasSuffix(route, end) {
			n += count
		}
	}
	return n
}
