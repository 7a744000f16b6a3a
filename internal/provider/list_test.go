package provider

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// lister is the provider behind the protocol, on the example tenant.
type lister struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newLister(t *testing.T) (*lister, *simulator.Server) {
	t.Helper()
	return newListerOf(t, func(s *simulator.Server) map[string]any {
		return map[string]any{"main": map[string]any{
			"organization_id": s.About().Organizations[0].ID, "api_key": simulator.DefaultAPIKey, "endpoint": s.URL(),
		}}
	})
}

// newListerOf is newLister with other organizations.
func newListerOf(t *testing.T, organizations func(*simulator.Server) map[string]any) (*lister, *simulator.Server) {
	t.Helper()
	f, err := os.Open("../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := simulator.New(f)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	ca, err := s.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := &lister{t: t, server: Server("test")()}
	if l.schemas, err = l.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	config := l.dynamic(l.schemas.Provider.ValueType(), map[string]any{
		"ca_file": ca,
		"entra": map[string]any{
			"tenant_id":      s.TenantID(),
			"client_id":      simulator.DefaultClientID,
			"client_secret":  simulator.DefaultClientSecret,
			"graph_endpoint": s.URL(),
			"authority_host": s.URL(),
		},
		"organizations": organizations(s),
	})
	resp, err := l.server.ConfigureProvider(
		t.Context(),
		&tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: config},
	)
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, resp)
	}
	return l, s
}

// value fills a type with what is given; the rest is null.
func value(typ tftypes.Type, v any) tftypes.Value {
	switch t := typ.(type) {
	case tftypes.Object:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.NewValue(typ, nil)
		}
		out := map[string]tftypes.Value{}
		for name, of := range t.AttributeTypes {
			out[name] = value(of, given[name])
		}
		return tftypes.NewValue(typ, out)
	case tftypes.Map:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.NewValue(typ, nil)
		}
		out := map[string]tftypes.Value{}
		for name, x := range given {
			out[name] = value(t.ElementType, x)
		}
		return tftypes.NewValue(typ, out)
	case tftypes.List:
		return listed(typ, t.ElementType, v)
	case tftypes.Set:
		return listed(typ, t.ElementType, v)
	}
	return tftypes.NewValue(typ, v)
}

func listed(typ, of tftypes.Type, v any) tftypes.Value {
	given, ok := v.([]any)
	if !ok {
		return tftypes.NewValue(typ, nil)
	}
	var out []tftypes.Value
	for _, x := range given {
		out = append(out, value(of, x))
	}
	return tftypes.NewValue(typ, out)
}

func (l *lister) dynamic(typ tftypes.Type, v any) *tfprotov6.DynamicValue {
	l.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, value(typ, v))
	if err != nil {
		l.t.Fatal(err)
	}
	return &d
}

// list asks as "terraform query" does; what comes is the names, and for each
// its resource, "" where it wasn't asked for.
func (l *lister) list(
	name string,
	config map[string]any,
	resource bool,
	limit int64,
) (names []string, resources []tftypes.Value, said string) {
	l.t.Helper()
	s, ok := l.schemas.ListResourceSchemas[name]
	if !ok {
		l.t.Fatalf("%s can't be listed", name)
	}
	if config == nil {
		config = map[string]any{}
	}
	resp, err := l.server.(tfprotov6.ListResourceServer).ListResource(l.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: name, Config: l.dynamic(s.ValueType(), config), IncludeResource: resource, Limit: limit,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	for r := range resp.Results {
		for _, d := range r.Diagnostics {
			said += d.Summary + ": " + d.Detail + "\n"
		}
		if r.Identity == nil {
			continue
		}
		names = append(names, r.DisplayName)
		if resource {
			v, err := r.Resource.Unmarshal(l.schemas.ResourceSchemas[name].ValueType())
			if err != nil {
				l.t.Fatal(err)
			}
			resources = append(resources, v)
		}
	}
	return names, resources, said
}

// attribute is a text of a resource.
func attribute(t *testing.T, v tftypes.Value, name string) string {
	t.Helper()
	var object map[string]tftypes.Value
	if err := v.As(&object); err != nil {
		t.Fatal(err)
	}
	var s string
	if err := object[name].As(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// What exists is listed, with the data from which configuration is made.
func TestLists(t *testing.T) {
	l, s := newLister(t)
	const partner = "11111111-2222-4333-8444-555555555555"
	if err := s.PutPartner(
		[]byte(
			`{"tenantId":"` + partner + `","identitySynchronization":{"displayName":"Fabrikam","userSyncInbound":{"isSyncAllowed":true}}}`,
		),
	); err != nil {
		t.Fatal(err)
	}
	atlassian := map[string]any{"service_principals": []any{"Atlassian Cloud"}}
	for _, c := range []struct {
		name, attribute, value string
		config                 map[string]any
		want                   []string // of the names, some
		not                    string
	}{
		{"usersync_provisioning_job", "template_id", "customappsso", atlassian, []string{"Atlassian Cloud customappsso."}, ""},
		{"usersync_provisioning_mapping", "job_id", "customappsso.", atlassian, []string{": User to urn:", ": Group to urn:"}, ""},
		{"usersync_cross_tenant_partner", "tenant_id", partner, nil, []string{partner}, ""},
		{"usersync_entra_domain", "domain", "company.com", nil, []string{"company.com", "eng.company.com"}, "onmicrosoft.com"},
		{"usersync_entra_domain_verification", "domain", "company.com", nil, []string{"company.com"}, "onmicrosoft.com"},
		{"usersync_atlassian_domain_verification", "domain", "company.com", nil, []string{"company.com"}, ""},
	} {
		names, resources, said := l.list(c.name, c.config, true, 0)
		if said != "" {
			t.Errorf("%s: %s", c.name, said)
		}
		all := strings.Join(names, "\n")
		for _, w := range c.want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: %q isn't in\n%s", c.name, w, all)
			}
		}
		if c.not != "" && strings.Contains(all, c.not) {
			t.Errorf("%s: %q is in\n%s", c.name, c.not, all)
		}
		if !slices.ContainsFunc(
			resources,
			func(v tftypes.Value) bool { return strings.HasPrefix(attribute(t, v, c.attribute), c.value) },
		) {
			t.Errorf("%s: no resource has %s = %s…: %v", c.name, c.attribute, c.value, resources)
		}
		again, none, _ := l.list(c.name, c.config, false, 1)
		if len(again) != 1 || again[0] != names[0] || none != nil {
			t.Errorf("%s: limited to one: %v of %v", c.name, again, names)
		}
	}
	if _, _, said := l.list(
		"usersync_provisioning_job",
		map[string]any{"service_principals": []any{"Nobody"}},
		false,
		0,
	); !strings.Contains(
		said,
		"Nobody",
	) {
		t.Errorf("an application that isn't there: %q", said)
	}
	if _, _, said := l.list(
		"usersync_atlassian_domain_verification",
		map[string]any{"organization": "none"},
		false,
		0,
	); !strings.Contains(
		said,
		"The keys are: main",
	) {
		t.Errorf("an organization that isn't there: %q", said)
	}
	// A mapping is listed with what makes its configuration.
	_, resources, _ := l.list("usersync_provisioning_mapping", atlassian, true, 0)
	for _, v := range resources {
		var object, attributes map[string]tftypes.Value
		if err := v.As(&object); err != nil {
			t.Fatal(err)
		}
		if err := object["attributes"].As(&attributes); err != nil || len(attributes) < 3 {
			t.Errorf("a mapping without its attributes: %v %v", err, object)
		}
	}
}
