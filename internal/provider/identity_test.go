package provider

import (
	"crypto/x509"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// Every resource that has an identity is imported by it, and reading what was
// imported finds the object. CLIs before Terraform 1.12 have no identities, so
// this goes through the protocol.
func TestImportByIdentity(t *testing.T) {
	l, s := newLister(t)
	const (
		app     = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
		job     = "customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"
		partner = "11111111-2222-4333-8444-555555555555"
	)
	if err := s.PutPartner(
		[]byte(
			`{"tenantId":"` + partner + `","identitySynchronization":{"displayName":"Fabrikam","userSyncInbound":{"isSyncAllowed":true}}}`,
		),
	); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CAPEM())
	c, err := entra.New(
		entra.Config{
			TenantID:      s.TenantID(),
			ClientID:      simulator.DefaultClientID,
			ClientSecret:  simulator.DefaultClientSecret,
			GraphEndpoint: s.URL(),
			AuthorityHost: s.URL(),
			Roots:         roots,
		},
		nil,
		nil,
	)
	if err == nil {
		err = c.PutSecrets(
			t.Context(),
			app,
			[]entra.Secret{
				{Key: "BaseAddress", Value: "https://scim.example/directory/x"},
				{Key: "SecretToken", Value: simulator.DefaultSecretToken},
			},
		)
	}
	if err != nil {
		t.Fatal(err)
	}
	// The example's schema lists no attributes.
	raw, err := c.Schema(t.Context(), app, job)
	var schema map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(raw, &schema)
	}
	if err == nil {
		schema["directories"] = json.RawMessage(`[{"id":"1","name":"customappsso","objects":[{"name":` +
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","attributes":[{"name":"title","type":"String"}]}]}]`)
		raw, err = json.Marshal(schema)
	}
	if err == nil {
		err = s.SetSchema(app, raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	identities := map[string]map[string]any{
		"usersync_provisioning_job":      {"service_principal_id": app, "job_id": job},
		"usersync_provisioning_schedule": {"service_principal_id": app, "job_id": job},
		"usersync_provisioning_secret":   {"service_principal_id": app},
		"usersync_provisioning_mapping": {
			"service_principal_id": app,
			"job_id":               job,
			"rule":                 "USER_OUTBOUND_USER",
			"source":               "User",
			"target":               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
		},
		"usersync_provisioning_attribute": {
			"service_principal_id": app,
			"job_id":               job,
			"directory":            "customappsso",
			"object":               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
			"name":                 "title",
		},
		"usersync_cross_tenant_partner":          {"tenant_id": partner},
		"usersync_entra_domain":                  {"domain": "eng.company.com"},
		"usersync_entra_domain_verification":     {"domain": "company.com"},
		"usersync_atlassian_domain_verification": {"domain": "company.com", "organization": "main"},
	}
	schemas, err := l.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatal(err, schemas)
	}
	for name, schema := range schemas.IdentitySchemas {
		given, ok := identities[name]
		if !ok {
			t.Errorf("no identity of %s is tried", name)
			continue
		}
		imported, err := l.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: name,
			Identity: &tfprotov6.ResourceIdentityData{IdentityData: l.dynamic(schema.ValueType(), given)}})
		if err != nil || len(imported.Diagnostics) > 0 || len(imported.ImportedResources) != 1 {
			t.Errorf("%s: %v %+v", name, err, imported)
			continue
		}
		one := imported.ImportedResources[0]
		read, err := l.server.ReadResource(
			t.Context(),
			&tfprotov6.ReadResourceRequest{
				TypeName:        name,
				CurrentState:    one.State,
				CurrentIdentity: one.Identity,
				Private:         one.Private,
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range read.Diagnostics {
			if d.Severity == tfprotov6.DiagnosticSeverityError {
				t.Errorf("%s: %s: %s", name, d.Summary, d.Detail)
			}
		}
		state, err := read.NewState.Unmarshal(l.schemas.ResourceSchemas[name].ValueType())
		if err != nil || state.IsNull() {
			t.Errorf("%s: what was imported isn't found: %v", name, err)
			continue
		}
		if id := attribute(t, state, "id"); id == "" {
			t.Errorf("%s was read without an id", name)
		}
	}
	if len(schemas.IdentitySchemas) != len(identities) {
		t.Errorf("%d resources have an identity", len(schemas.IdentitySchemas))
	}
}

// A GUID in capitals is the same object: imported by it, the state has it as the
// service answers it, so that a configuration in lower case replaces nothing.
func TestImportInCapitals(t *testing.T) {
	l, s := newLister(t)
	const (
		app     = "5A0C7D1E-9B42-4C63-8F1D-3E2B6A7C8D90"
		job     = "customappsso.3F1C2A605B1D4C7E9A527D0C9BE01A11.0D9F1B7E-33A1-4A35-9D0E-5A1C2F6E7B88"
		partner = "AAAAAAAA-2222-4333-8444-555555555555"
	)
	if err := s.PutPartner(
		[]byte(
			`{"tenantId":"` + strings.ToLower(
				partner,
			) + `","identitySynchronization":{"displayName":"Fabrikam","userSyncInbound":{"isSyncAllowed":true}}}`,
		),
	); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{
		"usersync_provisioning_job":      app + "/" + job,
		"usersync_provisioning_schedule": app + "/" + job,
		"usersync_provisioning_secret":   app,
		"usersync_provisioning_mapping":  app + "/" + job + "/USER_OUTBOUND_USER/User/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
		"usersync_cross_tenant_partner":  partner,
	} {
		imported, err := l.server.ImportResourceState(
			t.Context(),
			&tfprotov6.ImportResourceStateRequest{TypeName: name, ID: id},
		)
		if err != nil || failed(imported.Diagnostics) || len(imported.ImportedResources) != 1 {
			t.Errorf("%s: %v %+v", name, err, imported)
			continue
		}
		state, err := imported.ImportedResources[0].State.Unmarshal(l.schemas.ResourceSchemas[name].ValueType())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range l.schemas.ResourceSchemas[name].Block.Attributes {
			if !strings.HasSuffix(a.Name, "id") {
				continue
			}
			if got := attributeOr(
				t,
				state,
				a.Name,
			); strings.ContainsAny(got, "ABCDEF") && got != strings.ToLower(got) &&
				!strings.Contains(got, "/") {
				t.Errorf("%s: %s is %s", name, a.Name, got)
			}
		}
	}
	// A configuration in capitals is refused: Terraform would keep it as it is.
	c := newConfigTester(t)
	for name, argument := range map[string]string{
		"usersync_provisioning_job": "service_principal_id", "usersync_provisioning_schedule": "job_id", "usersync_provisioning_secret": "service_principal_id",
		"usersync_provisioning_mapping": "job_id", "usersync_cross_tenant_partner": "tenant_id",
	} {
		schema := c.schemas.ResourceSchemas[name]
		config := c.required("resource "+name, schema.Block.Attributes, true)
		config[argument] = map[string]string{"service_principal_id": app, "job_id": job, "tenant_id": partner}[argument]
		diagnostics, err := c.ask("resource", name, schema, fillIn(schema.ValueType(), config))
		if err != nil || !strings.Contains(said(diagnostics), "in lower case") {
			t.Errorf("%s.%s in capitals: %v %s", name, argument, err, said(diagnostics))
		}
	}
}

// attributeOr is a text of a resource, "" where it is null.
func attributeOr(t *testing.T, v tftypes.Value, name string) string {
	t.Helper()
	var object map[string]tftypes.Value
	if err := v.As(&object); err != nil {
		t.Fatal(err)
	}
	if object[name].IsNull() || !object[name].Type().Is(tftypes.String) {
		return ""
	}
	return attribute(t, v, name)
}
