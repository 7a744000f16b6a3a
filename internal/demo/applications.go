package main

import (
	"path/filepath"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// applications is the chapter of SCIM applications: who gets into AWS, and who doesn't for
// the usual mistakes (examples/applications).
func (d *demo) applications() error {
	chapter("Another application: who gets into AWS, who doesn't, and why?")
	dir, err := d.work("applications")
	if err != nil {
		return err
	}
	for _, name := range []string{"main.tf", "tenant.json"} {
		if err := copyFile(filepath.Join("examples", "applications", name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	say("Five people are to get into AWS IAM Identity Center. The plan names each who doesn't, and the cause:")
	w := clitest.NewWorkspace(d.cli, dir, d.config)
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	r, err := d.command(w, 2, "applications.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "decisions", "grace ")
	return nil
}
