package odata

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Whatever a client writes into $filter or $search, it gets an answer.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`userType eq 'Guest'`, `id in ('a','b')`, `not(endswith(mail,'x')) or mail ne null`,
		`otherMails/any(x:x eq 'y' and startswith(x,'z'))`, `identities/any(c:c/issuer eq 'a' and c/issuerAssignedId eq 'b')`,
		`createdDateTime ge 2020-01-01T00:00:00Z`, `onPremisesExtensionAttributes/extensionAttribute1 eq 'x'`, `((`, `'`,
		`a/`, `a/any(`, `"displayName:x"`,
	} {
		f.Add(seed)
	}
	users := tenant.NewUserEntity()
	o, err := tenant.Describe(users, []rawjson.Field{{
		Name: "id", Raw: `"x"`,
	}, {Name: "otherMails", Raw: `["a","b"]`}, {Name: "identities", Raw: `[{"issuer":"x"}]`},
		{Name: "onPremisesExtensionAttributes", Raw: `{"extensionAttribute1":"x"}`},
		{Name: "displayName", Raw: `"é\u0000"`}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseSearch(text, users); err == nil {
			s.finds(o)
		}
		node, err := ParseFilter(text)
		if err != nil {
			return
		}
		if node.check(users, true) == nil {
			node.holds(o)
		}
	})
}
