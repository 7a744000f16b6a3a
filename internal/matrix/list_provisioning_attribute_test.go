package matrix

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
)

func TestListProvisioningAttribute_Query(t *testing.T) {
	const kind = "usersync_provisioning_attribute"
	x := newTenant(t)
	x.addAttribute(officeCode)
	x.run(nil, withQueries,
		x.query(kind, `service_principals = ["Atlassian Cloud"]`,
			querycheck.ExpectLength(kind+".all", 1),
			querycheck.ExpectIdentity(kind+".all", map[string]knownvalue.Check{
				"service_principal_id": exact(exampleApp),
				"job_id":               exact(exampleJob),
				"directory":            exact("customappsso"),
				"object":               exact(scimUser),
				"name":                 exact(officeCode),
			}),
			listed(kind,
				querycheck.KnownValueCheck{Path: at("type"), KnownValue: exact("Integer")},
				querycheck.KnownValueCheck{Path: at("required"), KnownValue: truth(true)},
			)),
		x.query(kind, `service_principals = ["Atlassian Cloud"]
    all = true`, querycheck.ExpectLengthAtLeast(kind+".all", 50)),
		x.queryFails("service_principals", kind, ""),
	)
}

// addAttribute gives the example's job the schema of its template, with an attribute beyond that.
func (t *tenant) addAttribute(name string) {
	t.Helper()
	const synchronization = "/servicePrincipals/" + exampleApp + "/synchronization"
	schema := t.done(http.MethodGet, synchronization+"/templates/customappsso/schema", nil)
	for _, d := range schema["directories"].([]any) {
		d := d.(map[string]any)
		if d["name"] != "customappsso" {
			continue
		}
		for _, o := range d["objects"].([]any) {
			if o := o.(map[string]any); o["name"] == scimUser {
				o["attributes"] = append(o["attributes"].([]any), map[string]any{
					"name": name, "type": "Integer", "required": true, "mutability": "ReadWrite",
				})
			}
		}
	}
	t.done(http.MethodPut, synchronization+"/jobs/"+exampleJob+"/schema", schema)
}
