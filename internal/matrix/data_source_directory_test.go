package matrix

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider"
)

const directoryAddress = "data.usersync_directory.this"

// ledID is henrik.lindqvist@company.com, whom tests have led by leaderID, amara.okafor@company.com.
const (
	ledID    = "0334c620-6e30-43b4-af1e-60a224f1db35"
	leaderID = "b70a0da1-1831-41f6-ab1a-b6c20508b5f2"
)

func TestDataSourceDirectory_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_directory", "")),
			ConfigStateChecks: append(values(directoryAddress, map[string]knownvalue.Check{
				"tenant_id":      exact(x.TenantID()),
				"source":         exact("live"),
				"read_at":        exact("2026-11-20T12:00:00Z"),
				"reading":        knownvalue.NotNull(),
				"counts.users":   whole(int64(x.About().Users)),
				"counts.groups":  whole(int64(x.About().Groups)),
				"counts.domains": whole(int64(x.About().Domains)),
			}), statecheck.ExpectSensitiveValue(directoryAddress, at("reading"))),
		},
		resource.TestStep{
			Config: x.config(data("usersync_directory", `
				groups             = ["Leadership"]
				attributes         = ["department"]
				service_principals = ["Atlassian Cloud"]`)),
			ConfigStateChecks: values(directoryAddress, map[string]knownvalue.Check{
				"counts.users":  whole(2),
				"counts.groups": whole(1),
				"attributes":    knownvalue.SetExact([]knownvalue.Check{exact("department")}),
			}),
		},
	)
}

// Managers and roles are read on request, whole and below groups, live and from the cache.
func TestDataSourceDirectory_References(t *testing.T) {
	x := newTenant(t)
	x.block = strings.Replace(x.block, "ca_file", fmt.Sprintf("cache_dir = %q\n  ca_file", t.TempDir()), 1)
	x.done(http.MethodPut, "/users/"+ledID+"/manager/$ref", map[string]string{
		"@odata.id": "https://graph.microsoft.com/v1.0/users/" + leaderID,
	})
	led := func(source, lines string) resource.TestStep {
		return resource.TestStep{
			Config: x.config(data("usersync_directory", `
				attributes         = ["manager", "appRoleAssignments"]
				service_principals = ["Atlassian Cloud"]`+lines)),
			ConfigStateChecks: values(directoryAddress, map[string]knownvalue.Check{
				"source":  exact(source),
				"reading": knownvalue.StringFunc(hasReferences),
			}),
		}
	}
	x.run(
		nil,
		anyCLI,
		led("live", ""),
		led("cache", ""),
		led("live", "\n groups = [\"Leadership\", \"Atlassian users\"]"),
	)
}

// hasReferences looks whether a reading has the manager, and the roles of the job.
func hasReferences(reading string) error {
	d, err := directory.DecodeDirectory(reading)
	if err != nil {
		return err
	}
	managers, _ := d.Column(directory.Manager)
	at := d.UserByID(ledID)
	if managers == nil || at < 0 || directory.ManagerID(managers[at]) != leaderID || len(d.Jobs[0].Roles) == 0 {
		return fmt.Errorf("got managers %v of user %d, roles %v", managers, at, d.Jobs[0].Roles)
	}
	return nil
}

// What is kept between plans bears the time of the provider's own clock.
func TestDataSourceDirectory_Cache(t *testing.T) {
	x := newTenant(t)
	x.timing = provider.Timing{}
	x.block = strings.Replace(x.block, "ca_file", fmt.Sprintf("cache_dir = %q\n  ca_file", t.TempDir()), 1)
	read := func(source string) resource.TestStep {
		return resource.TestStep{
			Config:            x.config(data("usersync_directory", "")),
			ConfigStateChecks: values(directoryAddress, map[string]knownvalue.Check{"source": exact(source)}),
		}
	}
	x.run(nil, anyCLI, read("live"), read("cache"))
}

func TestDataSourceDirectory_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("Nobody", data("usersync_directory", `service_principals = ["Nobody"]`)),
		x.fails("departement", data("usersync_directory", `attributes = ["departement"]`)),
		x.fails("must not contain null", data("usersync_directory", `groups = [null]`)),
		x.fails("Graph shows netId to nobody", data("usersync_directory", `attributes = ["netId"]`)),
		x.fails("Graph shows alternativeSecurityIds to nobody", preview(fmt.Sprintf(
			"users = [%q]\n directory_attributes = [\"alternativeSecurityIds\"]", exampleUser))),
	)
}
