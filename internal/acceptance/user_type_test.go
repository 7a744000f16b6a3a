package acceptance

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	withoutType   = "eb6a4fd2-5865-466a-ac54-27234cde6004"
	policyAddress = "usersync_user_type_policy.partners"
	recordAddress = "usersync_user_type_record.before"
	record        = `
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading
  match     = { home_domains = ["fabrikam.example"] }
}
`
	partnersAreGuests = `rules = [{ name = "partners are guests", match = { origin = "external", home_domains = ["fabrikam.example"] }, user_type = "Guest" }]`
	restore           = `rules = [{ name = "restore", types = usersync_user_type_record.before.types }]`
	recorded          = `record = usersync_user_type_record.before.id`
	enforce           = `mode = "enforce"`
)

func policyOf(lines ...string) string {
	return `
resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  ` + strings.Join(lines, "\n  ") + `
}
`
}

// chained is the outcome of the same plan.
func chained() string {
	return guard(`  what_if = { user_types = usersync_user_type_policy.partners.desired }`)
}

// patches counts the conversions that were sent since the last reset.
func (b *bench) patches() int {
	n := 0
	counts := b.Server.Requests()
	for route, k := range counts.Batch {
		if strings.HasPrefix(route, "PATCH /v1.0/users") {
			n += k
		}
	}
	return n + counts.Routes["PATCH /v1.0/users/{id}"]
}

// The seed: people from fabrikam become guests, and the same plan says that
// they then sync; applied, nothing is left; restored, everybody is as before.
func TestPolicyConverts(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard())
		b.Apply()
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded), chained())
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "This apply converts 10 users", "9 Member to Guest, 1 no type to Guest", "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com", `"All staff"`)
		b.saysNot(p.Output, "can't be undone")
		if got := counts(p.after(outcome, "changes")); !maps.Equal(got, map[string]int{"gained.this_plan": 10}) {
			b.Errorf("the outcome changes %v", got)
		}
		b.says(p.Output, `- "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "skip: external_member (fabrikam.example, Member, reported)"`)
		before := b.types()
		b.Server.ResetRequests()
		b.apply()
		if n := b.patches(); n != 10 {
			b.Errorf("%d users were patched", n)
		}
		b.Plan(0)

		// Somebody turns one back: drift, by name.
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		p = b.plan(2)
		b.says(p.Output, `"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "Member" -> "Guest"`, "Drift: the type of 1 user changed since the last apply")
		b.apply()
		b.Plan(0)

		// Restored from the record, which never changed.
		held := b.attributes(recordAddress)["types"]
		b.live(sources, record, policyOf(enforce, restore, recorded), chained())
		b.plan(2)
		b.apply()
		b.Plan(0)
		if after := b.types(); !maps.Equal(before, after) || b.attributes(recordAddress)["types"] != held {
			b.Errorf("restored, the types are\n%v\nand not\n%v", after, before)
		}
		b.live(sources, strings.Replace(record, "fabrikam.example", "partner.example", 1), policyOf(enforce, restore, recorded))
		b.says(b.fails(), "A record doesn't change", "make another")
		b.live(sources, record)
		b.Apply()
		if after := b.types(); !maps.Equal(before, after) {
			b.Error("destroying the policy changed people")
		}
	})
}

// types are the types of all users, by id.
func (b *bench) types() map[string]string {
	b.Helper()
	var s struct {
		Entra struct {
			Users []struct{ ID, UserType string } `json:"users"`
		} `json:"entra"`
	}
	var raw strings.Builder
	b.Must(b.Server.Snapshot(&raw))
	b.Must(json.Unmarshal([]byte(raw.String()), &s))
	out := map[string]string{}
	for _, u := range s.Entra.Users {
		if u.ID != withoutType { // no type can't be given back: the service takes Member and Guest
			out[u.ID] = u.UserType
		}
	}
	return out
}

// An audit writes nothing, and its outcome says what an enforcement would do.
func TestPolicyAudits(t *testing.T) {
	each(t, func(b *bench) {
		rules := `rules = [
    { name = "board", match = { users = ["adele.vance@fabrikam.example"] }, user_type = "Member" },
    { name = "partners are guests", match = { home_domains = ["FABRIKAM.example"] }, user_type = "Guest" },
    { name = "shadowed", match = { users = ["adele.vance@fabrikam.example"] }, user_type = "Guest" },
    { name = "nobody", match = { creation_types = ["LocalAccount"] }, user_type = "Guest" },
  ]`
		b.live(sources, policyOf(rules), chained())
		p := b.plan(2)
		b.says(p.Output, "rules[2] (shadowed) decides nobody", "rules[3] (nobody) matches nobody", "Member, policy says Guest (partners are guests)")
		before := b.types()
		b.Server.ResetRequests()
		b.apply()
		if n := b.patches(); n != 0 || !maps.Equal(before, b.types()) {
			b.Errorf("an audit patched %d users", n)
		}
		b.Plan(0)
		violations := b.decisions(b.attributes(policyAddress)["violations"])
		if len(violations) != 9 || violations["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"] != "" {
			b.Errorf("violations: %v", violations)
		}
	})
}

