package acceptance

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What is handed over isn't kept: neither the readings nor the clock are in
// the outcome's state, and a new clock alone is no change.
func TestWriteOnlyArguments(t *testing.T) {
	each(t, func(b *bench) {
		b.live(
			sources,
			guard(
				`  read_at = data.usersync_directory.now.read_at`,
				`  what_if { user_types = jsonencode({ "adele.vance@fabrikam.example" = "Guest" }) }`,
			),
		)
		b.plan(2)
		b.apply()
		b.Plan(0)
		for _, a := range []string{"directory", "organization", "read_at"} {
			if v := b.attributes(outcome)[a]; v != nil {
				b.Errorf("the state keeps %s: %v", a, v)
			}
		}
		if got := b.attributes(outcome)["what_if_applied"].(string); !strings.Contains(got, "1 user ") ||
			!strings.Contains(got, "1 Guest") {
			b.Errorf("what_if_applied is %q", got)
		}
	})
}

// The accepted outcome is of a person or group that is gone when the
// configuration stops to speak of them: what happened in the tenant is drift.
func TestGoneAndLeftOut(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard(`  what_if { user_types = jsonencode({ "adele.vance@fabrikam.example" = "Guest" }) }`))
		b.plan(2)
		b.apply()
		b.Must(b.Server.DeleteObject(adele, true))
		b.live(sources, guard())
		p := b.plan(2)
		if got := counts(p.after(outcome, "changes")); !maps.Equal(got, map[string]int{"left.drift": 1}) {
			b.Errorf("Adele, assumed to be a guest and then deleted, counts as %v", got)
		}
		b.apply()
		b.Plan(0)

		b.live(sources, guard(`  scope { groups = ["Sales", "Finance"] }`, `  guardrails { max_lost = 0 }`))
		b.live(sources, guard(`  scope { groups = ["Sales", "Finance"] }`))
		b.plan(2)
		b.apply()
		b.Must(b.Server.DeleteObject(finance, false))
		b.says(
			b.plan(2).Output,
			"name_moved",
			`scope.groups: "Finance" (object id `+finance+" isn't in the tenant any more)",
		)
		b.live(sources, guard(`  scope { groups = ["Sales"] }`, `  guardrails { max_lost = 0 }`))
		p = b.plan(2) // on_drift is warn: blocking would only block the repair
		b.show("%s", p.Output)
		got := counts(p.after(outcome, "changes"))
		if got["lost.drift"] != 3 || got["lost.this_plan"] != 0 {
			b.Errorf("those of a deleted scope group count as %v", got)
		}
	})
}

// Destroy forgets, with or without the services.
func TestDestroyAndReplace(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard(`  guardrails { max_lost = 0 }`))
		b.plan(2)
		b.apply()
		id := b.attributes(outcome)["id"]
		b.Do(0, "apply", "-no-color", "-input=false", "-auto-approve", "-replace="+outcome)
		if b.attributes(outcome)["id"] == id {
			b.Error("a replaced outcome has the old id")
		}
		b.Plan(0)
		b.says(b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve").Output, "1 destroyed")
		b.plan(2)
		b.apply()
		b.Server.Close()
		b.says(b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve", "-refresh=false").Output, "1 destroyed")
	})
}

// Two tenants meet in one configuration, and three organizations share one
// directory, in a module over their keys.
func TestSeveralTenantsAndOrganizations(t *testing.T) {
	eachOffline(t, func(b *bench) {
		s := b.example()
		for _, key := range []string{"apac", "emea"} {
			o := maps.Clone(s.Organizations["main"])
			o["organization_id"] = "00000000-0000-4000-8000-00000000" + key
			s.Organizations[key] = o
		}
		s.Organizations["apac"]["domains"] = []any{}
		b.writeSnapshot("company.json", s)
		other := b.example()
		other.Entra["tenant_id"] = "11111111-2222-4333-8444-555555555555"
		b.writeSnapshot("other.json", other)
		b.Write("main.tf", requires+`
provider "usersync" {
  snapshot { file = "company.json" }
}
provider "usersync" {
  alias    = "other"
  snapshot { file = "other.json" }
}
data "usersync_directory" "now" {}
data "usersync_organization" "all" {
  for_each     = toset(["apac", "emea", "main"])
  organization = each.key
}
resource "usersync_outcome" "each" {
  for_each     = data.usersync_organization.all
  directory    = data.usersync_directory.now.reading
  organization = each.value.reading
  connector    = "atlassian_nested_groups"
  `+scopeAll+`
}
data "usersync_directory" "other" {
  provider = usersync.other
}
resource "usersync_outcome" "other" {
  directory    = data.usersync_directory.other.reading
  organization = data.usersync_organization.all["main"].reading
  connector    = "atlassian_nested_groups"
  `+scopeAll+`
}
output "synced" {
  value = { for k, o in usersync_outcome.each : k => o.summary.synced }
}
`)
		b.plan(2)
		b.apply()
		var synced map[string]int
		b.Must(json.Unmarshal(b.outputs()["synced"], &synced))
		// Without any verified domain only the guests are left.
		if !maps.Equal(synced, map[string]int{"apac": 4, "emea": 31, "main": 31}) {
			b.Errorf("%v", synced)
		}
		b.Plan(0)
		// The other tenant's reading in the first tenant's outcome.
		b.Write(
			"main.tf",
			strings.Replace(
				readFile(b, "main.tf"),
				"data.usersync_directory.other.reading",
				"data.usersync_directory.now.reading",
				1,
			),
		)
		b.says(b.fails(), "The reading is of another tenant")
	})
}

