package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// azureadState is a state as azuread 3 leaves it, with the registry of a CLI.
func azureadState(registry, sp, job string) string {
	return fmt.Sprintf(`{"version":4,"terraform_version":"1.11.0","serial":7,"lineage":"6c2f0a3e-0b7c-4d53-9a51-0d6d2a1f7b10","outputs":{},"resources":[
{"mode":"managed","type":"azuread_synchronization_job","name":"atlassian","provider":"provider[\"%[1]s/hashicorp/azuread\"]","instances":[{"schema_version":1,"attributes":{
 "id":"/servicePrincipals/%[2]s/synchronization/jobs/%[3]s","service_principal_id":"/servicePrincipals/%[2]s","template_id":"customappsso","enabled":false,
 "schedule":[{"expiration":"","interval":"PT40M","state":"Disabled"}],"timeouts":null},"sensitive_attributes":[]}]},
{"mode":"managed","type":"azuread_synchronization_secret","name":"atlassian","provider":"provider[\"%[1]s/hashicorp/azuread\"]","instances":[{"schema_version":1,"attributes":{
 "id":"/servicePrincipals/%[2]s","service_principal_id":"/servicePrincipals/%[2]s","credential":[{"key":"BaseAddress","value":"https://scim.example/directory/x"},{"key":"SecretToken","value":"an-old-token"}],
 "timeouts":null},"sensitive_attributes":[]}]}],"check_results":null}`, registry, sp, job)
}

// azuread is gone from the configuration: moved blocks take its resources over,
// nothing is made or destroyed, and the plan after it is empty.
func TestMovedFromAzuread(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		made := b.graph(http.MethodPost, "/servicePrincipals/"+sp+"/synchronization/jobs", map[string]string{"templateId": "customappsso"})
		b.graph(http.MethodPut, "/servicePrincipals/"+sp+"/synchronization/secrets", map[string]any{"value": []map[string]string{
			{"key": "BaseAddress", "value": "https://scim.example/directory/x"}, {"key": "SecretToken", "value": "an-old-token"},
		}})
		b.movedFromAzuread(sp, made["id"].(string))
	})
}

func (b *bench) movedFromAzuread(sp, job string) {
	b.Helper()
	registry := "registry.terraform.io"
	if strings.Contains(b.CLI.Path, "tofu") {
		registry = "registry.opentofu.org"
	}
	b.Write("terraform.tfstate", azureadState(registry, sp, job))
	b.Write("main.tf", b.ProviderBlock()+fmt.Sprintf(`
moved {
  from = azuread_synchronization_job.atlassian
  to   = usersync_provisioning_job.atlassian
}
moved {
  from = azuread_synchronization_secret.atlassian
  to   = usersync_provisioning_secret.atlassian
}
resource "usersync_provisioning_job" "atlassian" {
  service_principal_id = %[1]q
  template_id          = "customappsso"
}
resource "usersync_provisioning_secret" "atlassian" {
  service_principal_id = %[1]q
  job_id               = usersync_provisioning_job.atlassian.id
  credentials          = { BaseAddress = "https://scim.example/directory/x", SecretToken = "a-token" }
  credentials_version  = 1
}
`, sp))
	plan := b.Plan(2)
	for _, want := range []string{"has moved to usersync_provisioning_job.atlassian", "0 to add, 1 to change, 0 to destroy"} {
		if !strings.Contains(unwrapped(plan.Output), want) {
			b.Errorf("%q isn't in the plan:\n%s", want, plan.Output)
		}
	}
	b.Apply()
	b.Plan(0)
}
