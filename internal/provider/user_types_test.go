package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// readingOf is a reading of users, each of a principal name and a type.
func readingOf(t *testing.T, users ...[2]string) string {
	t.Helper()
	b := directory.NewBuilder(nil)
	for i, u := range users {
		b.AddUser(
			directory.User{
				ID:                strings.Repeat(string(rune('a'+i)), 8),
				UserPrincipalName: u[0],
				UserType:          u[1],
				AccountEnabled:    directory.True,
			},
			nil,
			directory.HasUserType|directory.HasAccountEnabled,
		)
	}
	text, err := b.Build("3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11", nil).EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const (
	fabrikamMember = "ann_fabrikam.com#EXT#@company.onmicrosoft.com"
	contosoMember  = "bob_contoso.com#EXT#@company.onmicrosoft.com"
	untyped        = "old_fabrikam.com#EXT#@company.onmicrosoft.com"
	fabrikamGuest  = "eve_fabrikam.com#EXT#@company.onmicrosoft.com"
)

// Before an enforcing policy converts, its plan names whom nothing can give back
// what they have, and whose source tenant may write the old type again without
// anybody here knowing.
func TestPolicyWarnsBeforeConverting(t *testing.T) {
	c := newConfigTester(t)
	const name = "usersync_user_type_policy"
	reading := readingOf(
		t,
		[2]string{fabrikamMember, "Member"},
		[2]string{contosoMember, "Member"},
		[2]string{untyped, ""},
		[2]string{fabrikamGuest, "Guest"},
	)
	mapping := `{"version":1,"object":{"source":"User","target":"User"},"actions":["create","update"],"manage":"listed","attributes":{}}`
	const noWay, untold = "1 user can't be given back what they have now", "Whether types are written back can't be " +
		"told"
	for what, x := range map[string]struct {
		more      map[string]any
		says, not []string
	}{
		"enforced":                   {nil, []string{noWay, untyped + ": they have no userType", untold, fabrikamMember, contosoMember, "contoso.com (1), fabrikam.com (1)"}, []string{fabrikamGuest}},
		"one source is known":        {map[string]any{"cross_tenant": []any{map[string]any{"home_domains": []any{"Fabrikam.com"}, "mapping": mapping}}}, []string{untold, contosoMember + ": they are members", ": contoso.com (1)."}, nil},
		"both sources are known":     {map[string]any{"cross_tenant": []any{map[string]any{"home_domains": []any{"fabrikam.com", "contoso.com"}, "mapping": mapping}}}, []string{noWay}, []string{untold}},
		"audited":                    {map[string]any{"mode": "audit"}, nil, []string{noWay, untold}},
		"who waits isn't named":      {map[string]any{"wave_size": int64(1)}, []string{untold, fabrikamMember}, []string{noWay, contosoMember + ": they are"}},
		"ids in place of names":      {map[string]any{"identify_users_by": "id"}, []string{noWay, untold, "cccccccc: they have no userType"}, []string{untyped}},
		"with a record all the same": {map[string]any{"record": "x"}, []string{noWay}, []string{"No record keeps"}},
	} {
		config := map[string]any{
			"directory": reading,
			"mode":      "enforce",
			"rule": []any{
				map[string]any{
					"name":      "externals",
					"user_type": "Guest",
					"match":     map[string]any{"origin": "external"},
				},
			},
		}
		for k, v := range x.more {
			config[k] = v
		}
		schema := c.schemas.ResourceSchemas[name]
		diagnostics, err := c.ask("resource", name, schema, fillIn(schema.ValueType(), config))
		if err != nil || failed(diagnostics) {
			t.Errorf("%s: %v %s", what, err, said(diagnostics))
			continue
		}
		for _, want := range x.says {
			if !strings.Contains(said(diagnostics), want) {
				t.Errorf("%s: %q isn't said:\n%s", what, want, said(diagnostics))
			}
		}
		for _, bad := range x.not {
			if strings.Contains(said(diagnostics), bad) {
				t.Errorf("%s: %q is said:\n%s", what, bad, said(diagnostics))
			}
		}
	}
}

// Destroying a record while people have other types than it holds is a warning
// with the count; Read is what counts them.
func TestRecordWarnsBeforeItGoes(t *testing.T) {
	c := newConfigTester(t)
	const name = "usersync_user_type_record"
	typ := c.schemas.ResourceSchemas[name].ValueType()
	snap, err := directory.ReadSnapshot("../../examples/tenant/company.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := snap.Directory()
	if err != nil {
		t.Fatal(err)
	}
	other := map[string]string{"Member": "Guest", "Guest": "Member"}
	types := `{"` + d.Users[0].ID + `":"` + d.Users[0].UserType + `","` + d.Users[1].ID + `":"` + other[d.Users[1].UserType] + `","11111111-2222-4333-8444-555555555555":"Guest"}`
	state := fillIn(
		typ,
		map[string]any{"id": "1", "types": types, "users": int64(3), "match": map[string]any{"origin": "external"}},
	)
	read, err := c.server.ReadResource(
		t.Context(),
		&tfprotov6.ReadResourceRequest{TypeName: name, CurrentState: dynamic(t, state)},
	)
	if err != nil || failed(read.Diagnostics) {
		t.Fatal(err, said(read.Diagnostics))
	}
	plan := func(state *tfprotov6.DynamicValue) string {
		t.Helper()
		none := dynamic(t, tftypes.NewValue(typ, nil))
		resp, err := c.server.PlanResourceChange(
			t.Context(),
			&tfprotov6.PlanResourceChangeRequest{
				TypeName:         name,
				PriorState:       state,
				ProposedNewState: none,
				Config:           none,
			},
		)
		if err != nil || failed(resp.Diagnostics) {
			t.Fatal(err, said(resp.Diagnostics))
		}
		return said(resp.Diagnostics)
	}
	if got := plan(read.NewState); !strings.Contains(got, "The record of 1 user who has another type now goes") {
		t.Errorf("one of three differs, one is gone: %q", got)
	}
	if got := plan(
		dynamic(t, fillIn(typ, map[string]any{"id": "1", "types": "{}", "users": int64(0), "differing": int64(0)})),
	); got != "" {
		t.Errorf("nobody differs: %q", got)
	}
}
