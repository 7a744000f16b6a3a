package provider

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// newDeclared is the provider on the example tenant, with an organization that
// is declared by its verified domains.
func newDeclared(t *testing.T) *configTester {
	t.Helper()
	l, _ := newListerOf(t, func(*simulator.Server) map[string]any {
		return map[string]any{"main": map[string]any{"verified_domains": []any{"Company.com", "eng.company.com"}}}
	})
	return &configTester{t: t, server: l.server.(protocol), schemas: l.schemas}
}

// read reads a data source.
func (c *configTester) read(name string, config map[string]any) (map[string]tftypes.Value, string) {
	c.t.Helper()
	typ := c.schemas.DataSourceSchemas[name].ValueType()
	resp, err := c.server.ReadDataSource(
		c.t.Context(),
		&tfprotov6.ReadDataSourceRequest{TypeName: name, Config: dynamic(c.t, fillIn(typ, config))},
	)
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]tftypes.Value{}
	if resp.State != nil {
		v, err := resp.State.Unmarshal(typ)
		if err == nil && !v.IsNull() {
			err = v.As(&out)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	return out, said(resp.Diagnostics)
}

// Declared domains are enough for decisions over nested groups.
func TestDeclaredOrganization(t *testing.T) {
	c := newDeclared(t)
	o, text := c.read("usersync_organization", map[string]any{})
	if text != "" || !o["source"].Equal(tftypes.NewValue(tftypes.String, "declared")) || !o["read_at"].IsNull() ||
		!o["organization_id"].IsNull() {
		t.Errorf("got %v, %s", o, text)
	}
	if got := o["verified_domains"].String(); !strings.Contains(got, `"company.com"`) ||
		!strings.Contains(got, `"eng.company.com"`) {
		t.Errorf("verified_domains: got %s", got)
	}
	nested := map[string]any{"connector": "atlassian_nested_groups", "scope": map[string]any{"groups": []any{group}}}
	d, text := c.read("usersync_decision", withUser(nested, "amara.okafor@company.com"))
	if text != "" || !d["code"].Equal(tftypes.NewValue(tftypes.String, "domain_verified")) {
		t.Errorf("decision: got %v, %s", d["decision"], text)
	}
	domains, text := c.read("usersync_domains", nested)
	if text != "" || !strings.Contains(domains["domains"].String(), "declared") {
		t.Errorf("domains: got %v, %s", domains["domains"], text)
	}
}

func withUser(config map[string]any, user string) map[string]any {
	out := map[string]any{"user": user}
	for name, v := range config {
		out[name] = v
	}
	return out
}

// What needs more than the domains says what is missing.
func TestDeclaredOrganization_Refuses(t *testing.T) {
	c := newDeclared(t)
	nested := map[string]any{"connector": "atlassian_nested_groups", "scope": map[string]any{"groups": []any{group}}}
	with := func(name string) map[string]any {
		out := map[string]any{name: true}
		for k, v := range nested {
			out[k] = v
		}
		return out
	}
	for what, x := range map[string]struct {
		source string
		config map[string]any
		want   string
	}{
		"accounts":       {"usersync_organization", map[string]any{"accounts": true}, "accounts and groups can't be read"},
		"records":        {"usersync_organization", map[string]any{"scim_records": true}, "SCIM records can't be read"},
		"accounts, too":  {"usersync_decisions", with("accounts"), "accounts and groups can't be read"},
		"records, too":   {"usersync_decisions", with("scim_records"), "SCIM records can't be read"},
		"reconciliation": {"usersync_reconciliation", nested, "accounts and groups can't be read"},
	} {
		_, text := c.read(x.source, x.config)
		if !strings.Contains(text, x.want) || !strings.Contains(text, "organization_id and api_key in place of "+
			"verified_domains") {
			t.Errorf("%s: got %q", what, text)
		}
	}
	const name = "usersync_atlassian_domain_verification"
	typ := c.schemas.ResourceSchemas[name].ValueType()
	state := dynamic(t, fillIn(typ, map[string]any{"id": "company.com", "domain": "company.com", "wait": true}))
	resp, err := c.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: name, CurrentState: state})
	if err != nil || !strings.Contains(said(resp.Diagnostics), "claims can't be read") {
		t.Errorf("a verification: %v %s", err, said(resp.Diagnostics))
	}
}

