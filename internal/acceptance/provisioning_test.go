package acceptance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	jobAddress      = "usersync_provisioning_job.atlassian"
	usersAddress    = "usersync_provisioning_mapping.users"
	groupsAddress   = "usersync_provisioning_mapping.groups"
	secretAddress   = "usersync_provisioning_secret.scim"
	scheduleAddress = "usersync_provisioning_schedule.run"

	scimUser  = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	scimGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

func jobOf(sp string, more ...string) string {
	return fmt.Sprintf(`
locals { sp = %q }
resource "usersync_provisioning_job" "atlassian" {
  service_principal_id = local.sp
  template_id          = "customappsso"
  %s
}
`, sp, strings.Join(more, "\n  "))
}

// users maps users; attributes are its rows, more are further arguments.
func users(attributes string, more ...string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_mapping" "users" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "User", target = %q }
  attributes = {
%s
  }
  %s
}
`, scimUser, attributes, strings.Join(more, "\n  "))
}

const userRows = `
    "userName"                       = { expression = "[originalUserPrincipalName]", matching_priority = 1 }
    "emails[type eq \"work\"].value" = { expression = "Coalesce([mail], [userPrincipalName])" }
    "displayName"                    = { expression = "Join(\" \", [givenName], [surname])", apply = "on_create" }
`

const groupMapping = `
resource "usersync_provisioning_mapping" "groups" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "Group", target = "` + scimGroup + `" }
  attributes = {
    "displayName" = { expression = "[displayName]", matching_priority = 1 }
    "externalId"  = { expression = "IIF([displayName]=\"x\", [mailNickname], [objectId])" }
  }
}
`

func secret(token string, more ...string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_secret" "scim" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  credentials          = { BaseAddress = "https://scim.example/directory/x", SecretToken = %q }
  %s
}
`, token, strings.Join(more, "\n  "))
}

func schedule(more ...string) string {
	return `
resource "usersync_provisioning_schedule" "run" {
  service_principal_id = local.sp
  job_id               = usersync_provisioning_job.atlassian.id
  start_after                = [usersync_provisioning_mapping.users.id, usersync_provisioning_mapping.groups.id, usersync_provisioning_secret.scim.id]
  ` + strings.Join(more, "\n  ") + `
}
`
}

const versionOne = "credentials_version = 1"

// whole is the story "job, mapping, secret, schedule".
func whole(sp string) string {
	return jobOf(
		sp,
	) + users(
		userRows,
		`actions = ["create", "update", "delete"]`,
		`scoping_filter = { any_of = [{ name = "staff", all_of = [{ attribute = "department", operator = "IS NOT NULL" }] }] }`,
	) +
		groupMapping + secret(
		simulator.DefaultSecretToken,
		versionOne,
		"sync_all = true",
		`notifications = { enabled = true, email = "it@company.com", delete_threshold = 500 }`,
	) + schedule()
}

// From nothing to a running job, without a cycle by the template's mappings;
// back by import without a write; and away again.
func TestProvisioningFromNothing(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(whole(sp))
		p := b.plan(2)
		b.tidy(p.Output)
		if e, _ := p.after(usersAddress, "effective").(string); !strings.Contains(e, `"apply":"on_create"`) {
			b.Errorf("effective isn't known at plan: %q", e)
		}
		b.apply()
		b.Plan(0)

		c := b.cycles(sp)
		if c.DefaultMappings || c.Cycles != 1 || c.SchemaWrites != 2 {
			b.Errorf("the first cycle ran by the template's mappings, or not once, or a mapping is lost: %+v", c)
		}
		schema := b.graph(http.MethodGet, b.schemaPath(sp), nil)
		rows := b.rows(schema, "User")
		for target, want := range map[string]string{
			"userName": "[originalUserPrincipalName] Always", "displayName": `Join(" ", [givenName], [surname]) ObjectAddOnly`,
			"name.givenName": "[givenName] Always", // the template's, not ours
		} {
			if rows[target] != want {
				b.Errorf("%s is %q, want %q", target, rows[target], want)
			}
		}
		if got := b.rows(schema, "Group")["externalId"]; !strings.HasPrefix(got, "IIF(") {
			b.Errorf("of two mappings in one apply, one is lost: externalId is %q", got)
		}
		if state := b.State(); strings.Contains(state, simulator.DefaultSecretToken) {
			b.Error("the state holds the token")
		}

		// Somebody else's workspace takes it over.
		job := b.jobs(sp)[0]["id"].(string)
		other := b.another()
		other.live(whole(sp), imports(map[string]string{
			jobAddress:      sp + "/" + job,
			scheduleAddress: sp + "/" + job,
			secretAddress:   sp,
			usersAddress:    sp + "/" + job + "/USER_OUTBOUND_USER/User/" + scimUser,
			groupsAddress:   sp + "/" + job + "/USER_OUTBOUND_USER/Group/" + scimGroup,
		}))
		other.Server.ResetRequests()
		taken := other.plan(2)
		other.tidy(taken.Output)
		other.says(taken.Output, "5 to import")
		other.apply()
		other.Plan(0)
		if w := other.writes(); len(w) > 0 {
			other.Errorf("import, and the apply that records the version, wrote: %v", w)
		}
		if v := other.attributes(secretAddress)["credentials_version"]; v != "1" {
			other.Errorf("the version isn't recorded: %v", v)
		}

		b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
		if left := b.jobs(sp); len(left) > 0 {
			b.Errorf("destroy left %v", left)
		}
	})
}

