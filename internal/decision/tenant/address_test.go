package tenant

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// The mark of a name from elsewhere is found wherever it begins, in any case.
func TestExtAt(t *testing.T) {
	for upn, want := range map[string]int{
		"": -1, "#": -1, "#EXT": -1, "#EXT#": 0, "#ext#": 0, "a#Ext#": 1, "##EXT#": 1, "#EX#EXT#x": 3,
		"a_b.com#EXT#@x": 7, "#EXT_#EXT#": 5, "####EXT": -1, "#EXT#EXT#": 0, "a#b@x.com": -1, "é#EXT#": 2,
	} {
		if got := extAt(upn); got != want {
			t.Errorf("%q: %d, want %d", upn, got, want)
		}
	}
}

// What the tenant knows of a user's home domain is what is derived from the user.
func TestHomeDomain(t *testing.T) {
	for name, draw := range map[string]func(*rapid.T) *directorytest.World{
		"any": directorytest.Any, "adversarial": directorytest.AdversarialTenant,
	} {
		rapid.Check(t, func(rt *rapid.T) {
			d := draw(rt).Directory()
			upn := rapid.StringMatching("[a\x01 ]{0,2}@?x.com").Draw(rt, "upn")
			d.Users = append(d.Users, directory.User{UserPrincipalName: upn})
			tn := New(d, directory.NewLookup(d))
			for i := range d.Users {
				if got, want := tn.HomeDomain(int32(i)), HomeDomain(&d.Users[i]); got != want {
					rt.Errorf("%s: %q for %q, want %q", name, got, d.Users[i].UserPrincipalName, want)
				}
			}
		})
	}
}
