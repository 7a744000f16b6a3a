package acceptance

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func (b *bench) fault(f simulator.Fault) {
	b.Helper()
	b.Must(b.Server.AddFault(f))
}

// Trouble that passes leaves no mark: the same reading, the same outcome.
func TestTroubleThatPasses(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard())
		b.plan(2)
		b.apply()
		for what, faults := range map[string][]simulator.Fault{
			"throttled":       {{Kind: simulator.FaultStatus, Match: "GET /v1.0/users", RetryAfter: "0.01", Times: 5}, {Kind: simulator.FaultStatus, Match: "GET /v1.0/groups/{id}/members", RetryAfter: "0.01", Times: 5}, {Kind: simulator.FaultStatus, Match: "GET /admin/*", RetryAfter: "0.01", Times: 3}},
			"a batch refused": {{Kind: simulator.FaultStatus, Match: "POST /v1.0/$batch", RetryAfter: "0.01", Times: 3}},
			"cut":             {{Kind: simulator.FaultCut, Match: "GET /v1.0/users", AfterBytes: 1000}, {Kind: simulator.FaultCut, Match: "POST /v1.0/$batch"}, {Kind: simulator.FaultCut, Match: "GET /admin/*"}},
			"unavailable":     {{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups", Status: 503, RetryAfter: "0.01", Times: 2}, {Kind: simulator.FaultStatus, Match: "GET /v1.0/domains", Status: 500}, {Kind: simulator.FaultStatus, Match: "GET /admin/*", Status: 502}},
		} {
			for _, f := range faults {
				b.fault(f)
			}
			r := b.Plan(0)
			b.tidy(r.Output)
			b.Server.ClearFaults()
			if b.Failed() {
				b.Fatalf("%s: %s", what, r.Output)
			}
		}
	})
}

// Trouble that doesn't pass is an error that says who refused what, and what
// to do. State stays.
func TestTroubleThatStays(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard())
		b.plan(2)
		b.apply()
		for what, c := range map[string]struct {
			fault simulator.Fault
			says  []string
		}{
			"throttled without end":            {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/users", RetryAfter: "0.01", Times: -1}, []string{"Reading the directory failed", "Reading users: Graph answered 429", "again and again", "later"}},
			"members throttled without end":    {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups/{id}/members", RetryAfter: "0.01", Times: -1}, []string{"Reading the directory failed", "members", "429", "later"}},
			"Atlassian throttles without end":  {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /admin/*", RetryAfter: "0.01", Times: -1}, []string{"Reading the organization failed", "429", "again and again", "later"}},
			"asked to wait for hours":          {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/users", RetryAfter: "7200", Times: -1}, []string{"Reading the directory failed", "429"}},
			"forbidden":                        {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/users", Status: 403, Times: -1}, []string{"Reading the directory failed", "403", "User.Read.All", "request id"}},
			"Atlassian forbids":                {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /admin/*", Status: 403, Times: -1}, []string{"Reading the organization failed", "403", "read:domains:admin"}},
			"a token that isn't accepted":      {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/domains", Status: 401, Times: -1}, []string{"401"}},
			"broken without end":               {simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/domains", Status: 503, RetryAfter: "0.01", Times: -1}, []string{"Reading domains: Graph answered 503"}},
			"pages that go in a circle":        {simulator.Fault{Kind: simulator.FaultNextLoop, Match: "GET /v1.0/users", Times: -1}, []string{"Reading users", "the pages don't end"}},
			"a page on another host":           {simulator.Fault{Kind: simulator.FaultNextForeign, Match: "GET /v1.0/users", Times: -1}, []string{"was refused", "attacker.example", "The token is sent to the configured host alone"}},
			"Atlassian's page on another host": {simulator.Fault{Kind: simulator.FaultNextForeign, Match: "GET /admin/*", Times: -1}, []string{"was refused", "attacker.example"}},
			"members on another host":          {simulator.Fault{Kind: simulator.FaultNextForeign, Match: "GET /v1.0/groups/{id}/members", Times: -1}, []string{"was refused", "attacker.example"}},
		} {
			b.fault(c.fault)
			before := time.Now()
			out := b.fails()
			b.show("%s (%s)\n%s", what, time.Since(before), out)
			b.tidy(out)
			b.says(out, c.says...)
			b.saysNot(out, simulator.DefaultAPIKey, simulator.DefaultClientSecret)
			if took := time.Since(before); took > 10*time.Second {
				b.Errorf("%s took %s", what, took)
			}
			b.Server.ClearFaults()
		}
		b.Plan(0)
	})
}

// Somebody presses Ctrl-C while the tenant is being read: the CLI ends soon,
// says so, the provider with it, and the state is as it was.
func TestInterrupt(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard())
		b.plan(2)
		b.apply()
		before := b.State()
		b.fault(
			simulator.Fault{
				Kind:    simulator.FaultLatency,
				Match:   "GET /v1.0/users",
				Latency: simulator.Duration(time.Minute),
				Times:   -1,
			},
		)
		for _, c := range []struct {
			args []string
			// An apply's own plan isn't stopped by the first interrupt, in either CLI.
			interrupts int
			says       []string
		}{
			{[]string{"plan", "-no-color", "-input=false"}, 1, []string{"Interrupt received", "was interrupted", "Reading changes nothing"}},
			{[]string{"apply", "-no-color", "-input=false", "-auto-approve"}, 2, []string{"Interrupt received", "Two interrupts received"}},
		} {
			b.Server.ResetRequests()
			ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
			cmd := b.Command(ctx, c.args...)
			out := &output{}
			cmd.Stdout, cmd.Stderr = out, out
			b.Must(cmd.Start())
			b.waitFor(ctx, func() bool { return b.Server.Requests().Routes["GET /v1.0/users"] > 0 })
			at := time.Now()
			b.Must(cmd.Process.Signal(os.Interrupt))
			if c.interrupts > 1 {
				b.waitFor(ctx, func() bool { return strings.Contains(out.String(), "Interrupt received") })
				b.Must(cmd.Process.Signal(os.Interrupt))
			}
			err := cmd.Wait()
			took := time.Since(at)
			b.show("%s: %v after %s\n%s", c.args[0], err, took, out.String())
			if cmd.ProcessState.ExitCode() != 1 {
				b.Errorf("%s ended with %v", c.args[0], err)
			}
			if took > 10*time.Second {
				b.Errorf("%s took %s to end", c.args[0], took)
			}
			b.tidy(out.String())
			b.says(out.String(), c.says...)
			if b.State() != before {
				b.Errorf("%s changed the state", c.args[0])
			}
			b.waitFor(ctx, func() bool { return len(b.running()) == 0 })
			cancel()
			// A CLI that was stopped at once leaves its lock behind.
			if err := os.Remove(filepath.Join(b.Dir, ".terraform.tfstate.lock.info")); err == nil && c.interrupts == 1 {
				b.Errorf("%s left the lock", c.args[0])
			}
		}
		b.Server.ClearFaults()
		b.Plan(0)
	})
}

// output is what a command writes, to be read meanwhile.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (b *bench) waitFor(ctx context.Context, done func() bool) {
	b.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Fatal("what was waited for didn't come")
		}
	}
}

// running are the processes that run in the workspace, where that can be told.
func (b *bench) running() []string {
	var out []string
	dirs, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, d := range dirs {
		if at, err := os.Readlink(d); err == nil && at == b.Dir {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(d), "cmdline"))
			if len(line) > 0 {
				out = append(out, filepath.Base(filepath.Dir(d))+" "+strings.ReplaceAll(string(line), "\x00", " "))
			}
		}
	}
	return out
}

// One plan reads each collection once, whatever the number of data sources
// that ask for it.
func TestRequestsOfAPlan(t *testing.T) {
	deciding := func(kind, name, more string) string {
		return "data \"usersync_" + kind + "\" \"" + name + "\" {\n  connector = \"atlassian_nested_groups\"\n" + scopeAll + "\n" + more + "}\n"
	}
	once(t, func(b *bench) {
		b.live(
			sources,
			guard(),
			deciding("decision", "adele", "  user = \"adele.vance@fabrikam.example\"\n"),
			deciding("decision", "bob", "  user = \"bob.nyberg@company.com\"\n"),
			deciding(
				"decisions",
				"all",
				"  show = \"all\"\n",
			),
			deciding("decisions", "legacy", "  what_if { verified_domains = [\"legacy.company.com\"] }\n"),
			"data \"usersync_directory\" \"same\" {}\ndata \"usersync_organization\" \"same\" { organization = "+
				"\"main\" }\ndata \"usersync_directory\" \"sales\" {\n  groups     = [\"Sales\"]\n  depends_on = "+
				"[data.usersync_directory.now] # a narrow read that starts first can't be shared\n}\n",
			strings.ReplaceAll(guard(), `"guard"`, `"second"`),
		)
		b.Server.ResetRequests()
		p := b.plan(2)
		b.tidy(p.Output)
		want := map[string]int{
			"GET /v1.0/domains":                  1,
			"GET /v1.0/groups":                   1,
			"GET /v1.0/users":                    1,
			"POST /v1.0/$batch":                  1,
			"GET /admin/v1/orgs/{orgId}/domains": 1,
		}
		groups := b.Server.About().Groups
		check := func(what string) {
			b.Helper()
			c := b.Server.Requests()
			got := maps.Clone(c.Routes)
			for route := range got {
				if !strings.Contains(route, "/v1.0/") && !strings.HasPrefix(route, "GET /admin/") {
					delete(got, route) // the sign-in
				}
			}
			if !maps.Equal(got, want) {
				b.Errorf("%s asks %v, not %v", what, got, want)
			}
			if !maps.Equal(c.Batch, map[string]int{"GET /v1.0/groups/{id}/members": groups}) {
				b.Errorf("%s asks in batches for %v, not the members of %d groups once", what, c.Batch, groups)
			}
			b.Server.ResetRequests()
			b.show("%s: %v", what, slices.Sorted(maps.Keys(c.Routes)))
		}
		check("the plan")
		b.apply()
		if n := b.Server.Requests().Total; n != 0 {
			b.Errorf("the apply of a saved plan sends %d requests: %v", n, b.Server.Requests().Routes)
		}
		b.Plan(0)
		check("the next plan")
	})
}
