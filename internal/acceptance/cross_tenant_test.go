package acceptance

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// crossTenant is a source tenant's mapping of userType as it travels.
func crossTenant(apply, userType string) string {
	return `cross_tenant = [{ home_domains = ["fabrikam.example"], mapping = jsonencode({ version = 1, object = { source = "User", target = "User" }, manage = "listed", attributes = { userType = { expression = "\"` +
		userType + `\"", apply = "` + apply + `" } } }) }]`
}

// A source tenant that always writes userType: the policy says that it will be
// written back, the outcome marks whom it is about, and names what lasts.
func TestSourceTenantWritesBack(t *testing.T) {
	once(t, func(b *bench) {
		outcome := func(cross string) string {
			return guard(`  what_if {
    user_types   = usersync_user_type_policy.partners.desired
    ` + cross + `
  }`)
		}
		always := crossTenant("always", "Member")
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded, always), outcome(always))
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(
			p.Output,
			"The source tenant will write back the type of 10 users",
			"on_create",
			"userType of 11 users written by the source tenant",
		)
		decisions := b.decisions(p.after("usersync_outcome.guard", "decisions"))
		if d := decisions["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"]; d != "" {
			b.Errorf("Adele is listed as %q", d)
		}
		b.apply()
		b.Plan(0)
		// It is written back: drift, and who did it.
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		p = b.plan(2)
		b.says(
			p.Output,
			"Drift: the type of 1 user changed",
			"the source tenant wrote it back",
			"Change it there to on_create",
		)

		// Only new ones: nothing to warn of.
		created := crossTenant("on_create", "Member")
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded, created), outcome(created))
		p = b.plan(2)
		b.saysNot(p.Output, "will write back")
		b.apply()
		b.Plan(0)

		b.live(sources, `data "usersync_decision" "why" {
  user      = "adele.vance@fabrikam.example"
  connector = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
  what_if { `+always+` }
}
output "why" {
  value     = data.usersync_decision.why.fixes
  sensitive = true
}`)
		b.Apply()
		if why := string(b.outputs()["why"]); !strings.Contains(why, "source tenant's cross-tenant mapping") {
			b.Errorf("the lasting fix isn't offered: %s", why)
		}
	})
}

// Two tenants in one configuration: the change is made in the source's
// mapping, and the target's outcome of the same plan shows who will sync.
func TestChainOverTwoTenants(t *testing.T) {
	once(t, func(b *bench) {
		source, err := simulator.New(strings.NewReader(sourceSnapshot))
		b.Must(err)
		b.Must(source.Start())
		b.Cleanup(source.Close)
		s := b.another()
		s.Server = source
		b.Must(source.WriteCA(b.Dir + "/source-ca.pem"))
		b.Must(source.WriteCA(s.Dir + "/ca.pem"))
		sp := s.app("Microsoft Entra cross-tenant synchronization")
		config := func(userType, apply string) string {
			return `
provider "usersync" {
  alias = "source"
  entra {
    tenant_id      = "` + source.TenantID() + `"
    client_id      = "` + simulator.DefaultClientID + `"
    client_secret  = "` + simulator.DefaultClientSecret + `"
    graph_endpoint = "` + source.URL() + `"
    authority_host = "` + source.URL() + `"
  }
  ca_file = "source-ca.pem"
}
data "usersync_directory" "source" {
  provider = usersync.source
}
resource "usersync_provisioning_job" "cts" {
  provider             = usersync.source
  service_principal_id = "` + sp + `"
  template_id          = "Azure2Azure"
}
resource "usersync_provisioning_mapping" "cts" {
  provider             = usersync.source
  service_principal_id = "` + sp + `"
  job_id               = usersync_provisioning_job.cts.id
  object               = { source = "User", target = "User" }
  attributes           = { "userType" = { expression = "\"` + userType + `\"", apply = "` + apply + `" } }
}
` + sources + guard(`  what_if {
    cross_tenant = [{ mapping = usersync_provisioning_mapping.cts.effective, directory = data.usersync_directory.source.reading }]
  }`)
		}
		b.live(config("Member", "on_create"))
		b.plan(2)
		b.apply()
		b.Plan(0)
		b.live(config("Guest", "always"))
		p := b.plan(2)
		b.tidy(p.Output)
		if got := counts(p.after(outcome, "changes")); got["gained.this_plan"] != 2 {
			b.Errorf("the source's mapping changes %v", got)
		}
		b.says(
			p.Output,
			`- "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "skip: external_member (fabrikam.example, Member, reported)"`,
		)
		b.apply()
		b.Plan(0)
		if rows := s.rows(s.graph("GET", s.schemaPath(sp), nil), "User"); rows["userType"] != `"Guest" Always` {
			b.Errorf("the source's mapping is %s", rows["userType"])
		}
	})
}

// sourceSnapshot is the source tenant of two of the example's colleagues.
const sourceSnapshot = `{"version":1,"entra":{"tenant_id":"77777777-0000-4000-8000-000000000001",
 "domains":[{"id":"fabrikam.example","isVerified":true,"isDefault":true},{"id":"fabrikam.onmicrosoft.com","isVerified":true,"isInitial":true}],
 "users":[{"id":"70000000-0000-4000-8000-000000000001","userPrincipalName":"adele.vance@fabrikam.example","mail":"adele.vance@fabrikam.example","userType":"Member","accountEnabled":true},
  {"id":"70000000-0000-4000-8000-000000000002","userPrincipalName":"alex.wilber@fabrikam.example","mail":"alex.wilber@fabrikam.example","userType":"Member","accountEnabled":true}],
 "groups":[]}}`

