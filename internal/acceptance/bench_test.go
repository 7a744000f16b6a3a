package acceptance

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The mirror, and the workspaces that are initialized once, go when the tests
// end.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "usersync-acceptance-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.Setenv("TMPDIR", dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// bench is a workspace with the questions that these tests ask.
type bench struct{ *clitest.Bench }

// each runs a story on the example tenant, once for each CLI: where what it tells
// depends on the CLI.
func each(t *testing.T, story func(b *bench), options ...simulator.Option) {
	t.Helper()
	t.Parallel()
	clitest.Each(t, func(t *testing.T, cli clitest.CLI) { story(start(t, cli, options...)) })
}

// eachOffline runs a story without a server, once for each CLI.
func eachOffline(t *testing.T, story func(b *bench)) {
	t.Helper()
	t.Parallel()
	clitest.Each(t, func(t *testing.T, cli clitest.CLI) { story(offline(t, cli)) })
}

// once runs a story on the example tenant in one of the CLIs: where what it tells
// doesn't depend on the CLI.
func once(t *testing.T, story func(b *bench), options ...simulator.Option) {
	t.Helper()
	t.Parallel()
	clitest.Once(t, func(t *testing.T, cli clitest.CLI) { story(start(t, cli, options...)) })
}

// onceOffline runs a story without a server in one of the CLIs.
func onceOffline(t *testing.T, story func(b *bench)) {
	t.Helper()
	t.Parallel()
	clitest.Once(t, func(t *testing.T, cli clitest.CLI) { story(offline(t, cli)) })
}

func start(t *testing.T, cli clitest.CLI, options ...simulator.Option) *bench {
	t.Helper()
	b := &bench{clitest.Start(t, cli, options...)}
	b.initialized()
	return b
}

func startWith(t *testing.T, cli clitest.CLI, server *simulator.Server) *bench {
	t.Helper()
	b := &bench{clitest.StartWith(t, cli, server)}
	b.initialized()
	return b
}

func offline(t *testing.T, cli clitest.CLI) *bench {
	t.Helper()
	b := &bench{clitest.Offline(t, cli)}
	b.initialized()
	return b
}

// another is a second workspace on the same tenant.
func (b *bench) another() *bench {
	b.Helper()
	c := &bench{clitest.Offline(b.T, b.CLI)}
	c.Server = b.Server
	if c.Server != nil {
		b.Must(c.Server.WriteCA(filepath.Join(c.Dir, "ca.pem")))
	}
	c.initialized()
	return c
}

const requires = `
terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}
`

// templates are initialized workspaces by CLI: init is the same for all, so
// that it runs once.
var templates sync.Map

func (b *bench) initialized() {
	b.Helper()
	once, _ := templates.LoadOrStore(b.CLI.Path, sync.OnceValue(func() string {
		dir, err := os.MkdirTemp("", "template-*")
		b.Must(err)
		t := &bench{&clitest.Bench{T: b.T, Workspace: &clitest.Workspace{CLI: b.CLI, Dir: dir, Env: b.Env}}}
		t.Write("main.tf", requires)
		t.Init()
		return dir
	}))
	b.Must(copyTree(once.(func() string)(), b.Dir))
}

// copyTree copies a folder's files and links, but its configuration.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(from, path)
		if err != nil || relErr != nil || filepath.Ext(path) == ".tf" {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, info.Mode())
	})
}

// sources are the two data sources of most stories.
const sources = `
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}
`

// scopeAll is the scope of the example: both groups that the connector syncs.
const scopeAll = `  scope { groups = ["Atlassian users", "Fabrikam colleagues"] }`

// guard is an outcome over the two readings; lines are its arguments.
func guard(lines ...string) string {
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "scope ") }) {
		lines = append([]string{scopeAll}, lines...)
	}
	return `
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
` + strings.Join(lines, "\n") + "\n}\n"
}

// live writes a configuration that reads the simulated tenant.
func (b *bench) live(parts ...string) {
	b.Helper()
	b.Write("main.tf", b.ProviderBlock()+strings.Join(parts, "\n"))
}

// snapshot writes a configuration that reads a snapshot file.
func (b *bench) snapshot(file string, parts ...string) {
	b.Helper()
	b.Write(
		"main.tf",
		requires+fmt.Sprintf("provider \"usersync\" {\n  snapshot { file = %q }\n}\n", file)+strings.Join(parts, "\n"),
	)
}

// example is the example tenant's snapshot, to be changed.
func (b *bench) example() *snapshot {
	b.Helper()
	raw, err := os.ReadFile(clitest.Example(b.T))
	b.Must(err)
	s := &snapshot{}
	b.Must(json.Unmarshal(raw, s))
	return s
}

// snapshot is a snapshot file, loosely.
type snapshot struct {
	Version       int                       `json:"version"`
	TakenAt       string                    `json:"taken_at,omitempty"`
	Entra         map[string]any            `json:"entra,omitempty"`
	Organizations map[string]map[string]any `json:"organizations,omitempty"`
}

func (b *bench) writeSnapshot(file string, s *snapshot) {
	b.Helper()
	raw, err := json.MarshalIndent(s, "", "  ")
	b.Must(err)
	b.Write(file, string(raw))
}

// plan is a saved plan as "show -json" has it.
type plan struct {
	b *bench
	clitest.Result
	Document struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				Actions      []string
				Before       map[string]any
				After        map[string]any
				AfterUnknown map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
		OutputChanges map[string]struct {
			Actions []string
			After   any
		} `json:"output_changes"`
		PriorState struct {
			Values struct {
				RootModule stateModule `json:"root_module"`
			}
		} `json:"prior_state"`
		PlannedValues struct {
			RootModule stateModule `json:"root_module"`
		} `json:"planned_values"`
	}
}

