package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestDataSourceCrossTenantPartners_Read(t *testing.T) {
	x := newTenant(t)
	must(t, x.PutTenant(simulator.Tenant{
		TenantID:          contoso,
		DisplayName:       "Contoso",
		DefaultDomainName: "contoso.example",
		Domains:           []string{"contoso.example"},
	}))
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_cross_tenant_partners", `  domains = ["contoso.example"]`)),
			ConfigStateChecks: values("data.usersync_cross_tenant_partners.this", map[string]knownvalue.Check{
				"partners":                                 knownvalue.ListSizeExact(1),
				"partners.0.tenant_id":                     exact(fabrikam),
				"partners.0.display_name":                  exact("Fabrikam"),
				"partners.0.readable":                      truth(true),
				"partners.0.inbound_user_sync":             truth(true),
				"partners.0.inbound_group_sync":            null,
				"partners.0.automatic_redemption.inbound":  truth(true),
				"partners.0.automatic_redemption.outbound": null,
				"partners.0.other_sections":                knownvalue.ListSizeExact(0),
				"tenants": knownvalue.MapExact(map[string]knownvalue.Check{
					"contoso.example": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"tenant_id":           exact(contoso),
						"display_name":        exact("Contoso"),
						"default_domain_name": exact("contoso.example"),
					}),
				}),
			}),
		},
	)
}

func TestDataSourceCrossTenantPartners_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("not a domain", data("usersync_cross_tenant_partners", `  domains = ["not a domain"]`)),
	)
}
