package matrix

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

const recordAddress = "usersync_user_type_record.before"

func record(match string) string {
	return fmt.Sprintf(`
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading
  match {
    %s
  }
}
`, match)
}

const ofFabrikam = `home_domains = ["fabrikam.example"]`

// setType changes a user's type as an administrator does.
func (t *tenant) setType(user, userType string) {
	t.Helper()
	_, err := t.PutUser(fmt.Appendf(nil, `{"userPrincipalName":%q,"userType":%q}`, user, userType))
	must(t.T, err)
}

// A record is taken once: it can neither be changed nor imported.
func TestResourceUserTypeRecord_Life(t *testing.T) {
	x := newTenant(t)
	config := x.config(readings, record(ofFabrikam))
	x.run(nil, anyCLI,
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: planned(recordAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(recordAddress, map[string]knownvalue.Check{
				"id":        knownvalue.NotNull(),
				"directory": null, // write-only
				"users":     whole(10),
				"differing": whole(0),
				"types":     contains(fmt.Sprintf("%q:%q", adeleID, "Member")),
			}),
			PostApplyFunc: x.wroteNothing,
		},
		x.refuses("Record can't be changed", readings, record(`origin = "external"`)),
		resource.TestStep{
			Config:           x.config(readings, record(ofFabrikam)),
			Taint:            []string{recordAddress},
			ConfigPlanChecks: planned(recordAddress, plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
}

// What people are now isn't what the record is about: it only counts them.
func TestResourceUserTypeRecord_Drift(t *testing.T) {
	x := newTenant(t)
	config := x.config(readings, record(ofFabrikam))
	x.run(nil, anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { x.setType(adele, "Guest") },
			Config:           config,
			ConfigPlanChecks: planned(recordAddress, plancheck.ResourceActionNoop),
			ConfigStateChecks: values(recordAddress, map[string]knownvalue.Check{
				"differing": whole(1),
				"types":     contains(fmt.Sprintf("%q:%q", adeleID, "Member")),
			}),
		},
	)
}

func TestResourceUserTypeRecord_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("Empty match", readings, record("")),
		x.fails("origin", readings, record(`origin = "elsewhere"`)),
		x.fails("The reading can't be used",
			strings.Replace(record(ofFabrikam), "data.usersync_directory.now.reading", `"nonsense"`, 1)),
		x.importFails(recordAddress, "before", "This resource does not support import", readings, record(ofFabrikam)),
	)
}
