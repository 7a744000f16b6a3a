package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The last part: the sync has run, and the prediction is graded (examples/report).

// reportFile is the page, below the demo's folder.
var reportFile = filepath.Join("report", "who-syncs.html")

// grades are the outputs of examples/report.
type grades struct {
	Agreement   struct{ Compared, Agreed, Percent, Unknown, Ambiguous float64 }
	Mismatches  []struct{ Class, Who, Predicted, Actual string }
	Calibration []struct {
		ExternalUsers  string `json:"external_users"`
		UserIdentifier string `json:"user_identifier"`
		Agreed         float64
		Percent        float64
		Default        bool
	}
}

// report syncs that tenant, on a server again, and compares.
func (d *demo) report() error {
	chapter(12, "Was it right? All of it on one page")
	abs, err := filepath.Abs(d.folder)
	if err != nil {
		return err
	}
	server, err := d.synced(abs)
	if err != nil {
		return err
	}
	defer server.Close()
	say("The same tenant on a server again. Atlassian's nested-groups sync has run, simulated from its documentation " +
		"alone: it")
	say("shares no code with the prediction. examples/report compares the two, and writes a page for people.")
	dir := filepath.Join(abs, filepath.Dir(reportFile))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := copyFile(filepath.Join("examples", "report", "main.tf"), filepath.Join(dir, "main.tf")); err != nil {
		return err
	}
	ca, err := server.CAFile(dir)
	if err != nil {
		return err
	}
	w := clitest.NewWorkspace(d.cli, dir, d.config)
	w.Env = append(w.Env, environment(server, ca)...)
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	if _, err := d.command(w, 0, "12-report.txt", "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	r, err := w.Run(d.ctx, "output", "-json")
	if err != nil {
		return err
	}
	return summarize(r.Stdout)
}

// synced is the tenant of the last chapter, with the sync done.
func (d *demo) synced(abs string) (*simulator.Server, error) {
	snapshot, err := os.Open(filepath.Join(abs, "offline", "tenant.json"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = snapshot.Close() }()
	server, err := simulator.New(snapshot)
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	if err = server.NestedGroups(
		"main",
		simulator.NestedGroups{Groups: []string{"Atlassian users", "Fabrikam colleagues"}},
	); err == nil {
		_, err = server.SyncNestedGroups("main")
	}
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}

// summarize prints one screen of the reconciliation.
func summarize(outputs string) error {
	var raw map[string]struct{ Value json.RawMessage }
	if err := json.Unmarshal([]byte(outputs), &raw); err != nil {
		return fmt.Errorf("reading the outputs: %w", err)
	}
	var g grades
	for name, into := range map[string]any{
		"agreement": &g.Agreement, "mismatches": &g.Mismatches, "calibration": &g.Calibration,
	} {
		if err := json.Unmarshal(raw[name].Value, into); err != nil {
			return fmt.Errorf("reading the output %s: %w", name, err)
		}
	}
	a := g.Agreement
	say("\n  Predicted against actual: %g %% (%g of %g users as predicted; %g unknown, %g "+
		"ambiguous)", a.Percent, a.Agreed, a.Compared, a.Unknown, a.Ambiguous)
	say("\n  Mismatches: %d", len(g.Mismatches))
	for i, m := range g.Mismatches {
		if i == 6 {
			say("    … and %d more", len(g.Mismatches)-i)
			break
		}
		say("    %-28s %s: predicted %s, actual %s", m.Class, m.Who, m.Predicted, m.Actual)
	}
	say("\n  Which reading of the undocumented rules fits:")
	for _, c := range g.Calibration {
		mark := ""
		if c.Default {
			mark = " (default)"
		}
		say(
			"    %6.2f %%  external_users = %-12q user_identifier = %q%s",
			c.Percent,
			c.ExternalUsers,
			c.UserIdentifier,
			mark,
		)
	}
	return nil
}
