package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
)

// A job into AWS, compared with the provisioning log, then with AWS's own users, once an
// address and a token are in the environment: who was set inactive there shows only in them.
func TestReconciliation_Application(t *testing.T) {
	once(t, func(b *bench) {
		const sp, aws = "c0000000-0000-4000-8000-000000000001", "aws"
		raw, err := os.ReadFile(filepath.Join(repository(t), "examples", "applications", "tenant.json"))
		b.Must(err)
		server, err := simulator.New(strings.NewReader(string(raw)))
		b.Must(err)
		b.Must(server.AddApplication(aws, "", scimapp.IdentityCenter()))
		b.Must(server.Start())
		b.Cleanup(server.Close)
		s := b.another()
		s.Server = server
		b.Must(server.WriteCA(s.Dir + "/ca.pem"))
		s.graph(http.MethodPut, "/servicePrincipals/"+sp+"/synchronization/secrets", map[string]any{
			"value": []map[string]string{
				{"key": "BaseAddress", "value": server.URL() + scimapp.Path(aws)},
				{"key": "SecretToken", "value": simulator.DefaultSecretToken},
			},
		})
		s.graph(http.MethodPost, "/servicePrincipals/"+sp+"/synchronization/jobs/customappsso.1/start", nil)
		b.Must(server.FinishCycle("customappsso.1"))
		s.Write("main.tf", fmt.Sprintf(`%s
provider "usersync" {
  entra {
    tenant_id      = %q
    client_id      = %q
    client_secret  = %q
    graph_endpoint = %q
    authority_host = %q
  }
  ca_file = "ca.pem"
}
data "usersync_reconciliation" "aws" {
  connector         = "scim"
  application       = "aws_iam_identity_center"
  service_principal = %q
}
output "with" {
  value = data.usersync_reconciliation.aws.compared_with
}
output "agreement" {
  value = data.usersync_reconciliation.aws.agreement
}
output "mismatches" {
  value = data.usersync_reconciliation.aws.mismatches
}
`, requires, server.TenantID(), simulator.DefaultClientID, simulator.DefaultClientSecret, server.URL(), server.URL(), sp))
		said := func(with string, wants ...string) {
			b.Helper()
			s.Apply()
			all := ""
			for _, name := range []string{"with", "agreement", "mismatches"} {
				all += name + " = " + string(s.outputs()[name]) + "\n"
			}
			b.show("%s", all)
			b.says(all, append(wants, `with = "`+with+`"`)...)
		}
		said("provisioning_log", `"no_evidence"`)
		s.Env = append(
			s.Env,
			"SCIM_ENDPOINT="+server.URL()+scimapp.Path(aws),
			"SCIM_TOKEN="+simulator.DefaultSecretToken,
		)
		said("scim_users")
		b.Must(server.EditUser(aws, "ada", map[string]any{"active": false}))
		said("scim_users", "ada@company.com")
	})
}
