package acceptance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// realSchema is a schema in the shape that real jobs have.
func (b *bench) realSchema(name string) []byte {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "provider", "mapping", "testdata", "schemas", name+".json"))
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
		// With the managers read, all rows are evaluated, and nobody's decision is another.
		const wanted = "service_principals ="
		sources := strings.Replace(scimSources, wanted, "attributes = [\"manager\"]\n  "+wanted, 1)
		b.Write("main.tf", b.ProviderBlock()+sources+scimGuard())
		b.saysNot(b.Plan(2).Output, "usersync_outcome.guard will be")
		b.Apply()
		b.Plan(0)
	})
}

// No real schema stops an outcome or a preview: what can't be evaluated is
// unknown by itself.
func TestRealSchema_Outcomes(t *testing.T) {
	once(t, func(b *bench) {
		for _, name := range []string{"ad2aad", "cross_tenant", "salesforce", "workday"} {
			b.Must(b.Server.SetSchema("Atlassian Cloud", b.realSchema(name)))
			b.Write("main.tf", b.ProviderBlock()+`
data "usersync_directory" "now" {
  service_principals = ["Atlassian Cloud"]
}
data "usersync_decisions" "now" {
  connector         = "atlassian_scim"
  service_principal = "Atlassian Cloud"
}
data "usersync_mapping_preview" "one" {
  service_principal = "Atlassian Cloud"
  users             = ["sam.carter@company.com"]
}
output "values" {
  value     = data.usersync_mapping_preview.one.values
  sensitive = true
}
output "reading" {
  value     = data.usersync_directory.now.reading
  sensitive = true
}
`)
			b.Apply()
			if out := string(b.outputs()["values"]); !strings.Contains(out, "in_scope") {
				b.Errorf("%s: the preview says %s", name, out)
			}
		}
	})
}

// The configuration that usersync_provisioning_schema prints imports every real
// schema as it is: nothing changes, nothing is warned of, nothing is written.
func TestRealSchema_Imports(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.graph(
			http.MethodPost,
			"/servicePrincipals/"+sp+"/synchronization/jobs",
			map[string]string{"templateId": "customappsso"},
		)
		for _, name := range []string{"ad2aad", "aws", "cross_tenant", "gallery", "salesforce", "workday"} {
			b.Must(b.Server.SetSchema(sp, b.realSchema(name)))
			c := b.another()
			c.live(fmt.Sprintf("data \"usersync_provisioning_schema\" \"live\" {\n  service_principal_id = "+
				"%q\n}\n", sp),
				"output \"hcl\" {\n  value = data.usersync_provisioning_schema.live.hcl\n}\n")
			c.Apply()
			var hcl string
			c.Must(json.Unmarshal(c.outputs()["hcl"], &hcl))
			c.live(hcl)
			c.Server.ResetRequests()
			p := c.plan(2)
			c.says(p.Output, " 0 to add, 0 to change, 0 to destroy", "to import")
			if strings.Contains(p.Output, "Warning") {
				c.Errorf("%s: the import warns:\n%s", name, p.Output)
			}
			c.apply()
			c.Plan(0)
			if w := c.writes(); len(w) > 0 {
				c.Errorf("%s: the import wrote %v", name, w)
			}
		}
	})
}