// Two tenants, a real cycle: the source's job writes Member back to whom the
// target's policy made guests, and the next plan says so.
func TestCycleWritesBack(t *testing.T) {
	once(t, func(b *bench) {
		source, err := simulator.New(strings.NewReader(sourceSnapshot))
		b.Must(err)
		b.Must(source.Start())
		b.Cleanup(source.Close)
		s := b.another()
		s.Server = source
		b.Must(source.WriteCA(b.Dir + "/source-ca.pem"))
		b.Must(source.WriteCA(s.Dir + "/ca.pem"))
		sp := s.app("Microsoft Entra cross-tenant synchronization")
		b.Must(source.LinkTenant(b.Server))
		b.Must(
			source.PutPartner(
				[]byte(
					`{"tenantId":"` + b.Server.TenantID() + `","automaticUserConsentSettings":{"inboundAllowed":null,"outboundAllowed":true}}`,
				),
			),
		)
		b.Must(
			b.Server.PutPartner(
				[]byte(
					`{"tenantId":"` + source.TenantID() + `","automaticUserConsentSettings":{"inboundAllowed":true,"outboundAllowed":null},"identitySynchronization":{"tenantId":"` + source.TenantID() + `","userSyncInbound":{"isSyncAllowed":true}}}`,
				),
			),
		)
		b.live(`
provider "usersync" {
  alias = "source"
  entra {
    tenant_id      = "`+source.TenantID()+`"
    client_id      = "`+simulator.DefaultClientID+`"
    client_secret  = "`+simulator.DefaultClientSecret+`"
    graph_endpoint = "`+source.URL()+`"
    authority_host = "`+source.URL()+`"
  }
  ca_file = "source-ca.pem"
}
data "usersync_directory" "source" {
  provider = usersync.source
}
resource "usersync_provisioning_job" "cts" {
  provider             = usersync.source
  service_principal_id = "`+sp+`"
  template_id          = "Azure2Azure"
}
resource "usersync_provisioning_secret" "cts" {
  provider             = usersync.source
  service_principal_id = "`+sp+`"
  job_id               = usersync_provisioning_job.cts.id
  credentials          = { AuthenticationType = "SyncPolicy", CompanyId = "`+b.Server.TenantID()+`" }
  credentials_version  = 1
  sync_all             = true
}
resource "usersync_provisioning_mapping" "cts" {
  provider             = usersync.source
  service_principal_id = "`+sp+`"
  job_id               = usersync_provisioning_job.cts.id
  object               = { source = "User", target = "User" }
  attributes           = { "userType" = { expression = "\"Member\"" } }
}
resource "usersync_provisioning_schedule" "cts" {
  provider             = usersync.source
  service_principal_id = "`+sp+`"
  job_id               = usersync_provisioning_job.cts.id
  start_after                = [usersync_provisioning_mapping.cts.id, usersync_provisioning_secret.cts.id]
}
locals {
  written = [{ home_domains = null, mapping = usersync_provisioning_mapping.cts.effective, directory = data.usersync_directory.source.reading }]
}
`, sources, record, policyOf(enforce, partnersAreGuests, recorded, "cross_tenant = local.written"), guard(`  what_if {
    user_types   = usersync_user_type_policy.partners.desired
    cross_tenant = local.written
  }`))
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "The source tenant will write back the type of 2 users")
		b.apply()
		b.Plan(0)
		b.Must(source.FinishCycle(s.jobs(sp)[0]["id"].(string)))
		p = b.plan(2)
		b.tidy(p.Output)
		b.says(
			p.Output,
			"Drift: the type of 2 users changed since the last apply",
			"the source tenant wrote it back",
			`"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "Member" -> "Guest"`,
			`"alex.wilber_fabrikam.example#EXT#@company.onmicrosoft.com" = "Member" -> "Guest"`,
		)
		for _, c := range p.Document.ResourceChanges {
			if c.Address == policyAddress && c.Change.Actions[0] != "update" ||
				c.Address == outcome && c.Change.Actions[0] != "no-op" {
				b.Errorf("%s: %v", c.Address, c.Change.Actions)
			}
		}

		// What the source's cycle did is in its log, and agrees with what is predicted of it.
		b.Write("compare.tf", `
data "usersync_reconciliation" "cts" {
  provider          = usersync.source
  connector         = "cross_tenant_sync"
  service_principal = "`+sp+`"
  scope {
    everyone = true # as the secret's sync_all says
  }
}
output "compared" {
  value = [
    data.usersync_reconciliation.cts.compared_with, data.usersync_reconciliation.cts.agreement.agreed,
    data.usersync_reconciliation.cts.agreement.compared,
  ]
}
`)
		b.plan(2)
		b.apply()
		if got := strings.Join(strings.Fields(string(b.outputs()["compared"])), ""); got != `["provisioning_log",2,2]` {
			b.Errorf("the log of the source's cycle: got %s", got)
		}
	})
}
