package acceptance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// Every list block of examples/ finds what the example tenant has; a CLI that
// doesn't know lists isn't disturbed by a provider that has them.
func TestQuery(t *testing.T) {
	each(t, func(b *bench) {
		b.Write("main.tf", b.ProviderBlock())
		b.Plan(0)
		if !b.CLI.Queries() {
			b.Logf("%s %s has no command query", b.CLI.Name, b.CLI.Version)
			return
		}
		root, err := clitest.Root()
		b.Must(err)
		files, err := filepath.Glob(filepath.Join(root, "examples", "list-resources", "*", "*.tfquery.hcl"))
		b.Must(err)
		b.customAttribute("Atlassian Cloud", "officeCode")
		if len(files) < 7 {
			b.Fatalf("%d list blocks", len(files))
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			b.Must(err)
			b.Write("all.tfquery.hcl", string(raw))
			out := b.Do(0, "query", "-no-color").Output
			if kind := filepath.Base(
				filepath.Dir(f),
			); !strings.Contains(out, kind) &&
				!strings.Contains(kind, "partner") {
				b.Errorf("%s finds nothing:\n%s", kind, out)
			}
		}
	})
}

// What a query writes as configuration imports all that it found, and plans nothing else.
func TestQuery_GeneratesConfiguration(t *testing.T) {
	each(t, func(b *bench) {
		if !b.CLI.Queries() {
			b.Logf("%s %s has no command query", b.CLI.Name, b.CLI.Version)
			return
		}
		b.customAttribute("Atlassian Cloud", "officeCode")
		b.Must(b.Server.PutSecrets(b.Server.Registry.Find("Atlassian Cloud", true).ID, map[string]string{
			"BaseAddress": "https://scim.example/directory/x", "SecretToken": simulator.DefaultSecretToken,
		}))
		b.live()
		var lists strings.Builder
		for _, kind := range []string{"job", "schedule", "mapping", "attribute", "secret"} {
			fmt.Fprintf(&lists, `list "usersync_provisioning_%s" "all" {
  provider         = usersync
  include_resource = true
  config {
    service_principals = ["Atlassian Cloud"]
  }
}
`, kind)
		}
		b.Write("all.tfquery.hcl", lists.String())
		b.Do(0, "query", "-no-color", "-generate-config-out=generated.tf")
		b.Server.ResetRequests()
		p := b.plan(2)
		b.says(p.Output, "6 to import, 0 to add, 0 to change, 0 to destroy")
		b.saysNot(p.Output, "Warning")
		b.apply()
		b.Plan(0)
		if w := b.writes(); len(w) > 0 {
			b.Errorf("the import wrote %v", w)
		}
	})
}

// customAttribute gives an application's job the schema of its template, and the target an attribute beyond it.
func (b *bench) customAttribute(application, name string) {
	b.Helper()
	app := b.Server.Registry.Find(application, true)
	schema := b.graph(
		http.MethodGet, "/servicePrincipals/"+app.ID+"/synchronization/templates/customappsso/schema", nil,
	)
	for _, d := range schema["directories"].([]any) {
		for _, o := range d.(map[string]any)["objects"].([]any) {
			o := o.(map[string]any)
			if d.(map[string]any)["name"] == "customappsso" && strings.HasSuffix(o["name"].(string), ":User") {
				o["attributes"] = append(o["attributes"].([]any), map[string]any{"name": name, "type": "String"})
			}
		}
	}
	raw, err := json.Marshal(schema)
	b.Must(err)
	b.Must(b.Server.SetSchema(application, raw))
}
