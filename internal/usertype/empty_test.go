package usertype

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// A match is empty only where nothing at all is set: an empty list is set.
func TestMatch_Empty(t *testing.T) {
	for name, m := range map[string]Match{
		"users": {Users: []string{}}, "home_domains": {HomeDomains: []string{}}, "creation_types": {CreationTypes: []string{}},
		"groups": {Groups: []string{}}, "origin": {Origin: External}, "filter": {Filter: &scoping.Spec{}},
	} {
		if m.Empty() {
			t.Errorf("%s alone is empty", name)
		}
	}
	if m := (Match{}); !m.Empty() {
		t.Error("nothing isn't empty")
	}
}
