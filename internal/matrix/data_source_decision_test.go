package matrix

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

const decisionAddress = "data.usersync_decision.this"

func decisionOf(user, lines string) string {
	return data("usersync_decision", fmt.Sprintf("  user = %q\n%s", user, lines))
}

func TestDataSourceDecision_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(decisionOf(adele, decided)),
			ConfigStateChecks: values(decisionAddress, map[string]knownvalue.Check{
				"user_id":        exact(adeleID),
				"verdict":        exact("skip"),
				"code":           exact("external_member"),
				"confidence":     exact("reported"),
				"decision":       contains("skip: external_member (fabrikam.example, Member, reported)"),
				"account":        null,
				"explanation":    knownvalue.NotNull(),
				"trace.0.rule":   knownvalue.NotNull(),
				"fixes.0.change": knownvalue.NotNull(),
			}),
		},
		resource.TestStep{
			Config: x.config(decisionOf(exampleUser, decided)),
			ConfigStateChecks: values(decisionAddress, map[string]knownvalue.Check{
				"verdict": exact("sync"),
				"code":    exact("domain_verified"),
				"account": exact("managed"),
				"groups":  knownvalue.NotNull(),
				"fixes":   knownvalue.ListSizeExact(0),
			}),
		},
	)
}

func TestDataSourceDecision_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("nobody@company.com", decisionOf("nobody@company.com", decided)),
		x.fails("connector", decisionOf(adele, `connector = "none"`)),
	)
}
