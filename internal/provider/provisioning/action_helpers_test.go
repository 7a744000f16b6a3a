package provisioning_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/provider"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The application and people of the tests. Ann and the group are assigned,
// Ben isn't.
const (
	app   = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	jobID = "customappsso.1.2"
	ann   = "11111111-1111-4111-8111-000000000001"
	ben   = "11111111-1111-4111-8111-000000000002"
	team  = "22222222-2222-4222-8222-000000000001"
)

const (
	onDemandPath = "/provisionOnDemand"
	ruleOne      = `{"id":"rule-1","name":"USER_OUTBOUND_USER","sourceDirectoryName":"Azure Active Directory","targetDirectoryName":"customappsso","objectMappings":[
 {"enabled":true,"flowTypes":"Add, Update, Delete","name":"Users","sourceObjectName":"User","targetObjectName":"User","scope":null,"attributeMappings":[
  {"targetAttributeName":"userName","flowType":"Always","flowBehavior":"FlowWhenChanged","matchingPriority":1,
   "source":{"expression":"[userPrincipalName]","name":"userPrincipalName","type":"Attribute","parameters":[]}}]},
 {"enabled":true,"flowTypes":"Add, Update, Delete","name":"Groups","sourceObjectName":"Group","targetObjectName":"Group","scope":null,"attributeMappings":[
  {"targetAttributeName":"displayName","flowType":"Always","flowBehavior":"FlowWhenChanged","matchingPriority":1,
   "source":{"expression":"[displayName]","name":"displayName","type":"Attribute","parameters":[]}}]}]}`
	active      = `{"id":"` + jobID + `","templateId":"customappsso","schedule":{"state":"Active"},"status":{"code":"Active"}}`
	quarantined = `{"id":"` + jobID + `","templateId":"customappsso","schedule":{"state":"Active"},"status":{"code":"Quarantine",
 "quarantine":{"reason":"EncounteredQuarantineException","currentBegan":"2026-11-01T08:00:00Z","error":{"code":"Gone","message":"no"}}}}`
	paused = `{"id":"` + jobID + `","templateId":"customappsso","schedule":{"state":"Paused"},"status":{"code":"Paused"}}`
)

// tenant is a simulated tenant with one job.
func tenant(t *testing.T, job, rules string, options ...simulator.Option) *simulator.Server {
	t.Helper()
	s, err := simulator.New(strings.NewReader(`{"version":1,"entra":{"tenant_id":"`+simulator.DefaultTenantID+`",
 "domains":[{"id":"x.example","isVerified":true,"isInitial":true,"isDefault":true}],
 "users":[{"id":"`+ann+`","userPrincipalName":"ann@x.example","mail":"ann.mail@x.example","displayName":"Ann","userType":"Member","accountEnabled":true},
  {"id":"`+ben+`","userPrincipalName":"ben@x.example","displayName":"Ben","userType":"Member","accountEnabled":true}],
 "groups":[{"id":"`+team+`","displayName":"Team","securityEnabled":true,"members":[{"@odata.type":"#microsoft.graph.user","id":"`+ann+`"}]}],
 "synchronization":[{"service_principal_id":"`+app+`","display_name":"Atlassian","assigned":["`+ann+`","`+team+`"],
  "job":`+job+`,"schema":{"id":"`+jobID+`","version":"v1","synchronizationRules":[`+rules+`],"directories":[]}}]}}`), options...)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// protocol is the provider as a CLI has it: behind the protocol, configured.
type protocol struct {
	tfprotov6.ProviderServer
	t       *testing.T
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newProtocol(t *testing.T, config map[string]any) *protocol {
	t.Helper()
	p := &protocol{ProviderServer: provider.Server("test")(), t: t}
	var err error
	if p.schemas, err = p.GetProviderSchema(
		t.Context(),
		&tfprotov6.GetProviderSchemaRequest{},
	); err != nil ||
		len(p.schemas.Diagnostics) > 0 {
		t.Fatal(err, p.schemas)
	}
	if config == nil {
		return p
	}
	resp, err := p.ConfigureProvider(
		t.Context(),
		&tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: p.dynamic(p.schemas.Provider, config)},
	)
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, texts(resp.Diagnostics))
	}
	return p
}

