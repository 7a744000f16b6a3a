package acceptance

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The example of the running job: taken over without a write; an edit shows in
// the same plan who changes and how; once applied, the reading has it.
func TestMappingShowsItsEffect(t *testing.T) {
	once(t, func(b *bench) {
		root, err := clitest.Root()
		b.Must(err)
		raw, err := os.ReadFile(filepath.Join(root, "examples", "provisioning", "main.tf"))
		b.Must(err)
		b.Env = append(
			b.Env,
			"ARM_TENANT_ID="+b.Server.TenantID(),
			"ARM_CLIENT_ID="+simulator.DefaultClientID,
			"ARM_CLIENT_SECRET="+simulator.DefaultClientSecret,
			"ATLASSIAN_ORGANIZATION_ID="+b.Server.About().Organizations[0].ID,
			"ATLASSIAN_API_KEY="+b.Server.About().Organizations[0].APIKey,
			"ATLASSIAN_ENDPOINT="+b.Server.URL(),
			"TF_VAR_endpoint="+b.Server.URL(),
			"TF_VAR_ca_file=ca.pem",
		)
		write := func(expression string) {
			b.Write("main.tf", strings.Replace(string(raw), `"[mail]"`, `"`+expression+`"`, 1))
		}
		const atlassian = "usersync_outcome.atlassian"
		write("[mail]")
		b.Server.ResetRequests()
		b.plan(2)
		b.apply()
		b.Plan(0)
		if w := b.writes(); len(w) > 0 {
			b.Errorf("taking the mapping over wrote %v", w)
		}

		write("Coalesce([mail], [userPrincipalName])")
		p := b.plan(2)
		b.tidy(p.Output)
		if got := counts(
			p.after(atlassian, "changes"),
		); !reflect.DeepEqual(
			got,
			map[string]int{"gained.this_plan": 1},
		) {
			b.Errorf("the edit changes %v", got)
		}
		b.says(
			p.Output,
			"kenji.mori_partner.example#EXT#@company.onmicrosoft.com",
			`value = "kenji.mori@partner.example"`,
		)
		b.apply()
		r := b.Plan(0)
		b.saysNot(r.Output, "It assumes")
	})
}

// A plan of a mapping needs no server: the same state and configuration give
// the same plan.
func TestMappingPlansWithoutAServer(t *testing.T) {
	once(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(jobOf(sp), users(userRows))
		b.Apply()
		b.live(jobOf(sp), users(strings.Replace(userRows, "Coalesce([mail], [userPrincipalName])", "[mail]", 1)))
		live := b.plan(2, "-refresh=false")
		b.Server.Close()
		off := b.plan(2, "-refresh=false")
		if !reflect.DeepEqual(live.Document.PlannedValues, off.Document.PlannedValues) {
			b.Errorf("the plan depends on the server:\n%v\n%v", live.Document.PlannedValues, off.Document.PlannedValues)
		}
	})
}

// Advice names what is likely to hurt, once, and only where something changes.
func TestMappingAdvice(t *testing.T) {
	const sources = `
data "usersync_directory" "now" {
  attributes         = ["givenName", "surname"]
  service_principals = ["Atlassian Cloud"]
}
`
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		rows := `
    "userName"    = { expression = "[userPrincipalName]", matching_priority = 1 }
    "externalId"  = { expression = "\"same\"", matching_priority = 2 }
    "displayName" = { expression = "Join(\" \", [givenName], [surname])" }
    "userType"    = { expression = "[userType]" }
    "title"       = { expression = "[otherMails]" }
    "locale"      = { expression = "IgnoreFlowIfNullOrEmpty([mail])" }
`
		filter := `scoping_filter = { any_of = [{ all_of = [{ attribute = "userType", operator = "EQUALS", values = ["Member"] }] }] }`
		b.live(
			sources,
			jobOf(sp),
			users(rows, filter, "directory = data.usersync_directory.now.reading", "warn_empty_percent = 0"),
		)
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(
			p.Output,
			`attributes["userName"]: it matches by userPrincipalName`,
			"the same value for all users",
			`attributes["userType"]: userType is documented as unusable`,
			"scoping_filter: userType is documented as unusable in filters",
			"users in scope",
			`attributes["title"]: nothing flows to`,
		)
		rows = strings.NewReplacer(`"userType"    = { expression = "[userType]" }`, "", "[otherMails]", "[mail]").
			Replace(rows)
		b.live(sources, jobOf(sp), users(rows, "directory = data.usersync_directory.now.reading"))
		b.says(b.plan(2).Output, "Advice on the mapping of User")
		b.apply()
		b.saysNot(b.Plan(0).Output, "Advice on the mapping")

		b.live(
			strings.Replace(sources, `["givenName", "surname"]`, `["givenName"]`, 1),
			jobOf(sp),
			users(strings.Replace(rows, "[mail]", "[objectId]", 1), "directory = data.usersync_directory.now.reading"),
		)
		b.says(b.fails(), `add "surname" to "attributes" of usersync_directory`)
	})
}
