package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The chapter of the report: the sync has run, and the prediction is graded (examples/report).

// reportFile is the page, in the chapter's working folder.
const reportFile = "who-syncs.html"

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
	chapter("Was it right? All of it on one page")
	if err := d.synced(); err != nil {
		return err
	}
	say("Atlassian's nested-groups sync has run, simulated from its documentation " +
		"alone: it")
	say("shares no code with the prediction. examples/report compares the two, and writes a page for people.")
	dir, err := d.work("report")
	if err != nil {
		return err
	}
	if err := copyFile(filepath.Join("examples", "report", "main.tf"), filepath.Join(dir, "main.tf")); err != nil {
		return err
	}
	w := clitest.NewWorkspace(d.cli, dir, d.config)
	w.Env = d.live.Env
	if _, err := d.command(w, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	if _, err := d.command(w, 0, "report.txt", "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	r, err := w.Run(d.ctx, "output", "-json")
	if err != nil {
		return err
	}
	if err := summarize(r.Stdout); err != nil {
		return err
	}
	page, err := filepath.Rel(filepath.Dir(filepath.Dir(d.live.Dir)), filepath.Join(dir, reportFile))
	say("\nThe report, to open in a browser: %s", filepath.ToSlash(filepath.Join(d.folder, page)))
	return err
}

// synced runs the sync.
func (d *demo) synced() error {
	err := d.server.NestedGroups(
		"main",
		simulator.NestedGroups{Groups: []string{"Atlassian users", "Fabrikam colleagues"}},
	)
	if err == nil {
		_, err = d.server.SyncNestedGroups("main")
	}
	return err
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
