package acceptance

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// A reading that hangs on a resource which isn't made yet: nobody guesses. The
// plan says why it can't tell, the apply decides, and then all is still.
func TestReadingDependsOnAResource(t *testing.T) {
	each(t, func(b *bench) {
		b.live(`
resource "terraform_data" "first" {
  input = "Atlassian users"
}
data "usersync_directory" "now" {
  groups = [terraform_data.first.output]
}
data "usersync_organization" "main" {}
`, guard(`  scope { groups = ["Atlassian users"] }`))
		p := b.plan(2)
		b.show("%s", p.Output)
		b.tidy(p.Output)
		b.says(
			p.Output,
			"Who will sync isn't known at plan",
			"directory",
			"decisions are made then",
			"let the readings depend on nothing",
			"(known after apply)",
		)
		if after := p.afterUnknown(outcome, "decisions"); after != true {
			b.Errorf("decisions are %v", after)
		}
		b.tidy(b.apply().Output)
		if got := counts(b.attributes(outcome)["changes"]); got["joined.this_plan"] == 0 {
			b.Errorf("the apply decided nothing: %v", got)
		}
		b.says(b.Plan(0).Output, "No changes.")
	})
}

func (p *plan) afterUnknown(address, attribute string) any {
	for _, c := range p.Document.ResourceChanges {
		if c.Address == address {
			return c.Change.AfterUnknown[attribute]
		}
	}
	return nil
}

// The same in a module whose depends_on changes.
func TestModuleWithDependsOn(t *testing.T) {
	each(t, func(b *bench) {
		b.Must(os.Mkdir(filepath.Join(b.Dir, "guard"), 0o755))
		b.Write("guard/main.tf", requires+sources+guard()+`
output "summary" { value = usersync_outcome.guard.summary }
`)
		write := func(input string) {
			b.live(`
resource "terraform_data" "first" {
  input = "` + input + `"
}
module "guard" {
  source     = "./guard"
  depends_on = [terraform_data.first]
}
`)
		}
		write("one")
		b.Init()
		p := b.plan(2)
		b.says(p.Output, "Who will sync isn't known at plan", "depends_on")
		b.apply()
		b.Plan(0)

		// What it depends on changes, and somebody moved meanwhile.
		b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`)
		write("two")
		p = b.plan(2)
		b.show("%s", p.Output)
		b.tidy(p.Output)
		b.says(p.Output, "Who will sync isn't known at plan")
		r := b.apply()
		b.show("%s", r.Output)
		b.tidy(r.Output)
		b.says(r.Output, "lost: 1", lynne)
		if got := counts(b.attributes(outcome)["changes"]); !reflect.DeepEqual(got, map[string]int{"lost.drift": 1}) {
			b.Errorf("the apply counts %v", got)
		}
		b.Plan(0)

		// Nothing moved: the deferred apply accepts the same again.
		write("three")
		b.plan(2)
		accepted := b.attributes(outcome)["accepted"]
		b.apply()
		if b.attributes(outcome)["accepted"] != accepted {
			b.Error("an apply without any move accepted something else")
		}
		b.Plan(0)
	})
}

// Where the plan couldn't hold a guardrail, the apply does, and leaves the
// accepted outcome as it was.
func TestGuardrailHeldAtApply(t *testing.T) {
	each(t, func(b *bench) {
		write := func(input string) {
			b.live(`
resource "terraform_data" "first" {
  input = "`+input+`"
}
data "usersync_directory" "now" {
  depends_on = [terraform_data.first]
}
data "usersync_organization" "main" {}
`, guard(`  guardrails {
    max_lost = 0
    on_drift = "error"
    must_sync = ["`+lynne+`"]
  }`))
		}
		write("one")
		b.plan(2)
		b.apply()
		b.Plan(0)
		b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`)
		write("two")
		p := b.plan(2)
		b.says(p.Output, "Who will sync isn't known at plan", "guardrails are held then")
		before := b.attributes(outcome)
		r := b.Do(1, "apply", "-no-color", "-input=false", planFile)
		b.show("%s", r.Output)
		b.tidy(r.Output)
		b.says(r.Output, "Plan violates a guardrail", lynne, "It has already happened")
		if !reflect.DeepEqual(b.attributes(outcome), before) {
			b.Error("an apply that a guardrail refused changed the accepted outcome")
		}
		// A create that fails leaves none.
		c := b.another()
		c.live(`
resource "terraform_data" "first" {
  input = "x"
}
data "usersync_directory" "now" {
  depends_on = [terraform_data.first]
}
data "usersync_organization" "main" {}
`, guard(`  guardrails { must_sync = ["`+lynne+`"] }`))
		c.plan(2)
		c.Do(1, "apply", "-no-color", "-input=false", planFile)
		c.saysNot(c.Do(0, "state", "list", "-no-color").Output, outcome)
	})
}

// Values of the provider block and of other arguments that are known only
// after something else was made.
func TestUnknownArguments(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, `
resource "terraform_data" "types" {
  input = jsonencode({ "adele.vance@fabrikam.example" = "Guest" })
}
`, guard(`  what_if { user_types = terraform_data.types.output }`, `  guardrails { max_lost = 0 }`))
		p := b.plan(2)
		b.show("%s", p.Output)
		b.says(p.Output, "Who will sync isn't known at plan", "what_if")
		b.saysNot(p.Output, "puts a data source off")
		b.apply()
		if got := b.decisions(b.attributes(outcome)["decisions"])[adele]; got != "" {
			b.Errorf("Adele is %q though assumed to be a guest", got)
		}
		b.Plan(0)

		// A provider block that waits for a resource.
		c := b.another()
		block := c.ProviderBlock()
		c.Write("main.tf", "resource \"terraform_data\" \"tenant\" {\n  input = \""+b.Server.TenantID()+"\"\n}\n"+
			replaceOnce(block, `"`+b.Server.TenantID()+`"`, "terraform_data.tenant.output")+sources+guard())
		out, err := c.Workspace.Run(c.Context(), "plan", "-no-color", "-input=false")
		c.Must(err)
		c.show("%s", out.Output)
		c.tidy(out.Output)
		if out.Code != 0 {
			c.says(out.Output, "entra.tenant_id", "aren't known yet", "-target")
			c.Do(0, "apply", "-no-color", "-input=false", "-auto-approve", "-target=terraform_data.tenant")
			c.Plan(2)
		}
	})
}
