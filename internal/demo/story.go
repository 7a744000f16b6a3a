package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// The story, to be read in a minute: who is missing, why, and how they get in.

// missing plans today.
func (d *demo) missing() error {
	about := d.server.About()
	say("Company has connected its Entra tenant to Atlassian Guard. Some colleagues never show up in Jira, and nothing")
	say("says why. Here is that tenant, simulated: %d users, %d groups. The CLI is %s %s.", about.Users, about.Groups,
		d.cli.Name, d.cli.Version)
	chapter("Who is missing")
	if err := d.quietly(d.live, initialize); err != nil {
		return err
	}
	r, err := d.command(d.live, 2, "plan.txt", "plan", "-out=today.tfplan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	some(
		r.Output,
		"decisions ",
		"\"adele.vance",
		"\"agnes.moreau",
		"\"isaiah.langer",
		"\"kenji.mori",
		"\"victor.laurent",
		"skipped  ",
		"synced  ",
		"unknown  ",
	)
	say("\nThe colleagues of fabrikam.example came by cross-tenant synchronization, as Member, and this")
	say("organization hasn't verified their domain: the sync skips them, and with them their groups. \"reported\" says")
	say("that Atlassian doesn't document the rule.")
	return nil
}

// why explains one user.
func (d *demo) why() error {
	chapter("Why, and what would help")
	if err := d.quietly(d.live, apply); err != nil {
		return err
	}
	r, err := d.live.Run(d.ctx, "output", "-json", "why")
	if err != nil {
		return err
	}
	var why struct {
		Decision string
		Fixes    []struct{ Change, Effect string }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &why); err != nil {
		return fmt.Errorf("reading the explanation: %w", err)
	}
	say("\n  adele.vance@fabrikam.example\n  %s\n\n  Fixes, each tried by deciding again:", why.Decision)
	for i, f := range why.Fixes {
		say("    %d. %s", i+1, f.Change)
		wrap("       ", f.Effect)
	}
	return nil
}

// guests makes guests of them, in two waves.
func (d *demo) guests() error {
	chapter("Make them guests")
	dir, err := d.work("cross-tenant-members")
	if err != nil {
		return err
	}
	d.members = clitest.NewWorkspace(d.cli, dir, d.config)
	d.members.Env = d.live.Env
	if err := copyFile(
		filepath.Join("examples", "cross-tenant-members", "main.tf"),
		filepath.Join(dir, "main.tf"),
	); err != nil {
		return err
	}
	for _, step := range []string{"1-today", "2-audit"} {
		if err := d.take(step); err != nil {
			return err
		}
		if err := d.quietly(d.members, initialize, apply); err != nil {
			return err
		}
	}
	if err := d.take("3-enforce"); err != nil {
		return err
	}
	say("examples/cross-tenant-members declares it: six people an apply, and a record of what they were.")
	r, err := d.command(d.members, 2, "guests.txt", "plan", "-out=wave.tfplan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	output, _, _ := strings.Cut(r.Output, "violations ")
	some(output, "# usersync_", "- \"adele.vance", "~ \"adele.vance", "\"Fabrikam colleagues\"", "remaining ")
	say("\nThe policy converts, and the outcome of the same plan takes exactly those from the list of who doesn't")
	say("sync, and fills their groups. After two applies:")
	if err := d.quietly(d.members, apply, apply); err != nil {
		return err
	}
	if r, err = d.command(d.members, 0, "", "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	some(r.Output, "No changes.")
	say("\nFrom now on a plan ends with 0 while this holds, and with 2 when anybody's decision changes, whoever")
	say("changed it.")
	return nil
}

// some prints the lines that begin with one of the texts, each once.
func some(output string, texts ...string) {
	seen := map[string]bool{}
	skipped := false
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\n")
		text := strings.TrimLeft(line, " ~+-")
		switch {
		case text == "" || seen[text]:
		case beginsWithAny(strings.TrimSpace(line), text, texts):
			if skipped {
				say("      …")
			}
			skipped = false
			seen[text] = true
			say("  %s", line)
		default:
			skipped = true
		}
	}
}

// beginsWithAny compares a line with and without its mark of a change.
func beginsWithAny(line, text string, texts []string) bool {
	for _, t := range texts {
		if strings.HasPrefix(line, t) || strings.HasPrefix(text, t) {
			return true
		}
	}
	return false
}
