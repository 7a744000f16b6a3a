package acceptance

import "testing"

// Sensitive and ephemeral values in arguments: marks don't cross the protocol,
// so that TestEveryArgument can't try them. Sensitive ones are taken everywhere;
// ephemeral ones where an argument is write-only, and elsewhere the CLI says so
// itself. A null element is refused on its argument, and the source of what
// stands beside it isn't printed.
func TestMarkedArguments(t *testing.T) {
	eachOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		variables := `
variable "secret" {
  type      = string
  sensitive = true
  default   = "Atlassian users"
}
variable "passing" {
  type      = string
  ephemeral = true
  default   = "legacy.company.com"
}
variable "nothing" {
  type    = string
  default = null
}
`
		b.snapshot("tenant.json", variables, sources, guard(`  scope { groups = [var.secret] }
  what_if {
    verified_domains = [var.passing]
    members = { (nonsensitive(var.secret)) = [] }
  }`))
		b.tidy(b.Plan(2).Output)
		b.snapshot("tenant.json", variables, sources, guard(`  scope { groups = [var.passing] }`))
		b.says(b.fails(), "phemeral value")
		for argument, at := range map[string]string{
			`scope { groups = ["Atlassian users", var.nothing] }`:         "scope.groups[]: must not contain null",
			`watch_groups = [var.nothing]`:                                "watch_groups[]: must not contain null",
			`what_if { members = { "Atlassian users" = [var.nothing] } }`: `what_if.members["Atlassian users"][0]: must not contain null`,
			`guardrails { max_lost = 1.5 }`: "guardrails.max_lost: expected a whole " +
				"number, found 1.5",
		} {
			b.snapshot("tenant.json", variables, sources, guard("  "+argument))
			out := b.fails()
			b.says(out, at)
			b.saysNot(out, "always an error in the provider", "Please report")
		}
	})
}
