package function

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/outcome"
)

// The settings of another outcome are an error, not an answer about somebody.
func TestExplainChecksSettings(t *testing.T) {
	snap, err := directory.ReadSnapshot("../../../examples/tenant/company.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := snap.Directory()
	if err != nil {
		t.Fatal(err)
	}
	o, err := snap.Organization("main", false)
	if err != nil {
		t.Fatal(err)
	}
	tenant, errTenant := d.EncodeReading()
	organization, errOrganization := o.EncodeReading()
	if errTenant != nil || errOrganization != nil {
		t.Fatal(errTenant, errOrganization)
	}
	group := d.Groups[0].ID
	settings := func(more string) string {
		return `{"connector":"atlassian_nested_groups","groups":[{"name":"x","id":"` + group + `"}]` + more + `}`
	}
	for what, c := range map[string]struct{ settings, says string }{
		"its own":                {settings(`,"tenant_id":"` + strings.ToUpper(d.TenantID) + `","organization_id":"` + o.ID + `"`), ""},
		"without ids":            {settings(""), ""},
		"another tenant":         {settings(`,"tenant_id":"11111111-2222-4333-8444-555555555555"`), "its tenant is 11111111"},
		"another organization":   {settings(`,"organization_id":"elsewhere"`), "its organization is elsewhere"},
		"another tenant's group": {strings.Replace(settings(""), group, "11111111-2222-4333-8444-555555555555", 1), "None of the groups"},
		"its own, of a group that was deleted": {
			strings.Replace(settings(`,"tenant_id":"`+d.TenantID+`"`), group, "11111111-2222-4333-8444-555555555555", 1), "",
		},
		"nothing": {"{}", "found no connector"},
		"no JSON": {"atlassian_nested_groups", "This is no settings"},
	} {
		_, err := run(t, explain{}, types.ObjectNull(outcome.ExplanationType), plain(tenant), plain(organization), plain(c.settings), plain("amara.okafor@company.com"))
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", what, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || err.FunctionArgument == nil || *err.FunctionArgument != 2):
			t.Errorf("%s: got %v, want %q on the settings", what, err, c.says)
		}
	}
}
