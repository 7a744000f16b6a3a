package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The chapter of domains: one verified, and about to lapse (examples/domains).

const (
	legacy = "legacy.company.com"
	// token is what the simulated administration shows for the domain.
	token = "Ca8lQj7CZB/xsJYFbQSC3zZ7"
	txt   = "atlassian-domain-verification=" + token
	// recheck is a little more than the simulated organization's daily look at
	// the proof.
	recheck = 25 * time.Hour
)

// verify declares a domain's verification, and lets the record appear while
// apply waits.
func (d *demo) verify() error {
	chapter("A domain, verified as code")
	if err := d.domainsFolder(); err != nil {
		return err
	}
	say("The company once had another name, and the organization never verified %s. examples/domains", legacy)
	say("declares that it shall; today's outcome was accepted before. The plan says whom it lets in:")
	r, err := d.command(
		d.domains,
		2,
		"domain.txt",
		"plan",
		"-input=false",
		"-detailed-exitcode",
		"-out=domain.tfplan",
	)
	if err != nil {
		return err
	}
	show(r.Output, "decisions", "groups ", "what_if_applied", "verification_records", "Warning: The outcome rests")
	say("\nNo API of Atlassian's verifies a domain: apply waits. Meanwhile the record is published, and an " +
		"administrator presses")
	say("\"Verify domain\".")
	remove := d.server.OnRequest(whenAsked(4, func() {
		if err := d.server.PutDNS(legacy, "TXT", txt); err == nil {
			_, _ = d.server.VerifyClaim("main", legacy, "dns", token)
		}
	}))
	defer remove()
	if r, err = d.command(d.domains, 0, "", "apply", "-input=false", "domain.tfplan"); err != nil {
		return err
	}
	show(r.Output, "module.domains", "Apply complete")
	if r, err = d.command(d.domains, 0, "", "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	show(r.Output, "No changes.")
	say("\nThe outcome followed in the same run: those colleagues sync.")
	return nil
}

// whenAsked does something once, when the organization's domains are asked for
// the n-th time.
func whenAsked(n int32, do func()) simulator.Hook {
	var asked atomic.Int32
	return func(r simulator.Request) (before, after func()) {
		if r.Route == "GET /admin/v1/orgs/{orgId}/domains" && asked.Add(1) == n {
			return do, nil
		}
		return nil, nil
	}
}

// lapse takes the record away.
func (d *demo) lapse() error {
	say("\nMonths later somebody tidies the DNS zone, and the record goes with it. Atlassian looks again, and gives " +
		"14 days.")
	if err := d.server.RemoveDNS(legacy); err != nil {
		return err
	}
	d.server.Advance(recheck)
	r, err := d.command(d.domains, 2, "lapse.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "status ", "Warning: Users sync only", "Warning: The organization doesn't")
	say("\nExit code 2, with the names at risk, while there is time: a nightly plan finds it.")
	return nil
}

// domainsFolder accepts today's outcome, and then adds the domain.
func (d *demo) domainsFolder() error {
	abs, err := d.work("examples")
	if err != nil {
		return err
	}
	for _, part := range []string{filepath.Join("modules", "verified_domains"), "domains"} {
		if err := os.CopyFS(filepath.Join(abs, part), os.DirFS(filepath.Join("examples", part))); err != nil {
			return err
		}
	}
	d.domains = clitest.NewWorkspace(d.cli, filepath.Join(abs, "domains"), d.config)
	d.domains.Env = d.live.Env
	if err := d.quietly(d.domains, initialize, apply); err != nil {
		return err
	}
	variables := fmt.Sprintf("domains = { %q = { token = %q, entra = false } }\n", legacy, token)
	return os.WriteFile(filepath.Join(d.domains.Dir, "terraform.tfvars"), []byte(variables), 0o600)
}
