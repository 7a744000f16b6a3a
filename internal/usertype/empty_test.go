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

// A record holds the types of whom it matches; who has none has none to give back.
func TestRecordTypes(t *testing.T) {
	d, l := world(t)
	types, unreadable, err := RecordTypes(&Match{Origin: External}, d, l)
	if err != nil || len(unreadable) != 0 {
		t.Fatal(unreadable, err)
	}
	if len(types) != 2 || types["3"] != "Member" || types["4"] != "Guest" {
		t.Errorf("got %v", types)
	}
	for what, m := range map[string]*Match{
		"a group that isn't there": {Groups: []string{"Nobody's"}},
		"a filter that fails": {
			Filter: &scoping.Spec{AnyOf: []scoping.SpecGroup{{AllOf: []scoping.SpecClause{{Attribute: "city", Operator: "EQUALS", Values: []string{"x"}}}}}},
		},
	} {
		if types, _, err := RecordTypes(m, d, l); err == nil {
			t.Errorf("%s: got %v", what, types)
		}
		if users, _, err := Matched(m, d, l); err == nil {
			t.Errorf("%s: got %v", what, users)
		}
	}
	users, _, err := Matched(&Match{Users: []string{"1"}}, d, l)
	if err != nil || len(users) != 1 || d.Users[users[0]].ID != "1" {
		t.Errorf("got %v, %v", users, err)
	}
}
