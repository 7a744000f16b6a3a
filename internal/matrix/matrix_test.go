package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/usersync/terraform-provider-usersync/internal/provider"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The example tenant, as far as the matrix names it.
const (
	exampleApp  = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	exampleJob  = "customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"
	exampleRule = "USER_OUTBOUND_USER"
)

// What the developer's environment says of the CLI, of providers and of tenants
// has no part in this. The library leaves folders behind: they go with ours.
func TestMain(m *testing.M) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		for _, prefix := range []string{"TF_CLI_", "TF_VAR_", "TF_REATTACH_", "ARM_", "AZURE_", "ATLASSIAN_"} {
			if strings.HasPrefix(name, prefix) {
				_ = os.Unsetenv(name)
			}
		}
	}
	dir, err := os.MkdirTemp("", "usersync-matrix-*")
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// tenant is a simulated tenant for one test, and the provider block for it.
type tenant struct {
	*testing.T
	*simulator.Server
	block  string
	timing provider.Timing
}

// newTenant starts the example tenant. Without TF_ACC, which the library asks
// for, the test is skipped before that.
func newTenant(t *testing.T, options ...simulator.Option) *tenant {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("the matrix runs a real CLI: make testmatrix, or set " + resource.EnvTfAcc + "=1")
	}
	t.Parallel()
	seed, err := os.Open(examplePath(t))
	must(t, err)
	defer seed.Close()
	server, err := simulator.New(seed, options...)
	must(t, err)
	must(t, server.Start())
	t.Cleanup(server.Close)
	ca, err := server.CAFile(t.TempDir())
	must(t, err)
	o := server.About().Organizations[0]
	x := &tenant{T: t, Server: server, block: fmt.Sprintf(`
provider "usersync" {
  entra {
    tenant_id      = %q
    client_id      = %q
    client_secret  = %q
    graph_endpoint = %q
    authority_host = %q
  }
  organizations = {
    main = { organization_id = %q, api_key = %q, endpoint = %q }
  }
  ca_file = %q
}
`, server.TenantID(), simulator.DefaultClientID, simulator.DefaultClientSecret, server.URL(), server.URL(),
		o.ID, o.APIKey, server.URL(), ca)}
	x.timing = x.withoutPauses()
	return x
}

func examplePath(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "examples", "tenant", "company.json"))
	must(t, err)
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// withoutPauses has no pause take time: what a service asks for passes on its own
// clock. The provider's stands a few hours after the example tenant was read.
func (t *tenant) withoutPauses() provider.Timing {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	return provider.Timing{
		Now: func() time.Time { return at },
		Retry: func(_ int, asked time.Duration) time.Duration {
			t.Advance(asked)
			return 0
		},
		Look: func(int) time.Duration { return 0 },
	}
}

// providers run in process.
func (t *tenant) providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"usersync": func() (tfprotov6.ProviderServer, error) { return provider.ServerWith("test", t.timing)(), nil },
		"echo":     echoprovider.NewProviderServer(),
	}
}

// run runs a test's steps. gone looks after the destroy whether the services
// have nothing left of what the test made; nil where there is nothing to leave.
func (t *tenant) run(gone func() error, checks []tfversion.TerraformVersionCheck, steps ...resource.TestStep) {
	t.Helper()
	factories := t.providers()
	if !strings.Contains(steps[0].Config, `provider "echo"`) {
		delete(factories, "echo")
	}
	test := resource.TestCase{
		ProtoV6ProviderFactories: factories,
		TerraformVersionChecks:   checks,
		Steps:                    steps,
	}
	if gone != nil {
		test.CheckDestroy = func(*terraform.State) error { return gone() }
	}
	resource.Test(t.T, test) // newTenant made it parallel
}

// Since when both CLIs have what some tests need.
var (
	anyCLI       []tfversion.TerraformVersionCheck
	withIdentity = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)}
)

// config is a configuration for the tenant.
func (t *tenant) config(parts ...string) string { return t.block + strings.Join(parts, "\n") }

