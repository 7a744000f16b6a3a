package directorytest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Mapping writes an object mapping of users as Graph's schema has it;
// attributes are target and expression, a leading ! marks the matching one.
func Mapping(t testing.TB, filter string, attributes ...string) string {
	t.Helper()
	var list []map[string]any
	for i := 0; i < len(attributes); i += 2 {
		target, matching := strings.CutPrefix(attributes[i], "!")
		priority := 0
		if matching {
			priority = 1
		}
		kind := "Function"
		if strings.HasPrefix(attributes[i+1], "[") {
			kind = "Attribute"
		}
		list = append(list, map[string]any{
			"targetAttributeName": target,
			"matchingPriority":    priority,
			"flowType":            "Always",
			"flowBehavior":        "FlowWhenChanged",
			"source": map[string]any{
				"expression": attributes[i+1],
				"name":       strings.Trim(attributes[i+1], "[]"),
				"type":       kind,
				"parameters": []any{},
			},
		})
	}
	m := map[string]any{
		"enabled":           true,
		"flowTypes":         "Add, Update, Delete",
		"sourceObjectName":  "User",
		"targetObjectName":  "User",
		"attributeMappings": list,
	}
	if filter != "" {
		m["scope"] = json.RawMessage(filter)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Gallery are the usual mappings of the Gallery app [atlassian 2.1]: mail
// to the work email, principal name to userName.
func Gallery(t testing.TB) string {
	return Mapping(
		t,
		"",
		"!userName",
		"[userPrincipalName]",
		`emails[type eq "work"].value`,
		"[mail]",
		"active",
		"Not([IsSoftDeleted])",
	)
}

// GroupMapping is the gallery application's mapping of groups.
const GroupMapping = `{"attributeMappings":[{"targetAttributeName":"displayName","matchingPriority":1,` +
	`"source":{"expression":"[displayName]","name":"displayName","type":"Attribute"}}],` +
	`"enabled":true,"flowTypes":"Add, Update, Delete","sourceObjectName":"Group","targetObjectName":"Group"}`

// SCIM is a world with a provisioning job, of the usual mappings where none are
// given, to which Staff is assigned.
func SCIM(t testing.TB, mappings string) *World {
	w := New()
	if mappings == "" {
		mappings = Gallery(t)
	}
	w.Jobs = []directory.Job{
		{
			ServicePrincipalID: "sp",
			DisplayName:        "Atlassian Cloud",
			JobID:              "job",
			Mappings:           []string{mappings, GroupMapping},
			Assigned:           []string{"g-staff"},
		},
	}
	return w
}
