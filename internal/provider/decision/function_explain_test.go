package decision

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

// none is the last argument of who passes no accepted outcome.
var none = types.TupleValueMust([]attr.Type{}, []attr.Value{})

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
		"no JSON": {"atlassian_nested_groups", "Expected the attribute"},
	} {
		_, err := providertest.Call(
			t,
			explain{},
			types.ObjectNull(arguments.ObjectTypes(arguments.Explanation())),
			types.StringValue(tenant),
			types.StringValue(organization),
			types.StringValue(c.settings),
			types.StringValue("amara.okafor@company.com"),
			none,
		)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", what, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || err.FunctionArgument == nil || *err.FunctionArgument != 2):
			t.Errorf("%s: got %v, want %q on the settings", what, err, c.says)
		}
	}
}

func TestHomeDomainFunction(t *testing.T) {
	for upn, want := range map[string]string{"a_b_fabrikam.com#EXT#@x.onmicrosoft.com": `"fabrikam.com"`, "a@Company.com": `"company.com"`, "nothing": "<null>"} {
		if got, err := providertest.Call(
			t,
			homeDomain{},
			types.StringUnknown(),
			types.StringValue(upn),
		); err != nil ||
			got.String() != want {
			t.Errorf("%s: %v %v", upn, got, err)
		}
	}
}

func TestExplainRefusesOtherTexts(t *testing.T) {
	_, err := providertest.Call(
		t,
		explain{},
		types.ObjectNull(nil),
		types.StringValue("x"),
		types.StringValue("y"),
		types.StringValue("{}"),
		types.StringValue("u"),
		none,
	)
	if err == nil || !strings.Contains(err.Error(), "no reading") {
		t.Error(err)
	}
}
