package acceptance

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/workbench"
)

var reference = regexp.MustCompile(`\b(?:(?:data\.)?usersync_\w+|var)\.\w+`)

// A block from its first line to the bracket that closes it, as fmt leaves it;
// and what it declares.
var (
	blocks      = regexp.MustCompile(`(?m)^(?:(?:data|resource) "[^"]+"|variable) "[^"]+" \{(?:\}|[^\n]*\n(?s:.*?)^\})`)
	declaration = regexp.MustCompile(`^(?:(data|resource) "([^"]+)"|(variable)) "([^"]+)"`)
)

// Every example is valid for both CLIs. A snippet that refers to what other
// snippets declare is validated together with them.
func TestExamplesAreValid(t *testing.T) {
	eachOffline(t, func(b *bench) {
		root, err := workbench.Root()
		b.Must(err)
		texts := map[string]string{}
		b.Must(filepath.WalkDir(filepath.Join(root, "examples"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".tf" || strings.Contains(path, "examples/actions/") || strings.Contains(path, "examples/modules/") || strings.Contains(path, "examples/domains/") {
				return err // actions are of Terraform 1.14; modules are whole folders, see modules_test.go
			}
			raw, err := os.ReadFile(path)
			rel, _ := filepath.Rel(root, path)
			texts[rel] = string(raw)
			return err
		}))
		if len(texts) < 8 {
			b.Fatalf("only %d examples were found", len(texts))
		}
		// What snippets refer to, by address.
		shared := map[string]string{}
		for _, name := range []string{"data-sources/usersync_directory/data-source.tf", "data-sources/usersync_organization/data-source.tf", "resources/usersync_outcome/resource.tf",
			"resources/usersync_provisioning_job/resource.tf", "resources/usersync_provisioning_mapping/resource.tf", "resources/usersync_provisioning_secret/resource.tf",
			"resources/usersync_provisioning_schedule/resource.tf", "resources/usersync_user_type_record/resource.tf", "resources/usersync_user_type_policy/resource.tf"} {
			for _, block := range blocks.FindAllString(texts[filepath.Join("examples", filepath.FromSlash(name))], -1) {
				for _, m := range declaration.FindAllStringSubmatch(block, 1) {
					address := map[string]string{"data": "data."}[m[1]] + m[2] + "." + m[4]
					if m[3] != "" {
						address = "var." + m[4]
					}
					if shared[address] == "" {
						shared[address] = "\n" + block + "\n"
					}
				}
			}
		}
		for name, text := range texts {
			whole := text
			if !strings.Contains(whole, "required_providers") {
				whole = requires + whole
			}
			// What is added may refer to more; no block is added twice.
			for added := true; added; {
				added = false
				for _, ref := range reference.FindAllString(whole, -1) {
					if block := shared[ref]; block != "" && !declares(whole, ref) {
						whole += block
						added = true
					}
				}
			}
			b.Write("main.tf", whole)
			b.tidy(b.Do(0, "validate", "-no-color").Output)
			if r := b.Do(0, "fmt", "-no-color", "-check", "-diff", filepath.Join(root, name)); r.Output != "" {
				b.Errorf("%s isn't formatted:\n%s", name, r.Output)
			}
		}
	})
}

// declares reports a block of that address.
func declares(text, address string) bool {
	kind, rest := "resource", address
	if r, ok := strings.CutPrefix(address, "data."); ok {
		kind, rest = "data", r
	}
	typ, name, _ := strings.Cut(rest, ".")
	if typ == "var" {
		return strings.Contains(text, `variable "`+name+`"`)
	}
	return strings.Contains(text, kind+` "`+typ+`" "`+name+`"`)
}

// The demo's configuration, as the demo runs it, and the functions' examples
// with what their comments say.
func TestExamplesRun(t *testing.T) {
	each(t, func(b *bench) {
		root, err := workbench.Root()
		b.Must(err)
		read := func(name string) string {
			raw, err := os.ReadFile(filepath.Join(root, "examples", name))
			b.Must(err)
			return string(raw)
		}
		b.Write("main.tf", read("demo/main.tf"))
		b.Env = append(b.Env, "ARM_TENANT_ID="+b.Server.TenantID(), "ARM_CLIENT_ID="+simulator.DefaultClientID, "ARM_CLIENT_SECRET="+simulator.DefaultClientSecret,
			"ATLASSIAN_ORGANIZATION_ID="+b.Server.About().Organizations[0].ID, "ATLASSIAN_API_KEY="+b.Server.About().Organizations[0].APIKey, "ATLASSIAN_ENDPOINT="+b.Server.URL(),
			"TF_VAR_endpoint="+b.Server.URL(), "TF_VAR_ca_file=ca.pem")
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
		d.Write("main.tf", requires+read("functions/evaluate/function.tf")+read("functions/home_domain/function.tf")+read("functions/in_scope/function.tf"))
		d.Apply()
		outputs := d.outputs()
		for name, want := range map[string]string{"display_name": `"Adele Vance"`, "home": `"fabrikam.com"`, "in_scope": `true`} {
			if got := string(outputs[name]); got != want {
				b.Errorf("%s is %s, not %s", name, got, want)
			}
		}
	})
}
