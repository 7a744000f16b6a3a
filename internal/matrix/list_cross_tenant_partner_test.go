package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestListCrossTenantPartner_Query(t *testing.T) {
	const kind = "usersync_cross_tenant_partner"
	x := newTenant(t)
	refused := x.queryFails("Insufficient privileges", kind, "")
	refused.PreConfig = func() { x.fault("GET /v1.0/policies/**") }
	named := x.query(kind, "", querycheck.ExpectResourceKnownValues(kind+".all",
		queryfilter.ByDisplayName(exact("Fabrikam, Inc.")),
		[]querycheck.KnownValueCheck{{Path: at("tenant_id"), KnownValue: exact(fabrikam)}}))
	named.PreConfig = func() {
		must(t, x.PutTenant(simulator.Tenant{
			TenantID: fabrikam, DisplayName: "Fabrikam, Inc.", Domains: []string{"fabrikam.example"},
		}))
	}
	x.run(nil, withQueries,
		x.query(kind, "",
			querycheck.ExpectResourceKnownValues(kind+".all", queryfilter.ByDisplayName(exact(fabrikam)),
				[]querycheck.KnownValueCheck{{Path: at("tenant_id"), KnownValue: exact(fabrikam)}}),
			querycheck.ExpectLength(kind+".all", 1),
			querycheck.ExpectIdentity(kind+".all", map[string]knownvalue.Check{"tenant_id": exact(fabrikam)}),
			listed(kind,
				querycheck.KnownValueCheck{Path: at("display_name"), KnownValue: exact("Fabrikam")},
				querycheck.KnownValueCheck{Path: at("inbound_user_sync"), KnownValue: truth(true)},
			)),
		named,
		refused,
	)
}

// fault has the service refuse requests with 403 from now on.
func (t *tenant) fault(match string) {
	t.Helper()
	must(t.T, t.AddFault(simulator.Fault{Kind: simulator.FaultStatus, Match: match, Status: 403, Times: -1}))
}
