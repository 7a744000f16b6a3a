package acceptance

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

var anyBlock = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")

// blocksOf are the fenced blocks of a page, of one language.
func (b *bench) blocksOf(page, language string) []string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(repository(b.T), filepath.FromSlash(page)))
	b.Must(err)
	var out []string
	for _, m := range anyBlock.FindAllStringSubmatch(string(raw), -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	return out
}

// simulated points the provider at the simulator by variables alone.
func (b *bench) simulated() {
	b.Env = append(
		b.Env,
		"AZURE_AUTHORITY_HOST="+b.Server.URL(),
		"USERSYNC_GRAPH_ENDPOINT="+b.Server.URL(),
		"USERSYNC_CA_FILE="+filepath.Join(b.Dir, "ca.pem"),
	)
}

// az puts an Azure CLI on PATH that somebody has signed in to.
func (b *bench) az(p simulator.Person) {
	b.Helper()
	b.executable("bin/az", `#!/bin/sh
echo "$*" >>"`+filepath.Join(b.Dir, "az.log")+`"
printf '{"accessToken": "%s", "expires_on": 4102444800, "tokenType": "Bearer"}\n' '`+b.Server.PersonToken(p)+"'\n")
	b.Env = append(b.Env, "PATH="+filepath.Join(b.Dir, "bin")+":"+os.Getenv("PATH"))
}

func (b *bench) executable(name, text string) {
	b.Helper()
	file := filepath.Join(b.Dir, filepath.FromSlash(name))
	b.Must(os.MkdirAll(filepath.Dir(file), 0o755))
	b.Must(os.WriteFile(file, []byte(text), 0o755))
}

// globalReader is a person who may read the tenant.
var globalReader = simulator.Person{
	Name: "reader@company.com",
	May:  []string{"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
}

// prints fails unless a page's output is what a plan printed: each line whole, in
// the page's order. "…" alone leaves lines out, and within a line what stands there;
// so do empty lines, and where a warning begins the lines that say where it is of.
// The warning that tells the plan must be among them, and nothing of it left out.
func (b *bench) prints(output, want string) {
	b.Helper()
	if msg := printed(output, want); msg != "" {
		b.Errorf("%s\n%s", msg, output)
	}
}

// printed says which line of a page isn't in an output.
func printed(output, want string) string {
	lines := strings.Split(strings.ReplaceAll(output, "│ ", ""), "\n")
	at, told := 0, false
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line == "" || line == "…" {
			continue
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".+")
		re := regexp.MustCompile("^\\s*" + pattern + "\\s*$")
		next := slices.IndexFunc(lines[at:], re.MatchString)
		if next < 0 {
			return fmt.Sprintf("the page prints this line, and the run doesn't, or not in this order: %s", line)
		}
		if told { // nothing between two lines of the warning
			if skipped := strings.TrimSpace(strings.Join(lines[at:at+next], "")); skipped != "" &&
				!strings.HasPrefix(skipped, "with ") {
				return fmt.Sprintf("the page leaves out of the warning: %s", skipped)
			}
		}
		at += next + 1
		told = told || strings.HasPrefix(line, "Warning: Who syncs")
	}
	if !told {
		return "the page doesn't show the warning that tells the plan"
	}
	for _, rest := range lines[at:] { // up to the next warning, or the rule below all of them
		switch rest = strings.TrimSpace(rest); {
		case rest == "" || strings.HasPrefix(rest, "╵"):
			continue
		case strings.HasPrefix(rest, "─") || strings.HasPrefix(rest, "╷") || strings.HasPrefix(rest, "Warning:"):
			return ""
		}
		return "the page leaves out the warning's end: " + rest
	}
	return ""
}

// What a page may not do: end before the warning, leave a line of it out, or print
// another one.
func TestPrinted(t *testing.T) {
	const output = "Plan: 1 to add.\n\nWarning: Who syncs by x: 1 of 3 users\n\n  with a.b,\n  on main.tf line 1:\n" +
		"   1: resource {\n\n  sync: ann, ben and cara\n  don't sync: 2 (x)\n\nNot looked at: accounts.\n\n─────\n"
	const whole = "Plan: 1 to add.\n\nWarning: Who syncs by x: 1 of 3 users\n\n  sync: ann, … cara\n" +
		"  don't sync: 2 (x)\n\nNot looked at: accounts.\n"
	for page, want := range map[string]string{
		whole:               "",
		"Plan: 1 to add.\n": "doesn't show the warning",
		strings.Replace(whole, "  don't sync: 2 (x)\n", "", 1):          "leaves out of the warning: don't sync",
		strings.Replace(whole, "2 (x)", "3 (x)", 1):                     "the run doesn't",
		strings.TrimSuffix(whole, "Not looked at: accounts.\n"):         "leaves out the warning's end",
		"Warning: Who syncs by x: 1 of 3 users\n" + "Plan: 1 to add.\n": "not in this order",
	} {
		if got := printed(output, page); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", page, got, want)
		}
	}
}

