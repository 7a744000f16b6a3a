package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

var codeBlock = regexp.MustCompile("(?s)```text\n(.*?)```")

// The example of cross-tenant members, step by step as its README tells it: what stands there as the
// plan's text is in the plan.
func TestCrossTenantMembers(t *testing.T) {
	each(t, func(b *bench) {
		root, err := clitest.Root()
		b.Must(err)
		dir := filepath.Join(root, "examples", "cross-tenant-members")
		config, err := os.ReadFile(filepath.Join(dir, "main.tf"))
		b.Must(err)
		readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
		b.Must(err)
		var texts []string
		for _, m := range codeBlock.FindAllStringSubmatch(string(readme), -1) {
			texts = append(texts, m[1])
		}
		b.Write("main.tf", string(config))
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
		before := b.types()
		step := func(n int, name string) {
			b.Helper()
			raw, err := os.ReadFile(filepath.Join(dir, "steps", name+".tf"))
			b.Must(err)
			b.Write("step.tf", string(raw))
			p := b.plan(2)
			b.tidy(p.Output)
			b.show("%s %d:\n%s", name, n, p.Output)
			if n >= len(texts) {
				b.Fatalf("README.md has no text for step %d", n)
			}
			for _, line := range strings.Split(texts[n], "\n") {
				if line = strings.TrimSpace(line); line != "" && line != "…" {
					b.says(p.Output, line)
				}
			}
			b.apply()
		}
		step(0, "1-today")
		b.Plan(0)
		step(1, "2-audit")
		b.Plan(0)
		step(2, "3-enforce")
		step(3, "3-enforce")
		b.Plan(0)
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		step(4, "4-source")
		step(5, "5-restore")
		for b.attributes(policyAddress)["remaining"].(float64) > 0 {
			b.plan(2)
			b.apply()
		}
		b.Plan(0)
		for id, typ := range b.types() {
			if before[id] != typ {
				b.Errorf("%s is %s and was %s", id, typ, before[id])
			}
		}
	})
}