func imports(ids map[string]string) string {
	var out strings.Builder
	for address, id := range ids {
		fmt.Fprintf(&out, "import {\n  to = %s\n  id = %q\n}\n", address, id)
	}
	return out.String()
}

// What means the same is no difference; what somebody else changed is.
func TestMappingDrift(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		filter := `scoping_filter = { any_of = [{ all_of = [{ attribute = "department", operator = "EQUALS", values = ["IT"] }, { attribute = "country", operator = "IS NOT NULL" }] }] }`
		b.live(jobOf(sp), users(userRows, filter))
		b.Apply()
		b.Plan(0)

		// Spacing, quoting, and the order of clauses.
		spaced := strings.NewReplacer(`Coalesce([mail], [userPrincipalName])`, `Coalesce( [mail],[userPrincipalName] )`, `Join(\" \", [givenName]`, `Join( \" \",[givenName]`).
			Replace(userRows)
		turned := `scoping_filter = { any_of = [{ all_of = [{ attribute = "country", operator = "IS NOT NULL" }, { attribute = "department", operator = "EQUALS", values = ["IT"] }] }] }`
		b.live(jobOf(sp), users(spaced, filter))
		b.Plan(0)
		b.live(jobOf(sp), users(spaced, turned))
		b.Plan(0)

		// A managed row, and one that isn't.
		b.live(jobOf(sp), users(userRows, filter))
		b.rewrite(sp, func(s map[string]any) {
			b.setRow(s, "User", "userName", "mail")
			b.setRow(s, "User", "title", "jobTitle")
		})
		p := b.plan(2)
		b.says(p.Output, `"[mail]" -> "[originalUserPrincipalName]"`, "starts a full cycle")
		b.saysNot(p.Output, "jobTitle")
		b.apply()
		b.Plan(0)
		rows := b.rows(b.graph(http.MethodGet, b.schemaPath(sp), nil), "User")
		if rows["userName"] != "[originalUserPrincipalName] Always" || rows["title"] != "[jobTitle] Always" {
			b.Errorf("the drift isn't repaired, or somebody else's row is lost: %v", rows)
		}

		// With manage = "all" the other's row is drift, and removed.
		all := `"userName" = { expression = "[originalUserPrincipalName]", matching_priority = 1 }`
		b.live(jobOf(sp), users(all, `manage = "all"`))
		b.says(b.plan(2).Output, `"listed" -> "all"`)
		if out := b.Do(
			1,
			"apply",
			"-no-color",
			"-input=false",
			planFile,
		).Output; !strings.Contains(
			flatten(out),
			"The job already has its own title",
		) {
			b.Errorf("a row of somebody else's was removed: %s", out)
		}
		b.live(jobOf(sp), users(all, `manage = "all"`, "adopt = true"))
		b.Apply()
		b.Plan(0)
		if rows := b.rows(b.graph(http.MethodGet, b.schemaPath(sp), nil), "User"); len(rows) != 1 {
			b.Errorf("manage = all left %v", rows)
		}
		b.rewrite(sp, func(s map[string]any) { b.setRow(s, "User", "title", "jobTitle") })
		b.says(b.Plan(2).Output, `- "title"`)
		b.Apply()

		// Destroying the mapping alone gives the template's rows back.
		b.live(jobOf(sp))
		b.Apply()
		rows = b.rows(b.graph(http.MethodGet, b.schemaPath(sp), nil), "User")
		if rows["userName"] != "[userPrincipalName] Always" || rows["title"] != "" || rows["active"] == "" {
			b.Errorf("destroying didn't give the template's rows back: %v", rows)
		}
	})
}

// Nobody's work is overwritten: neither what was there before the create, nor
// what changed between plan and apply.
func TestMappingOfSomebodyElse(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		b.live(jobOf(sp))
		b.Apply()
		b.rewrite(sp, func(s map[string]any) { b.setRow(s, "User", "userName", "mail") })
		b.live(jobOf(sp), users(userRows))
		b.Server.ResetRequests()
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.says(out, "The job already has its own userName", "Import the mapping", "adopt = true")
		b.says(out, "main.tf line")
		if w := b.writes(); len(w) > 0 {
			b.Errorf("a refused create wrote %v", w)
		}
		b.live(jobOf(sp), users(userRows, "adopt = true"))
		b.Apply()

		b.live(
			jobOf(sp),
			users(strings.Replace(userRows, "Coalesce([mail], [userPrincipalName])", "[mail]", 1), "adopt = true"),
		)
		b.plan(2)
		b.rewrite(sp, func(s map[string]any) {
			b.setRow(s, "User", `emails[type eq "work"].value`, "originalUserPrincipalName")
		})
		out = b.Do(1, "apply", "-no-color", "-input=false", planFile).Output
		b.says(out, "Someone else changed", `emails[type eq "work"].value`, "Plan again")
		rows := b.rows(b.graph(http.MethodGet, b.schemaPath(sp), nil), "User")
		if got := rows[`emails[type eq "work"].value`]; got != "[originalUserPrincipalName] Always" {
			b.Errorf("somebody else's change is overwritten: %s", got)
		}
		b.says(b.Plan(2).Output, "originalUserPrincipalName")
		b.Apply()
		b.Plan(0)
	})
}

