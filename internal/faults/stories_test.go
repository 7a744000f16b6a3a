package faults

import (
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// A story is configurations that are applied one after another, from nothing
// to nothing.
type story struct {
	name string
	// arrange sets up what a snapshot of the simulator doesn't hold.
	arrange func(*simulator.Server) error
	steps   []step
}

// A step is one configuration, without the provider block; an empty one
// destroys everything.
type step struct{ name, config string }

// limits are the timeouts of what has some: long enough for a busy machine,
// shorter than a fault that hangs.
func limits(verbs ...string) string {
	var b strings.Builder
	for _, v := range verbs {
		fmt.Fprintf(&b, "%s = %q, ", v, limit)
	}
	return "timeouts = { " + strings.TrimSuffix(b.String(), ", ") + " }"
}

var destroy = step{"destroy", ""}

// stories are all that the matrix runs, by what they manage.
var stories = []story{userTypes, provisioning, partners, domains, claims}

const directoryNow = `
data "usersync_directory" "now" {}
`

// userTypes converts people, in one apply and in waves, and gives everybody
// back what the record holds.
var userTypes = story{name: "user-types", steps: []step{
	{"create", directoryNow + typeRecord + typePolicy(`rule {
  name = "partners are guests"
  user_type = "Guest"

  match {
    home_domains = ["fabrikam.example"]
  }
}`)},
	{"update", directoryNow + typeRecord + typePolicy(`rule {
  name = "back"
  types = usersync_user_type_record.before.types
}`)},
	destroy,
}}

const typeRecord = `
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading
  match { home_domains = ["fabrikam.example"] }
}
`

func typePolicy(rules string) string {
	return `
resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce"
  record    = usersync_user_type_record.before.id
  ` + rules + `
  ` + limits("create", "update") + `
}
`
}

// provisioning is a job with its mappings, credentials and schedule; then each
// of them changes; then the job is held.
var provisioning = story{name: "provisioning", arrange: withToken, steps: []step{
	{"create", provisioningOf("[originalUserPrincipalName]", "1", "schedule one", true)},
	{"update", provisioningOf("[userPrincipalName]", "2", "schedule two", true)},
	{"pause", provisioningOf("[userPrincipalName]", "2", "schedule two", false)},
	destroy,
}}

func withToken(s *simulator.Server) error { return s.SetSecretToken(principal, token) }

func provisioningOf(userName, version, trigger string, enabled bool) string {
	return fmt.Sprintf(`
locals { sp = %[1]q }
resource "usersync_provisioning_job" "atlassian" {
  service_principal_id = local.sp
  template_id          = "customappsso"
  %[6]s
}
resource "usersync_provisioning_mapping" "users" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "User", target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" }
  attributes = {
    "userName"    = { expression = %[2]q, matching_priority = 1 }
    "displayName" = { expression = "Join(\" \", [givenName], [surname])", apply = "on_create" }
  }
  %[7]s
}
resource "usersync_provisioning_mapping" "groups" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "Group", target = "urn:ietf:params:scim:schemas:core:2.0:Group" }
  attributes = {
    "displayName" = { expression = "[displayName]", matching_priority = 1 }
    "externalId"  = { expression = "IIF([displayName]=\"x\", [mailNickname], [objectId])" }
  }
  %[7]s
}
resource "usersync_provisioning_secret" "scim" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  credentials          = { BaseAddress = "https://scim.example/directory/x", SecretToken = %[8]q }
  credentials_version  = %[3]q
}
resource "usersync_provisioning_schedule" "run" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  start_after                = [usersync_provisioning_mapping.users.id, usersync_provisioning_mapping.groups.id, usersync_provisioning_secret.scim.id]
  enabled              = %[5]t
  restart_triggers     = { because = %[4]q }
  %[7]s
}
`, principal, userName, version, trigger, enabled, limits("create", "delete"), limits("create", "update", "delete"), token)
}

// partners is a partner with everything, then with other values, then with
// nothing of ours, and gone.
var partners = story{name: "partner", steps: []step{
	{"create", partnerOf(contoso, "inbound_user_sync = true", "automatic_redemption = { inbound = "+
		"true }", `display_name = "Contoso"`)},
	{"update", partnerOf(contoso, "inbound_user_sync = false", "automatic_redemption = { outbound = "+
		"true }", `display_name = "Contoso Ltd"`)},
	{"replace", partnerOf(northwind, "inbound_user_sync = true")},
	{"give back", partnerOf(northwind)},
	destroy,
}}

func partnerOf(tenant string, lines ...string) string {
	return fmt.Sprintf("\nresource \"usersync_cross_tenant_partner\" \"one\" {\n  tenant_id = %q\n  "+
		"%s\n}\n", tenant, strings.Join(append(lines, limits("create", "update", "delete")), "\n  "))
}

// domains is a domain and its verification, then another in its place.
var domains = story{name: "domain", arrange: withDNS, steps: []step{
	{"create", domainOf("one.example")},
	{"replace", domainOf("two.example")},
	destroy,
}}

// withDNS publishes the records that Entra looks for, before the domains are
// there: a name's record doesn't depend on it.
func withDNS(s *simulator.Server) error {
	for _, name := range []string{"one.example", "two.example"} {
		if err := s.PublishDomain(name, true); err != nil {
			return err
		}
	}
	return nil
}

func domainOf(name string) string {
	return fmt.Sprintf(`
resource "usersync_entra_domain" "new" {
  domain = %q
  %s
}
resource "usersync_entra_domain_verification" "new" {
  domain    = usersync_entra_domain.new.domain
  check_dns = false
  %s
}
`, name, limits("create", "delete"), limits("create"))
}

// claims waits for a domain in an Atlassian organization, with an outcome that
// assumes it: nothing is written, and everything read.
var claims = story{name: "claim", steps: []step{
	{"create", claimOf("company.com")},
	{"replace", claimOf("eng.company.com")},
	destroy,
}}

func claimOf(name string) string {
	return directoryNow + fmt.Sprintf(`
data "usersync_organization" "main" {}
resource "usersync_atlassian_domain_verification" "new" {
  domain       = %q
  organization = "main"
  check_dns    = false
  %s
}
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
  what_if { verified_domains = usersync_atlassian_domain_verification.new.verified_domains }
}
`, name, limits("create"))
}
