package acceptance

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// EnvBig turns the tests of a large tenant on.
const EnvBig = "USERSYNC_BIG"

// A tenant of 100,000 users is planned and applied, nobody listed who syncs;
// the provider's process stays under 400 MB [CONTRIBUTING: Rules of speed].
func TestBigTenant(t *testing.T) {
	if os.Getenv(EnvBig) == "" {
		t.Skip("a large tenant takes a while: set " + EnvBig + "=1")
	}
	const limit = 400 // MB
	clitest.Each(t, func(t *testing.T, cli clitest.CLI) {
		server, err := simulator.NewSynthetic(simulator.Synthetic{Users: 100_000, Groups: 1000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		b := startWith(t, cli, server)
		b.live(sources, guard(`  scope { everyone = true }`, `  show = "skipped"`))
		for _, step := range []struct {
			what string
			code int
			args []string
		}{
			{"plan", 2, []string{"plan", "-no-color", "-input=false", "-detailed-exitcode", "-out=" + planFile}},
			{"apply", 0, []string{"apply", "-no-color", "-input=false", planFile}},
			{"empty plan", 0, []string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}},
		} {
			b.Server.ResetRequests()
			start := time.Now()
			code, peak := b.watched(step.args...)
			t.Logf(
				"%s: %s took %s, the provider's peak memory was %d MB, with %d requests",
				cli.Name,
				step.what,
				time.Since(start).Round(10*time.Millisecond),
				peak,
				b.Server.Requests().Total,
			)
			if code != step.code {
				b.Fatalf("%s ended with %d", step.what, code)
			}
			if peak == 0 || peak > limit {
				b.Errorf("%s: the provider's process took %d MB, more than %d", step.what, peak, limit)
			}
		}
		t.Logf(
			"%s: the state has %d MB, of which the reading %d and the accepted outcome %d",
			cli.Name,
			len(b.State())>>20,
			len(
				b.attributes("data.usersync_directory.now")["reading"].(string),
			)>>20,
			len(b.attributes(outcome)["accepted"].(string))>>20,
		)

		// One person among them, on a domain that isn't verified in Atlassian.
		b.user(
			`{"userPrincipalName":"nora.lund@` + simulator.SyntheticInitialDomain + `","displayName":"Nora Lund","userType":"Member","accountEnabled":true}`,
		)
		p := b.plan(2)
		if got := counts(p.after(outcome, "changes")); len(got) != 1 || got["reason.drift"] != 1 {
			b.Errorf("one new person counts %v", got)
		}
		b.says(p.Output, "nora.lund@"+simulator.SyntheticInitialDomain)
	})
}

// watched runs the CLI and gives its exit code and the largest peak, in MB, of
// a provider's process in the workspace.
func (b *bench) watched(args ...string) (code, peak int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	cmd := b.Command(ctx, args...)
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	b.Must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, p := range b.running() {
				pid, line, _ := strings.Cut(p, " ")
				if strings.Contains(line, "terraform-provider-usersync") {
					peak = max(peak, peakOf(pid))
				}
			}
		case <-ended:
			if code = cmd.ProcessState.ExitCode(); code == 1 {
				b.Log(out.String())
			}
			return code, peak
		}
	}
}

// peakOf reads a process's peak of resident memory, in MB.
func peakOf(pid string) int {
	raw, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(v)[0])
			if err == nil {
				return kb / 1000
			}
		}
	}
	return 0
}
