package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// Trouble: permissions, a create that is cut half-way, lag, a snapshot.
func TestPartnerTrouble(t *testing.T) {
	const write = "Policy.ReadWrite.CrossTenantAccess"
	once(t, func(b *bench) {
		roles := slices.DeleteFunc(
			simulator.AllRoles(),
			func(r string) bool { return r == write || strings.HasPrefix(r, "CrossTenantInformation") },
		)
		grant := func(roles []string) {
			b.Must(
				b.Server.AddApp(
					simulator.App{
						ClientID: simulator.DefaultClientID,
						Secret:   simulator.DefaultClientSecret,
						Roles:    roles,
					},
				),
			)
		}
		grant(roles)
		b.live(partner(syncIn, redeemIn))
		b.Server.ResetRequests()
		b.refuses("Permissions are missing", write)
		b.wrote("without permission", map[string]int{})
		b.live(`data "usersync_cross_tenant_partners" "all" { domains = ["contoso.com"] }`)
		b.says(b.fails(), "Permissions are missing", "CrossTenantInformation.ReadBasic.All")
		grant(simulator.AllRoles())
		b.live(partner(syncIn, redeemIn))
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "POST /v1.0" + partnersPath, Status: 403})
		b.refuses("403", write)
		b.live(partnerOf(b.Server.TenantID()))
		b.refuses("400", "A tenant can't be a partner of itself")
		b.live(partnerOf("contoso.com"))
		b.says(b.fails(), "a GUID in lower case")
		b.live(partner(`display_name = "Contoso"`))
		b.says(b.fails(), "inbound_user_sync")

		// A create whose answer is lost, or that fails on its way, and is applied again.
		b.live(partner(syncIn, redeemIn))
		b.fault(simulator.Fault{Kind: simulator.FaultCut, Match: "POST /v1.0" + partnersPath, AfterBytes: 1})
		b.refuses("Apply again: a partner that was made all the same inherits everything, and is taken over")
		b.fault(
			simulator.Fault{Kind: simulator.FaultStatus, Match: "PATCH /v1.0" + partnersPath + "/{id}", Status: 403},
		)
		b.refuses("403", write, "The partner was there before; it is in the state now, with what was done", "untaint")
		if got := b.attributes(partnerAddress); got["inbound_user_sync"] != true || got["automatic_redemption"] != nil {
			b.Errorf("half done: %v", got)
		}
		b.says(b.Plan(2).Output, "tainted")
		b.Apply()
		b.Plan(0)
		b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "PUT /v1.0" + partnersPath + "/{id}" + syncSuffix,
				Status: 400,
			},
		)
		b.refuses("400", "The partner exists and is in the state")
		b.Do(0, "untaint", partnerAddress)
		b.Server.ResetRequests()
		b.Apply()
		b.wrote("what is left", map[string]int{"PATCH": 1, "PUT" + syncSuffix: 1})
		b.Plan(0)

		// An update that fails on its way, and is applied again.
		b.live(partner("inbound_user_sync = false", "automatic_redemption = { inbound = false }"))
		b.fault(
			simulator.Fault{Kind: simulator.FaultStatus, Match: "PATCH /v1.0" + partnersPath + "/{id}", Status: 403},
		)
		b.refuses("The state says what was done")
		b.saysNot(b.Plan(2).Output, "inbound_user_sync", "tainted")
		b.Apply()
		b.Plan(0)

		// What such an update did is ours, to be given back.
		b.live(partner())
		b.Apply()
		b.live(partner(syncIn, redeemIn))
		b.fault(
			simulator.Fault{Kind: simulator.FaultStatus, Match: "PATCH /v1.0" + partnersPath + "/{id}", Status: 403},
		)
		b.refuses("The state says what was done")
		if got := b.attributes(partnerAddress); got["inbound_user_sync"] != true || got["automatic_redemption"] != nil {
			b.Errorf("half changed: %v", got)
		}
		b.live(partner())
		b.Server.ResetRequests()
		b.Apply()
		b.wrote("giving back the half", map[string]int{"DELETE" + syncSuffix: 1})

		// Two of one thing.
		twice := b.another()
		twice.live(
			partnerOf(strings.Replace(contosoTenant, "3d", "4d", 1)),
			strings.Replace(partnerOf(strings.Replace(contosoTenant, "3d", "4d", 1)), `"contoso"`, `"second"`, 1),
		)
		twice.refuses("Conflicting resources")

		// Lag after the create; a PUT that was repeated.
		b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "GET /v1.0" + partnersPath + "/{id}",
				Status: 404,
				Nth:    2,
				Times:  2,
			},
		)
		b.fault(
			simulator.Fault{
				Kind:       simulator.FaultCut,
				Match:      "PUT /v1.0" + partnersPath + "/{id}" + syncSuffix,
				AfterBytes: 1,
			},
		)
		b.tidy(b.Apply().Output)
		b.Server.ClearFaults()
		b.Plan(0)

		// Somebody changes it back at once.
		b.live(partner(syncIn, "automatic_redemption = { outbound = true }", `timeouts = { update = "1s" }`))
		remove := b.Server.OnRequest(func(r simulator.Request) (before, after func()) {
			if r.Route != "PATCH /v1.0"+partnersPath+"/{id}" {
				return nil, nil
			}
			return nil, func() { b.Must(b.Server.PutPartner([]byte(`{"tenantId":"` + contosoTenant + `"}`))) }
		})
		b.refuses("Everything was written, and reading doesn't show it yet", "somebody else changed it back")
		remove()
		b.says(b.Plan(2).Output, "outbound = true")
		b.Apply()
		b.Plan(0)
		b.live(`data "usersync_cross_tenant_partners" "all" { domains = ["contoso.com"] }`)
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/tenantRelationships/*", Status: 400})
		b.says(b.fails(), "400", "how the domains are spelled")

		// A snapshot in the services' place.
		b.writeSnapshot("tenant.json", b.example())
		b.snapshot(
			"tenant.json",
			partner(syncIn, "automatic_redemption = { outbound = true }", `timeouts = { update = "1s" }`),
		)
		b.says(b.Plan(0).Output, "Not refreshed: the provider reads a snapshot")
		b.snapshot("tenant.json", partner(syncIn))
		b.Plan(2)
		b.refuses("nothing can be written", `mode to "record"`)
		b.snapshot("tenant.json", `data "usersync_cross_tenant_partners" "all" {}`)
		b.says(b.fails(), "partners are read live alone")
	})
}

// Killed at every write of a create, an update and a destroy, and run again.
func TestPartnerKilled(t *testing.T) {
	once(t, func(b *bench) {
		made := partner(syncIn, redeemIn, `display_name = "Contoso"`)
		changed := partner("inbound_user_sync = false", "automatic_redemption = { outbound = true }")
		killed := func(n int, before bool, command string, want string) {
			b.Helper()
			k, err := b.Server.KillAt(simulator.Kill{N: n, Writes: true, Before: before})
			b.Must(err)
			b.Do(1, command, "-no-color", "-input=false", "-auto-approve")
			if _, done, err := k.Done(); !done || err != nil {
				b.Fatalf("%s: not killed at write %d: %v", command, n, err)
			}
			b.tidy(b.Do(0, command, "-no-color", "-input=false", "-auto-approve").Output)
			if command == "destroy" {
				if b.partner(contosoTenant) != nil {
					b.Errorf("destroyed, killed at write %d: the partner is there", n)
				}
				return
			}
			b.Plan(0)
			if got := b.sync(contosoTenant) + " " + b.consent(contosoTenant); got != want {
				b.Errorf("%s, killed at write %d: %s, want %s", command, n, got, want)
			}
		}
		for _, before := range []bool{true, false} {
			for n := 1; n <= 3; n++ {
				b.live(made)
				killed(n, before, "apply", "true Contoso true <nil>")
				if n == 3 {
					break
				}
				b.live(changed)
				killed(n, before, "apply", "false Contoso <nil> true")
				killed(n, before, "destroy", "")
			}
			b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
		}
	})
}

// Values that are known at apply alone, and what becomes of them.
func TestPartnerOfUnknowns(t *testing.T) {
	once(t, func(b *bench) {
		input := func(sync, redemption string) string {
			return `
resource "terraform_data" "in" {
  input = { tenant = "` + contosoTenant + `", sync = ` + sync + `, redemption = ` + redemption + ` }
}
` + strings.Replace(partner("inbound_user_sync = terraform_data.in.output.sync", "automatic_redemption = "+
				"terraform_data.in.output.redemption"), `"`+contosoTenant+`"`, "terraform_data.in.output.tenant", 1)
		}
		for _, step := range []struct{ sync, redemption, want string }{
			{"true", "{ inbound = true, outbound = null }", "true <nil> true <nil>"},
			{"false", "{ inbound = null, outbound = false }", "false <nil> <nil> false"},
		} {
			b.live(input(step.sync, step.redemption))
			b.tidy(b.Plan(2).Output)
			b.tidy(b.Apply().Output)
			b.Plan(0)
			if got := b.sync(contosoTenant) + " " + b.consent(contosoTenant); got != step.want {
				b.Errorf("%s, want %s", got, step.want)
			}
		}
		b.live(strings.ReplaceAll(input("true", "null"), "output.sync", `output.sync == true ? null : false`))
		b.tidy(b.Plan(2).Output)
		b.tidy(b.Apply().Output)
		b.Plan(0)
		if got := b.consent(contosoTenant); got != "<nil> <nil>" {
			b.Errorf("given back: %s", got)
		}
	})
}

// Another tenant is another partner; what others set in the former one stays,
// however new its section.
func TestPartnerReplaced(t *testing.T) {
	once(t, func(b *bench) {
		b.Must(
			b.Server.PutPartner(
				fmt.Appendf(
					nil,
					`{"tenantId":%q,"m365CollaborationInbound":{"users":{"accessType":"allowed","targets":[{"target":"AllUsers","targetType":"user"}]}}}`,
					fabrikamTenant,
				),
			),
		)
		b.live(partnerOf(fabrikamTenant, "adopt = true", syncIn, `display_name = "Fabrikam"`))
		b.Apply()
		b.live(partner(syncIn))
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "forces replacement", "1 to add, 0 to change, 1 to destroy")
		r := b.apply()
		b.tidy(r.Output)
		b.says(r.Output, "The partner itself is left", "m365CollaborationInbound")
		b.Plan(0)
		if got := b.sync(contosoTenant); got != "true <nil>" {
			b.Errorf("made: %s", got)
		}
		if b.partner(fabrikamTenant) == nil {
			b.Error("somebody else's setting is lost")
		}
		if b.CLI.Name == "tofu" || strings.Compare(b.CLI.Version, "1.12") >= 0 { // by identity
			other := b.another()
			other.live(
				partner(syncIn),
				"import {\n  to       = "+partnerAddress+"\n  identity = { tenant_id = \""+contosoTenant+"\" }\n}\n",
			)
			other.says(other.Apply().Output, "1 imported, 0 added, 0 changed")
			other.Plan(0)
		}
	})
}
