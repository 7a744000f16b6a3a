package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
)

func TestListProvisioningMapping_Query(t *testing.T) {
	const kind = "usersync_provisioning_mapping"
	identity := func(source, target string) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{
			"service_principal_id": exact(exampleApp),
			"job_id":               exact(exampleJob),
			"rule":                 exact(exampleRule),
			"source":               exact(source),
			"target":               exact(target),
		}
	}
	x := newTenant(t)
	x.run(nil, withQueries,
		x.query(kind, `service_principals = ["Atlassian Cloud"]`,
			querycheck.ExpectLength(kind+".all", 2),
			querycheck.ExpectIdentity(kind+".all", identity("User", scimUser)),
			querycheck.ExpectIdentity(kind+".all", identity("Group", scimGroup))),
		x.queryFails("service_principals", kind, ""),
	)
}