// Mistakes are found before anything is written, each with its place.
func TestMappingMistakes(t *testing.T) {
	each(t, func(b *bench) {
		sp := b.app("Atlassian Cloud")
		for name, c := range map[string]struct{ rows, more, says string }{
			"a misspelled function": {`"userName" = { expression = "Join(\" \", Lower([mail]), [surname])", matching_priority = 1 }`, "", `attributes["userName"]: column 11`},
			"an open bracket":       {`"userName" = { expression = "Coalesce([mail], [surname" }`, "", `attributes["userName"]: `},
			"two of a priority":     {`"userName" = { expression = "[mail]", matching_priority = 1 }` + "\n" + `"externalId" = { expression = "[objectId]", matching_priority = 1 }`, "", "matching_priority 1"},
			"an unknown operator":   {userRows, `scoping_filter = { any_of = [{ all_of = [{ attribute = "department", operator = "EQUAL", values = ["IT"] }] }] }`, "EQUALS"},
			"a random match":        {`"userName" = { expression = "Guid()", matching_priority = 1 }`, "", `attributes["userName"]`},
			"nothing with all":      {"", `manage = "all"`, "No attribute mappings"},
			"a flow that isn't one": {`"userName" = { expression = "[mail]", apply = "sometimes" }`, "", "on_create"},
		} {
			b.live(jobOf(sp), users(c.rows, c.more))
			out := b.fails()
			b.tidy(out)
			b.says(out, c.says, "main.tf line")
			if b.Failed() {
				b.Fatalf("%s:\n%s", name, out)
			}
		}
		// What only the schema knows stops the apply before a write. The next plan, which has seen the schema, warns:
		// a usersync_provisioning_attribute of the same apply may add the attribute.
		b.live(jobOf(sp), users(userRows))
		b.Apply()
		wrong := userRows + `    "userNam" = { expression = "[mail]" }` + "\n"
		b.live(jobOf(sp), users(wrong))
		b.says(b.Plan(2).Output, "doesn't list a target attribute yet", `"userNam"`, `did you mean "userName"?`)
		b.says(b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output, "Changing the mapping failed",
			`"userNam"`, `did you mean "userName"?`)
		// An object that the schema doesn't map.
		b.live(
			jobOf(sp),
			users(userRows),
			strings.ReplaceAll(strings.Replace(groupMapping, scimGroup, "urn:groups", 1), "\"groups\"", "\"nothing\""),
		)
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"The job's schema has no object mapping",
			scimGroup,
		)
	})
}

// The configuration that the schema's data source writes imports every mapping
// of a job, and changes nothing.
func TestSchemaAsConfiguration(t *testing.T) {
	each(t, func(b *bench) {
		for gallery, template := range map[string]string{"Atlassian Cloud": "customappsso", "Microsoft Entra cross-tenant synchronization": "Azure2Azure"} {
			sp := b.app(gallery)
			made := b.graph(
				http.MethodPost,
				"/servicePrincipals/"+sp+"/synchronization/jobs",
				map[string]string{"templateId": template},
			)
			c := b.another()
			data := fmt.Sprintf("data \"usersync_provisioning_schema\" \"live\" {\n  service_principal_id = %q\n  "+
				"job_id = %q\n}\n", sp, made["id"])
			c.live(data, "output \"hcl\" {\n  value = data.usersync_provisioning_schema.live.hcl\n}\noutput "+
				"\"targets\" {\n  value = "+
				"length(data.usersync_provisioning_schema.live.mappings[0].target_attributes)\n}\n")
			c.Apply()
			outputs := c.outputs()
			var hcl string
			c.Must(json.Unmarshal(outputs["hcl"], &hcl))
			if string(outputs["targets"]) == "0" {
				c.Errorf("no target attributes: %s", outputs["targets"])
			}
			c.live(hcl)
			c.Server.ResetRequests()
			p := c.plan(2)
			c.says(p.Output, " 0 to add, 0 to change, 0 to destroy", "to import")
			c.apply()
			c.Plan(0)
			if w := c.writes(); len(w) > 0 {
				c.Errorf("%s: the import wrote %v", gallery, w)
			}
		}
	})
}
