package acceptance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	partnerAddress = "usersync_cross_tenant_partner.contoso"
	contosoTenant  = "3d0f5dec-5d3d-455c-8016-e2af1ae4d31a"
	fabrikamTenant = "b7a4d9e2-0c35-4f88-8f0e-2a6bb1c4d722" // a partner in the example already
	partnersPath   = "/policies/crossTenantAccessPolicy/partners"

	syncIn     = "inbound_user_sync = true"
	redeemIn   = "automatic_redemption = { inbound = true }"
	syncSuffix = "/identitySynchronization"
)

func partner(lines ...string) string { return partnerOf(contosoTenant, lines...) }

func partnerOf(tenant string, lines ...string) string {
	return fmt.Sprintf("\nresource \"usersync_cross_tenant_partner\" \"contoso\" {\n  tenant_id = %q\n  "+
		"%s\n}\n", tenant, strings.Join(lines, "\n  "))
}

// partner is a partner as Graph shows it, with what it may synchronize: nil
// where it isn't there.
func (b *bench) partner(tenant string) map[string]any {
	b.Helper()
	for _, p := range b.graph(http.MethodGet, partnersPath, nil)["value"].([]any) {
		if one := p.(map[string]any); one["tenantId"] == tenant {
			return one
		}
	}
	return nil
}

func (b *bench) consent(tenant string) string {
	b.Helper()
	c, _ := b.partner(tenant)["automaticUserConsentSettings"].(map[string]any)
	return fmt.Sprintf("%v %v", c["inboundAllowed"], c["outboundAllowed"])
}

func (b *bench) sync(tenant string) string {
	b.Helper()
	s := b.graph(http.MethodGet, partnersPath+"/"+tenant+syncSuffix, nil)
	allowed, _ := s["userSyncInbound"].(map[string]any)
	return fmt.Sprintf("%v %v", allowed["isSyncAllowed"], s["displayName"])
}

// partnerWrites counts the requests since the last reset that changed the
// policy, by method and what follows the partner.
func (b *bench) partnerWrites() map[string]int {
	out := map[string]int{}
	for route, n := range b.Server.Requests().Routes {
		method, at, _ := strings.Cut(route, " ")
		if rest, ok := strings.CutPrefix(at, "/v1.0"+partnersPath); ok && method != http.MethodGet {
			out[method+strings.TrimPrefix(rest, "/{id}")] += n
		}
	}
	return out
}

func (b *bench) wrote(what string, want map[string]int) {
	b.Helper()
	if got := b.partnerWrites(); !maps.Equal(got, want) {
		b.Errorf("%s wrote %v, want %v", what, got, want)
	}
	b.Server.ResetRequests()
}

func (b *bench) refuses(parts ...string) {
	b.Helper()
	out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
	b.tidy(out)
	b.says(out, parts...)
}

