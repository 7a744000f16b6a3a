package simulator

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// An external user's principal name is taken apart at the last underscore [graph 1.6].
func TestPlainPrincipal(t *testing.T) {
	for name, want := range map[string]string{
		"ann_lee_fabrikam.com#EXT#@company.onmicrosoft.com": "ann_lee@fabrikam.com",
		"gus_fabrikam.com#ext#@company.onmicrosoft.com":     "gus@fabrikam.com",
		"oscar@company.com":  "oscar@company.com",
		"x#EXT#@company.com": "x#EXT#@company.com",
	} {
		assert.Equal(t, name, tenant.HomePrincipalName(name), want)
	}
}

// The attributes of a user, by the names that provisioning has for them.
func TestSourceValues(t *testing.T) {
	c := newClient(t)
	if _, err := c.server.PutUser(
		[]byte(
			`{"id":"` + oscar + `","officeLocation":"R1","mobilePhone":"m","extension_0123456789abcdef0123456789abcdef_cost":"7","employeeType":"Contractor"}`,
		),
	); err != nil {
		t.Fatal(err)
	}
	st := c.server.Store
	ref, _ := st.Lookup(oscar)
	values := provisioning.SourceValues(st, st.Slots[ref].Object)
	for name, want := range map[string]string{
		"objectId": oscar, "physicalDeliveryOfficeName": "R1", "mobile": "m", "telephoneNumber": "+1 425 555 0109",
		"extensionAttribute1": "blue",
		"accountEnabled":      "True", "IsSoftDeleted": "False", "extension_0123456789abcdef0123456789abcdef_cost": "7",
		"employeeType": "Contractor",
	} {
		assert.Equal(t, name, values[name].Text(), want)
	}
	for _, name := range []string{"userType", "extensionAttribute2", "dirSyncEnabled", "noSuch"} {
		if v := values[name]; !v.Null() {
			t.Errorf("%s is %v", name, v)
		}
	}
}
