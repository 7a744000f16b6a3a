package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
)

func TestListAtlassianDomainVerification_Query(t *testing.T) {
	const kind = "usersync_atlassian_domain_verification"
	x := newTenant(t)
	x.run(nil, withQueries,
		x.query(kind, `organization = "main"`,
			querycheck.ExpectLength(kind+".all", 3),
			querycheck.ExpectIdentity(kind+".all", map[string]knownvalue.Check{
				"organization": exact("main"),
				"domain":       exact("eng.company.com"),
			})),
		x.queryFails("emea", kind, `organization = "emea"`),
	)
}
