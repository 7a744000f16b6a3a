package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestFunctionHomeDomain_Values(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, resource.TestStep{
		Config: outputs(
			`provider::usersync::home_domain("`+adele+`")`,
			`provider::usersync::home_domain("Amara.Okafor@COMPANY.com")`,
		),
		ConfigStateChecks: outputValues(exact("fabrikam.example"), exact("company.com")),
	})
}

func TestFunctionHomeDomain_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, functionFails("argument must not be null", `provider::usersync::home_domain(null)`))
}