// A partner from nothing, its drift, its changes, and what is given back.
func TestPartnerLife(t *testing.T) {
	once(t, func(b *bench) {
		one := partnersPath + "/" + contosoTenant
		b.live(partner(syncIn, redeemIn, `display_name = "Contoso"`))
		b.tidy(b.plan(2).Output)
		b.Server.ResetRequests()
		b.tidy(b.apply().Output)
		b.wrote("the create", map[string]int{"POST": 1, "PATCH": 1, "PUT" + syncSuffix: 1})
		b.tidy(b.Plan(0).Output)
		if got := b.sync(contosoTenant) + " " + b.consent(contosoTenant); got != "true Contoso true <nil>" {
			b.Errorf("made: %s", got)
		}

		// Drift of each value; what isn't managed is none.
		b.graph(
			http.MethodPatch,
			one,
			map[string]any{
				"automaticUserConsentSettings": map[string]any{"outboundAllowed": true},
				"inboundTrust":                 map[string]any{"isMfaAccepted": true},
			},
		)
		b.says(b.Plan(2).Output, "outbound = true -> null")
		b.graph(
			http.MethodPatch,
			one+syncSuffix,
			map[string]any{"displayName": "Other", "userSyncInbound": map[string]any{"isSyncAllowed": false}},
		)
		p := b.Plan(2)
		b.tidy(p.Output)
		b.says(p.Output, `"Other" -> "Contoso"`, "inbound_user_sync = false -> true")
		b.Server.ResetRequests()
		b.Apply()
		b.wrote("mending drift", map[string]int{"PATCH": 1, "PATCH" + syncSuffix: 1})
		b.Plan(0)
		b.graph(http.MethodDelete, one+syncSuffix, nil)
		b.says(b.Plan(2).Output, "+ inbound_user_sync = true")
		b.Apply()
		b.Plan(0)

		// Without a name of ours the policy keeps the one it has.
		b.live(partner("inbound_user_sync = false", "automatic_redemption = { inbound = false, outbound = true }"))
		p = b.Plan(2)
		b.says(p.Output, "true -> false")
		b.saysNot(p.Output, "display_name")
		b.Apply()
		b.Plan(0)
		if got := b.sync(contosoTenant) + " " + b.consent(contosoTenant); got != "false Contoso false true" {
			b.Errorf("changed: %s", got)
		}
		// One way inherits again, then both; then the policy goes.
		b.live(partner("inbound_user_sync = false", "automatic_redemption = { outbound = true }"))
		b.Apply()
		b.Plan(0)
		if got := b.consent(contosoTenant); got != "<nil> true" {
			b.Errorf("inherits inbound: %s", got)
		}
		b.live(partner())
		b.says(
			b.Plan(2).Output,
			"The partner's user synchronization policy will be deleted",
			"inbound_user_sync = false -> null",
		)
		b.Server.ResetRequests()
		b.Apply()
		b.wrote("giving back", map[string]int{"PATCH": 1, "DELETE" + syncSuffix: 1})
		b.Plan(0)
		if got := b.consent(contosoTenant); got != "<nil> <nil>" {
			b.Errorf("inherits: %s", got)
		}
		if trust, _ := b.partner(contosoTenant)["inboundTrust"].(map[string]any); trust["isMfaAccepted"] != true {
			b.Errorf("somebody else's setting is lost: %v", trust)
		}
		// What others set, once it isn't managed, is none of ours.
		b.graph(
			http.MethodPatch,
			one,
			map[string]any{"automaticUserConsentSettings": map[string]any{"inboundAllowed": true}},
		)
		b.graph(
			http.MethodPut,
			one+syncSuffix,
			map[string]any{"userSyncInbound": map[string]any{"isSyncAllowed": true}},
		)
		b.Plan(0)

		// Gone behind our back.
		b.graph(http.MethodDelete, one+syncSuffix, nil)
		b.graph(http.MethodDelete, one, nil)
		b.live(partner(syncIn))
		b.tidy(b.Plan(2).Output)
		b.Apply()
		b.Plan(0)
		b.Server.ResetRequests()
		b.tidy(b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve").Output)
		b.wrote("the destroy", map[string]int{"DELETE": 1, "DELETE" + syncSuffix: 1})
		if b.partner(contosoTenant) != nil {
			b.Error("the destroyed partner is there")
		}
	})
}

// What is there already is imported without a write, or adopted; else refused.
func TestPartnerThatIsThere(t *testing.T) {
	once(t, func(b *bench) {
		same := partnerOf(fabrikamTenant, syncIn, redeemIn)
		b.live(same, imports(map[string]string{partnerAddress: fabrikamTenant}))
		b.Server.ResetRequests()
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "1 to import, 0 to add, 0 to change")
		b.apply()
		b.live(same)
		b.Plan(0)
		b.wrote("the import", map[string]int{})
		if got := b.attributes(
			partnerAddress,
		); got["display_name"] != "Fabrikam" || got["id"] != fabrikamTenant ||
			got["adopt"] != false {
			b.Errorf("imported: %v", got)
		}
		b.live(
			same,
			imports(map[string]string{"usersync_cross_tenant_partner.other": contosoTenant}),
			strings.Replace(partner(), `"contoso"`, `"other"`, 1),
		)
		b.says(b.fails(), "Partner not found", "apply creates it")

		// In another workspace: refused, and adopted, which keeps what isn't named.
		one := partnersPath + "/" + fabrikamTenant
		trust := map[string]any{"inboundTrust": map[string]any{"isMfaAccepted": true}}
		b.graph(http.MethodPatch, one, trust)
		other := b.another()
		planned := partnerOf(fabrikamTenant, "automatic_redemption = { outbound = true }")
		other.live(planned)
		other.Server.ResetRequests()
		other.refuses("has the partner "+fabrikamTenant+" already", "inboundTrust", "automaticUserConsentSettings "+
			"(inboundAllowed = "+
			"true)", "identitySynchronization", "terraform import <address> "+fabrikamTenant, "adopt = true", "main.tf line")
		other.wrote("a refusal", map[string]int{})
		other.live(strings.Replace(planned, "}\n}", "}\n  adopt = true\n}", 1))
		other.Apply()
		other.Plan(0)
		other.wrote("the adoption", map[string]int{"PATCH": 1})
		if got := b.sync(fabrikamTenant) + " " + b.consent(fabrikamTenant); got != "true Fabrikam <nil> true" {
			b.Errorf("adopted: %s", got)
		}
		// Others have set something of it: it stays, but for what is ours.
		r := other.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
		other.tidy(r.Output)
		other.says(r.Output, "The partner itself is left", "inboundTrust, identitySynchronization")
		other.wrote("the destroy", map[string]int{"PATCH": 1})
		if got := b.sync(fabrikamTenant) + " " + b.consent(fabrikamTenant); got != "true Fabrikam <nil> <nil>" {
			b.Errorf("left: %s", got)
		}
		b.graph(
			http.MethodPatch,
			one,
			map[string]any{"automaticUserConsentSettings": map[string]any{"inboundAllowed": true}},
		)
		b.Server.ResetRequests()
		b.says(
			b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve").Output,
			"The partner itself is left",
			"inboundTrust",
		)
		if got := b.partner(
			fabrikamTenant,
		); got == nil || got["inboundTrust"] == nil ||
			b.consent(fabrikamTenant) != "<nil> <nil>" {
			b.Errorf("left: %v", got)
		}
		b.wrote("the second destroy", map[string]int{"PATCH": 1, "DELETE" + syncSuffix: 1})

		// A bare one, and one that is as planned, are an interrupted create's.
		b.graph(http.MethodPost, partnersPath, map[string]any{"tenantId": contosoTenant})
		third := b.another()
		third.live(partner(syncIn, redeemIn))
		third.Server.ResetRequests()
		third.Apply()
		third.wrote("taking over", map[string]int{"PATCH": 1, "PUT" + syncSuffix: 1})
		third.Plan(0)
		fourth := b.another()
		fourth.live(partner(syncIn, redeemIn))
		fourth.Server.ResetRequests()
		fourth.Apply()
		fourth.wrote("taking over what is as planned", map[string]int{})
		fourth.live(strings.Replace(partner(syncIn, redeemIn), "tenant_id", "lifecycle {\n    create_before_destroy "+
			"= true\n  }\n  tenant_id", 1))
		fourth.says(fourth.Apply("-replace="+partnerAddress).Output, "Not changed: another resource manages it now")
		fourth.Plan(0)
	})
}

