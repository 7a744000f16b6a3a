package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// azureadState is a state as azuread 3 leaves it, with the registry of a CLI.
func azureadState(registry, sp, job string) string {
	return fmt.Sprintf(
		`{"version":4,"terraform_version":"1.11.0","serial":7,"lineage":"6c2f0a3e-0b7c-4d53-9a51-0d6d2a1f7b10","outputs":{},"resources":[
{"mode":"managed","type":"azuread_synchronization_job","name":"atlassian","provider":"provider[\"%[1]s/hashicorp/azuread\"]","instances":[{"schema_version":1,"attributes":{
 "id":"/servicePrincipals/%[2]s/synchronization/jobs/%[3]s","service_principal_id":"/servicePrincipals/%[2]s","template_id":"customappsso","enabled":false,
 "schedule":[{"expiration":"","interval":"PT40M","state":"Disabled"}],"timeouts":null},"sensitive_attributes":[]}]},
{"mode":"managed","type":"azuread_synchronization_secret","name":"atlassian","provider":"provider[\"%[1]s/hashicorp/azuread\"]","instances":[{"schema_version":1,"attributes":{
 "id":"/servicePrincipals/%[2]s","service_principal_id":"/servicePrincipals/%[2]s","credential":[{"key":"BaseAddress","value":"https://scim.example/directory/x"},{"key":"SecretToken","value":"an-old-token"}],
 "timeouts":null},"sensitive_attributes":[]}]}],"check_results":null}`,
		registry,
		sp,
		job,
	)
}

// azuread is gone from the configuration: moved blocks take its resources over,
// nothing is made or destroyed, and the plan after it is empty.
func TestMovedFromAzuread(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		made := b.graph(
			http.MethodPost,
			"/servicePrincipals/"+sp+"/synchronization/jobs",
			map[string]string{"templateId": "customappsso"},
		)
		b.graph(
			http.MethodPut,
			"/servicePrincipals/"+sp+"/synchronization/secrets",
			map[string]any{"value": []map[string]string{
				{
					"key":   "BaseAddress",
					"value": "https://scim.example/directory/x",
				},
				{"key": "SecretToken", "value": "an-old-token"},
			}},
		)
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
	b.withAzuread()
	plan := b.Plan(2)
	for _, want := range []string{"has moved to usersync_provisioning_job.atlassian", "0 to add, 1 to change, 0 to destroy"} {
		if !strings.Contains(unwrapped(plan.Output), want) {
			b.Errorf("%q isn't in the plan:\n%s", want, plan.Output)
		}
	}
	b.Apply()
	b.Plan(0)
}

// withAzuread puts a provider called azuread beside ours, for the CLIs that ask
// for one as long as the state has its resources: configuration and plan don't.
// It knows no resource of azuread's, and nothing asks it for one.
func (b *bench) withAzuread() {
	b.Helper()
	config := ""
	for _, kv := range b.Env {
		if value, ok := strings.CutPrefix(kv, "TF_CLI_CONFIG_FILE="); ok {
			config = value
		}
	}
	ours, err := filepath.Glob(
		filepath.Join(filepath.Dir(config), "mirror", "registry.terraform.io", "usersync", "usersync", "*", "*", "*"),
	)
	b.Must(err)
	raw, err := os.ReadFile(config)
	b.Must(err)
	dir := b.TempDir()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		at := filepath.Join(dir, host, "hashicorp", "azuread", "3.0.0", filepath.Base(filepath.Dir(ours[0])))
		b.Must(os.MkdirAll(at, 0o755))
		b.Must(os.Symlink(ours[0], filepath.Join(at, "terraform-provider-azuread_v3.0.0")))
	}
	text := strings.Replace(string(raw), "  filesystem_mirror {", fmt.Sprintf("  filesystem_mirror {\n    path = "+
		"%q\n    include = [\"registry.terraform.io/hashicorp/azuread\", "+
		"\"registry.opentofu.org/hashicorp/azuread\"]\n  }\n  filesystem_mirror {", dir), 1)
	file := filepath.Join(dir, "cli.tfrc")
	b.Must(os.WriteFile(file, []byte(text), 0o644))
	b.Env = append(b.Env, "TF_CLI_CONFIG_FILE="+file)
	b.Init()
}
