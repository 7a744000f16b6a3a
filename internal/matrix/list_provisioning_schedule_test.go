package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
)

func TestListProvisioningSchedule_Query(t *testing.T) {
	const kind = "usersync_provisioning_schedule"
	x := newTenant(t)
	x.run(nil, withQueries,
		x.query(kind, `service_principals = ["Atlassian Cloud"]`,
			querycheck.ExpectLength(kind+".all", 1),
			querycheck.ExpectIdentity(kind+".all", map[string]knownvalue.Check{
				"service_principal_id": exact(exampleApp),
				"job_id":               exact(exampleJob),
			}),
			listed(kind,
				querycheck.KnownValueCheck{Path: at("enabled"), KnownValue: knownvalue.Bool(true)},
			)),
		x.queryFails("Nobody", kind, `service_principals = ["Nobody"]`),
	)
}
