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
	attributeAddress = "usersync_provisioning_attribute.office"
	officeCode       = "urn:ietf:params:scim:schemas:extension:contoso:2.0:User:officeCode"
)

// office is an attribute of the job in the same configuration.
func office(name, lines string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_attribute" "office" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
  directory            = "customappsso"
  object               = %q
  name                 = %q
%s
}
`, scimUser, name, lines)
}

// officeRow maps what the attribute is for.
const officeRow = `  attributes = {
    (usersync_provisioning_attribute.office.name) = { expression = "[physicalDeliveryOfficeName]" }
  }`

func TestResourceProvisioningAttribute_Life(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	made := job(app, "customappsso")
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{
			Config:           x.config(made, office(officeCode, "")),
			ConfigPlanChecks: planned(attributeAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(attributeAddress, map[string]knownvalue.Check{
				"id":          contains(app+"/customappsso.", "/customappsso/"+scimUser+"/"+officeCode),
				"name":        exact(officeCode),
				"object":      exact(scimUser),
				"type":        exact("String"),
				"mutability":  exact("ReadWrite"),
				"required":    truth(false),
				"multivalued": truth(false),
				"case_exact":  truth(false),
				"default":     null,
			}),
		},
		importedByID(attributeAddress, "%s"),
		resource.TestStep{
			Config: x.config(made, office(officeCode, "  type = \"Integer\"\n  required = true"),
				mapping("User", scimUser, officeRow)),
			ConfigPlanChecks: planned(attributeAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(attributeAddress, map[string]knownvalue.Check{
				"type":     exact("Integer"),
				"required": truth(true),
			}),
		},
		// While a row uses it, it can't go.
		resource.TestStep{
			Config:      x.config(made, office(officeCode+"2", ""), mapping("User", scimUser, officeRow)),
			ExpectError: words("a row of"),
		},
	)
}

func TestResourceProvisioningAttribute_Identity(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	x.run(x.noJobs(app), withIdentity,
		resource.TestStep{
			Config: x.config(job(app, "customappsso"), office(officeCode, "")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(attributeAddress, at("service_principal_id")),
				statecheck.ExpectIdentityValueMatchesState(attributeAddress, at("job_id")),
				statecheck.ExpectIdentityValueMatchesState(attributeAddress, at("directory")),
				statecheck.ExpectIdentityValueMatchesState(attributeAddress, at("object")),
				statecheck.ExpectIdentityValue(attributeAddress, at("name"), exact(officeCode)),
			},
		},
		importedByIdentity(attributeAddress),
	)
}

func TestResourceProvisioningAttribute_Drift(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	config := x.config(job(app, "customappsso"), office(officeCode, ""))
	x.run(x.noJobs(app), anyCLI,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				x.editAttribute(app, func(a map[string]any) map[string]any { a["type"] = "Boolean"; return a })
			},
			Config:           config,
			ConfigPlanChecks: planned(attributeAddress, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig:        func() { x.editAttribute(app, func(map[string]any) map[string]any { return nil }) },
			Config:           config,
			ConfigPlanChecks: planned(attributeAddress, plancheck.ResourceActionCreate),
		},
	)
}

// editAttribute changes the attribute of the application's job behind the provider's
// back; nil takes it away.
func (t *tenant) editAttribute(app string, edit func(map[string]any) map[string]any) {
	path := jobsOf(app) + "/" + t.jobs(app)[0] + "/schema"
	schema := t.done(http.MethodGet, path, nil)
	for _, d := range schema["directories"].([]any) {
		for _, o := range d.(map[string]any)["objects"].([]any) {
			o := o.(map[string]any)
			var kept []any
			list, _ := o["attributes"].([]any)
			for _, a := range list {
				a := a.(map[string]any)
				if a["name"] == officeCode {
					if a = edit(a); a == nil {
						continue
					}
				}
				kept = append(kept, a)
			}
			o["attributes"] = kept
		}
	}
	t.done(http.MethodPut, path, schema)
}

func TestResourceProvisioningAttribute_Errors(t *testing.T) {
	x := newTenant(t)
	made := job(x.app(), "customappsso")
	x.run(
		nil,
		anyCLI,
		x.fails("Text", made, office(officeCode, `  type = "Text"`)),
		x.refuses("no directory", made, strings.ReplaceAll(office(officeCode, ""), `"customappsso"`, `"nothing"`)),
		x.refuses("no object", made, strings.ReplaceAll(office(officeCode, ""), scimUser, "Thing")),
		x.importFails(attributeAddress, "one/two", "Invalid import ID", made, office(officeCode, "")),
	)
}
