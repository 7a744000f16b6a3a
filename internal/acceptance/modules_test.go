package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// signedIn gives the workspace the simulated tenant's credentials as people
// have them: in the environment.
func (b *bench) signedIn() {
	org := b.Server.About().Organizations[0]
	b.Env = append(
		b.Env,
		"ARM_TENANT_ID="+b.Server.TenantID(),
		"ARM_CLIENT_ID="+simulator.DefaultClientID,
		"ARM_CLIENT_SECRET="+simulator.DefaultClientSecret,
		"ATLASSIAN_ORGANIZATION_ID="+org.ID,
		"ATLASSIAN_API_KEY="+org.APIKey,
		"ATLASSIAN_ENDPOINT="+b.Server.URL(),
		"TF_VAR_endpoint="+b.Server.URL(),
		"TF_VAR_ca_file="+filepath.Join(b.Dir, "ca.pem"),
	)
}

// examples copies folders of examples/ into the workspace and goes to the last
// of them.
func (b *bench) examples(folders ...string) *bench {
	b.Helper()
	root, err := clitest.Root()
	b.Must(err)
	dir := b.Dir
	for _, f := range folders {
		b.Must(os.CopyFS(filepath.Join(dir, f), os.DirFS(filepath.Join(root, "examples", f))))
	}
	w := *b.Workspace
	w.Dir = filepath.Join(dir, folders[len(folders)-1])
	return &bench{&clitest.Bench{T: b.T, Workspace: &w, Server: b.Server}}
}

// pointTests has the module's tests talk to this server instead of the one of
// "make simulator".
func (b *bench) pointTests() {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(b.Dir, "tests", "*.tftest.hcl"))
	b.Must(err)
	ca := filepath.Join(b.Dir, "ca.pem")
	b.Must(b.Server.WriteCA(ca))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		b.Must(err)
		text := strings.NewReplacer("https://127.0.0.1:8443", b.Server.URL(), "../../../.cache/simulator-ca.pem", ca).
			Replace(string(raw))
		b.Must(os.WriteFile(file, []byte(text), 0o600))
	}
}

// without gives the folders of modules but one, as examples takes them: a module
// may use another.
func without(modules []string, path string) []string {
	var folders []string
	for _, m := range modules {
		if m != path {
			folders = append(folders, "modules/"+filepath.Base(m))
		}
	}
	return folders
}

// Every module's own tests pass in both CLIs, against the simulated tenant,
// whose records are published.
func TestModules(t *testing.T) {
	root, err := clitest.Root()
	if err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Glob(filepath.Join(root, "examples", "modules", "*"))
	if err != nil || len(modules) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	for _, path := range modules {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			each(t, func(b *bench) {
				b.signedIn()
				b.Must(b.Server.PublishDomain("new.example", true))
				b.verified(legacyToken)
				m := b.examples(append(without(modules, path), "modules/"+name)...)
				m.pointTests()
				m.Init()
				m.tidy(m.Do(0, "validate", "-no-color").Output)
				if r := m.Do(0, "fmt", "-no-color", "-check", "-diff", "-recursive"); r.Output != "" {
					b.Errorf("%s isn't formatted:\n%s", name, r.Output)
				}
				out := m.Do(0, "test", "-no-color").Output
				m.tidy(out)
				if !strings.Contains(out, "Success!") {
					b.Errorf("%s:\n%s", name, out)
				}
			})
		})
	}
}

// The example of domains: without any it is today's outcome; with one the plan
// says whom it lets in, apply waits, and what lapses is named.
func TestDomainsExample(t *testing.T) {
	each(t, func(b *bench) {
		b.signedIn()
		m := b.examples("modules/verified_domains", "domains")
		m.Init()
		m.Apply()
		m.Plan(0)
		m.Write("terraform.tfvars", `domains = { "legacy.company.com" = { token = "`+legacyToken+`", entra = false } }`)
		p := m.plan(2)
		m.tidy(p.Output)
		m.says(
			p.Output,
			"gained (was in scope): 4 (this plan)",
			"- \"agnes.moreau@legacy.company.com\"",
			"what_if_applied",
		)
		b.after(orgDomains, int32(b.Server.Requests().Routes[orgDomains])+2, func() { b.verified(legacyToken) })
		m.apply()
		m.Plan(0)
	})
}
