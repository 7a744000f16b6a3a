package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// throughCLIs measures whole runs of the CLIs; in the largest tenant of one.
func (b *bench) throughCLIs(ctx context.Context, t *tenant) error {
	clis := b.clis
	if t.users != b.middle() {
		clis = clis[:1]
	}
	for _, cli := range clis {
		if b.late() {
			for _, what := range outcomeRuns {
				b.compare(t.users, cli, what, leftOut, leftOut)
			}
			continue
		}
		if err := b.outcome(ctx, t, cli); err != nil {
			return fmt.Errorf("%s: %w", cli.Name, err)
		}
	}
	if t.users != b.middle() || b.late() {
		return nil
	}
	if err := b.cached(ctx, t, b.clis[0]); err != nil {
		return err
	}
	if err := b.nothing(ctx, t, b.clis[0]); err != nil {
		return err
	}
	if err := b.besidePrevious(ctx, t, b.clis[0]); err != nil {
		return err
	}
	return b.typeChanges(ctx, t, b.clis[0])
}

// Names of whole runs.
const (
	firstPlan     = "plan, first"
	applyRun      = "apply"
	unchangedPlan = "plan, no change"
	cachedPlan    = "plan, no change, with cache_dir"
	emptyPlan     = "plan over nothing"
)

var outcomeRuns = []string{firstPlan, applyRun, unchangedPlan}

// named is a run by a CLI.
func named(what string, cli clitest.CLI) string {
	return what + " (" + cli.Name + " " + cli.Version + ")"
}

func (b *bench) compare(users int, cli clitest.CLI, what string, ours, theirs measured) {
	what = named(what, cli)
	progress("%d users: %s: %s s, the provider %s s of CPU and %s MiB; the CLI's own Strings: %s s",
		users, what, ours, ours.cores(), ours.memory(), theirs)
	b.cli = append(b.cli, compared{users, what, ours, theirs})
}

// outcome plans, applies and plans again, with the provider and with Strings of
// the sizes that it keeps.
func (b *bench) outcome(ctx context.Context, t *tenant, cli clitest.CLI) error {
	dir, runs := filepath.Join(t.dir, cli.Name), b.runsOf(t.users)
	ours, err := workspace(ctx, cli, filepath.Join(dir, "provider"), b.config, configuration(t, outcomeOf(t.users)))
	if err != nil {
		return err
	}
	t.ResetRequests()
	mine, err := planned(ctx, ours, runs)
	if refused := new(refusedError); errors.As(err, &refused) && t.users > 100_000 {
		// A limit that is met is a result.
		for i, what := range outcomeRuns {
			if !mine[i].ok() {
				mine[i] = measured{left: fmt.Sprintf("%s at %s users: %s", what, thousands(t.users), refused.summary())}
			}
			b.compare(t.users, cli, what, mine[i], measured{left: mine[i].left})
		}
		return os.RemoveAll(dir)
	}
	if err != nil {
		return err
	}
	requests := t.Requests().Total / (2*runs + 1)
	kept, theirs, err := b.besideStrings(ctx, ours.Dir, filepath.Join(dir, "strings"), cli, runs)
	if err != nil {
		return err
	}
	for i, what := range outcomeRuns {
		b.compare(t.users, cli, what, mine[i], theirs[i])
	}
	b.facts = append(b.facts, fmt.Sprintf(
		"%s users, %s: the directory's reading %.1f MiB, accepted %.1f MiB, "+
			"decisions %.1f MiB, state file %.1f MiB; about %d requests a run.",
		thousands(
			t.users,
		),
		cli.Name,
		mib(kept.reading),
		mib(kept.accepted),
		mib(kept.decisions),
		mib(kept.state),
		requests,
	))
	return os.RemoveAll(dir)
}

// besideStrings plans, applies and plans Strings of the sizes that the provider keeps in
// a folder.
func (b *bench) besideStrings(
	ctx context.Context, of, dir string, cli clitest.CLI, runs int,
) (kept sizes, out [3]measured, err error) {
	if kept, err = sizesOf(of); err != nil {
		return kept, out, err
	}
	plain, err := workspace(ctx, cli, dir, b.config, stringsConfiguration)
	if err != nil {
		return kept, out, err
	}
	if err := writeStrings(plain.Dir, kept); err != nil {
		return kept, out, err
	}
	out, err = planned(ctx, plain, runs)
	return kept, out, err
}

// planned plans, applies and plans again.
func planned(ctx context.Context, w *clitest.Workspace, runs int) (out [3]measured, err error) {
	for i, c := range []struct {
		runs int
		args []string
	}{
		{runs, []string{"plan", "-out=plan"}},
		{1, []string{"apply", "plan"}},
		{runs, []string{"plan", "-detailed-exitcode"}},
	} {
		if out[i], err = times(ctx, w, c.runs, c.args...); err != nil {
			return out, err
		}
	}
	return out, nil
}

