package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// mapping takes the SCIM job's mapping over, edits it, and gets it wrong.
func (d *demo) mapping() error {
	chapter("A mapping, edited as code")
	dir, err := d.work("mapping")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "main.tf")
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
	w := clitest.NewWorkspace(d.cli, dir, d.config)
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
	if r, err = d.command(w, 2, "mapping.txt", "plan", "-input=false", "-detailed-exitcode"); err != nil {
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
	if r, err = d.command(w, 1, "mistake.txt", "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	_, mistake, _ := strings.Cut(r.Output, "Error:")
	say("\n  Error: %s", strings.ReplaceAll(strings.TrimSpace(mistake), "\n", "\n  "))
	return nil
}
