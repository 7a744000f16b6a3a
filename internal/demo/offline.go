package main

import (
	"os"
	"path/filepath"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

func (d *demo) offline() error {
	chapter("The same without a server")
	dir, err := d.work("offline")
	if err != nil {
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
	say("The tenant as a snapshot file; the server is off and there are no credentials. What if legacy.company.com")
	say("were verified?")
	w := clitest.NewWorkspace(d.cli, dir, d.config)
	w.Env = append(w.Env, "TF_VAR_snapshot=tenant.json")
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	r, err := d.command(w, 2, "offline.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "today ", "with_legacy_verified")
	return nil
}
