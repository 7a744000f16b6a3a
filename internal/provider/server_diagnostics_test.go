package provider

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// Every answer of the protocol that has diagnostics passes tidied: a method that
// a newer protocol adds, and that this server only hands on, is found here.
func TestEveryAnswerIsTidied(t *testing.T) {
	declared := map[string]bool{}
	for _, file := range []string{"server.go", "server_action.go", "server_diagnostics.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				declared[f.Name.Name] = true
			}
		}
	}
	// What these say is about schemas alone, which no configuration is in.
	for _, name := range []string{"GetMetadata", "GetProviderSchema", "GetResourceIdentitySchemas", "GetFunctions"} {
		declared[name] = true
	}
	methods := reflect.TypeFor[protocol]()
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		if !declared[m.Name] {
			t.Errorf("what %s says passes no tidied", m.Name)
		}
	}
}

// says is a protocol whose every plan says the same.
type says struct {
	protocol
	list []*tfprotov6.Diagnostic
}

func (s says) PlanResourceChange(
	context.Context, *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{Diagnostics: s.list}, nil
}

func TestTidied(t *testing.T) {
	s := newServer(
		says{
			list: []*tfprotov6.Diagnostic{
				{Summary: "a secret\x1b[2J", Detail: "line 1\nline 2: hidden-value " + strings.Repeat("x", 3<<20)},
			},
		},
		sanitize.New("hidden-value", "secret"),
		nil,
	)
	a, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	d := a.Diagnostics[0]
	if d.Summary != `a (redacted)\u001b[2J` || !strings.HasPrefix(d.Detail, "line 1\nline 2: (redacted) xxx") ||
		len(d.Detail) > 2*sanitize.MaxText {
		t.Errorf("%q, %.100q (%d bytes)", d.Summary, d.Detail, len(d.Detail))
	}
}

// planted are secrets in every argument of the provider block that takes one.
var planted = map[string]any{
	"client_secret":               "PLANTED-client-secret",
	"client_certificate":          "PLANTED-certificate",
	"client_certificate_password": "PLANTED-password",
	"oidc_token":                  "PLANTED-oidc-token",
	"oidc_request_token":          "PLANTED-request-token",
}

// Every error about the provider block (its own, the validators' and those of
// conversion) names its argument, and neither points to it nor holds a secret.
func TestProviderBlockErrors(t *testing.T) {
	entraOf := func(more map[string]any) map[string]any {
		all := map[string]any{"tenant_id": "t"}
		for k, v := range planted {
			all[k] = v
		}
		for k, v := range more {
			all[k] = v
		}
		return map[string]any{"entra": all}
	}
	org := func(more map[string]any) map[string]any {
		all := map[string]any{"organization_id": "o", "api_key": "PLANTED-api-key", "scim_token": "PLANTED-scim-token"}
		for k, v := range more {
			all[k] = v
		}
		return map[string]any{
			"organizations": map[string]any{"main": all, "other": map[string]any{"api_key": "PLANTED-other-key"}},
		}
	}
	l := &lister{t: t, server: Server("test")()}
	var err error
	if l.schemas, err = l.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	kind := l.schemas.Provider.ValueType()
	for _, c := range []struct {
		what, names string
		config      map[string]any
	}{
		{"a conflict of secrets", "client_certificate", entraOf(nil)},
		{"an empty argument", "entra.client_id", entraOf(map[string]any{"client_id": ""})},
		{"an unknown cloud", "entra.environment", entraOf(map[string]any{"environment": "mars"})},
		{"an address without TLS", "entra.graph_endpoint", entraOf(map[string]any{"graph_endpoint": "http://user:PLANTED-in-address@x.example"})},
		{"a token without its flag", "entra.oidc_token", entraOf(nil)},
		{"an organization without an id", "organizations.other.organization_id", org(nil)},
		{"an endpoint without TLS", "organizations.main.endpoint", org(map[string]any{"endpoint": "http://x.example"})},
		{"a token without its directory", "organizations.main.scim_directory_id", org(nil)},
		{"a null organization", "organizations", map[string]any{"organizations": map[string]any{"main": nil}}},
		{"an unknown mode", "snapshot.mode", map[string]any{"snapshot": map[string]any{"file": "x", "mode": "write"}}},
		{"a snapshot without file", "snapshot.file", map[string]any{"snapshot": map[string]any{"mode": "read"}}},
		{"an empty cache_dir", "cache_dir", map[string]any{"cache_dir": ""}},
		{"a ca_file that isn't there", "ca_file", map[string]any{"ca_file": "nowhere.pem"}},
		{"a client id's file that isn't there", "entra.client_id_file_path", map[string]any{"entra": map[string]any{"client_id_file_path": "nowhere"}}},
		{"a folder that isn't there", "snapshot.file", map[string]any{"snapshot": map[string]any{"file": "no/such/x.json", "mode": "record"}}},
	} {
		config := l.dynamic(kind, c.config)
		validated, err := l.server.ValidateProviderConfig(
			t.Context(),
			&tfprotov6.ValidateProviderConfigRequest{Config: config},
		)
		if err != nil {
			t.Fatal(err)
		}
		configured, err := l.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, d := range append(validated.Diagnostics, configured.Diagnostics...) {
			text += d.Summary + "\n" + d.Detail + "\n"
			if d.Attribute != nil {
				t.Errorf("%s: %q points to %s", c.what, d.Summary, d.Attribute)
			}
		}
		if !strings.Contains(text, c.names) || strings.Contains(text, "PLANTED") {
			t.Errorf("%s: %s isn't named, or a secret is there:\n%s", c.what, c.names, text)
		}
	}
}

// A path is named once.
func TestWithoutPath(t *testing.T) {
	at := tftypes.NewAttributePath().
		WithAttributeName("organizations").
		WithElementKeyString("main").
		WithAttributeName("api_key")
	list := []*tfprotov6.Diagnostic{
		{Detail: "It is empty.", Attribute: at},
		{Detail: "Attribute organizations.main.api_key is empty.", Attribute: at},
		{Detail: "Nothing."},
	}
	withoutPath(list)
	got := []string{list[0].Detail, list[1].Detail, list[2].Detail}
	want := []string{"organizations.main.api_key: It is empty.", "Attribute organizations.main.api_key is " +
		"empty.", "Nothing."}
	if !reflect.DeepEqual(got, want) || list[0].Attribute != nil || list[1].Attribute != nil {
		t.Errorf("got %q", got)
	}
}