// The first file of README and of the index, as it stands there, with nothing but
// "az login".
func TestFirstPlan_AzureCLI(t *testing.T) {
	each(t, func(b *bench) {
		file := readRepository(b, "examples/first-plan/azure-cli/main.tf")
		b.simulated()
		b.az(globalReader)
		for _, page := range []string{"README.md", "docs/index.md"} {
			if got := b.blocksOf(page, "terraform")[0]; got != file {
				b.Errorf("the first file of %s isn't that of examples/first-plan/azure-cli:\n%s", page, got)
			}
			b.Write("main.tf", b.blocksOf(page, "terraform")[0])
			p := b.plan(2)
			b.prints(p.Output, b.blocksOf(page, "text")[0])
			b.tidy(p.Output)
		}
		b.says(readFile(b, "az.log"), "account get-access-token", "--resource "+b.Server.URL())
		b.saysNot(readFile(b, "az.log"), "--tenant") // the one of "az login"

		// Who may not read the domains is told so, and what to ask for.
		b.az(simulator.Person{Name: "guest@company.com", May: []string{"User.Read.All", "GroupMember.Read.All"}})
		b.says(b.Plan(1).Output, "403", "Domain.Read.All")
	})
}

// The second file, with an app that may read three things.
func TestFirstPlan_AppRegistration(t *testing.T) {
	each(t, func(b *bench) {
		file := readRepository(b, "examples/first-plan/app-registration/main.tf")
		if got := b.blocksOf("docs/index.md", "terraform")[1]; got != file {
			b.Errorf("the second file of the index isn't that of examples/first-plan/app-registration:\n%s", got)
		}
		const client, secret = "11111111-2222-4333-8444-555555555555", "first-plan-secret"
		b.Must(b.Server.AddApp(simulator.App{ClientID: client, Secret: secret, Roles: globalReader.May}))
		b.simulated()
		org := b.Server.About().Organizations[0]
		b.Env = append(
			b.Env,
			"ARM_TENANT_ID="+b.Server.TenantID(),
			"ARM_CLIENT_ID="+client,
			"ARM_CLIENT_SECRET="+secret,
			"ATLASSIAN_ORGANIZATION_ID="+org.ID,
			"ATLASSIAN_API_KEY="+org.APIKey,
			"ATLASSIAN_ENDPOINT="+b.Server.URL(),
		)
		b.Write("main.tf", file)
		p := b.plan(2)
		b.prints(p.Output, b.blocksOf("README.md", "text")[0])
		b.tidy(p.Output)
	})
}

func readRepository(b *bench, name string) string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join(repository(b.T), filepath.FromSlash(name)))
	b.Must(err)
	return string(raw)
}

// The five commands of README that need no tenant, as they stand there: make
// installs into a home of the test's own, and runs in a copy of the repository.
func TestFirstPlan_FromREADME(t *testing.T) {
	once(t, func(b *bench) {
		var commands []string
		for _, block := range b.blocksOf("README.md", "") {
			if strings.Contains(block, "make simulator") {
				commands = strings.Split(strings.TrimSpace(block), "\n")
			}
		}
		if len(commands) != 5 || !strings.HasPrefix(commands[1], "$ make simulator ") {
			b.Fatalf("README has these commands for a plan without a tenant: %q", commands)
		}
		for i, c := range commands {
			commands[i] = strings.TrimPrefix(c, "$ ")
		}
		dir := b.copyOfRepository()
		env := append(b.bare(), "HOME="+filepath.Join(b.Dir, "home"), "LISTEN=127.0.0.1:0")
		b.shell(dir, env, commands[0])
		defer b.background(dir, env, commands[1], "Ctrl-C stops it")()
		out := b.shell(dir, env, strings.Join(commands[2:], "\n"))
		b.prints(out, b.blocksOf("README.md", "text")[0])
	})
}

