package attack

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// Variables that turn attacks on, and that say what is attacked beside the
// provider: the folder of the pipelines' scripts, and the jq that runs them.
const (
	envAttack  = "USERSYNC_ATTACK"
	envScripts = "USERSYNC_SCRIPTS"
	envJQ      = "USERSYNC_JQ"
)

// The mirror and the initialized workspaces go when the tests end.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "usersync-attack-*")
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

// bench is a workspace that is attacked.
type bench struct{ *clitest.Bench }

// attack runs an attack beside the others with OpenTofu alone.
func attack(t *testing.T, test func(b *bench)) {
	t.Helper()
	b := &bench{clitest.Offline(t, program(t, "tofu"))}
	b.initialized()
	test(b)
}

// attackNewest runs an attack on what only the newest Terraform has or shows.
func attackNewest(t *testing.T, test func(b *bench)) {
	t.Helper()
	b := &bench{clitest.Offline(t, program(t, "terraform"))}
	b.initialized()
	test(b)
}

// program is the CLI of a name, or the end of the test.
func program(t *testing.T, name string) clitest.CLI {
	t.Helper()
	t.Parallel()
	if os.Getenv(envAttack) == "" {
		t.Skip("attacks run a real CLI: make attack, or set " + envAttack + "=1")
	}
	clis, err := clitest.CLIs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(clis, func(c clitest.CLI) bool { return c.Name == name })
	if i < 0 {
		t.Skip("LEFT OUT: no " + name)
	}
	if name == "terraform" && !clis[i].Queries() { // what it shows came with the same version
		t.Skip("LEFT OUT: Terraform " + clis[i].Version + " hasn't what is attacked")
	}
	return clis[i]
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

// templates are initialized workspaces by CLI: what init leaves is linked to.
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
	dir := once.(func() string)()
	b.Must(os.Symlink(filepath.Join(dir, ".terraform"), filepath.Join(b.Dir, ".terraform")))
	lock, err := os.ReadFile(filepath.Join(dir, ".terraform.lock.hcl"))
	b.Must(err)
	b.Write(".terraform.lock.hcl", string(lock))
}

const sources = `
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}
`

// scope is that of the example: both groups that the connector syncs.
const scope = `scope { groups = ["Atlassian users", "Fabrikam colleagues"] }`

// guard is an outcome; lines are its arguments.
func guard(lines ...string) string {
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "scope ") }) {
		lines = append([]string{scope}, lines...)
	}
	return sources + `
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  ` + strings.Join(lines, "\n  ") + "\n}\n"
}

// limits is an outcome with these guardrails.
func limits(lines ...string) string {
	return guard("guardrails { \n    " + strings.Join(lines, "\n    ") + "\n }")
}

// configure writes a configuration that reads the tenant's snapshot.
func (b *bench) configure(parts ...string) {
	b.Helper()
	b.Write("main.tf", requires+"provider \"usersync\" {\n  snapshot { file = \"tenant.json\" "+
		"}\n}\n"+strings.Join(parts, "\n"))
}

// accepted are the states that a first apply left, by configuration and tenant:
// many attacks begin with the same.
var accepted sync.Map

// accept begins a story: the outcome of a tenant is accepted.
func (b *bench) accept(s *tenant, parts ...string) {
	b.Helper()
	b.save(s)
	b.configure(parts...)
	raw := s.bytes(b)
	key := sha256.Sum256(append([]byte(b.CLI.Path+strings.Join(parts, "\n")), raw...))
	once, _ := accepted.LoadOrStore(key, sync.OnceValue(func() string {
		r, err := b.Workspace.Run(b.Context(), "apply", "-no-color", "-input=false", "-auto-approve")
		if err != nil || r.Code != 0 {
			b.Error(err, r.Output)
			return ""
		}
		return b.State()
	}))
	state := once.(func() string)()
	if state == "" {
		b.Fatal("what the attack begins with couldn't be accepted")
	}
	b.Write("terraform.tfstate", state)
}

// night is what a plan of the next night says, and does where it isn't held.
type night struct {
	b *bench
	clitest.Result
	severity string
	changes  map[string]any
}

// night applies whatever the plan is, as a script that looks at nothing does:
// what it says before it does so is judged. The state is then that of a person
// who accepts.
func (b *bench) night(s *tenant) *night {
	b.Helper()
	b.save(s)
	r, err := b.Workspace.Run(b.Context(), "apply", "-no-color", "-input=false", "-auto-approve")
	b.Must(err)
	n := &night{b: b, Result: r}
	for _, bad := range []string{"panic:", "bug in the provider", "inconsistent"} {
		if strings.Contains(r.Output, bad) {
			b.Errorf("the provider breaks (%s):\n%s", bad, r.Output)
		}
	}
	switch {
	case r.Code != 0:
		n.severity = "error"
	case strings.Contains(r.Output, "No changes."):
		n.severity = "none"
	default:
		n.read()
	}
	return n
}