// Limits stop a plan with names; waves take people in an order that doesn't
// move.
func TestPolicyLimitsAndWaves(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, policyOf(enforce, partnersAreGuests, "max_changes = 3"))
		out := b.fails()
		b.says(out, "would convert 10 users, more than max_changes = 3", "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com", "main.tf line")
		b.live(sources, policyOf(enforce, partnersAreGuests, "max_changes = 4", "wave_size = 4"), chained())
		p := b.plan(2)
		b.says(p.Output, "6 more follow in later applies", "can't be undone")
		wave := func(p *plan) []string {
			var out []string
			for id, t := range b.decisions(p.after(policyAddress, "desired")) {
				if t == "Guest" {
					out = append(out, id)
				}
			}
			slices.Sort(out)
			return out
		}
		first := wave(p)
		// Other people come and go, and somebody is renamed.
		b.user(`{"userPrincipalName":"new.one_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Guest","displayName":"New","accountEnabled":true,"id":"ffffffff-0000-4000-8000-000000000001"}`)
		if again := wave(b.plan(2)); !slices.Equal(first, slices.DeleteFunc(again, func(id string) bool { return strings.HasPrefix(id, "ffffffff") })) {
			b.Errorf("the wave moved:\n%v\n%v", first, again)
		}
		applies := 0
		for ; applies < 5; applies++ {
			r := b.Do(2, "plan", "-no-color", "-input=false", "-detailed-exitcode", "-out="+planFile)
			b.tidy(r.Output)
			b.apply()
			if b.attributes(policyAddress)["remaining"].(float64) == 0 {
				break
			}
		}
		b.Plan(0)
		if applies != 2 {
			b.Errorf("10 conversions in waves of 4 took %d applies", applies+1)
		}
		for id, t := range b.decisions(b.attributes(policyAddress)["desired"]) {
			if t != "Guest" || id != withoutType && b.types()[id] != "Guest" {
				b.Errorf("%s is %s, and %s", id, t, b.types()[id])
			}
		}
	})
}

// Trouble: refused users, one that is gone, a directory that isn't known.
func TestPolicyTrouble(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded))
		// The write is refused half-way: no state, an error with what was written.
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "PATCH /v1.0/users/{id}", Nth: 4, Times: 1, Status: 403})
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.tidy(out)
		b.says(out, "The service refused to convert 1 user", "403", "User.ReadWrite.All", "9 users were converted")
		if strings.Contains(b.State(), "usersync_user_type_policy") {
			b.Error("a failed create left a state")
		}
		b.Server.ClearFaults()
		b.Server.ResetRequests()
		b.Apply()
		b.Plan(0)
		if n := b.patches(); n != 1 {
			b.Errorf("the second apply patched %d users", n)
		}

		// Gone between plan and apply.
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		b.plan(2)
		b.Must(b.Server.DeleteObject("adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com", true))
		r := b.apply()
		b.says(r.Output, "Users are gone since the plan", "adele.vance")
		b.Plan(2)
		b.Apply()
		b.Plan(0)

		// A directory that isn't known at plan: an enforcement refuses, an audit waits.
		late := `
resource "terraform_data" "x" { input = "1" }
data "usersync_directory" "now" { depends_on = [terraform_data.x] }
data "usersync_organization" "main" {}
`
		c := b.another()
		c.live(late, policyOf(enforce, partnersAreGuests))
		out = c.fails()
		c.tidy(out)
		c.says(out, "Whom to convert isn't known at plan", "directory won't be known before the apply", "depends_on")
		c.live(late, policyOf(partnersAreGuests))
		c.says(c.Plan(2).Output, "Who differs from the policy isn't known at plan")
		c.Apply()
		c.Plan(0)

		// Bad input.
		for name, c := range map[string]struct{ rules, says string }{
			"nothing to match":  {`rules = [{ name = "x", match = {}, user_type = "Guest" }]`, "rules[0] (x): match is empty"},
			"no type":           {`rules = [{ name = "x", match = { origin = "external" } }]`, "needs match and user_type, or types"},
			"an unknown user":   {`rules = [{ name = "x", match = { users = ["nobody@company.com"] }, user_type = "Guest" }]`, `No user "nobody@company.com"`},
			"an unknown group":  {`rules = [{ name = "x", match = { groups = ["Nobodies"] }, user_type = "Guest" }]`, `No group "Nobodies"`},
			"a missing column":  {`rules = [{ name = "x", match = { filter = { any_of = [{ all_of = [{ attribute = "department", operator = "EQUALS", values = ["IT"] }] }] } }, user_type = "Guest" }]`, `add "department" to "attributes"`},
			"a broken record":   {`rules = [{ name = "x", types = "{" }]`, "types is no JSON object"},
			"an unknown domain": {`rules = [{ name = "x", match = { home_domains = ["a b"] }, user_type = "Guest" }]`, `"a b" is no domain name`},
		} {
			b.live(sources, record, policyOf(enforce, c.rules))
			out := b.fails()
			b.tidy(out)
			b.says(out, c.says, "main.tf line")
			if b.Failed() {
				b.Fatalf("%s: %s", name, out)
			}
		}
	})
}

