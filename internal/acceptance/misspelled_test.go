package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What fits nothing is named, with what it may mean: watched groups and domains
// that are taken for verified.
func TestNamesThatFitNothing(t *testing.T) {
	once(t, func(b *bench) {
		provider := b.ProviderBlock()
		b.Write("main.tf", provider+sources+guard(
			`  watch_groups = ["jria-*", "jira-*"]`,
			`  what_if { verified_domains = ["gmail.com", "legcy.company.com", "legacy.company.com"] }`,
		))
		out := b.plan(2).Output
		b.says(out, "Names in the configuration need attention", `watch_groups: "jria-*" fits none of the`,
			"gmail.com is a public mail provider's domain",
			"nobody in the reading has an address on legcy.company.com", "legacy.company.com, partner.example")
		b.saysNot(out, `"jira-*" fits none`, "an address on legacy.company.com")
		b.tidy(out)

		// The domains that somebody types in, in place of a key.
		start := strings.Index(provider, "organizations = {")
		end := strings.Index(provider, "  ca_file")
		declared := provider[:start] + "organizations = {\n    main = { verified_domains = [\"company.com\", \"eng.compny.com\"] }\n  }\n" +
			provider[end:]
		b.Write("main.tf", declared+sources+guard())
		out = b.plan(2).Output
		b.says(
			out,
			"verified_domains of the provider's organizations: nobody in the reading has an address on eng.compny.com",
		)
		b.saysNot(out, "an address on company.com")

		// A data source by itself says so, too; what fits is nothing to speak of.
		question := func(domain string) string {
			return "data \"usersync_decisions\" \"now\" {\n  connector = \"atlassian_nested_groups\"\n" + scopeAll +
				"\n  what_if { verified_domains = [\"" + domain + "\"] }\n}\noutput \"n\" { value = data.usersync_decisions.now.summary.synced }\n"
		}
		b.Write("main.tf", provider+question("legcy.company.com"))
		b.says(b.plan(2).Output, "nobody in the reading has an address on legcy.company.com")
		b.Write("main.tf", provider+question("legacy.company.com"))
		b.saysNot(b.plan(2).Output, "need attention")
	})
}

// The CLIs drop a misspelled key of an object without a word. What it leaves missing
// is named where it is missed, with the keys that there are.
func TestMisspelledKeys(t *testing.T) {
	each(t, func(b *bench) {
		b.simulated()
		organization := func(body string) string {
			return requires + "provider \"usersync\" {\n  organizations = {\n" + body + "\n  }\n}\ndata \"usersync_organization\" \"main\" {\n  " +
				"organization = \"main\"\n}\n"
		}
		keys := "The keys of an organization are api_key, api_key_expires_on, endpoint, organization_id, scim_directory_id, " +
			"scim_token, verified_domains; the CLIs drop any other without a word."
		mapping := fmt.Sprintf(`
resource "usersync_provisioning_mapping" "users" {
  service_principal_id = %q
  job_id               = "job"
  object               = { source = "User", target = "User" }
  attributes           = { "userName" = { expresion = "[userPrincipalName]" } }
}
`, pipelineApp)
		filter := `
data "usersync_decisions" "some" {
  connector = "atlassian_nested_groups"
  scope { everyone = true }
  match { filter = { any_of = [{ all_of = [{ attribute = "userType", operator = "EQUALS", value = ["Guest"] }] }] } }
}
`
		partner := `
resource "usersync_cross_tenant_partner" "fabrikam" {
  tenant_id            = "` + fabrikamTenant + `"
  automatic_redemption = { inbond = true }
}
`
		for name, c := range map[string]struct {
			text string
			code int
			says []string
		}{
			"an organization's id": {
				organization("    main = { organisation_id = \"x\", api_key = \"y\" }"), 1, []string{"organization_id: the organization's id isn't set", keys},
			},
			"an organization's key": {
				organization("    main = { organization_id = \"x\", apikey = \"y\" }"), 1, []string{"api_key: the organization's API key isn't set", keys},
			},
			"declared domains": {
				organization("    main = { verified_domain = [\"company.com\"] }"), 1, []string{"verified_domains", keys},
			},
			"one of several": {
				organization("    main = { organization_id = \"x\", key = \"y\" }\n    emea = { organization_id = \"z\", api_key = \"y\" }"),
				1, []string{"organizations.main.api_key", keys},
			},
			"a mapping's row":    {b.ProviderBlock() + mapping, 1, []string{`attributes["userName"]`, "The keys of a row are expression, matching_priority, apply and default"}},
			"a filter's clause":  {b.ProviderBlock() + filter, 1, []string{"values isn't set", "The keys of a clause are attribute, operator and values"}},
			"a way of redeeming": {b.ProviderBlock() + partner, 2, []string{"Neither way of redemption is set", "has the keys inbound and outbound"}},
		} {
			b.Env = slices.DeleteFunc(b.Env, func(kv string) bool { return strings.HasPrefix(kv, "ATLASSIAN_") })
			b.Write("main.tf", c.text)
			r := b.Plan(c.code)
			for _, want := range c.says {
				if !strings.Contains(flatten(r.Output), flatten(want)) {
					b.Errorf("%s: %q isn't said:\n%s", name, want, r.Output)
				}
			}
		}
	})
}
