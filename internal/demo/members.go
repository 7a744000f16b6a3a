package main

import (
	"path/filepath"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// The chapter of members: examples/cross-tenant-members, step by step.

// adele is one of the colleagues who came by cross-tenant synchronization.
const adele = "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"

// take puts a step beside the configuration.
func (d *demo) take(step string) error {
	return copyFile(
		filepath.Join("examples", "cross-tenant-members", "steps", step+".tf"),
		filepath.Join(d.members.Dir, "step.tf"),
	)
}

// planStep plans a step, shows parts of the plan, and applies it.
func (d *demo) planStep(file string, parts ...string) error {
	r, err := d.command(d.members, 2, file, "plan", "-input=false", "-detailed-exitcode", "-out=step.tfplan")
	if err != nil {
		return err
	}
	show(r.Output, parts...)
	r, err = d.command(d.members, 0, "", "apply", "-input=false", "step.tfplan")
	if err != nil {
		return err
	}
	show(r.Output, "Apply complete")
	return nil
}

// convert audits and enforces a policy.
func (d *demo) convert() error {
	chapter("\"Make them guests\": what it changes, in waves")
	dir, err := d.work("cross-tenant-members")
	if err != nil {
		return err
	}
	if err := copyFile(
		filepath.Join("examples", "cross-tenant-members", "main.tf"),
		filepath.Join(dir, "main.tf"),
	); err != nil {
		return err
	}
	d.members = clitest.NewWorkspace(d.cli, dir, d.config)
	d.members.Env = d.live.Env
	say("Support says: make them guests. examples/cross-tenant-members declares it, first as today's outcome, then as")
	say("an audit, which writes nothing and names who differs.")
	if err := d.take("1-today"); err != nil {
		return err
	}
	if _, err := d.command(d.members, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	if _, err := d.command(d.members, 0, "", "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	if err := d.take("2-audit"); err != nil {
		return err
	}
	if err := d.planStep("audit.txt", "violations", "by_reason_if_enforced"); err != nil {
		return err
	}
	say("\nEnforced, six people an apply: the policy's assignments are the list of conversions, and the outcome of " +
		"the same")
	say("plan shows exactly those flipping, as this plan's effect.")
	if err := d.take("3-enforce"); err != nil {
		return err
	}
	if err := d.planStep(
		"wave-1.txt",
		"changes ",
		"decisions",
		"assignments",
		"remaining",
		"Warning: This apply",
	); err != nil {
		return err
	}
	say("\nThe same configuration again is the second wave; after it the plan is empty.")
	if err := d.planStep("wave-2.txt", "assignments", "remaining"); err != nil {
		return err
	}
	r, err := d.command(d.members, 0, "", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "No changes.")
	return nil
}

// writeBack lets the source tenant write the type back.
func (d *demo) writeBack() error {
	chapter("The source tenant writes back")
	say("In fabrikam's tenant the cross-tenant mapping of userType is set to Always, and Adele's department changes " +
		"there:")
	say("the source writes Member again. The configuration says what the source writes (steps/4-source.tf).")
	if _, err := d.server.PutUser([]byte(`{"userPrincipalName":"` + adele + `","userType":"Member"}`)); err != nil {
		return err
	}
	if err := d.take("4-source"); err != nil {
		return err
	}
	return d.planStep("written-back.txt", "assignments", "Warning: Drift", "Warning: The source tenant")
}

// restore gives everybody back what the record holds.
func (d *demo) restore() error {
	chapter("And back")
	say("The record still has what everybody was. A rule with its types gives it back, by the same limits and waves; " +
		"what that")
	say("loses in Atlassian is in the outcome.")
	if err := d.take("5-restore"); err != nil {
		return err
	}
	return d.planStep("restore.txt", "changes ", "assignments", "remaining")
}