// The commands of the index: three plans, a sync of the simulated Atlassian and the
// report, which agrees with it.
func TestFirstPlan_Index(t *testing.T) {
	once(t, func(b *bench) {
		blocks := b.blocksOf("docs/index.md", "console")
		if len(blocks) < 2 || !strings.HasPrefix(blocks[0], "$ . .cache/simulator.env\n") {
			b.Fatalf("the index has these commands: %q", blocks)
		}
		dir := b.copyOfRepository()
		env := append(
			b.bare(),
			"HOME="+filepath.Join(b.Dir, "home"),
			"LISTEN=127.0.0.1:0",
			"TF_CLI_ARGS_apply=-auto-approve",
		)
		b.shell(dir, env, "make install")
		defer b.background(dir, env, "make simulator", "Ctrl-C stops it")()
		out := b.shell(dir, env, strings.ReplaceAll("\n"+blocks[0], "\n$ ", "\n"))
		b.says(out, "No changes.", "agreed", "percent")
		plans, _, _ := strings.Cut(out, `{"synced_users"`) // what the simulated sync answers
		b.prints(plans[max(0, strings.LastIndex(plans, "Warning: Who syncs")):], blocks[1])
		if page := readFile(b, "repository/examples/report/who-syncs.html"); !strings.Contains(page, ": 100 %.") {
			b.Errorf("the report doesn't agree with the simulated Atlassian")
		}
	})
}

// copyOfRepository is a copy of what make needs, with the programs that were built.
func (b *bench) copyOfRepository() string {
	b.Helper()
	root, dir := repository(b.T), filepath.Join(b.Dir, "repository")
	tracked, err := exec.CommandContext(b.Context(), "git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard").
		Output()
	b.Must(err)
	for name := range strings.SplitSeq(strings.Trim(string(tracked), "\x00"), "\x00") {
		target := filepath.Join(dir, name)
		info, err := os.Stat(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not committed yet
		}
		b.Must(err)
		raw, err := os.ReadFile(filepath.Join(root, name))
		b.Must(err)
		b.Must(os.MkdirAll(filepath.Dir(target), 0o755))
		b.Must(os.WriteFile(target, raw, info.Mode()))
		// make compares times with the programs'.
		b.Must(os.Chtimes(target, info.ModTime(), info.ModTime()))
	}
	b.Must(os.MkdirAll(filepath.Join(dir, ".cache"), 0o755))
	b.Must(os.Symlink(filepath.Join(root, ".cache", "bin"), filepath.Join(dir, ".cache", "bin")))
	return dir
}

// bare is the environment of somebody who has the CLI as terraform on PATH, and
// nothing configured.
func (b *bench) bare() []string {
	b.Helper()
	b.Must(os.MkdirAll(filepath.Join(b.Dir, "cli"), 0o755))
	b.Must(os.Symlink(b.CLI.Path, filepath.Join(b.Dir, "cli", "terraform")))
	var out []string
	for _, kv := range b.Command(b.Context()).Env {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains([]string{"TF_CLI_CONFIG_FILE", "HOME", "PATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}, name) {
			out = append(out, kv)
		}
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} { // below HOME otherwise
		value, err := exec.CommandContext(b.Context(), "go", "env", name).Output()
		b.Must(err)
		out = append(out, name+"="+strings.TrimSpace(string(value)))
	}
	return append(out, "PATH="+filepath.Join(b.Dir, "cli")+":"+os.Getenv("PATH"), "NO_COLOR=1", "TF_CLI_ARGS=-no-color")
}

// shell runs commands as a person types them.
func (b *bench) shell(dir string, env []string, commands string) string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "sh", "-e", "-c", commands)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%s\n%v\n%s", commands, err, out)
	}
	return string(out)
}

// background runs a command until what it gives is called, and comes back once it
// has printed a text.
func (b *bench) background(dir string, env []string, command, until string) (stop func()) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = dir, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make and what it runs end together
	out, err := cmd.StdoutPipe()
	b.Must(err)
	b.Must(cmd.Start())
	stop = func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		_ = cmd.Wait()
	}
	var printed strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), until) {
			return stop
		}
	}
	stop()
	b.Fatalf("%s ended without %q:\n%s", command, until, printed.String())
	return stop
}
