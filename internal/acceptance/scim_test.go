package acceptance

import (
	"encoding/json"
	"strings"
	"testing"
)

const scimSources = `
data "usersync_directory" "now" {
  service_principals = ["Atlassian Cloud"]
}
data "usersync_organization" "main" {}
`

func scimGuard(more ...string) string {
	return `
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  read_at     = data.usersync_directory.now.read_at
  connector    = "atlassian_scim"
  ` + strings.Join(more, "\n  ") + `
}
`
}

// The SCIM connector live: the job's own assignments and mappings decide; what
// is assigned no longer deletes a group with its permissions.
func TestSCIM(t *testing.T) {
	once(t, func(b *bench) {
		b.Write("main.tf", b.ProviderBlock()+scimSources+scimGuard())
		plan := b.plan(2)
		var decisions map[string]string
		b.Must(json.Unmarshal([]byte(plan.after(outcome, "decisions").(string)), &decisions))
		for user, want := range map[string]string{
			"mateo.garcia@eng.company.com": "skip: nested_only",
			"kenji.mori_partner.example#EXT#@company.onmicrosoft.com": "skip: no_usable_address (emails[type eq " +
				"\"work\"].value, inferred)",
			"sam.carter@company.com": "skip: duplicate_address (2 users, company.com, managed)",
		} {
			if decisions[user] != want {
				b.Errorf("%s: %q, want %q", user, decisions[user], want)
			}
		}
		if _, listed := decisions["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"]; listed {
			b.Error("over SCIM a cross-tenant member is provisioned")
		}
		b.Apply()
		b.Plan(0)

		// The assignment of Sales is taken away: by default no group may be lost by
		// a plan; this is drift, so it warns and the severity says so.
		b.Must(
			b.Server.SetAssigned(
				"Atlassian Cloud",
				"26917810-8e2b-4149-a1d3-a3dee320d529",
				"ef0f8a84-462a-4cd0-acee-8ee8d640d7c8",
				"f1097eb4-6497-492e-a39e-951bf49caf59",
			),
		)
		drift := b.Plan(2)
		for _, want := range []string{"guardrails.max_groups_lost", "group Sales", "lost: "} {
			if !strings.Contains(unwrapped(drift.Output), want) {
				b.Errorf("%q isn't in the plan:\n%s", want, drift.Output)
			}
		}
		// The same by configuration is an error.
		b.Write("main.tf", b.ProviderBlock()+scimSources+scimGuard(`scope { groups = ["Engineering"] }`))
		if r := b.Do(1, "plan", "-no-color", "-input=false"); !strings.Contains(r.Output, "Plan violates a guardrail") {
			b.Errorf("losing groups by configuration went through:\n%s", r.Output)
		}
	})
}

// Where the service lacks something, it is named.
func TestSCIMErrors(t *testing.T) {
	once(t, func(b *bench) {
		for name, c := range map[string]struct{ config, want string }{
			"no job in the reading": {sources + scimGuard(), "holds no service principal's job"},
			"nobody of that name":   {strings.ReplaceAll(scimSources, "Atlassian Cloud", "Nobody") + scimGuard(), `No service principal "Nobody"`},
		} {
			b.Write("main.tf", b.ProviderBlock()+c.config)
			if r := b.Do(1, "plan", "-no-color", "-input=false"); !strings.Contains(unwrapped(r.Output), c.want) {
				b.Errorf("%s: %q isn't in\n%s", name, c.want, r.Output)
			}
		}
	})
}

func unwrapped(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "│", " ")), " ")
}

// A switch of the connector, and what a mapping gives.
func TestConnectorsAndPreview(t *testing.T) {
	once(t, func(b *bench) {
		b.Write("main.tf", b.ProviderBlock()+`
data "usersync_connectors" "switch" {
  from {
    connector     = "atlassian_nested_groups"
    scope { groups = ["Atlassian users", "Fabrikam colleagues"] }
    connector_settings { entra_domains = ["company.com"] }
  }
  to {
    connector         = "atlassian_scim"
    service_principal = "Atlassian Cloud"
  }
}
data "usersync_mapping_preview" "some" {
  service_principal = "Atlassian Cloud"
  users             = ["adele.vance@fabrikam.example", "isaac.thorne@company.com"]
}
output "switch" {
  value = data.usersync_connectors.switch
}
output "preview" {
  value     = jsondecode(data.usersync_mapping_preview.some.values)
  sensitive = true
}
`)
		b.Apply()
		var out map[string]struct{ Value json.RawMessage }
		b.Must(json.Unmarshal([]byte(b.Do(0, "output", "-json").Stdout), &out))
		var s struct {
			Changes        map[string]int
			GroupsToAssign []string `json:"groups_to_assign"`
			Notes          []struct{ Text string }
		}
		b.Must(json.Unmarshal(out["switch"].Value, &s))
		if s.Changes["gained"] == 0 || s.Changes["lost"] == 0 || len(s.Notes) < 4 ||
			!strings.Contains(strings.Join(s.GroupsToAssign, ","), "Platform") {
			b.Errorf("%+v", s)
		}
		var p map[string]struct {
			Attributes map[string]struct{ Value, Dropped string }
		}
		b.Must(json.Unmarshal(out["preview"].Value, &p))
		if got := p["adele.vance@fabrikam.example"].Attributes["userName"].Value; got != "adele.vance@fabrikam.example" {
			b.Errorf("the principal name isn't stripped: %q", got)
		}
		if got := p["isaac.thorne@company.com"].Attributes[`emails[type eq "work"].value`]; got.Value != "" ||
			got.Dropped == "" {
			b.Errorf("%+v", got)
		}
		if n := b.Server.Requests().Routes["GET /v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/schema"]; n != 1 {
			b.Errorf("the schema was read %d times in an apply that reads once", n)
		}
	})
}