// read finds severity and changes in the state. The edition before had the
// severity among the changes.
func (n *night) read() {
	n.b.Helper()
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes map[string]any }
		}
	}
	n.b.Must(json.Unmarshal([]byte(n.b.State()), &state))
	for _, r := range state.Resources {
		if r.Type != "usersync_outcome" {
			continue
		}
		a := r.Instances[0].Attributes
		n.changes, _ = a["changes"].(map[string]any)
		if n.severity, _ = a["severity"].(string); n.severity == "" {
			n.severity, _ = n.changes["severity"].(string)
		}
	}
}

// is fails the attack where the severity is none of some.
func (n *night) is(promise string, severities ...string) *night {
	n.b.Helper()
	if !slices.Contains(severities, n.severity) {
		n.b.Errorf("BROKEN: %s: %q instead of %s:\n%s", promise, n.severity, strings.Join(severities, " or "), n.Output)
	}
	return n
}

// held: a person must see it.
func (n *night) held(promise string) *night {
	n.b.Helper()
	return n.is(promise, "review", "blocked", "error")
}

// blocked: a guardrail holds, and the plan says which.
func (n *night) blocked(promise string, words ...string) *night {
	n.b.Helper()
	n.is(promise, "blocked", "error")
	return n.says(promise, words...)
}

// says fails the attack unless the output has every text.
func (n *night) says(promise string, words ...string) *night {
	n.b.Helper()
	says(n.b, promise, n.Output, words...)
	return n
}

func says(b *bench, promise, output string, words ...string) {
	b.Helper()
	for _, w := range words {
		if !strings.Contains(flatten(output), flatten(w)) {
			b.Errorf("BROKEN: %s: nothing says %q:\n%s", promise, w, output)
		}
	}
}

func saysNot(b *bench, promise, output string, words ...string) {
	b.Helper()
	for _, w := range words {
		if strings.Contains(flatten(output), flatten(w)) {
			b.Errorf("BROKEN: %s: it says %q:\n%s", promise, w, output)
		}
	}
}

var (
	boxes  = regexp.MustCompile(`(?m)^[│╷╵]\s?`)
	blanks = regexp.MustCompile(`\s+`)
	hashes = regexp.MustCompile(`approve\s*=\s*\\?"([0-9a-f]{16})\\?"`)
)

// flatten undoes what the CLIs do to a diagnostic's text.
func flatten(s string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(boxes.ReplaceAllString(s, ""), " "))
}

// hash is the one that a violation prints, "" where none is.
func (n *night) hash() string {
	if m := hashes.FindStringSubmatch(flatten(n.Output)); m != nil {
		return m[1]
	}
	return ""
}

// tenant is a snapshot that attacks change.
type tenant struct{ doc map[string]any }

// example is the example tenant: 31 people sync, 12 external members don't.
func (b *bench) example() *tenant {
	b.Helper()
	raw, err := os.ReadFile(clitest.Example(b.T))
	b.Must(err)
	s := &tenant{}
	b.Must(json.Unmarshal(raw, &s.doc))
	return s
}

func (s *tenant) bytes(b *bench) []byte {
	b.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", " ")
	b.Must(e.Encode(s.doc))
	return out.Bytes()
}

func (b *bench) save(s *tenant) {
	b.Helper()
	b.Write("tenant.json", string(s.bytes(b)))
}

func (s *tenant) list(part string) []any {
	l, _ := s.doc["entra"].(map[string]any)[part].([]any)
	return l
}

func (s *tenant) set(part string, l []any) { s.doc["entra"].(map[string]any)[part] = l }

// find is the object whose key has a value.
func (s *tenant) find(part, key, value string) map[string]any {
	for _, o := range s.list(part) {
		if o := o.(map[string]any); o[key] == value {
			return o
		}
	}
	panic("the tenant has no " + value)
}

func (s *tenant) user(name string) map[string]any  { return s.find("users", "userPrincipalName", name) }
func (s *tenant) group(name string) map[string]any { return s.find("groups", "displayName", name) }

// edit changes properties of users.
func (s *tenant) edit(key string, value any, names ...string) *tenant {
	for _, n := range names {
		s.user(n)[key] = value
	}
	return s
}

func (s *tenant) disable(names ...string) *tenant { return s.edit("accountEnabled", false, names...) }

// rename gives a user another principal name, and the mail with it.
func (s *tenant) rename(from, to string) *tenant {
	u := s.user(from)
	u["userPrincipalName"], u["mail"] = to, to
	return s
}

