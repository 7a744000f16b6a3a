package acceptance

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// fromVariables takes the readings as variables, as another run saw them.
const fromVariables = `
variable "directory" {
  type      = string
  sensitive = true
}
variable "organization" {
  type      = string
  sensitive = true
}
resource "usersync_outcome" "guard" {
  directory    = var.directory
  organization = var.organization
  connector    = "atlassian_nested_groups"
` + scopeAll + `
}
`

// The same facts give the same bytes: in two runs, in another order of the
// tenant's answers, and with the server switched off.
func TestSameFactsSameBytes(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard())
		first := b.plan(2)
		again := b.plan(2)
		directory, organization := first.read(
			"data.usersync_directory.now",
			"reading",
		), first.read(
			"data.usersync_organization.main",
			"reading",
		)
		if directory == "" || directory != again.read("data.usersync_directory.now", "reading") ||
			organization != again.read("data.usersync_organization.main", "reading") {
			b.Error("two runs over one tenant give different readings")
		}
		computed := []string{
			"decisions",
			"groups",
			"summary",
			"changes",
			"changes_markdown",
			"changes_json",
			"fingerprint",
			"settings",
			"accepted",
			"what_if_applied",
		}
		for _, a := range computed {
			if !reflect.DeepEqual(first.after(outcome, a), again.after(outcome, a)) {
				b.Errorf("two runs over one tenant give different %s", a)
			}
		}

		// The state as a snapshot: the server's own order, from a file.
		c := b.another()
		file, err := os.Create(filepath.Join(c.Dir, "tenant.json"))
		b.Must(err)
		b.Must(b.Server.Snapshot(file))
		b.Must(file.Close())
		c.snapshot("tenant.json", sources, guard())
		fromFile := c.plan(2)
		if fromFile.read("data.usersync_directory.now", "reading") != directory ||
			fromFile.read("data.usersync_organization.main", "reading") != organization {
			b.Error("the snapshot's readings differ from the live ones")
		}

		// The server goes; the readings stay.
		b.Server.Close()
		d := b.another()
		d.Write("main.tf", requires+fromVariables)
		d.Env = append(d.Env, "TF_VAR_directory="+directory, "TF_VAR_organization="+organization)
		alone := d.plan(2)
		for _, a := range computed {
			if !reflect.DeepEqual(first.after(outcome, a), alone.after(outcome, a)) {
				b.Errorf("without the server %s differs", a)
			}
		}
		d.apply()
		d.Plan(0)
	})
}

// A saved plan does what was reviewed, whatever the tenant does meanwhile; the
// next plan shows the move.
func TestSavedPlanApplies(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard())
		b.plan(2)
		b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`)
		r := b.apply()
		b.tidy(r.Output)
		if got := b.decisions(b.attributes(outcome)["decisions"])[lynne]; got != "" {
			b.Errorf("the create accepted what wasn't reviewed: %s", got)
		}
		p := b.plan(2)
		if got := counts(p.after(outcome, "changes")); !reflect.DeepEqual(got, map[string]int{"lost.drift": 1}) {
			b.Errorf("the move shows as %v", got)
		}
		// The same for an update, and with a side that is gone altogether.
		b.user(`{"userPrincipalName":"` + alex + `","userType":"Guest"}`)
		b.Must(b.Server.RemoveDomainClaim("main", "eng.company.com"))
		r = b.apply()
		b.tidy(r.Output)
		if got := b.attributes(outcome)["changes"]; !reflect.DeepEqual(counts(got), map[string]int{"lost.drift": 1}) {
			b.Errorf("the update accepted %v", counts(got))
		}
		p = b.plan(2)
		if got := counts(
			p.after(outcome, "changes"),
		); !reflect.DeepEqual(
			got,
			map[string]int{"lost.drift": 7, "gained.drift": 1},
		) {
			b.Errorf("the moves show as %v", got)
		}
		b.Server.Close()
		b.tidy(b.apply().Output)
	})
}
