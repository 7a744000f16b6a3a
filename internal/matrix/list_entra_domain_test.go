package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
)

func TestListEntraDomain_Query(t *testing.T) {
	const kind = "usersync_entra_domain"
	x := newTenant(t)
	refused := x.queryFails("403", kind, "")
	refused.PreConfig = func() { x.fault("GET /v1.0/domains") }
	x.run(nil, withQueries,
		x.query(kind, "",
			querycheck.ExpectLength(kind+".all", 4), // not the initial domain, which can't be managed
			querycheck.ExpectIdentity(kind+".all", map[string]knownvalue.Check{"domain": exact("legacy.company.com")})),
		refused,
	)
}
