// Command demo tells the provider's main story on a simulated tenant, with a
// real CLI: who will sync and why, drift, one user explained, and a plan
// without any server. "make demo" runs it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func main() {
	provider := flag.String("provider", "", "the built provider")
	folder := flag.String("folder", filepath.Join(".cache", "demo"), "where to work")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *provider, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "\nThe demo stopped: "+err.Error())
		os.Exit(1)
	}
}

// demo is the state of the story.
type demo struct {
	ctx     context.Context
	folder  string
	config  string
	cli     clitest.CLI
	server  *simulator.Server
	live    *clitest.Workspace
	members *clitest.Workspace
	// domains is the third part's.
	domains *clitest.Workspace
}

func run(ctx context.Context, provider, folder string) error {
	d := &demo{ctx: ctx}
	if err := d.prepare(provider, folder); err != nil {
		return err
	}
	defer d.server.Close()
	for _, chapter := range []func() error{
		d.firstPlan, d.accept, d.drift, d.explain, d.mapping, d.scim, d.convert, d.writeBack, d.restore, d.verify,
		d.lapse, d.offline, d.report,
	} {
		if err := chapter(); err != nil {
			return err
		}
	}
	rel := d.folder
	say("\nThat is all. The configuration is examples/demo/main.tf, the tenant examples/tenant/company.json;")
	say("whole plans and the state are in %s. To try plans of your own: make simulator", filepath.ToSlash(rel))
	say("The report, to open in a browser: %s", filepath.ToSlash(filepath.Join(rel, reportFile)))
	return nil
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func chapter(n int, title string) {
	say("\n── %d. %s %s", n, title, strings.Repeat("─", max(0, 70-len([]rune(title)))))
}

func (d *demo) prepare(provider, folder string) error {
	clis, err := clitest.CLIs(d.ctx)
	if err != nil {
		return err
	}
	d.cli = clis[len(clis)-1] // Terraform where there is one
	d.folder = folder
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	abs, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(abs, "live"), 0o755); err != nil {
		return err
	}
	if d.config, err = clitest.Mirror(abs, provider); err != nil {
		return err
	}
	seed, err := os.Open(filepath.Join("examples", "tenant", "company.json"))
	if err != nil {
		return err
	}
	defer func() { _ = seed.Close() }()
	if d.server, err = simulator.New(seed); err != nil {
		return err
	}
	if err := d.server.Start(); err != nil {
		return err
	}
	ca, err := d.server.CAFile(abs)
	if err != nil {
		return err
	}
	about := d.server.About()
	say("Company has connected its Entra tenant to Atlassian Guard. Some colleagues never show up in Jira, and")
	say("nothing says why. Here is that tenant, simulated over HTTPS: %d users, %d groups, and an "+
		"Atlassian", about.Users, about.Groups)
	say("organization with three verified domains. The CLI is %s %s.", d.cli.Name, d.cli.Version)
	d.live = clitest.NewWorkspace(d.cli, filepath.Join(abs, "live"), d.config)
	d.live.Env = append(d.live.Env, environment(d.server, ca)...)
	return copyFile(filepath.Join("examples", "demo", "main.tf"), filepath.Join(abs, "live", "main.tf"))
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

func (d *demo) firstPlan() error {
	chapter(1, "Who will sync, before anything is synced")
	if _, err := d.command(d.live, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	r, err := d.command(d.live, 2, "1-plan.txt", "plan", "-input=false", "-detailed-exitcode", "-out=today.tfplan")
	if err != nil {
		return err
	}
	show(r.Output, "decisions", "summary  ")
	say("\nThe colleagues of fabrikam.example came by cross-tenant synchronization: userType Member, a domain that " +
		"this")
	say("organization hasn't verified. The nested-groups sync skips them, and with them their groups. \"reported\" " +
		"says that")
	say(
		"this rule is known from reports, not documentation. The plan read the tenant once: %s.",
		requests(d.server.Requests()),
	)
	return nil
}

func requests(c simulator.Counts) string {
	graph := 0
	for route, n := range c.Routes {
		if strings.Contains(route, "/v1.0/") {
			graph += n
		}
	}
	return fmt.Sprintf("%d requests to Graph", graph)
}

func (d *demo) accept() error {
	chapter(2, "Accept it")
	r, err := d.command(d.live, 0, "", "apply", "-input=false", "today.tfplan")
	if err != nil {
		return err
	}
	show(r.Output, "Apply complete")
	r, err = d.command(d.live, 0, "", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "No changes.")
	say("\nExit code 0: what was accepted still holds. Applying wrote nothing to Entra or Atlassian.")
	return nil
}

func (d *demo) drift() error {
	chapter(3, "Somebody changes the tenant")
	say("In the portal, an administrator turns the guest Lynne Robbins back into a Member, and Clara Jensen joins " +
		"Sales.")
	if _, err := d.server.PutUser(
		[]byte(
			`{"userPrincipalName":"lynne.robbins_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`,
		),
	); err != nil {
		return err
	}
	if err := d.server.AddMember("0b6df0a7-7f96-44b7-ac57-23890162878b", "clara.jensen@company.com"); err != nil {
		return err
	}
	r, err := d.command(d.live, 2, "3-drift.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "severity ", "decisions", "groups ", "Warning:")
	say("\nExit code 2, and the cause is drift: it has already happened. A pipeline reads severity: a hire alone is")
	say("\"auto\"; that somebody loses access is \"review\".")
	return nil
}

func (d *demo) explain() error {
	chapter(4, "Why, and what would help")
	say("One user explained, by the function explain in examples/demo/main.tf:")
	r, err := d.command(d.live, 0, "", "output", "-json", "why")
	if err != nil {
		return err
	}
	var why struct {
		Decision    string `json:"decision"`
		Explanation string `json:"explanation"`
		Trace       []struct {
			Rule, Observed, Confidence string
			Applies                    *bool
		}
		Fixes []struct {
			Change, Who, Effect string
			Caveats             string `json:"caveats"`
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &why); err != nil {
		return fmt.Errorf("reading the explanation: %w", err)
	}
	say("\n  adele.vance@fabrikam.example\n  %s", why.Decision)
	wrap("  ", why.Explanation)
	say("\n  Rules looked at:")
	for _, s := range why.Trace {
		say("    %-36s %-14s %s (%s)", s.Rule, applies(s.Applies), s.Observed, s.Confidence)
	}
	say("\n  Fixes, each tried by deciding again:")
	for i, f := range why.Fixes {
		say("    %d. %s", i+1, f.Change)
		wrap("       Who: ", f.Who+".")
		wrap("       Effect: ", f.Effect)
		wrap("       May be undone: ", f.Caveats)
	}
	return nil
}

// applies says of a rule whether it applies to the user; nil is a note.
func applies(yes *bool) string {
	switch {
	case yes == nil:
		return ""
	case *yes:
		return "applies"
	}
	return "doesn't apply"
}

// mapping takes the SCIM job's mapping over, edits it, and gets it wrong.
func (d *demo) mapping() error {
	chapter(5, "A mapping, edited as code")
	abs, err := filepath.Abs(d.folder)
	if err != nil {
		return err
	}
	file := filepath.Join(abs, "mapping", "main.tf")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	raw, err := os.ReadFile(filepath.Join("examples", "provisioning", "main.tf"))
	if err != nil {
		return err
	}
	const before = `"[mail]"`
	write := func(expression string) error {
		return os.WriteFile(file, []byte(strings.Replace(string(raw), before, expression, 1)), 0o644)
	}
	say("The other connector is a SCIM job with attribute mappings. examples/provisioning/main.tf takes the running " +
		"job's")
	say("mapping of users over and accepts what it gives. The import and this apply write nothing to the service.")
	if err := write(before); err != nil {
		return err
	}
	w := clitest.NewWorkspace(d.cli, filepath.Dir(file), d.config)
	w.Env = d.live.Env
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	r, err := d.command(w, 0, "", "apply", "-input=false", "-auto-approve")
	if err != nil {
		return err
	}
	show(r.Output, "Apply complete")

	const edited = `"Coalesce([mail], [userPrincipalName])"`
	say("\nKenji Mori has no mail, and so no address over SCIM. Somebody edits the mapping:\n")
	say("  -   \"emails[type eq \\\"work\\\"].value\" = { expression = %s }", before)
	say("  +   \"emails[type eq \\\"work\\\"].value\" = { expression = %s }", edited)
	if err := write(edited); err != nil {
		return err
	}
	if r, err = d.command(w, 2, "5-mapping.txt", "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	show(r.Output, "decisions", "values ", "Warning: Saving")
	say("\nWho changes is in the outcome's decisions, how their values change in the preview's output; nothing is " +
		"saved yet.")

	const wrong = `"Coalesce([mail], Lower([userPrincipalName]))"`
	say("\nAnd with a mistake in the expression, %s:", wrong)
	if err := write(wrong); err != nil {
		return err
	}
	if r, err = d.command(w, 1, "5-mistake.txt", "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	_, mistake, _ := strings.Cut(r.Output, "Error:")
	say("\n  Error: %s", strings.ReplaceAll(strings.TrimSpace(mistake), "\n", "\n  "))
	return nil
}

func (d *demo) offline() error {
	chapter(11, "The same without a server")
	d.server.Advance(grace)
	abs, err := filepath.Abs(d.folder)
	if err != nil {
		return err
	}
	dir := filepath.Join(abs, "offline")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := copyFile(filepath.Join("examples", "offline", "main.tf"), filepath.Join(dir, "main.tf")); err != nil {
		return err
	}
	snapshot, err := os.Create(filepath.Join(dir, "tenant.json"))
	if err != nil {
		return err
	}
	if err := d.server.Snapshot(snapshot); err != nil {
		return err
	}
	if err := snapshot.Close(); err != nil {
		return err
	}
	d.server.Close()
	say("The 14 days are over and nobody published the record. The tenant as a snapshot file; the server is off and " +
		"there are no")
	say("credentials. What if legacy.company.com were verified again?")
	w := clitest.NewWorkspace(d.cli, dir, d.config)
	w.Env = append(w.Env, "TF_VAR_snapshot=tenant.json")
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	r, err := d.command(w, 2, "11-offline.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "today ", "with_legacy_verified")
	return nil
}
