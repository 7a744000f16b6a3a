package clitest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// EnvAcceptance turns the acceptance tests on: they run real CLIs.
const EnvAcceptance = "USERSYNC_ACC"

// Bench is one CLI with one simulated tenant and one workspace, for a test.
type Bench struct {
	*testing.T
	*Workspace
	Server *simulator.Server
}

// EnvEveryCLI has the tests of Once run in every CLI, as those of Each do.
const EnvEveryCLI = "USERSYNC_EVERY_CLI"

// Each runs a test once for each CLI, side by side, or skips it where
// acceptance tests aren't wanted.
func Each(t *testing.T, test func(t *testing.T, cli CLI)) {
	t.Helper()
	for _, cli := range wanted(t) {
		run(t, cli, test)
	}
}

// Once runs a test in one of the CLIs, or skips it where acceptance tests aren't
// wanted. The test's name chooses, so that it is the same one every time and each
// CLI has its share.
func Once(t *testing.T, test func(t *testing.T, cli CLI)) {
	t.Helper()
	clis := wanted(t)
	if os.Getenv(EnvEveryCLI) != "" {
		Each(t, test)
		return
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.Name()))
	run(t, clis[int(h.Sum32())%len(clis)], test)
}

func run(t *testing.T, cli CLI, test func(t *testing.T, cli CLI)) {
	t.Helper()
	t.Run(cli.Name, func(t *testing.T) {
		t.Parallel()
		test(t, cli)
	})
}

func wanted(t *testing.T) []CLI {
	t.Helper()
	if os.Getenv(EnvAcceptance) == "" {
		t.Skip("acceptance tests run real CLIs: make testacc, or set " + EnvAcceptance + "=1")
	}
	clis, err := CLIs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return clis
}

var mirror = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "usersync-mirror-*")
	if err != nil {
		return "", err
	}
	provider := os.Getenv(EnvProvider)
	if provider == "" {
		provider = filepath.Join(dir, "provider")
		root, err := Root()
		if err != nil {
			return "", err
		}
		cmd := exec.CommandContext(context.Background(), "go", "build", "-o", provider, ".")
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building the provider: %w\n%s", err, out)
		}
	}
	return Mirror(dir, provider)
})

// Root is the folder of the module.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "main.go")); err == nil {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				return dir, nil
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fs.ErrNotExist
		}
		dir = parent
	}
}

// Example is the path of the example tenant's snapshot.
func Example(t *testing.T) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "examples", "tenant", "company.json")
}

// Start starts a simulated tenant from the example's snapshot, and a workspace
// whose provider block points at it.
func Start(t *testing.T, cli CLI, options ...simulator.Option) *Bench {
	t.Helper()
	seed, err := os.Open(Example(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = seed.Close() }()
	server, err := simulator.New(seed, options...)
	if err != nil {
		t.Fatal(err)
	}
	return StartWith(t, cli, server)
}

// StartWith is Start with a simulator of the test's own.
func StartWith(t *testing.T, cli CLI, server *simulator.Server) *Bench {
	t.Helper()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	b := Offline(t, cli)
	b.Server = server
	if err := server.WriteCA(filepath.Join(b.Dir, "ca.pem")); err != nil {
		t.Fatal(err)
	}
	return b
}

// Offline makes a workspace without a simulated tenant.
func Offline(t *testing.T, cli CLI) *Bench {
	t.Helper()
	config, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	return &Bench{T: t, Workspace: NewWorkspace(cli, t.TempDir(), config)}
}

// ProviderBlock is the provider block for the simulated tenant. more are lines
// inside it.
func (b *Bench) ProviderBlock(more ...string) string {
	about := b.Server.About()
	var orgs strings.Builder
	for _, o := range about.Organizations {
		fmt.Fprintf(&orgs, "    %s = {\n      organization_id = %q\n      api_key         = %q\n      endpoint       "+
			" = %q\n    }\n", o.Key, o.ID, simulator.DefaultAPIKey, b.Server.URL())
	}
	return fmt.Sprintf(`
terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}
provider "usersync" {
  entra {
    tenant_id      = %q
    client_id      = %q
    client_secret  = %q
    graph_endpoint = %q
    authority_host = %q
  }
  organizations = {
%s  }
  ca_file = "ca.pem"
  %s
}
`,
		b.Server.TenantID(), simulator.DefaultClientID, simulator.DefaultClientSecret, b.Server.URL(), b.Server.URL(),
		orgs.String(), strings.Join(more, "\n  "))
}

// Write writes a file of the workspace.
func (b *Bench) Write(name, text string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.Dir, name), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// Do runs the CLI and fails the test unless it ends with the wanted code.
func (b *Bench) Do(code int, args ...string) Result {
	b.Helper()
	r, err := b.Workspace.Run(b.Context(), args...)
	if err != nil {
		b.Fatal(err)
	}
	if r.Code != code {
		b.Fatalf("%s %s ended with %d instead of %d:\n%s", b.CLI.Name, strings.Join(args, " "), r.Code, code, r.Output)
	}
	return r
}

// Init runs init.
func (b *Bench) Init() {
	b.Helper()
	b.Do(0, "init", "-no-color", "-input=false")
}

// Plan runs plan with -detailed-exitcode and fails unless it ends with code.
func (b *Bench) Plan(code int, args ...string) Result {
	b.Helper()
	return b.Do(code, append([]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, args...)...)
}

// Apply applies.
func (b *Bench) Apply(args ...string) Result {
	b.Helper()
	return b.Do(0, append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, args...)...)
}

// Must fails the test for an error.
func (b *Bench) Must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// State reads the state file, "" where there is none.
func (b *Bench) State() string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(b.Dir, "terraform.tfstate"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.Fatal(err)
	}
	return string(raw)
}
