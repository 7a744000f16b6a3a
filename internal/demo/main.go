// Command demo tells the provider's story on a simulated tenant, with a real CLI: who will sync and why, and what
// brings the missing ones in. "make demo" runs it; other chapters are told by name, each on a tenant of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func main() {
	provider := flag.String("provider", "", "the built provider")
	folder := flag.String("folder", filepath.Join(".cache", "demo"), "where to work")
	name := flag.String("chapter", "", "the chapter to tell, or all: "+strings.Join(chapterNames(), ", ")+
		". Default: "+story)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *provider, *folder, *name); err != nil {
		fmt.Fprintln(os.Stderr, "\nThe demo stopped: "+err.Error())
		os.Exit(1)
	}
}

// chapters are what the demo can tell, in the order of all.
var chapters = []struct {
	name, about string
	tell        []func(*demo) error
}{
	{
		story,
		"who is missing, why, and how they get in",
		[]func(*demo) error{(*demo).missing, (*demo).why, (*demo).guests},
	},
	{"drift", "accept an outcome; somebody changes the tenant", []func(*demo) error{
		(*demo).firstPlan, (*demo).accept, (*demo).drift,
	}},
	{"explain", "one user, rule by rule, with every fix", []func(*demo) error{(*demo).acceptQuietly, (*demo).explain}},
	{"mapping", "an attribute mapping, edited as code", []func(*demo) error{(*demo).mapping}},
	{"scim", "two surprises of a SCIM job's next cycle", []func(*demo) error{(*demo).scim}},
	{"applications", "who gets into AWS, and who doesn't for the usual mistakes", []func(*demo) error{
		(*demo).applications,
	}},
	{"members", "members made guests in waves, written back, and back again", []func(*demo) error{
		(*demo).convert, (*demo).writeBack, (*demo).restore,
	}},
	{"domains", "a domain verified as code, and lapsing", []func(*demo) error{(*demo).verify, (*demo).lapse}},
	{"offline", "a plan from a snapshot, without server and credentials", []func(*demo) error{(*demo).offline}},
	{"report", "the prediction graded, and a page for people", []func(*demo) error{(*demo).report}},
}

const (
	story = "story"
	all   = "all"
)

func chapterNames() []string {
	names := make([]string, 0, len(chapters))
	for _, c := range chapters {
		names = append(names, c.name)
	}
	return names
}

// demo is the state of a chapter.
type demo struct {
	ctx    context.Context
	folder string
	config string
	cli    clitest.CLI
	server *simulator.Server
	live   *clitest.Workspace
	// members and domains are those chapters' own.
	members *clitest.Workspace
	domains *clitest.Workspace
}

