package matrix

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// The example's organization has nobody yet.
func TestDataSourceReconciliation_Read(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(data("usersync_reconciliation", decided)),
			ConfigStateChecks: values("data.usersync_reconciliation.this", map[string]knownvalue.Check{
				"compared_with":           exact("accounts"),
				"agreement.compared":      knownvalue.NotNull(),
				"agreement.percent":       knownvalue.NotNull(),
				"confusion":               contains(`"sync: domain_verified"`, `"absent"`),
				"mismatches":              contains(exampleUser),
				"calibration.0.default":   truth(true),
				"calibration.0.hcl":       contains("connector_settings"),
				"classes":                 knownvalue.NotNull(),
				"distinguishing_users":    knownvalue.NotNull(),
				"best_connector_settings": knownvalue.NotNull(),
			}),
		},
	)
}

// A target other than Atlassian is compared with the provisioning log, where nothing else
// is there to be compared with.
func TestDataSourceReconciliation_Read_Log(t *testing.T) {
	for _, connector := range []string{"scim", "cross_tenant_sync"} {
		t.Run(connector, func(t *testing.T) {
			x := newTenant(t)
			x.run(nil, anyCLI, resource.TestStep{
				Config: x.config(data("usersync_reconciliation", `
  connector         = "`+connector+`"
  service_principal = "Atlassian Cloud"
`)),
				ConfigStateChecks: values("data.usersync_reconciliation.this", map[string]knownvalue.Check{
					"compared_with":         exact("provisioning_log"),
					"agreement.no_evidence": knownvalue.NotNull(),
					"mismatches":            knownvalue.NotNull(),
				}),
			})
		})
	}
}

func TestDataSourceReconciliation_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("min_agreement", data("usersync_reconciliation", decided+`
  min_agreement   = 95
  on_disagreement = "error"`)),
		x.fails("Invalid time", data("usersync_reconciliation", decided+"last_sync = \"yesterday\"")),
	)
}