func TestDeclaredOrganization_Validate(t *testing.T) {
	c := newDeclared(t)
	for what, x := range map[string]struct {
		organizations map[string]any
		want          string
	}{
		"alone":        {map[string]any{"a": map[string]any{"verified_domains": []any{"company.com"}}}, ""},
		"none":         {map[string]any{"a": map[string]any{"verified_domains": []any{}}}, ""},
		"beside a key": {map[string]any{"a": map[string]any{"verified_domains": []any{"company.com"}, "api_key": "x"}}, "organizations.a: verified_domains stands in place of api_key"},
		"no domain":    {map[string]any{"a": map[string]any{"verified_domains": []any{"not a domain"}}}, `organizations.a.verified_domains: expected a domain name`},
		"unknown":      {map[string]any{"a": map[string]any{"verified_domains": raw{isUnknown}}}, ""},
		"of two":       {map[string]any{"a": map[string]any{"verified_domains": []any{"a.com"}}, "b": map[string]any{"organization_id": "o", "api_key": "k"}}, ""},
	} {
		diagnostics, err := c.ask(
			"provider",
			"usersync",
			c.schemas.Provider,
			fillIn(c.schemas.Provider.ValueType(), map[string]any{"organizations": x.organizations}),
		)
		if err != nil || x.want == "" && len(diagnostics) > 0 || !strings.Contains(said(diagnostics), x.want) {
			t.Errorf("%s: %v, got %q, want %q", what, err, said(diagnostics), x.want)
		}
		for _, d := range diagnostics {
			if d.Attribute != nil {
				t.Errorf("%s: the diagnostic has a path: %s", what, d.Attribute)
			}
		}
	}
}

func TestSnapshotBlock_Validate(t *testing.T) {
	c := newDeclared(t)
	for what, x := range map[string]struct {
		snapshot map[string]any
		want     string
	}{
		"a duration":   {map[string]any{"file": "x.json", "max_age": "36h"}, ""},
		"no duration":  {map[string]any{"file": "x.json", "max_age": "a week"}, "Invalid duration"},
		"a negative":   {map[string]any{"file": "x.json", "max_age": "-1h"}, "longer than none"},
		"without file": {map[string]any{"max_age": "36h"}, "file"},
		"mode alone":   {map[string]any{"mode": "record"}, "file"},
	} {
		diagnostics, err := c.ask(
			"provider",
			"usersync",
			c.schemas.Provider,
			fillIn(c.schemas.Provider.ValueType(), map[string]any{"snapshot": x.snapshot}),
		)
		if err != nil || (x.want == "") != (len(diagnostics) == 0) || !strings.Contains(said(diagnostics), x.want) {
			t.Errorf("%s: %v, got %q, want %q", what, err, said(diagnostics), x.want)
		}
	}
	config := map[string]any{
		"snapshot": map[string]any{"file": filepath.Join(t.TempDir(), "x.json"), "mode": "record", "max_age": "1h"},
	}
	resp, err := c.server.ConfigureProvider(
		t.Context(),
		&tfprotov6.ConfigureProviderRequest{Config: dynamic(t, fillIn(c.schemas.Provider.ValueType(), config))},
	)
	if err != nil || !strings.Contains(said(resp.Diagnostics), "snapshot.max_age: max_age is for a file that is read") {
		t.Errorf("recorded with a limit: %v, got %q", err, said(resp.Diagnostics))
	}
}

// The keys of an organization that errors name are those of the schema.
func TestOrganizationKeys(t *testing.T) {
	if got := slices.Sorted(maps.Keys(organizationsSchema().NestedObject.Attributes)); !slices.Equal(
		got, tfutil.OrganizationKeys,
	) {
		t.Errorf("the schema has %v, errors name %v", got, tfutil.OrganizationKeys)
	}
}