// run tells a chapter, or all of them.
func run(ctx context.Context, provider, folder, name string) error {
	if name == "" {
		name = story
	}
	if name != all && !slices.Contains(chapterNames(), name) {
		return fmt.Errorf("there is no chapter %q: make demo CHAPTER=all, or one of %s", name,
			strings.Join(chapterNames(), ", "))
	}
	d := &demo{ctx: ctx}
	if err := d.prepare(provider, folder); err != nil {
		return err
	}
	for _, c := range chapters {
		if name != all && name != c.name {
			continue
		}
		if err := d.tell(c.name, c.tell); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	say("\nWhole plans and the state are in %s. To try plans of your own: make simulator", filepath.ToSlash(d.folder))
	if name == all {
		return nil
	}
	say("\nOther chapters:")
	for _, c := range chapters {
		if c.name != name {
			say("  make demo CHAPTER=%-12s %s", c.name, c.about)
		}
	}
	return nil
}

// tell tells a chapter on a tenant of its own.
func (d *demo) tell(name string, parts []func(*demo) error) (err error) {
	if err := d.begin(name); err != nil {
		return err
	}
	defer func() { d.server.Close() }()
	for _, part := range parts {
		if err := part(d); err != nil {
			return err
		}
	}
	return nil
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func chapter(title string) {
	say("\n── %s %s", title, strings.Repeat("─", max(0, 74-len([]rune(title)))))
}

// prepare finds the CLI, and gives it the provider.
func (d *demo) prepare(provider, folder string) error {
	clis, err := clitest.CLIs(d.ctx)
	if err != nil {
		return err
	}
	d.cli = clis[len(clis)-1] // Terraform where there is one
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	abs, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return err
	}
	d.folder = folder
	d.config, err = clitest.Mirror(abs, provider)
	return err
}

// begin starts the example tenant's server, and a working folder with examples/demo.
func (d *demo) begin(name string) error {
	abs, err := filepath.Abs(d.folder)
	if err != nil {
		return err
	}
	dir := filepath.Join(abs, name, "live")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	server, err := tenant(filepath.Join("examples", "tenant", "company.json"))
	if err != nil {
		return err
	}
	d.server = server
	ca, err := server.CAFile(dir)
	if err != nil {
		return err
	}
	d.live = clitest.NewWorkspace(d.cli, dir, d.config)
	d.live.Env = append(d.live.Env, environment(server, ca)...)
	return copyFile(filepath.Join("examples", "demo", "main.tf"), filepath.Join(dir, "main.tf"))
}

// tenant starts a server of a snapshot.
func tenant(snapshot string) (*simulator.Server, error) {
	file, err := os.Open(snapshot)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	server, err := simulator.New(file)
	if err != nil {
		return nil, err
	}
	return server, server.Start()
}

// work is a chapter's working folder of a name.
func (d *demo) work(name string) (string, error) {
	dir := filepath.Join(filepath.Dir(d.live.Dir), name)
	return dir, os.MkdirAll(dir, 0o755)
}

// environment names a server and its credentials to the provider.
func environment(s *simulator.Server, ca string) []string {
	return []string{
		"ARM_TENANT_ID=" + s.TenantID(),
		"ARM_CLIENT_ID=" + simulator.DefaultClientID,
		"ARM_CLIENT_SECRET=" + simulator.DefaultClientSecret,
		"ATLASSIAN_ORGANIZATION_ID=" + s.About().Organizations[0].ID,
		"ATLASSIAN_API_KEY=" + simulator.DefaultAPIKey,
		"ATLASSIAN_ENDPOINT=" + s.URL(),
		"TF_VAR_endpoint=" + s.URL(),
		"TF_VAR_ca_file=" + ca,
	}
}

func copyFile(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, raw, 0o644)
}

// command runs the CLI, says what was run, and checks the exit code.
func (d *demo) command(w *clitest.Workspace, want int, save string, args ...string) (clitest.Result, error) {
	say("\n$ %s %s", d.cli.Name, strings.Join(args, " "))
	full := append([]string{args[0], "-no-color"}, args[1:]...)
	r, err := w.Run(d.ctx, full...)
	if err != nil {
		return r, err
	}
	if save != "" {
		if err := os.WriteFile(filepath.Join(d.folder, save), []byte(r.Output), 0o600); err != nil {
			return r, err
		}
	}
	if r.Code != want {
		return r, fmt.Errorf("%s %s ended with code %d, expected %d:\n%s", d.cli.Name, args[0], r.Code, want, r.Output)
	}
	return r, nil
}

// quietly runs commands without a word.
func (d *demo) quietly(w *clitest.Workspace, commands ...[]string) error {
	for _, args := range commands {
		r, err := w.Run(d.ctx, args...)
		if err != nil {
			return err
		}
		if r.Code != 0 {
			return errors.New(strings.Join(args, " ") + ":\n" + r.Output)
		}
	}
	return nil
}

// The commands that accept a configuration, for quietly.
var (
	initialize = []string{"init", "-no-color", "-input=false"}
	apply      = []string{"apply", "-no-color", "-input=false", "-auto-approve"}
)
