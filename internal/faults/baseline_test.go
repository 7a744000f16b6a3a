package faults

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// A moment is the world between two steps: the tenant, and what the CLI knows
// of it.
type moment struct {
	tenant  []byte
	secrets map[string]string
	state   []byte
}

// A baseline is a story without faults, through one CLI.
type baseline struct {
	story *story
	cli   clitest.CLI
	// before[i] is the moment before step i; the last one is the end.
	before []moment
	steps  []course
}

// A course is what a step did: the requests as they came, items of batches
// behind their batch, and the writes that were carried out, by route.
type course struct {
	requests []simulator.Request
	written  map[string]int
}

// lessCollecting spares the CLI and the provider a fifth of their time: they live
// for a second.
const lessCollecting = "GOGC=800"

// world is one tenant and one workspace, for one case.
type world struct {
	*clitest.Bench
	story *story
}

// newWorld puts a tenant and a workspace into a moment.
func newWorld(t *testing.T, s *story, cli clitest.CLI, m moment) *world {
	t.Helper()
	server, err := simulator.New(bytes.NewReader(m.tenant))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{clitest.StartWith(t, cli, server), s}
	if s.arrange != nil {
		w.Must(s.arrange(server))
	}
	if len(m.secrets) > 0 {
		w.Must(server.PutSecrets(principal, m.secrets))
	}
	w.Env = append(w.Env, lessCollecting)
	w.initialized()
	if m.state != nil {
		w.Write("terraform.tfstate", string(m.state))
	}
	return w
}

// templates are initialized workspaces by CLI: init is the same for all.
var templates sync.Map

func (w *world) initialized() {
	w.Helper()
	once, _ := templates.LoadOrStore(w.CLI.Path, sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "template-*")
		if err != nil {
			return "", err
		}
		space := &clitest.Workspace{CLI: w.CLI, Dir: dir, Env: w.Env}
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(w.ProviderBlock()), 0o600); err != nil {
			return "", err
		}
		r, err := space.Run(w.Context(), "init", "-no-color", "-input=false")
		if err == nil && r.Code != 0 {
			err = fmt.Errorf("init: %s", r.Output)
		}
		return dir, err
	}))
	dir, err := once.(func() (string, error))()
	w.Must(err)
	// The CLIs only read these: the provider is linked, not copied.
	w.Must(os.CopyFS(filepath.Join(w.Dir, ".terraform"), os.DirFS(filepath.Join(dir, ".terraform"))))
	lock, err := os.ReadFile(filepath.Join(dir, ".terraform.lock.hcl"))
	w.Must(err)
	w.Write(".terraform.lock.hcl", string(lock))
}

func (w *world) configure(s step) {
	w.Helper()
	w.Write("main.tf", w.ProviderBlock()+s.config)
}

// run runs a command whose requests come one after another, so that the k-th
// is the same in every run.
func (w *world) run(command string, args ...string) clitest.Result {
	w.Helper()
	r, err := w.Workspace.Run(
		w.Context(),
		append([]string{command, "-no-color", "-input=false", "-parallelism=1"}, args...)...)
	w.Must(err)
	return r
}

func (w *world) apply() clitest.Result { return w.run("apply", "-auto-approve") }
func (w *world) plan() clitest.Result  { return w.run("plan", "-detailed-exitcode") }

func (w *world) moment() moment {
	w.Helper()
	var tenant bytes.Buffer
	w.Must(w.Server.Snapshot(&tenant))
	return moment{tenant.Bytes(), w.Server.HeldSecrets(principal), []byte(w.State())}
}

var baselines sync.Map

// baselineOf runs a story without faults, once for each CLI.
func baselineOf(t *testing.T, s *story, cli clitest.CLI) *baseline {
	t.Helper()
	once, _ := baselines.LoadOrStore(s.name+" "+cli.Name, sync.OnceValue(func() *baseline { return record(t, s, cli) }))
	b := once.(func() *baseline)()
	if b == nil {
		t.Fatalf("the story %s fails without a fault", s.name)
	}
	return b
}

func record(t *testing.T, s *story, cli clitest.CLI) *baseline {
	t.Helper()
	b := &baseline{story: s, cli: cli, before: []moment{{tenant: []byte(seed())}}}
	for i, step := range s.steps {
		w := newWorld(t, s, cli, b.before[i])
		w.configure(step)
		var c course
		var mu sync.Mutex
		remove := w.Server.OnRequest(func(r simulator.Request) (before, after func()) {
			mu.Lock()
			defer mu.Unlock()
			c.requests = append(c.requests, r)
			return nil, nil
		})
		r := w.apply()
		remove()
		c.written = w.Server.Written()
		if r.Code != 0 {
			t.Errorf("%s, %s: %s", s.name, step.name, r.Output)
			return nil
		}
		if p := w.plan(); p.Code != 0 {
			t.Errorf("%s, %s: the plan after it isn't empty: %s", s.name, step.name, p.Output)
			return nil
		}
		b.steps, b.before = append(b.steps, c), append(b.before, w.moment())
		w.Server.Close()
	}
	return b
}

// routesOf is for the log: which requests a step has.
func (c course) String() string {
	var out []string
	for _, r := range c.requests {
		mark := ""
		if r.Writes {
			mark = "!"
		}
		if r.InBatch {
			mark += "-"
		}
		out = append(out, mark+r.Route)
	}
	return strings.Join(slices.Compact(out), "\n  ")
}
