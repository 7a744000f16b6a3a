package matrix

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const (
	mappingAddress = "usersync_provisioning_mapping.users"
	scimUser       = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	scimGroup      = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// mapping maps objects of the job in the same configuration.
func mapping(source, target, lines string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_mapping" "users" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = %q, target = %q }
%s
}
`, source, target, lines)
}

const titles = `
  actions    = ["create", "update"]
  attributes = {
    "title"       = { expression = "[jobTitle]" }
    "displayName" = { expression = "Join(\" \", [givenName], [surname])", apply = "on_create", default = "none" }
  }
  scoping_filter = {
    any_of = [{ name = "staff", all_of = [{ attribute = "department", operator = "IS NOT NULL" }] }]
  }
`

func TestResourceProvisioningMapping_Life(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	made := job(app, "customappsso")
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{
			Config:           x.config(made, mapping("User", scimUser, titles)),
			ConfigPlanChecks: planned(mappingAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(mappingAddress, map[string]knownvalue.Check{
				"id":            contains(app+"/customappsso.", "/"+exampleRule+"/User/"+scimUser),
				"rule":          exact(exampleRule),
				"object.source": exact("User"),
				"object.target": exact(scimUser),
				"actions": knownvalue.SetExact(
					[]knownvalue.Check{exact("create"), exact("update")},
				),
				"attributes":                     knownvalue.MapSizeExact(2),
				"attributes.title.expression":    exact("[jobTitle]"),
				"attributes.title.apply":         exact("always"),
				"attributes.displayName.apply":   exact("on_create"),
				"attributes.displayName.default": exact("none"),
				"scoping_filter.any_of.0.name":   exact("staff"),
				"scoping_filter.any_of.0.all_of.0": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"attribute": exact("department"), "operator": exact("IS NOT NULL"), "values": null,
				}),
				"enabled":   truth(true),
				"manage":    exact("listed"),
				"adopt":     truth(false),
				"directory": null,
				"effective": contains(`"version":1`, `"[jobTitle]"`),
			}),
		},
		// An import takes all rows of the mapping.
		importedByID(mappingAddress, "%s", "attributes", "effective", "scoping_filter", "manage"),
		resource.TestStep{
			Config: x.config(made, mapping("User", scimUser,
				strings.ReplaceAll(titles, "[jobTitle]", "[department]"))),
			ConfigPlanChecks: planned(mappingAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(mappingAddress, map[string]knownvalue.Check{
				"attributes.title.expression": exact("[department]"),
				"effective":                   contains(`"[department]"`),
			}),
		},
		resource.TestStep{
			Config: x.config(made, mapping("Group", scimGroup, `
  attributes = { "displayName" = { expression = "[mailNickname]", matching_priority = 1 } }`)),
			ConfigPlanChecks: planned(mappingAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(mappingAddress, map[string]knownvalue.Check{
				"object.source": exact("Group"),
				"attributes.displayName.matching_priority": whole(1),
			}),
		},
	)
}

// The rows of the example job's mapping of groups: an import takes them all.
const groupRows = `
  actions    = ["create", "update", "delete"]
  attributes = {
    "displayName" = { expression = "[displayName]", matching_priority = 1 }
    "externalId"  = { expression = "[objectId]" }
    "members"     = { expression = "[members]" }
  }
`

func TestResourceProvisioningMapping_Identity(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	x.run(x.noJobs(app), withIdentity,
		resource.TestStep{
			Config: x.config(job(app, "customappsso"), mapping("Group", scimGroup, groupRows)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(mappingAddress, at("service_principal_id")),
				statecheck.ExpectIdentityValueMatchesState(mappingAddress, at("job_id")),
				statecheck.ExpectIdentityValueMatchesState(mappingAddress, at("rule")),
				statecheck.ExpectIdentityValue(mappingAddress, at("source"), exact("Group")),
				statecheck.ExpectIdentityValue(mappingAddress, at("target"), exact(scimGroup)),
			},
		},
		importedByIdentity(mappingAddress),
	)
}

func TestResourceProvisioningMapping_Drift(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	config := x.config(job(app, "customappsso"), mapping("User", scimUser, titles))
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				path := jobsOf(app) + "/" + x.jobs(app)[0] + "/schema"
				schema := x.done(http.MethodGet, path, nil)
				changeRow(schema, "User", "title", "[employeeId]")
				x.done(http.MethodPut, path, schema)
			},
			Config:           config,
			ConfigPlanChecks: planned(mappingAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(mappingAddress, map[string]knownvalue.Check{
				"attributes.title.expression": exact("[jobTitle]"),
			}),
		},
		resource.TestStep{
			PreConfig:        func() { x.done(http.MethodDelete, jobsOf(app)+"/"+x.jobs(app)[0], nil) },
			Config:           config,
			ConfigPlanChecks: planned(mappingAddress, plancheck.ResourceActionCreate),
		},
	)
}

// changeRow gives a row of a job's schema another expression, of an attribute
// alone, as the portal writes it.
func changeRow(schema map[string]any, source, target, attribute string) {
	for _, rule := range schema["synchronizationRules"].([]any) {
		for _, object := range rule.(map[string]any)["objectMappings"].([]any) {
			object := object.(map[string]any)
			if object["sourceObjectName"] != source {
				continue
			}
			for _, row := range object["attributeMappings"].([]any) {
				if row := row.(map[string]any); row["targetAttributeName"] == target {
					row["source"] = map[string]any{
						"expression": attribute,
						"name":       strings.Trim(attribute, "[]"),
						"type":       "Attribute",
						"parameters": []any{},
					}
				}
			}
		}
	}
}

func TestResourceProvisioningMapping_Errors(t *testing.T) {
	x := newTenant(t)
	made := job(x.app(), "customappsso")
	x.run(
		nil,
		anyCLI,
		x.fails(
			"Invalid expression",
			made,
			mapping("User", scimUser, `attributes = { "title" = { expression = "Join(" } }`),
		),
		x.fails("Invalid scoping filter", made, mapping("User", scimUser,
			strings.ReplaceAll(titles, "IS NOT NULL", "RESEMBLES"))),
		x.fails("No attribute mappings", made, mapping("User", scimUser, "attributes = {}\n  manage = \"all\"")),
		x.refuses("has no object mapping", made, mapping("User", "urn:nothing", titles)),
		x.importFails(mappingAddress, "one/two", "Invalid import ID", made, mapping("User", scimUser, titles)),
	)
}
