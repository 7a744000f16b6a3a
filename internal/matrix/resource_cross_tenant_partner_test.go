package matrix

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const (
	partnerAddress = "usersync_cross_tenant_partner.contoso"
	partnersPath   = "/policies/crossTenantAccessPolicy/partners/"

	fabrikam  = "b7a4d9e2-0c35-4f88-8f0e-2a6bb1c4d722" // a partner of the example tenant
	contoso   = "11111111-2222-4333-8444-555555555555"
	northwind = "22222222-2222-4333-8444-555555555555"
)

func partner(id, lines string) string {
	return fmt.Sprintf("resource \"usersync_cross_tenant_partner\" \"contoso\" {\n  tenant_id = %q\n%s\n}\n", id, lines)
}

const synchronizing = `
  display_name         = "Contoso"
  inbound_user_sync    = true
  automatic_redemption = { inbound = true }
`

func TestResourceCrossTenantPartner_Life(t *testing.T) {
	x := newTenant(t)
	x.run(x.missing(partnersPath+contoso, partnersPath+northwind), anyCLI,
		resource.TestStep{
			Config:           x.config(partner(contoso, synchronizing)),
			ConfigPlanChecks: planned(partnerAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(partnerAddress, map[string]knownvalue.Check{
				"id":                            exact(contoso),
				"tenant_id":                     exact(contoso),
				"display_name":                  exact("Contoso"),
				"inbound_user_sync":             truth(true),
				"automatic_redemption.inbound":  truth(true),
				"automatic_redemption.outbound": null,
				"adopt":                         truth(false),
			}),
		},
		importedByID(partnerAddress, contoso),
		resource.TestStep{
			Config:           x.config(partner(contoso, "inbound_user_sync = false")),
			ConfigPlanChecks: planned(partnerAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(partnerAddress, map[string]knownvalue.Check{
				"inbound_user_sync":    truth(false),
				"display_name":         exact("Contoso"),
				"automatic_redemption": null,
			}),
		},
		resource.TestStep{
			Config:            x.config(partner(northwind, "inbound_user_sync = false")),
			ConfigPlanChecks:  planned(partnerAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(partnerAddress, map[string]knownvalue.Check{"id": exact(northwind)}),
		},
	)
}

func TestResourceCrossTenantPartner_Identity(t *testing.T) {
	x := newTenant(t)
	x.run(x.missing(partnersPath+contoso), withIdentity,
		resource.TestStep{
			Config: x.config(partner(contoso, synchronizing)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(partnerAddress, map[string]knownvalue.Check{"tenant_id": exact(contoso)}),
			},
		},
		importedByIdentity(partnerAddress),
	)
}

func TestResourceCrossTenantPartner_Drift(t *testing.T) {
	x := newTenant(t)
	config := x.config(partner(contoso, synchronizing))
	x.run(x.missing(partnersPath+contoso), anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: x.behind(http.MethodPatch, partnersPath+contoso+"/identitySynchronization",
				map[string]any{"userSyncInbound": map[string]any{"isSyncAllowed": false}}),
			Config:            config,
			ConfigPlanChecks:  planned(partnerAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(partnerAddress, map[string]knownvalue.Check{"inbound_user_sync": truth(true)}),
		},
		resource.TestStep{
			PreConfig:        func() { must(t, x.RemovePartner(contoso)) },
			Config:           config,
			ConfigPlanChecks: planned(partnerAddress, plancheck.ResourceActionCreate),
		},
	)
}

func TestResourceCrossTenantPartner_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("a GUID in lower case, got: CONTOSO", partner("CONTOSO", synchronizing)),
		x.fails("inbound_user_sync", partner(contoso, `display_name = "Contoso"`)),
		x.refuses("already", partner(fabrikam, "inbound_user_sync = false")),
		x.importFails(partnerAddress, "contoso.example", "Invalid import ID", partner(contoso, synchronizing)),
	)
}