type stateModule struct {
	Resources []struct {
		Address string
		Values  map[string]any
	}
	ChildModules []stateModule `json:"child_modules"`
}

const planFile = "saved.tfplan"

// plan plans, saves the plan and reads it.
func (b *bench) plan(code int, args ...string) *plan {
	b.Helper()
	p := &plan{b: b, Result: b.Plan(code, append([]string{"-out=" + planFile}, args...)...)}
	b.Must(json.Unmarshal([]byte(b.Do(0, "show", "-json", planFile).Stdout), &p.Document))
	return p
}

// apply applies the saved plan.
func (b *bench) apply() clitest.Result {
	b.Helper()
	return b.Do(0, "apply", "-no-color", "-input=false", planFile)
}

// fails plans, expects a failure, and checks that the state stayed as it was.
func (b *bench) fails(args ...string) string {
	b.Helper()
	before := b.State()
	r := b.Plan(1, args...)
	if b.State() != before {
		b.Error("a failed plan changed the state")
	}
	return r.Output
}

// after is an attribute of a resource as planned.
func (p *plan) after(address, attribute string) any {
	p.b.Helper()
	for _, c := range p.Document.ResourceChanges {
		if c.Address == address {
			v, ok := c.Change.After[attribute]
			if !ok {
				p.b.Fatalf("%s has no planned %s", address, attribute)
			}
			return v
		}
	}
	p.b.Fatalf("the plan doesn't speak of %s", address)
	return nil
}

// read is an attribute of a data source that was read.
func (p *plan) read(address, attribute string) string {
	p.b.Helper()
	for _, r := range p.Document.PriorState.Values.RootModule.Resources {
		if r.Address == address {
			s, _ := r.Values[attribute].(string)
			return s
		}
	}
	p.b.Fatalf("%s wasn't read", address)
	return ""
}

// attributes are an outcome's attributes in the state file.
func (b *bench) attributes(address string) map[string]any {
	b.Helper()
	var state struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []struct{ Attributes map[string]any }
		}
	}
	b.Must(json.Unmarshal([]byte(b.State()), &state))
	for _, r := range state.Resources {
		at := r.Type + "." + r.Name
		if r.Mode == "data" {
			at = "data." + at
		}
		if at == address {
			return r.Instances[0].Attributes
		}
	}
	b.Fatalf("the state has no %s", address)
	return nil
}

const outcome = "usersync_outcome.guard"

// counts flattens changes to "kind.cause" where it isn't 0.
func counts(changes any) map[string]int {
	out := map[string]int{}
	for kind, v := range changes.(map[string]any) {
		causes, ok := v.(map[string]any)
		if !ok {
			continue
		}
		for cause, n := range causes {
			if n := int(n.(float64)); n != 0 {
				out[kind+"."+cause] = n
			}
		}
	}
	return out
}

// severity is what a plan says of an outcome to pipelines.
func (p *plan) severity(address string) string {
	s, _ := p.after(address, "severity").(string)
	return s
}

// decisions reads a JSON object of decisions.
func (b *bench) decisions(v any) map[string]string {
	b.Helper()
	out := map[string]string{}
	b.Must(json.Unmarshal([]byte(v.(string)), &out))
	return out
}

// says fails unless a text, its line breaks and boxes undone, has each of some
// parts.
func (b *bench) says(output string, parts ...string) {
	b.Helper()
	flat := flatten(output)
	for _, p := range parts {
		if !strings.Contains(flat, flatten(p)) {
			b.Errorf("%s doesn't say %q:\n%s", b.CLI.Name, p, output)
		}
	}
}

// saysNot fails if a text has one of some parts.
func (b *bench) saysNot(output string, parts ...string) {
	b.Helper()
	flat := flatten(output)
	for _, p := range parts {
		if strings.Contains(flat, flatten(p)) {
			b.Errorf("%s says %q:\n%s", b.CLI.Name, p, output)
		}
	}
}

var boxes = regexp.MustCompile(`(?m)^[│╷╵]\s?`)
var blanks = regexp.MustCompile(`\s+`)

// flatten undoes what the CLIs do to a diagnostic's text: boxes and wrapping.
func flatten(s string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(boxes.ReplaceAllString(s, ""), " "))
}

// tidy fails on what no output may show, whatever the case.
func (b *bench) tidy(output string) {
	b.Helper()
	b.saysNot(
		output,
		"panic",
		"goroutine ",
		"This is a bug in the provider",
		"inconsistent final plan",
		"inconsistent result after apply",
		"%!",
		"0xc0",
		"&{",
		"<nil>",
		"unexpected EOF unexpected",
	)
}

// show logs what a user would see, for whoever reads the texts.
func (b *bench) show(format string, args ...any) {
	b.Helper()
	if os.Getenv("USERSYNC_SHOW") != "" {
		b.Logf(format, args...)
	}
}

// replaceOnce is strings.Replace of the one place that must be there.
func replaceOnce(s, old, new string) string {
	if strings.Count(s, old) == 0 {
		panic("there is no " + old)
	}
	return strings.Replace(s, old, new, 1)
}

func exampleFile(b *bench) string {
	b.Helper()
	return clitest.Example(b.T)
}

func readFile(b *bench, name string) string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(b.Dir, name))
	b.Must(err)
	return string(raw)
}
