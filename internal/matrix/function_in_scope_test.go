package matrix

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const inIT = `provider::usersync::in_scope({
  any_of = [{ name = "IT", all_of = [{ attribute = "department", operator = "EQUALS", values = ["IT"] }] }]
}, { department = "IT" })`

func TestFunctionInScope_Values(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, resource.TestStep{
		Config:            outputs(inIT, strings.Replace(inIT, `{ department = "IT" }`, `{ department = "Sales" }`, 1)),
		ConfigStateChecks: outputValues(truth(true), truth(false)),
	})
}

func TestFunctionInScope_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		functionFails("RESEMBLES", strings.Replace(inIT, "EQUALS", "RESEMBLES", 1)),
		functionFails("expected an object or map", strings.Replace(inIT, `{ department = "IT" }`, `"IT"`, 1)),
	)
}
