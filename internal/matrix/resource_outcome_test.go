package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

const outcomeAddress = "usersync_outcome.guard"

// outcome decides from both readings.
func outcome(lines string) string {
	return fmt.Sprintf(`
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
%s
}
`, lines)
}

func TestResourceOutcome_Life(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(readings, outcome(decided+"  read_at = data.usersync_directory.now.read_at")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(outcomeAddress, plancheck.ResourceActionCreate),
				plancheck.ExpectUnknownValue(outcomeAddress, at("id")),
				plancheck.ExpectKnownValue(outcomeAddress, at("summary.synced"), whole(31)),
				plancheck.ExpectSensitiveValue(outcomeAddress, at("accepted")),
			}},
			ConfigStateChecks: values(outcomeAddress, map[string]knownvalue.Check{
				"id":                knownvalue.NotNull(),
				"directory":         null, // write-only, as the next two
				"organization":      null,
				"read_at":           null,
				"show":              null,
				"identify_users_by": null,
				"decisions": contains(
					adele,
					"skip: external_member (fabrikam.example, Member, reported)",
				),
				"summary.synced":           whole(31),
				"summary.unknown":          whole(1),
				"changes.joined.this_plan": whole(31),
				"severity":                 exact("review"),
				"service.state":            exact("none"),
				"fingerprint":              knownvalue.NotNull(),
				"settings":                 contains(`"atlassian_nested_groups"`),
				"groups":                   contains(`"Sales"`),
				"what_if":                  null,
			}),
			PostApplyFunc: x.wroteNothing,
		},
		resource.TestStep{
			Config: x.config(readings, outcome(decided+`
  show = "all"
  guardrails {
    max_lost = 5
  }
  what_if {
    user_types = jsonencode({ "`+adele+`" = "Guest" })
  }`)),
			ConfigPlanChecks: planned(outcomeAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(outcomeAddress, map[string]knownvalue.Check{
				"changes.gained.this_plan": whole(1),
				"summary.synced":           whole(32),
				"what_if_applied":          contains("1 user"),
				"guardrails.max_lost":      whole(5),
			}),
		},
		resource.TestStep{
			Config:           x.config(readings, outcome(decided)),
			Taint:            []string{outcomeAddress},
			ConfigPlanChecks: planned(outcomeAddress, plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
}

// An import accepts nothing: any id will do, and the next plan shows everything.
func TestResourceOutcome_Import(t *testing.T) {
	x := newTenant(t)
	config := x.config(readings, outcome(decided))
	x.run(nil, anyCLI,
		resource.TestStep{
			Config:             config,
			ResourceName:       outcomeAddress,
			ImportState:        true,
			ImportStateId:      "guard",
			ImportStatePersist: true,
		},
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: planned(outcomeAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(outcomeAddress, map[string]knownvalue.Check{
				"id":             exact("guard"),
				"summary.synced": whole(31),
			}),
		},
	)
}

func TestResourceOutcome_Drift(t *testing.T) {
	x := newTenant(t)
	config := x.config(readings, outcome(decided))
	x.run(nil, anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { must(t, x.AddMember(sales, adeleID)); x.setType(adele, "Guest") },
			Config:           config,
			ConfigPlanChecks: planned(outcomeAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(outcomeAddress, map[string]knownvalue.Check{
				"changes.gained.drift": whole(1),
				"summary.synced":       whole(32),
			}),
		},
	)
}

func TestResourceOutcome_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(
		nil,
		anyCLI,
		x.fails("connector", readings, outcome("  connector = \"scim\"\n  scope { everyone = true }")),
		x.fails("scope", readings, outcome("  connector = \"atlassian_nested_groups\"")),
		x.fails(
			"Nobody",
			readings,
			outcome("  connector = \"atlassian_nested_groups\"\n  scope { groups = [\"Nobody\"] }"),
		),
		x.fails("Plan violates a guardrail", readings, outcome(decided+fmt.Sprintf(`
  guardrails {
    must_sync = [%q]
  }`, adele))),
		x.fails("The reading can't be used", `resource "usersync_outcome" "guard" {
  directory    = "nonsense"
  organization = "nonsense"
`+decided+"}\n"),
	)
}