// fails is a step whose configuration is refused with a summary, or any text of
// the diagnostic, before anything is applied.
func (t *tenant) fails(want string, parts ...string) resource.TestStep {
	return resource.TestStep{Config: t.config(parts...), PlanOnly: true, ExpectError: words(want)}
}

// words matches a text however the CLI has wrapped its lines.
func words(text string) *regexp.Regexp {
	fields := strings.Fields(text)
	for i, f := range fields {
		fields[i] = regexp.QuoteMeta(f)
	}
	return regexp.MustCompile(strings.Join(fields, `[\s│|]+`))
}

// planned says what a plan does to a resource, before the apply.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
	}
}

// importedByID imports a resource by its id with the command, and compares the
// state with that of the resource, apart from what an import can't know. %s in
// the id is the attribute "id".
func importedByID(address, id string, unknown ...string) resource.TestStep {
	return resource.TestStep{
		ResourceName: address,
		ImportState:  true,
		ImportStateIdFunc: func(s *terraform.State) (string, error) {
			return strings.ReplaceAll(id, "%s", s.RootModule().Resources[address].Primary.ID), nil
		},
		ImportStateVerify:       true,
		ImportStateVerifyIgnore: unknown,
	}
}

// importedByIdentity imports a resource with an import block by its identity. The
// plan is empty then.
func importedByIdentity(address string) resource.TestStep {
	return resource.TestStep{
		ResourceName:    address,
		ImportState:     true,
		ImportStateKind: resource.ImportBlockWithResourceIdentity,
	}
}

// values are checks of a state, by the attribute's path with dots.
func values(address string, want map[string]knownvalue.Check) []statecheck.StateCheck {
	checks := make([]statecheck.StateCheck, 0, len(want))
	for path, check := range want {
		checks = append(checks, statecheck.ExpectKnownValue(address, at(path), check))
	}
	return checks
}

// at is the path of an attribute, from names and indices with dots between them.
func at(path string) tfjsonpath.Path {
	first, rest, _ := strings.Cut(path, ".")
	p := tfjsonpath.New(first)
	for rest != "" {
		var step string
		step, rest, _ = strings.Cut(rest, ".")
		var index int
		if n, err := fmt.Sscanf(step, "%d", &index); n == 1 && err == nil {
			p = p.AtSliceIndex(index)
		} else {
			p = p.AtMapKey(step)
		}
	}
	return p
}

// Shorter names of the checks that most tests need.
var (
	null  = knownvalue.Null()
	exact = knownvalue.StringExact
	truth = knownvalue.Bool
	whole = knownvalue.Int64Exact
)

// contains checks a text that other tests hold whole.
func contains(parts ...string) knownvalue.Check {
	return knownvalue.StringFunc(func(got string) error {
		for _, part := range parts {
			if !strings.Contains(got, part) {
				return fmt.Errorf("got %q, want %q in it", got, part)
			}
		}
		return nil
	})
}

// refuses is a step whose apply is refused with a text of the diagnostic.
func (t *tenant) refuses(want string, parts ...string) resource.TestStep {
	return resource.TestStep{Config: t.config(parts...), ExpectError: words(want)}
}

// importFails is an import by an id that is refused.
func (t *tenant) importFails(address, id, want string, parts ...string) resource.TestStep {
	return resource.TestStep{
		Config:        t.config(parts...),
		ResourceName:  address,
		ImportState:   true,
		ImportStateId: id,
		ExpectError:   words(want),
	}
}

// lacks is a check that nothing in a state holds a text.
type lacks string

// stateLacks checks that no value of any resource holds a secret.
func stateLacks(secret string) statecheck.StateCheck { return lacks(secret) }

// CheckState looks through the whole state.
func (l lacks) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	raw, err := json.Marshal(req.State)
	switch {
	case err != nil:
		resp.Error = err
	case strings.Contains(string(raw), string(l)):
		resp.Error = fmt.Errorf("the state holds %q, want it nowhere", string(l))
	}
}
