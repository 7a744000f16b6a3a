package main

import (
	"path/filepath"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// The chapter of SCIM: two things that hurt at the next cycle, seen before it (examples/scim).

const (
	james       = "james.whitaker@company.com"
	application = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90" // Atlassian Cloud in the example tenant
	job         = "customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"
)

// scim runs the job of a tenant of its own, moves a mail, and breaks the job's key.
func (d *demo) scim() error {
	chapter("Over SCIM: two surprises of the next cycle")
	w, err := d.scimFolder()
	if err != nil {
		return err
	}
	say("examples/scim saves the SCIM key; then the job's first cycle runs, and the outcome " +
		"accepts what")
	say("Atlassian has: a record and an account of everybody who is assigned.")
	again := []string{"apply", "-input=false", "-auto-approve"}
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	if _, err := d.command(w, 0, "", again...); err != nil {
		return err
	}
	if err := d.server.FinishCycle(job); err != nil {
		return err
	}
	if _, err := d.command(w, 0, "", again...); err != nil {
		return err
	}

	say("\nIn Entra, James Whitaker's mail moves to contoso.example, a domain that the organization hasn't verified. " +
		"No cycle has")
	say("run since:")
	if err := d.moveMail("j.whitaker@contoso.example"); err != nil {
		return err
	}
	r, err := d.command(w, 2, "mail.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "decisions", "severity ", "Warning:")
	say("\nThe next cycle would break the link to that account and take the user out of every synced group. " +
		"The severity is \"blocked\",")
	say("since must_sync names this user: a pipeline stops here. The mail goes back, and everything is kept:")
	if err := d.moveMail(james); err != nil {
		return err
	}
	if r, err = d.command(w, 0, "", "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	show(r.Output, "No changes.")

	say("\nThen the SCIM key expires, which nobody is told by mail. The job goes into quarantine:")
	if err := d.expireKey(); err != nil {
		return err
	}
	if r, err = d.command(w, 2, "quarantine.txt", "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	show(r.Output, "service ", "severity ", "Warning:")
	say("\nThe configuration and the directory are as they were; who joins, leaves or is renamed in Entra no longer " +
		"gets to Atlassian.")
	return nil
}

// scimFolder is the working folder with examples/scim and the server's credentials.
func (d *demo) scimFolder() (*clitest.Workspace, error) {
	dir, err := d.work("scim")
	if err != nil {
		return nil, err
	}
	if err := copyFile(filepath.Join("examples", "scim", "main.tf"), filepath.Join(dir, "main.tf")); err != nil {
		return nil, err
	}
	organization := d.server.About().Organizations[0]
	w := clitest.NewWorkspace(d.cli, dir, d.config)
	w.Env = append(
		slices.Clone(d.live.Env),
		"ATLASSIAN_SCIM_DIRECTORY_ID="+organization.DirectoryID,
		"ATLASSIAN_SCIM_TOKEN="+organization.DirectoryToken,
		"TF_VAR_scim_url="+d.server.URL()+"/scim/directory/"+organization.DirectoryID,
		"TF_VAR_scim_token="+organization.DirectoryToken,
	)
	return w, nil
}

func (d *demo) moveMail(mail string) error {
	_, err := d.server.PutUser([]byte(`{"userPrincipalName":"` + james + `","mail":"` + mail + `"}`))
	return err
}

// expireKey lets a cycle fail at its key.
func (d *demo) expireKey() error {
	if err := d.server.SetSecretToken(application, "expired"); err != nil {
		return err
	}
	return d.server.FinishCycle(job)
}
