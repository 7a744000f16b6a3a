// Command bench measures whole plans and applies through a real CLI: a large
// simulated tenant, beside the same CLI planning Strings of the same size, in
// the same run. "make bench" runs it after the Go benchmarks.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/workbench"
)

func main() {
	users := flag.Int("users", 100_000, "users of the simulated tenant")
	groups := flag.Int("groups", 1_000, "groups of the simulated tenant")
	runs := flag.Int("runs", 3, "runs of each measurement")
	flag.Parse()
	if err := run(context.Background(), *users, *groups, *runs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, users, groups, runs int) error {
	work, err := os.MkdirTemp("", "usersync-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	config, err := workbench.Mirror(work, os.Getenv(workbench.EnvProvider))
	if err != nil {
		return err
	}
	clis, err := workbench.CLIs(ctx)
	if err != nil {
		return err
	}
	server, err := simulator.NewSynthetic(simulator.Synthetic{Users: users, Groups: groups, NestingDepth: 10, Seed: 1})
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Close()
	if err := server.WriteCA(filepath.Join(work, "ca.pem")); err != nil {
		return err
	}
	fmt.Printf("\n%d users, %d groups; %d runs each; seconds, minimum / median\n", users, groups, runs)
	for _, cli := range clis {
		if err := measure(ctx, cli, filepath.Join(work, cli.Name), config, server, runs); err != nil {
			return fmt.Errorf("%s: %w", cli.Name, err)
		}
	}
	return nil
}

// measure plans, applies and plans again, with the provider and with Strings.
func measure(ctx context.Context, cli workbench.CLI, dir, config string, server *simulator.Server, runs int) error {
	ours, err := workspace(ctx, cli, filepath.Join(dir, "provider"), config, configuration(server, filepath.Dir(dir)))
	if err != nil {
		return err
	}
	fmt.Printf("\n%s %s\n", cli.Name, cli.Version)
	before := server.Requests().Total
	plan, err := times(ctx, ours, runs, "plan", "-out=plan")
	if err != nil {
		return err
	}
	requests := (server.Requests().Total - before) / runs
	apply, err := times(ctx, ours, 1, "apply", "plan")
	if err != nil {
		return err
	}
	again, err := times(ctx, ours, runs, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	sizes, err := sizesOf(ours.Dir)
	if err != nil {
		return err
	}
	plain, err := workspace(ctx, cli, filepath.Join(dir, "strings"), config, stringsConfiguration)
	if err != nil {
		return err
	}
	if err := writeStrings(plain.Dir, sizes); err != nil {
		return err
	}
	basePlan, err := times(ctx, plain, runs, "plan", "-out=plan")
	if err != nil {
		return err
	}
	baseApply, err := times(ctx, plain, 1, "apply", "plan")
	if err != nil {
		return err
	}
	baseAgain, err := times(ctx, plain, runs, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	fmt.Printf("| what | provider | the CLI's own Strings of that size | more |\n| --- | ---: | ---: | ---: |\n")
	for _, row := range []struct {
		name string
		a, b measured
	}{{"plan, first", plan, basePlan}, {"apply", apply, baseApply}, {"plan, no change", again, baseAgain}} {
		fmt.Printf("| %s | %s | %s | %.2f |\n", row.name, row.a, row.b, row.a.median()-row.b.median())
	}
	fmt.Printf("provider's peak memory: plan %d MiB, apply %d MiB, plan without change %d MiB\n", plan.peak>>20, apply.peak>>20, again.peak>>20)
	fmt.Printf("directory's reading %.1f MiB, accepted %.1f MiB, decisions %.1f MiB, state file %.1f MiB; %d requests a plan\n",
		mib(sizes.reading), mib(sizes.accepted), mib(sizes.decisions), mib(sizes.state), requests)
	return nil
}

func mib(n int) float64 { return float64(n) / (1 << 20) }

func workspace(ctx context.Context, cli workbench.CLI, dir, config, text string) (*workbench.Workspace, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	w := workbench.NewWorkspace(cli, dir, config)
	r, err := w.Run(ctx, "init", "-no-color", "-input=false")
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("init:\n%s", r.Output)
	}
	return w, err
}

func configuration(server *simulator.Server, work string) string {
	org := server.About().Organizations[0]
	return fmt.Sprintf(`
terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}
provider "usersync" {
  entra = {
    tenant_id      = %q
    client_id      = %q
    client_secret  = %q
    graph_endpoint = %q
    authority_host = %q
  }
  organizations = {
    main = {
      organization_id = %q
      api_key         = %q
      endpoint        = %q
    }
  }
  ca_file = %q
}
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}
resource "usersync_outcome" "all" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope = {
    groups = [%q]
  }
}
`, server.TenantID(), simulator.DefaultClientID, simulator.DefaultClientSecret, server.URL(), server.URL(), org.ID, simulator.DefaultAPIKey, server.URL(), filepath.Join(work, "ca.pem"), simulator.SyntheticScopeGroup)
}

// sizes are those of what the provider keeps.
type sizes struct{ reading, accepted, decisions, state int }

func sizesOf(dir string) (s sizes, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, "terraform.tfstate"))
	if err != nil {
		return s, err
	}
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Attributes map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		return s, err
	}
	s.state = len(raw)
	for _, r := range state.Resources {
		a := r.Instances[0].Attributes
		switch r.Type {
		case "usersync_directory":
			s.reading = len(a["reading"])
		case "usersync_outcome":
			s.accepted, s.decisions = len(a["accepted"]), len(a["decisions"])
		}
	}
	return s, nil
}

// stringsConfiguration holds Strings of the same sizes in built-in resources:
// the reading passes through, what is accepted stays.
const stringsConfiguration = `
resource "terraform_data" "reading" {
  input = file("reading.txt")
}
resource "terraform_data" "outcome" {
  input = {
    accepted  = file("accepted.txt")
    decisions = file("decisions.txt")
  }
}
`

func writeStrings(dir string, s sizes) error {
	for name, n := range map[string]int{"reading.txt": s.reading, "accepted.txt": s.accepted, "decisions.txt": s.decisions} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("abcdefgh", n/8+1)[:n]), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// measured are the times of some runs, and the provider's peak memory.
type measured struct {
	seconds []float64
	peak    int
}

func (m measured) median() float64 { return slices.Sorted(slices.Values(m.seconds))[len(m.seconds)/2] }

func (m measured) String() string {
	return fmt.Sprintf("%.2f / %.2f", slices.Min(m.seconds), m.median())
}

// times runs a command some times, watching the provider's memory.
func times(ctx context.Context, w *workbench.Workspace, runs int, args ...string) (measured, error) {
	m := &measured{}
	for range runs {
		watch := watchMemory()
		start := time.Now()
		r, err := w.Run(ctx, append([]string{args[0], "-no-color", "-input=false"}, args[1:]...)...)
		took := time.Since(start)
		m.peak = max(m.peak, watch())
		if err != nil {
			return *m, err
		}
		if r.Code != 0 {
			return *m, fmt.Errorf("%s ended with %d:\n%s", args[0], r.Code, r.Output)
		}
		m.seconds = append(m.seconds, took.Seconds())
	}
	return *m, nil
}
