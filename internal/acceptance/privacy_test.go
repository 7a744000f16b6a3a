package acceptance

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	accepting "github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// userOf is a user of a snapshot, by principal name.
func userOf(b *bench, s *snapshot, name string) map[string]any {
	b.Helper()
	for _, u := range s.list("users") {
		if u := u.(map[string]any); u["userPrincipalName"] == name {
			return u
		}
	}
	b.Fatalf("no user %s", name)
	return nil
}

// pinnedOutcome decides from a pinned file.
func pinnedOutcome(sum string, more ...string) string {
	return `
ephemeral "usersync_directory" "pinned" {
  file   = "pinned.json"
  sha256 = "` + sum + `"
}
data "usersync_organization" "main" {}
resource "usersync_outcome" "guard" {
  directory    = ephemeral.usersync_directory.pinned.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
  ` + strings.Join(more, "\n  ") + `
}
`
}

func sumOf(b *bench, file string) string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(b.Dir, file))
	b.Must(err)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// A pinned directory is the same at plan and at apply, or an error; of its
// reading nothing is in state or plan.
func TestPinnedDirectory(t *testing.T) {
	eachOffline(t, func(b *bench) {
		snap := b.example()
		b.writeSnapshot("tenant.json", snap)
		b.writeSnapshot("pinned.json", snap)
		sum := sumOf(b, "pinned.json")
		b.snapshot("tenant.json", pinnedOutcome(sum))
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "skip: external_member (fabrikam.example, Member, reported)")
		b.apply()
		b.Plan(0)
		for what, text := range map[string]string{"state": b.State(), "plan": b.Do(0, "show", "-json", planFile).Output} {
			if strings.Contains(text, "usersync.D") || strings.Contains(text, `"type": "usersync_directory"`) {
				b.Errorf("the %s holds the directory's reading", what)
			}
		}
		// Another file under the same name: an error before anything is decided.
		raw, err := os.ReadFile(filepath.Join(b.Dir, "pinned.json"))
		b.Must(err)
		b.snapshot("tenant.json", pinnedOutcome(sum, "identify_users_by = \"id\""))
		b.plan(2)
		b.Write("pinned.json", string(raw)+"\n")
		before := b.attributes(outcome)
		for _, out := range []string{b.fails(), b.Do(1, "apply", "-no-color", "-input=false", planFile).Output} {
			b.tidy(out)
			b.says(out, "The snapshot can't be used", "it isn't the file that was reviewed", sum)
		}
		if !reflect.DeepEqual(b.attributes(outcome), before) {
			b.Error("a refused apply changed what is accepted")
		}
		b.snapshot("tenant.json", pinnedOutcome("ABC"))
		b.says(b.fails(), "64 hex digits in lower case")
	})
}

// With identify_users_by = "id" no name and no address of a user is in the plan, the
// outcome's attributes or its comment, neither at first nor with changes.
func TestNamesAsIDs(t *testing.T) {
	eachOffline(t, func(b *bench) {
		snap := b.example()
		b.writeSnapshot("pinned.json", snap)
		b.writeSnapshot("tenant.json", snap)
		b.snapshot(
			"tenant.json",
			pinnedOutcome(sumOf(b, "pinned.json"), `identify_users_by = "id"`, `show = "all"`, `watch_groups = ["*"]`),
		)
		texts := []string{b.plan(2).Output}
		b.apply()
		texts = append(texts, b.State(), b.Do(0, "show", "-json", planFile).Output)
		userOf(b, snap, lynne)["userType"] = "Member"
		userOf(b, snap, "amara.okafor@company.com")["userPrincipalName"] = "amara.new@company.com"
		b.writeSnapshot("pinned.json", snap)
		b.snapshot(
			"tenant.json",
			pinnedOutcome(sumOf(b, "pinned.json"), `identify_users_by = "id"`, `show = "all"`, `watch_groups = ["*"]`),
		)
		texts = append(texts, b.plan(2).Output)
		b.apply()
		b.Plan(0)
		accepted, _ := b.attributes(outcome)["accepted"].(string)
		o, err := accepting.DecodeOutcome(accepted)
		b.Must(err)
		for _, r := range o.Rows {
			texts = append(texts, r.Name, r.Address)
		}
		texts = append(texts, b.State(), b.Do(0, "show", "-json", planFile).Output)
		for _, text := range texts {
			for _, u := range snap.list("users") {
				u := u.(map[string]any)
				for _, property := range []string{"userPrincipalName", "mail", "displayName"} {
					if name, _ := u[property].(string); name != "" &&
						strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
						b.Fatalf("%q is in\n%.2000s", name, text)
					}
				}
			}
		}
	})
}

