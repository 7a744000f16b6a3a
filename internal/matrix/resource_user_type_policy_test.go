package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

const policyAddress = "usersync_user_type_policy.partners"

func policy(lines string) string {
	return fmt.Sprintf(`
resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
%s
}
`, lines)
}

const partnersAreGuests = `
  rule {
    name      = "partners are guests"
    user_type = "Guest"
    match {
      home_domains = ["fabrikam.example"]
    }
  }
`

func TestResourceUserTypePolicy_Life(t *testing.T) {
	x := newTenant(t)
	x.run(x.typed(adele, "Guest"), anyCLI, // destroying the policy converts nobody back
		resource.TestStep{
			Config:           x.config(readings, policy(partnersAreGuests)),
			ConfigPlanChecks: planned(policyAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(policyAddress, map[string]knownvalue.Check{
				"id":                knownvalue.NotNull(),
				"directory":         null, // write-only
				"mode":              exact("audit"),
				"identify_users_by": exact("principal_name"),
				"rule.0.name":       exact("partners are guests"),
				"assignments":       contains(fmt.Sprintf("%q:%q", adele, "Member")),
				"desired":           contains(fmt.Sprintf("%q:%q", adeleID, "Guest")),
				"violations":        contains(adele, "Member, policy says Guest (partners are guests)"),
				"remaining":         whole(0),
			}),
			PostApplyFunc: x.wroteNothing,
		},
		resource.TestStep{
			Config: x.config(readings, record(ofFabrikam), policy(partnersAreGuests+`
  mode        = "enforce"
  record      = usersync_user_type_record.before.id
  max_changes = 20`)),
			ConfigPlanChecks: planned(policyAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(policyAddress, map[string]knownvalue.Check{
				"assignments": contains(fmt.Sprintf("%q:%q", adele, "Guest")),
				"violations":  exact("{}"),
			}),
			PostApplyFunc: func() { must(t, x.typed(adele, "Guest")()) },
		},
		resource.TestStep{
			Config: x.config(readings, record(ofFabrikam), policy(partnersAreGuests+`
  mode        = "enforce"
  record      = usersync_user_type_record.before.id
  max_changes = 20`)),
			Taint:            []string{policyAddress},
			ConfigPlanChecks: planned(policyAddress, plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
}

// typed looks whether a user has a type.
func (t *tenant) typed(user, want string) func() error {
	return func() error {
		_, got := t.graph("GET", "/users/"+adeleID+"?$select=userType", nil)
		if got["userType"] != want {
			return fmt.Errorf("%s: got %v, want the type %s", user, got, want)
		}
		return nil
	}
}

func TestResourceUserTypePolicy_Drift(t *testing.T) {
	x := newTenant(t)
	config := x.config(readings, policy(partnersAreGuests+"  mode = \"enforce\""))
	x.run(x.typed(adele, "Guest"), anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { x.setType(adele, "Member") },
			Config:           config,
			ConfigPlanChecks: planned(policyAddress, plancheck.ResourceActionUpdate),
			PostApplyFunc:    func() { must(t, x.typed(adele, "Guest")()) },
		},
	)
}

func TestResourceUserTypePolicy_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(
		nil,
		anyCLI,
		x.fails("rule", readings, policy("")),
		x.fails("Invalid rule", readings, policy("  rule {\n    name = \"nobody\"\n  }")),
		x.fails("mode", readings, policy(partnersAreGuests+"  mode = \"always\"")),
		x.fails(
			"The policy would convert",
			readings,
			policy(partnersAreGuests+"  mode = \"enforce\"\n  max_changes = 1"),
		),
		x.importFails(policyAddress, "partners", "This resource does not support import",
			readings, policy(partnersAreGuests)),
	)
}
