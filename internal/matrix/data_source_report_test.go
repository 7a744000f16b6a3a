package matrix

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const reportAddress = "data.usersync_report.this"

func TestDataSourceReport_Read(t *testing.T) {
	x := newTenant(t)
	page := filepath.Join(t.TempDir(), "report.html")
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(
				data("usersync_report", decided+fmt.Sprintf("  path = %q\n  reconciliation = true", page)),
			),
			ConfigStateChecks: append(values(reportAddress, map[string]knownvalue.Check{
				"summary.synced":            whole(31),
				"summary.agreement_percent": knownvalue.NotNull(),
				"markdown":                  contains("mermaid", "adele.vance_fabrikam.example"),
				"html_sha256":               knownvalue.NotNull(),
			}), statecheck.ExpectSensitiveValue(reportAddress, at("markdown"))),
		},
		resource.TestStep{
			Config: x.config(data("usersync_report", decided)),
			ConfigStateChecks: values(reportAddress, map[string]knownvalue.Check{
				"html_sha256":               null,
				"summary.agreement_percent": null,
			}),
		},
	)
}

func TestDataSourceReport_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("The report can't be written", data("usersync_report", decided+`path = "no/such/folder/report.html"`)),
		x.fails("max_fixes", data("usersync_report", decided+"max_fixes = -1")),
	)
}
