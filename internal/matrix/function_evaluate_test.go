package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestFunctionEvaluate_Values(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, resource.TestStep{
		Config: outputs(
			`provider::usersync::evaluate("Join(\"-\", [mail], [title])", { mail = "adele", title = "CEO" }, null)`,
			`provider::usersync::evaluate("Not([IsSoftDeleted])", { IsSoftDeleted = "False" }, null)`,
			`provider::usersync::evaluate("[department]", { department = null }, null) == null`,
			`provider::usersync::evaluate("FormatDateTime(Now(), , , \"yyyy-MM-dd\")", {}, "2026-11-20T08:00:00Z")`,
		),
		ConfigStateChecks: outputValues(
			exact("adele-CEO"),
			knownvalue.NotNull(),
			truth(true),
			exact("2026-11-20"),
		),
	})
}

func TestFunctionEvaluate_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		functionFails("column", `provider::usersync::evaluate("Join(", {}, null)`),
		functionFails("expected an object or map", `provider::usersync::evaluate("[mail]", "mail", null)`),
	)
}