// The partners and the tenants of domains.
func TestPartnersDataSource(t *testing.T) {
	once(t, func(b *bench) {
		b.Must(
			b.Server.PutTenant(
				simulator.Tenant{TenantID: contosoTenant, DisplayName: "Contoso", Domains: []string{"contoso.com"}},
			),
		)
		b.graph(
			http.MethodPost,
			partnersPath,
			map[string]any{"tenantId": contosoTenant, "inboundTrust": map[string]any{"isMfaAccepted": false}},
		)
		b.live(`
data "usersync_cross_tenant_partners" "all" { domains = ["Contoso.com", "nobody.example"] }
locals { found = data.usersync_cross_tenant_partners.all }
output "all" {
  value = join(" ", [for p in local.found.partners : "${p.tenant_id}:${jsonencode(p.inbound_user_sync)}:${jsonencode(p.automatic_redemption)}:${join(",", p.other_sections)}"])
}
output "tenant" { value = "${local.found.tenants["Contoso.com"].tenant_id} ${local.found.tenants["Contoso.com"].default_domain_name} ${local.found.tenants["nobody.example"] == null}" }
resource "usersync_cross_tenant_partner" "contoso" {
  tenant_id = local.found.tenants["Contoso.com"].tenant_id
  adopt     = true
}
`)
		r := b.Apply()
		b.tidy(r.Output)
		b.says(r.Output, "No tenant has verified this domain", `"nobody.example"`)
		outputs := b.outputs()
		for name, want := range map[string]string{
			"all":    contosoTenant + `:null:{"inbound":null,"outbound":null}:inboundTrust ` + fabrikamTenant + `:true:{"inbound":true,"outbound":null}:`,
			"tenant": contosoTenant + " contoso.com true",
		} {
			var got string
			b.Must(json.Unmarshal(outputs[name], &got))
			if got != want {
				b.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	})
}
