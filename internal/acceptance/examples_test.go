package acceptance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The demo's configuration, as the demo runs it, and the functions' examples
// with what their comments say.
func TestExamplesRun(t *testing.T) {
	each(t, func(b *bench) {
		root, err := clitest.Root()
		b.Must(err)
		read := func(name string) string {
			raw, err := os.ReadFile(filepath.Join(root, "examples", name))
			b.Must(err)
			return string(raw)
		}
		b.Write("main.tf", read("demo/main.tf"))
		b.Env = append(
			b.Env,
			"ARM_TENANT_ID="+b.Server.TenantID(),
			"ARM_CLIENT_ID="+simulator.DefaultClientID,
			"ARM_CLIENT_SECRET="+simulator.DefaultClientSecret,
			"ATLASSIAN_ORGANIZATION_ID="+b.Server.About().Organizations[0].ID,
			"ATLASSIAN_API_KEY="+b.Server.About().Organizations[0].APIKey,
			"ATLASSIAN_ENDPOINT="+b.Server.URL(),
			"TF_VAR_endpoint="+b.Server.URL(),
			"TF_VAR_ca_file=ca.pem",
		)
		b.plan(2)
		b.apply()
		b.Plan(0)

		c := b.another()
		c.writeSnapshot("tenant.json", c.example())
		c.Env = append(c.Env, "TF_VAR_snapshot=tenant.json")
		c.Write("main.tf", read("offline/main.tf"))
		c.Apply()
		c.Plan(0)

		d := b.another()
		d.Write(
			"main.tf",
			requires+read(
				"functions/evaluate/function.tf",
			)+read(
				"functions/home_domain/function.tf",
			)+read(
				"functions/in_scope/function.tf",
			),
		)
		d.Apply()
		outputs := d.outputs()
		for name, want := range map[string]string{"display_name": `"Adele Vance"`, "home": `"fabrikam.example"`, "in_scope": `true`} {
			if got := string(outputs[name]); got != want {
				b.Errorf("%s is %s, not %s", name, got, want)
			}
		}
	})
}