// at configures the provider for a tenant at an address.
func at(t *testing.T, url, ca string) *protocol {
	t.Helper()
	return newProtocol(t, map[string]any{"ca_file": ca, "entra": map[string]any{
		"tenant_id":      simulator.DefaultTenantID,
		"client_id":      simulator.DefaultClientID,
		"client_secret":  simulator.DefaultClientSecret,
		"graph_endpoint": url,
		"authority_host": url,
	}})
}

// of configures the provider for a simulated tenant.
func of(t *testing.T, s *simulator.Server) *protocol {
	t.Helper()
	ca, err := s.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return at(t, s.URL(), ca)
}

// between puts a test's own answers, nil for none, before those of a tenant.
func between(t *testing.T, s *simulator.Server, answer func(r *http.Request) (status int, body string)) *protocol {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status, body := answer(r); status != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			w.Write([]byte(body))
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(
		ca,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		0o600,
	); err != nil {
		t.Fatal(err)
	}
	return at(t, server.URL, ca)
}

func (p *protocol) actions() tfprotov6.ActionServer {
	p.t.Helper()
	a, ok := p.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatal("the server hides its actions")
	}
	return a
}

func (p *protocol) dynamic(s *tfprotov6.Schema, config map[string]any) *tfprotov6.DynamicValue {
	p.t.Helper()
	v := value(s.ValueType(), config)
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		p.t.Fatal(err)
	}
	return &d
}

func (p *protocol) config(name string, config map[string]any) *tfprotov6.DynamicValue {
	p.t.Helper()
	s := p.schemas.ActionSchemas[name]
	if s == nil {
		p.t.Fatalf("there is no action %s", name)
	}
	return p.dynamic(s.Schema, config)
}

// value makes a value of a type; what an object lacks is null.
func value(t tftypes.Type, v any) tftypes.Value {
	element := func(t tftypes.Type, list []any) tftypes.Value {
		of := tftypes.Type(nil)
		switch x := t.(type) {
		case tftypes.List:
			of = x.ElementType
		case tftypes.Set:
			of = x.ElementType
		}
		values := make([]tftypes.Value, len(list))
		for i, e := range list {
			values[i] = value(of, e)
		}
		return tftypes.NewValue(t, values)
	}
	switch x := v.(type) {
	case map[string]any:
		values := map[string]tftypes.Value{}
		for name, of := range t.(tftypes.Object).AttributeTypes {
			values[name] = value(of, x[name])
		}
		return tftypes.NewValue(t, values)
	case []any:
		return element(t, x)
	case []string:
		list := make([]any, len(x))
		for i, s := range x {
			list[i] = s
		}
		return element(t, list)
	}
	return tftypes.NewValue(t, v)
}

// invoked is what an action told.
type invoked struct {
	progress    []string
	diagnostics []*tfprotov6.Diagnostic
}

func (p *protocol) invoke(name string, config map[string]any) invoked {
	p.t.Helper()
	return p.invokeIn(p.t.Context(), name, config)
}

func (p *protocol) invokeIn(ctx context.Context, name string, config map[string]any) (out invoked) {
	p.t.Helper()
	stream, err := p.actions().
		InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: name, Config: p.config(name, config)})
	if err != nil {
		p.t.Fatal(err)
	}
	for e := range stream.Events {
		switch x := e.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			out.progress = append(out.progress, x.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			out.diagnostics = x.Diagnostics
		}
	}
	return out
}

func (i invoked) told() string { return strings.Join(i.progress, "\n") }

// texts writes diagnostics down.
func texts(list []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(d.Severity.String() + ": " + d.Summary + "\n" + d.Detail + "\n")
	}
	return b.String()
}

// wants fails where a text lacks one of the parts.
func wants(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q:\n%s", what, part, text)
		}
	}
}

// lacks fails where a text has one of the parts.
func lacks(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%s has %q:\n%s", what, part, text)
		}
	}
}