// planted is a secret of each credential field, with what it takes to be used.
var planted = []struct {
	name   string
	env    []string
	secret string
}{
	{
		"certificate",
		[]string{"ARM_CLIENT_CERTIFICATE=" + base64.StdEncoding.EncodeToString([]byte("PlantedCertificate0815"))},
		base64.StdEncoding.EncodeToString([]byte("PlantedCertificate0815")),
	},
	{
		"certificate that isn't base64",
		[]string{"ARM_CLIENT_CERTIFICATE=Planted~Certificate~0816"},
		"Planted~Certificate~0816",
	},
	{
		"certificate's password",
		[]string{"ARM_CLIENT_CERTIFICATE_PATH=cert.pem", "ARM_CLIENT_CERTIFICATE_PASSWORD=PlantedPassword0817"},
		"PlantedPassword0817",
	},
	{"OIDC token", []string{"ARM_USE_OIDC=true", "ARM_OIDC_TOKEN=PlantedToken0818"}, "PlantedToken0818"},
	{
		"OIDC token of a file",
		[]string{"ARM_USE_OIDC=true", "ARM_OIDC_TOKEN_FILE_PATH=token.txt"},
		"PlantedFileToken0819",
	},
	{
		"OIDC request token",
		[]string{
			"ARM_USE_OIDC=true",
			"ARM_OIDC_REQUEST_TOKEN=PlantedRequest0820",
			"ARM_OIDC_REQUEST_URL=ENDPOINT/token?x=1",
		},
		"PlantedRequest0820",
	},
	{"client secret", []string{"ARM_CLIENT_SECRET=Planted~Client~0821"}, "Planted~Client~0821"},
	{"secret of a file", []string{"ARM_CLIENT_SECRET_FILE_PATH=token.txt"}, "PlantedFileToken0819"},
	{
		"API key",
		[]string{"ARM_CLIENT_SECRET=" + simulator.DefaultClientSecret, "ATLASSIAN_API_KEY=Planted-Key-0822"},
		"Planted-Key-0822",
	},
	{
		"SCIM token",
		[]string{
			"ARM_CLIENT_SECRET=" + simulator.DefaultClientSecret,
			"ATLASSIAN_SCIM_DIRECTORY_ID=d1",
			"ATLASSIAN_SCIM_TOKEN=Planted-Scim-0823",
		},
		"Planted-Scim-0823",
	},
	{
		"credentials of a job",
		[]string{"ARM_CLIENT_SECRET=" + simulator.DefaultClientSecret, "TF_VAR_scim_token=Planted-Job-0824"},
		"Planted-Job-0824",
	},
}

// A wrong secret in any field of credentials is in nothing that a run prints,
// keeps or logs, at the most talkative level.
func TestEverySecretStaysSecret(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		config := block(
			withArguments(
				"entra",
				map[string]string{"graph_endpoint": b.Server.URL(), "authority_host": b.Server.URL()},
			),
			"snapshot {\n    file = \"recorded.json\"\n    mode = \"record\"\n  }",
			ca,
		) + sources + guard() + `
variable "scim_token" {
  default   = "none"
  sensitive = true
}
resource "usersync_provisioning_secret" "scim" {
  service_principal_id = "` + sp + `"
  credentials          = { BaseAddress = "https://scim.example/directory/x", SecretToken = var.scim_token }
  credentials_version  = "1"
}
`
		org := b.Server.About().Organizations[0]
		common := append(
			b.Env,
			"ARM_TENANT_ID="+b.Server.TenantID(),
			"ARM_CLIENT_ID="+simulator.DefaultClientID,
			"ATLASSIAN_ORGANIZATION_ID="+org.ID,
			"ATLASSIAN_API_KEY="+org.APIKey,
			"ATLASSIAN_ENDPOINT="+b.Server.URL(),
			"TF_LOG=TRACE",
		)
		for _, p := range planted {
			b.Write("main.tf", config)
			b.Write("token.txt", "PlantedFileToken0819")
			b.Write("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
			b.Env = append(append([]string{}, common...), "TF_LOG_PATH="+filepath.Join(b.Dir, "trace.log"))
			for _, e := range p.env {
				b.Env = append(b.Env, strings.ReplaceAll(e, "ENDPOINT", b.Server.URL()))
			}
			b.Log(p.name)
			texts := map[string]string{}
			for _, args := range [][]string{{"plan", "-no-color", "-input=false", "-out=p"}, {"apply", "-no-color", "-input=false", "-auto-approve"}} {
				r, err := b.Workspace.Run(b.Context(), args...)
				b.Must(err)
				texts[args[0]] = r.Output
			}
			for _, file := range []string{"terraform.tfstate", "recorded.json", "trace.log"} {
				raw, err := os.ReadFile(filepath.Join(b.Dir, file))
				if err != nil && !os.IsNotExist(err) {
					b.Fatal(err)
				}
				texts[file] = string(raw)
				_ = os.Remove(filepath.Join(b.Dir, file))
			}
			if len(texts["trace.log"]) < 10_000 || len(texts["plan"]) < 100 {
				b.Fatalf("%s: the trace has %d bytes, the plan says %q", p.name, len(texts["trace.log"]), texts["plan"])
			}
			for where, text := range texts {
				if at := strings.Index(text, p.secret); at >= 0 {
					b.Errorf("%s: %s holds it: …%s…", p.name, where, text[max(0, at-200):min(len(text), at+100)])
				}
			}
		}
	})
}
