package matrix

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// Since when Terraform has queries. OpenTofu has none; its versions are below
// that so far.
var withQueries = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)}

// query is a step that lists what there is, in all its attributes.
func (t *tenant) query(kind, config string, checks ...querycheck.QueryResultCheck) resource.TestStep {
	return resource.TestStep{Query: true, Config: t.config(list(kind, config)), QueryResultChecks: checks}
}

// queryFails is a query that is refused with a text.
func (t *tenant) queryFails(want, kind, config string) resource.TestStep {
	return resource.TestStep{Query: true, Config: t.config(list(kind, config)), ExpectError: words(want)}
}

// list is a list block named "all".
func list(kind, config string) string {
	return fmt.Sprintf(`
list %q "all" {
  provider         = usersync
  include_resource = true
  config {
    %s
  }
}
`, kind, config)
}

// listed checks attributes of the only object that a query finds.
func listed(kind string, want ...querycheck.KnownValueCheck) querycheck.QueryResultCheck {
	return querycheck.ExpectResourceKnownValues(kind+".all", nil, want)
}
