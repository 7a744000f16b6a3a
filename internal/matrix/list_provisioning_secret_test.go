package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestListProvisioningSecret_Query(t *testing.T) {
	const kind = "usersync_provisioning_secret"
	x := newTenant(t)
	x.PutSecrets(exampleApp, map[string]string{"BaseAddress": scimBase, "SecretToken": simulator.DefaultSecretToken})
	x.run(nil, withQueries,
		x.query(kind, `service_principals = ["Atlassian Cloud"]`,
			querycheck.ExpectLength(kind+".all", 1),
			querycheck.ExpectIdentity(kind+".all", map[string]knownvalue.Check{
				"service_principal_id": exact(exampleApp),
			}),
			listed(kind,
				querycheck.KnownValueCheck{Path: at("sync_all"), KnownValue: knownvalue.Bool(false)},
				querycheck.KnownValueCheck{Path: at("credentials"), KnownValue: knownvalue.Null()},
			)),
		x.queryFails("Nobody", kind, `service_principals = ["Nobody"]`),
	)
}
