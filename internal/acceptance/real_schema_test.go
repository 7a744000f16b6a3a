package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// realSchema is a schema in the shape that real jobs have.
func (b *bench) realSchema(name string) []byte {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "provider", "provisioning", "testdata", "schemas", name+".json"))
	b.Must(err)
	return raw
}

// A newcomer points the provider at a job as the gallery makes it, with its 22
// default rows, and gets an outcome at the first try: what isn't read (manager)
// is unknown by itself, and decides nothing.
func TestRealSchema_NewcomersOutcome(t *testing.T) {
	once(t, func(b *bench) {
		b.Must(b.Server.SetSchema("Atlassian Cloud", b.realSchema("gallery")))
		b.Write("main.tf", b.ProviderBlock()+scimSources+scimGuard()+`
data "usersync_mapping_preview" "one" {
  service_principal = "Atlassian Cloud"
  users             = ["sam.carter@company.com"]
}
output "sent" {
  value     = data.usersync_mapping_preview.one.values
  sensitive = true
}
`)
		plan := b.plan(2)
		var decisions map[string]string
		b.Must(json.Unmarshal([]byte(plan.after(outcome, "decisions").(string)), &decisions))
		for user, decision := range decisions {
			if strings.HasPrefix(decision, "unknown") {
				b.Errorf("%s: %q", user, decision)
			}
		}
		b.Apply()
		b.Plan(0)
	})
}
