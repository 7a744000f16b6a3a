package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// SourceAttributes are Graph's names of the properties that a reading needs beyond
// what it always holds, for the enabled mappings of users among a job's object
// mappings; ascending. What can't be read needs nothing.
func SourceAttributes(objectMappings []string) []string {
	needed := map[string]bool{}
	need := func(names []string) {
		for _, n := range names {
			if !derived(n) && !always[n] {
				needed[GraphName(n)] = true
			}
		}
	}
	for _, raw := range objectMappings {
		m, enabled, err := FromGraph([]byte(raw))
		if err != nil || !enabled || !strings.EqualFold(m.Object.Source, "User") {
			continue
		}
		for _, a := range m.Attributes {
			if e, err := expression.Parse(a.Expression); a.Expression != "" && err == nil {
				need(e.Facts().Attributes)
			}
		}
		if m.Filter != nil {
			need(scoping.Attributes(m.Filter.Filter().Groups))
		}
	}
	return slices.Sorted(maps.Keys(needed))
}

// always are attributes that every reading holds.
var always = map[string]bool{
	"objectId": true, "originalUserPrincipalName": true, "userPrincipalName": true, "mail": true, "userType": true,
	"userState": true, "accountEnabled": true, "dirSyncEnabled": true, "otherMails": true,
}