// wave is how many types an apply changes.
const wave = 1_000

// typeChanges applies waves of a policy until everybody has the type, or often
// enough. The plan of the apply is a part of it, as people run it.
func (b *bench) typeChanges(ctx context.Context, t *tenant, cli clitest.CLI) error {
	w, err := workspace(ctx, cli, filepath.Join(t.dir, "policy"), b.config, configuration(t, policyInWaves))
	if err != nil {
		return err
	}
	var m measured
	changed := 0
	for range b.runsOf(t.users) {
		t.ResetRequests()
		one, err := times(ctx, w, 1, "apply", "-auto-approve")
		if err != nil {
			return err
		}
		n := t.Written()["PATCH /v1.0/users/{id}"]
		if n < wave && changed > 0 {
			break // the last wave is a smaller one
		}
		changed = n
		m.seconds, m.peak, m.requests = append(m.seconds, one.seconds...), max(m.peak, one.peak), t.Requests().Total
	}
	return b.add(
		t.users,
		fmt.Sprintf("apply of %s type changes, its plan included (%s %s)", thousands(changed), cli.Name, cli.Version),
		m,
		nil,
	)
}

func mib(n int) float64 { return float64(n) / (1 << 20) }

func workspace(ctx context.Context, cli clitest.CLI, dir, config, text string) (*clitest.Workspace, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	w := clitest.NewWorkspace(cli, dir, config)
	r, err := w.Run(ctx, "init", "-no-color", "-input=false")
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("init:\n%s", r.Output)
	}
	return w, err
}

// configuration is a provider block for the tenant, and what follows it.
func configuration(t *tenant, rest string) string {
	org := t.About().Organizations[0]
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
    main = {
      organization_id = %q
      api_key         = %q
      endpoint        = %q
    }
  }
  ca_file = %q
}
data "usersync_directory" "now" { attributes = ["%s"] }
`,
		t.TenantID(), simulator.DefaultClientID, simulator.DefaultClientSecret, t.URL(), t.URL(),
		org.ID, simulator.DefaultAPIKey, t.URL(), t.ca, strings.Join(attributes, `", "`)) + rest
}

// outcomeOf is an outcome over everybody. Of a very large tenant it lists no more than
// the page for users advises.
func outcomeOf(users int) string {
	show := "skipped"
	if users > 100_000 {
		show = "summary"
	}
	return fmt.Sprintf(`
data "usersync_organization" "main" {}
resource "usersync_outcome" "all" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope { groups = [%q] }
  show = %q
}
`, simulator.SyntheticScopeGroup, show)
}

// policyInWaves makes external members guests, a thousand an apply.
const policyInWaves = `
resource "usersync_user_type_policy" "guests" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce"
  wave_size = 1000
  rule {
    name = "guests"
    user_type = "Guest"

    match {
      origin = "external"
    }
  }
}
`

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
	files := map[string]int{"reading.txt": s.reading, "accepted.txt": s.accepted, "decisions.txt": s.decisions}
	for name, n := range files {
		if err := os.WriteFile(
			filepath.Join(dir, name),
			[]byte(strings.Repeat("abcdefgh", n/8+1)[:n]),
			0o600,
		); err != nil {
			return err
		}
	}
	return nil
}

// refusedError is a command of the CLI that ended with an error.
type refusedError struct {
	command string
	result  clitest.Result
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%s ended with %d:\n%s", e.command, e.result.Code, e.result.Output)
}

// summary is the first line of the CLI's first error.
func (e *refusedError) summary() string {
	_, text, _ := strings.Cut(e.result.Output, "Error: ")
	line, _, _ := strings.Cut(text, "\n")
	return strings.ToLower(line[:min(1, len(line))]) + line[min(1, len(line)):]
}

// times runs a command some times, watching the provider's memory.
func times(ctx context.Context, w *clitest.Workspace, runs int, args ...string) (measured, error) {
	m := &measured{}
	for range runs {
		watch := watchProviders()
		start := time.Now()
		r, err := w.Run(ctx, append([]string{args[0], "-no-color", "-input=false"}, args[1:]...)...)
		took := time.Since(start)
		used := watch()
		m.peak = max(m.peak, used.peak)
		if err != nil {
			return *m, err
		}
		if r.Code != 0 {
			return *m, &refusedError{args[0], r}
		}
		m.seconds, m.cpu = append(m.seconds, took.Seconds()), append(m.cpu, used.cpu)
	}
	return *m, nil
}
