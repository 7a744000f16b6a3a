package matrix

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const logAddress = "data.usersync_provisioning_log.this"

func log(lines string) string {
	return data("usersync_provisioning_log", fmt.Sprintf("  service_principal_id = %q\n%s", exampleApp, lines))
}

// failure is an entry of a log as Graph writes it.
const failure = `{
  "id": "e1", "activityDateTime": "2026-11-20T08:01:00Z", "jobId": "` + exampleJob + `", "cycleId": "c1",
  "provisioningAction": "create",
  "servicePrincipal": {"id": "` + exampleApp + `", "displayName": "Atlassian Cloud"},
  "sourceIdentity": {"id": "` + adeleID + `", "displayName": "Adele Vance", "identityType": "User"},
  "targetIdentity": {"id": "t1", "displayName": "adele", "identityType": "User"},
  "provisioningStatusInfo": {"status": "failure", "errorInformation": {"errorCode": "DuplicateTargetEntries"}},
  "provisioningSteps": [], "modifiedProperties": []
}`

func TestDataSourceProvisioningLog_Read(t *testing.T) {
	x := newTenant(t)
	x.AddLogs([]json.RawMessage{json.RawMessage(failure)})
	x.run(nil, anyCLI,
		resource.TestStep{
			Config: x.config(log("")),
			ConfigStateChecks: append(values(logAddress, map[string]knownvalue.Check{
				"entries":       contains(`"source":`, adeleID, "DuplicateTargetEntries"),
				"summary":       knownvalue.MapPartial(map[string]knownvalue.Check{"failure": whole(1)}),
				"by_error_code": knownvalue.MapExact(map[string]knownvalue.Check{"DuplicateTargetEntries": whole(1)}),
			}), statecheck.ExpectSensitiveValue(logAddress, at("entries"))),
		},
		resource.TestStep{
			Config: x.config(log("  status = \"failure\"\n  source_name = \"Nobody\"")),
			ConfigStateChecks: values(logAddress, map[string]knownvalue.Check{
				"entries": exact("[]"),
				"summary": knownvalue.MapPartial(map[string]knownvalue.Check{"failure": whole(0)}),
			}),
		},
	)
}

func TestDataSourceProvisioningLog_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("Invalid time", log(`  since = "yesterday"`)),
		x.fails("limit", log("  limit = 0")),
		x.fails("Invalid time range", log("  since = \"2026-11-20T08:00:00Z\"\n  until = \"2026-11-19T08:00:00Z\"")),
	)
}
