package mapping

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

func TestImportHCL(t *testing.T) {
	s, err := mapping.ParseSchema(
		[]byte(
			`{"synchronizationRules":[{"id":"r","name":"OUT","objectMappings":[{"enabled":true,"flowTypes":"Add,Update","sourceObjectName":"User","targetObjectName":"urn:x:User",
	 "scope":{"groups":[{"name":"staff","clauses":[{"sourceOperandName":"department","operatorName":"NOT_EQUALS","targetOperand":{"values":["a \"b\" ${c}"]}},{"sourceOperandName":"mail","operatorName":"IS NOT NULL","targetOperand":{"values":[]}}]}]},
	 "attributeMappings":[
	  {"targetAttributeName":"emails[type eq \"work\"].value","flowType":"Always","matchingPriority":1,"source":{"type":"Function","name":"Replace","expression":"Replace([mail], \"${\", , , \"%{\", , )"}},
	  {"targetAttributeName":"userType","flowType":"ObjectAddOnly","matchingPriority":0,"defaultValue":"x","source":{"type":"Constant","name":"Member","expression":"\"Member\""}}]}]}]}`,
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	const want = `import {
  to = usersync_provisioning_mapping.users
  id = "sp/job/OUT/User/urn:x:User"
}

resource "usersync_provisioning_mapping" "users" {
  service_principal_id = "sp"
  job_id               = "job"
  rule                 = "OUT"
  object               = { source = "User", target = "urn:x:User" }
  actions              = ["create", "update"]
  attributes = {
    "emails[type eq \"work\"].value" = { expression = "Replace([mail], \"$${\", , , \"%%{\")", matching_priority = 1 }
    "userType"                       = { expression = "\"Member\"", apply = "on_create", default = "x" }
  }
  scoping_filter = { any_of = [{
    all_of = [{
      attribute = "department"
      operator  = "NOT EQUALS"
      values    = ["a \"b\" $${c}"]
      }, {
      attribute = "mail"
      operator  = "IS NOT NULL"
    }]
    name = "staff"
  }] }
}
`
	sections := s.Sections()
	if got := importHCL(labels(sections)[0], "sp", "job", s, sections[0]); got != want {
		t.Errorf("got:\n%s", got)
	}
}