// crossTenant is a source tenant's mapping of userType as it travels.
func crossTenant(apply, userType string) string {
	return `cross_tenant = [{ home_domains = ["fabrikam.example"], mapping = jsonencode({ version = 1, object = { source = "User", target = "User" }, manage = "listed", attributes = { userType = { expression = "\"` +
		userType + `\"", apply = "` + apply + `" } } }) }]`
}

// A source tenant that always writes userType: the policy says that it will be
// written back, the outcome marks whom it is about, and names what lasts.
func TestSourceTenantWritesBack(t *testing.T) {
	each(t, func(b *bench) {
		outcome := func(cross string) string {
			return guard(`  what_if = {
    user_types   = usersync_user_type_policy.partners.desired
    ` + cross + `
  }`)
		}
		always := crossTenant("always", "Member")
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded, always), outcome(always))
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "The source tenant will write back the type of 10 users", "on_create", "userType of 11 users written by the source tenant")
		decisions := b.decisions(p.after("usersync_outcome.guard", "decisions"))
		if d := decisions["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"]; d != "" {
			b.Errorf("Adele is listed as %q", d)
		}
		b.apply()
		b.Plan(0)
		// It is written back: drift, and who did it.
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		p = b.plan(2)
		b.says(p.Output, "Drift: the type of 1 user changed", "the source tenant wrote it back", "Change it there to on_create")

		// Only new ones: nothing to warn of.
		created := crossTenant("on_create", "Member")
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded, created), outcome(created))
		p = b.plan(2)
		b.saysNot(p.Output, "will write back", "reverted_by_source")
		b.apply()
		b.Plan(0)

		b.live(sources, `data "usersync_decision" "why" {
  user      = "adele.vance@fabrikam.example"
  connector = "atlassian_nested_groups"
  scope     = { groups = ["Atlassian users"] }
  what_if   = { `+always+` }
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
	each(t, func(b *bench) {
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
  entra = {
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
` + sources + guard(`  what_if = {
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
		b.says(p.Output, `- "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "skip: external_member (fabrikam.example, Member, reported)"`)
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
	each(t, func(b *bench) {
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
		b.Must(source.PutPartner([]byte(`{"tenantId":"` + b.Server.TenantID() + `","automaticUserConsentSettings":{"inboundAllowed":null,"outboundAllowed":true}}`)))
		b.Must(b.Server.PutPartner([]byte(`{"tenantId":"` + source.TenantID() + `","automaticUserConsentSettings":{"inboundAllowed":true,"outboundAllowed":null},"identitySynchronization":{"tenantId":"` + source.TenantID() + `","userSyncInbound":{"isSyncAllowed":true}}}`)))
		b.live(`
provider "usersync" {
  alias = "source"
  entra = {
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
  after                = [usersync_provisioning_mapping.cts.id, usersync_provisioning_secret.cts.id]
}
locals {
  written = [{ home_domains = null, mapping = usersync_provisioning_mapping.cts.effective, directory = data.usersync_directory.source.reading }]
}
`, sources, record, policyOf(enforce, partnersAreGuests, recorded, "cross_tenant = local.written"), guard(`  what_if = {
    user_types   = usersync_user_type_policy.partners.desired
    cross_tenant = local.written
  }`))
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "The source tenant will write back the type of 10 users")
		b.apply()
		b.Plan(0)
		b.Must(source.FinishCycle(s.jobs(sp)[0]["id"].(string)))
		p = b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "Drift: the type of 2 users changed since the last apply", "Of 2 of them the source tenant wrote it back",
			`"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "Member" -> "Guest"`, `"alex.wilber_fabrikam.example#EXT#@company.onmicrosoft.com" = "Member" -> "Guest"`)
		for _, c := range p.Document.ResourceChanges {
			if c.Address == policyAddress && c.Change.Actions[0] != "update" || c.Address == outcome && c.Change.Actions[0] != "no-op" {
				b.Errorf("%s: %v", c.Address, c.Change.Actions)
			}
		}
	})
}