// hide takes users from what may be read; they stay members.
func (s *tenant) hide(names ...string) *tenant {
	s.set("users", slices.DeleteFunc(s.list("users"), func(o any) bool {
		return slices.Contains(names, o.(map[string]any)["userPrincipalName"].(string))
	}))
	return s
}

// leave takes a user, by object id or principal name, out of groups, or of all.
func (s *tenant) leave(who string, groups ...string) *tenant {
	for _, u := range s.list("users") {
		if u := u.(map[string]any); u["userPrincipalName"] == who {
			who = u["id"].(string)
		}
	}
	for _, g := range s.list("groups") {
		g := g.(map[string]any)
		if members, ok := g["members"].([]any); ok &&
			(len(groups) == 0 || slices.Contains(groups, g["displayName"].(string))) {
			g["members"] = slices.DeleteFunc(members, func(m any) bool { return m.(map[string]any)["id"] == who })
		}
	}
	return s
}

// remove deletes users.
func (s *tenant) remove(names ...string) *tenant {
	for _, n := range names {
		s.leave(n)
	}
	return s.hide(names...)
}

// join puts an object into a group.
func (s *tenant) join(group, id string, kind ...string) *tenant {
	g := s.group(group)
	members, _ := g["members"].([]any)
	g["members"] = append(
		members,
		map[string]any{"@odata.type": "#microsoft.graph." + append(kind, "user")[0], "id": id},
	)
	return s
}

// hire makes users of a principal name, in a group. A name with #EXT# is an
// external member.
func (s *tenant) hire(group string, names ...string) *tenant {
	for _, name := range names {
		id, mail := id(name), name
		if local, _, ok := strings.Cut(name, "#EXT#"); ok {
			at := strings.LastIndex(local, "_")
			mail = local[:at] + "@" + local[at+1:]
		}
		s.set("users", append(s.list("users"), map[string]any{
			"id":                id,
			"displayName":       name,
			"userPrincipalName": name,
			"mail":              mail,
			"userType":          "Member",
			"accountEnabled":    true,
		}))
		s.join(group, id)
	}
	return s
}

// newGroup makes a group.
func (s *tenant) newGroup(name string, members ...string) *tenant {
	s.set("groups", append(s.list("groups"), map[string]any{
		"id": id("group " + name + fmt.Sprint(len(s.list("groups")))), "displayName": name, "securityEnabled": true,
		"groupTypes": []any{}, "mailEnabled": false, "members": []any{},
	}))
	for _, m := range members {
		s.join(name, s.user(m)["id"].(string))
	}
	return s
}

// dissolve deletes a group.
func (s *tenant) dissolve(name string) *tenant {
	s.leave(s.group(name)["id"].(string))
	s.set(
		"groups",
		slices.DeleteFunc(s.list("groups"), func(o any) bool { return o.(map[string]any)["displayName"] == name }),
	)
	return s
}

// id is an object id made of a name.
func id(name string) string {
	h := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

// story is an attack over one night or several.
type story struct {
	name string
	// accepted is the configuration that the first night finds, and before what
	// its tenant has that the example lacks.
	accepted string
	before   func(s *tenant)
	nights   []move
}

// move is what an attacker does before a night. config is the configuration of
// that night, where it is another.
type move struct {
	config string
	does   func(s *tenant)
	want   func(n *night)
}

// tell runs each story beside the others.
func tell(t *testing.T, stories []story) {
	t.Helper()
	t.Parallel()
	for _, st := range stories {
		t.Run(st.name, func(t *testing.T) {
			attack(t, func(b *bench) {
				s := b.example()
				if st.before != nil {
					st.before(s)
				}
				b.accept(s, st.accepted)
				for _, m := range st.nights {
					if m.does != nil {
						m.does(s)
					}
					if m.config != "" {
						b.configure(m.config)
					}
					m.want(b.night(s))
				}
			})
		})
	}
}

// blocked, held and goesOn are what a night must come to.
func blocked(promise string, words ...string) func(n *night) {
	return func(n *night) { n.b.Helper(); n.blocked(promise, words...) }
}

func held(promise string, words ...string) func(n *night) {
	return func(n *night) { n.b.Helper(); n.held(promise).says(promise, words...) }
}

// goesOn: a warning may be said, but nothing blocks.
func goesOn(promise string, words ...string) func(n *night) {
	return func(n *night) { n.b.Helper(); n.is(promise, "none", "auto", "review").says(promise, words...) }
}

// read is a file of the workspace.
func (b *bench) read(name string) string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(b.Dir, name))
	b.Must(err)
	return string(raw)
}
