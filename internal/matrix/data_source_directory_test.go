package matrix

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/usersync/terraform-provider-usersync/internal/provider"
)

const directoryAddress = "data.usersync_directory.this"

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
	)
}
