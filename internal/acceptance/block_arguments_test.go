package acceptance

import (
	"os"
	"path/filepath"
	"testing"
)

// guardModule passes what it is given on in plain blocks, null or not.
const guardModule = `
variable "groups" { type = set(string) }
variable "everyone" { default = null }
variable "user_identifier" { default = null }
variable "user_types" { default = null }
variable "max_lost" { default = null }
variable "must_sync" {
  type    = set(string)
  default = null
}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups   = var.groups
    everyone = var.everyone
  }

  connector_settings {
    user_identifier = var.user_identifier
  }

  what_if {
    user_types = var.user_types
  }

  guardrails {
    max_lost  = var.max_lost
    must_sync = var.must_sync
  }
}

output "summary" { value = usersync_outcome.guard.summary }
`

// A module's plain blocks take nulls, values, and values that are known at apply
// alone.
func TestBlocksFromModule(t *testing.T) {
	each(t, func(b *bench) {
		b.Must(os.Mkdir(filepath.Join(b.Dir, "guard"), 0o755))
		b.Write("guard/main.tf", requires+sources+guardModule)
		write := func(arguments string) {
			b.live(`
module "guard" {
  source = "./guard"
  groups = ["Atlassian users"]
` + arguments + `
}
`)
		}
		write("")
		b.Init()
		b.plan(2)
		b.apply()
		b.says(b.Plan(0).Output, "No changes.")

		write(`  max_lost = 3
  must_sync = ["amara.okafor@company.com"]
  user_identifier = "email"
  user_types = jsonencode({ "adele.vance@fabrikam.example" = "Guest" })`)
		b.says(b.plan(2).Output, "gained")
		b.apply()
		b.says(b.Plan(0).Output, "No changes.")

		b.live(`
resource "terraform_data" "first" {
  input = jsonencode({ "adele.vance@fabrikam.example" = "Guest" })
}
module "guard" {
  source     = "./guard"
  groups     = ["Atlassian users"]
  user_types = terraform_data.first.output
  must_sync  = [jsondecode(terraform_data.first.output) != null ? "amara.okafor@company.com" : ""]
}
`)
		b.says(b.plan(2).Output, "Who will sync isn't known at plan", "guardrails, what_if won't be known before the "+
			"apply")
		b.apply()
		b.says(b.Plan(0).Output, "No changes.")
	})
}

// A misspelled argument of a block is an error, in every block.
func TestMisspelledArguments(t *testing.T) {
	eachOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		for block, config := range map[string]string{
			"scope":              guard(`  scope { group = ["Sales"] }`),
			"connector_settings": guard(`  connector_settings { identifier = "email" }`),
			"what_if":            guard(`  what_if { user_type = "{}" }`),
			"guardrails":         guard(`  guardrails { max_lots = 0 }`),
			"rule":               policyOf("rule {\n  name = \"x\"\n  type = \"Guest\"\n}"),
			"match": policyOf("rule {\n  name = \"x\"\n  user_type = \"Guest\"\n  match { homedomains = " +
				"[\"x.example\"] }\n}"),
		} {
			b.snapshot("tenant.json", sources, config)
			out := b.fails()
			b.says(out, "Unsupported argument")
			if b.Failed() {
				b.Fatalf("%s: %s", block, out)
			}
		}
		for block, line := range map[string]string{"entra": `entra { tenant = "x" }`, "snapshot": `snapshot { files = "x" }`} {
			b.Write("main.tf", requires+"provider \"usersync\" {\n  "+line+"\n}\n"+sources)
			out := b.fails()
			b.says(out, "Unsupported argument")
			if b.Failed() {
				b.Fatalf("%s: %s", block, out)
			}
		}
	})
}