// With accounts a group whose name is taken in Atlassian is found.
func TestAccounts(t *testing.T) {
	once(t, func(b *bench) {
		b.Must(
			b.Server.PutOrganizationGroup(
				"main",
				[]byte(
					`{"id":"99999999-0000-4000-8000-000000000001","name":"Sales","externalSynced":false,"members":[]}`,
				),
			),
		)
		with := strings.Replace(sources, `"main" {}`, `"main" { accounts = true }`, 1)
		b.live(with, guard(`  scope { groups = ["Sales"] }`))
		p := b.plan(2)
		if d := b.decisions(p.after(outcome, "decisions"))["sofia.almeida@company.com"]; !strings.HasPrefix(
			d,
			"unknown: group_name_conflict (Sales",
		) {
			b.Errorf("a name that is taken isn't said: %q", d)
		}
		b.apply()
		b.Plan(0)
		// Without accounts nobody can know.
		b.live(sources, guard(`  scope { groups = ["Sales"] }`))
		if got := counts(b.plan(2).after(outcome, "changes")); got["gained.drift"] != 7 {
			b.Errorf("without accounts it counts %v", got)
		}
	})
}

// A reading with more attributes than a plan needs changes nothing.
func TestMoreAttributes(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard())
		b.plan(2)
		b.apply()
		b.live(
			strings.Replace(
				sources,
				`"now" {}`,
				`"now" { attributes = ["department", "extensionAttribute1", "jobTitle"] }`,
				1,
			),
			guard(),
		)
		b.Plan(0)
		b.user(`{"userPrincipalName":"` + bob + `","department":"Elsewhere"}`)
		b.Plan(0)
		b.live(strings.Replace(sources, `"now" {}`, `"now" { attributes = ["departement"] }`, 1), guard())
		out := b.fails()
		b.show("%s", out)
		b.says(out, "departement", "attributes")
	})
}

// A pipeline applies by itself what is only drift and nothing to look at.
func TestPipeline(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard(`  guardrails { review_when = ["lost", "left", "groups", "uncertain", "renamed"] }`))
		b.plan(2)
		b.apply()
		b.Must(b.Server.AddMember(sales, clara))
		if s := b.plan(2).severity(outcome); s != "auto" {
			b.Errorf("a hire is %s", s)
		}
		b.user(`{"id":"` + bobID + `","userPrincipalName":"robert.nyberg@company.com"}`)
		if s := b.plan(2).severity(outcome); s != "review" {
			b.Errorf("a rename that should be seen is %s", s)
		}
		b.live(sources, guard(`  guardrails { review_when = [] }`))
		b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`)
		p := b.plan(2)
		if s := p.severity(outcome); s != "auto" {
			b.Errorf("with nothing to review a loss is %s", s)
		}
		want := map[string]int{"joined.drift": 1, "renamed.drift": 1, "lost.drift": 1}
		if got := counts(p.after(outcome, "changes")); !reflect.DeepEqual(got, want) {
			b.Errorf("%v", got)
		}
		// The report is what a pull request shows.
		markdown := p.after(outcome, "changes_markdown").(string)
		for _, part := range []string{"3 changes, severity auto", "| joined | 1 | 0 | 0 |", "clara.jensen", "robert.nyberg"} {
			if !strings.Contains(markdown, part) {
				b.Errorf("changes_markdown doesn't say %q:\n%s", part, markdown)
			}
		}
	})
}

// A hundred thousand characters of changes are a report of sixty thousand.
func TestManyChanges(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		for i := range 3000 {
			s.addUser(
				"Sales",
				map[string]any{
					"id":                fmt.Sprintf("dddddddd-0000-4000-8000-%012d", i),
					"userPrincipalName": fmt.Sprintf("person.with.a.long.name.%d@company.com", i),
					"mail":              fmt.Sprintf("p%d@company.com", i),
				},
			)
		}
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard(`  watch_groups = ["sales"]`))
		p := b.plan(2)
		markdown := p.after(outcome, "changes_markdown").(string)
		if n := len([]rune(markdown)); n > 60_000 || n < 1000 {
			b.Errorf("the report of the create has %d characters", n)
		}
		b.apply()
		b.Plan(0)
		s.Organizations["main"]["domains"] = slices.DeleteFunc(
			s.Organizations["main"]["domains"].([]any),
			func(d any) bool {
				return d.(map[string]any)["attributes"].(map[string]any)["name"] == "company.com"
			},
		)
		b.writeSnapshot("tenant.json", s)
		p = b.plan(2)
		_, warnings, _ := strings.Cut(p.Output, "Plan: 0 to add")
		b.show("%s", warnings)
		if len(warnings) > 6000 {
			b.Errorf("the warnings about 3,000 losses have %d bytes:\n%s", len(warnings), warnings)
		}
		b.says(warnings, "lost: 3018 (drift)", "and 3008 more")
		if n := len([]rune(p.after(outcome, "changes_markdown").(string))); n > 60_000 {
			b.Errorf("the report has %d characters", n)
		}
		b.apply()
		b.Plan(0)
	})
}
