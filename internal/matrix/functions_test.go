package matrix

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// requires names the provider as the library serves it: a function of it can
// only be called where it is required.
const requires = `
terraform {
  required_providers {
    usersync = {
      source = "hashicorp/usersync"
    }
  }
}
`

// outputs is a configuration with an output for each expression. Functions need
// no provider block.
func outputs(expressions ...string) string {
	var b strings.Builder
	b.WriteString(requires)
	for i, e := range expressions {
		fmt.Fprintf(&b, "output \"value_%d\" {\n  value = %s\n}\n", i, e)
	}
	return b.String()
}

// outputValues checks the outputs in the same order.
func outputValues(want ...knownvalue.Check) []statecheck.StateCheck {
	checks := make([]statecheck.StateCheck, len(want))
	for i, check := range want {
		checks[i] = statecheck.ExpectKnownOutputValue(fmt.Sprintf("value_%d", i), check)
	}
	return checks
}

// outputObject checks attributes of an output, by their paths with dots.
func outputObject(name string, want map[string]knownvalue.Check) []statecheck.StateCheck {
	checks := make([]statecheck.StateCheck, 0, len(want))
	for path, check := range want {
		checks = append(checks, statecheck.ExpectKnownOutputValueAtPath(name, at(path), check))
	}
	return checks
}

// functionFails is a step in which a call is refused with a text.
func functionFails(want, expression string) resource.TestStep {
	return resource.TestStep{Config: outputs(expression), PlanOnly: true, ExpectError: words(want)}
}
