package provider

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

// The variables of azuread that say how to sign in, and to which cloud, are taken as
// it takes them, or refused by name: nothing signs in to another cloud than meant.
func TestEntraConfig_environment(t *testing.T) {
	const tenant, client = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
	pod := map[string]string{
		"ARM_USE_AKS_WORKLOAD_IDENTITY": "true",
		"AZURE_FEDERATED_TOKEN_FILE":    "/var/run/secrets/azure/tokens/azure-identity-token",
		"AZURE_CLIENT_ID":               client,
		"AZURE_TENANT_ID":               tenant,
	}
	secret := func(more ...string) map[string]string {
		out := map[string]string{"ARM_TENANT_ID": tenant, "ARM_CLIENT_ID": client, "ARM_CLIENT_SECRET": "s"}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for name, c := range map[string]struct {
		env    map[string]string
		method string
		fails  string
	}{
		"a pod's identity": {pod, "OIDC token", ""},
		"no pod": {
			map[string]string{"ARM_TENANT_ID": tenant, "ARM_CLIENT_ID": client, "ARM_USE_AKS_WORKLOAD_IDENTITY": "true"},
			"", "AZURE_FEDERATED_TOKEN_FILE isn't set",
		},
		"a pod, and a secret": {secret("ARM_USE_AKS_WORKLOAD_IDENTITY", "true"), "client secret", ""},
		"the metadata service": {
			map[string]string{
				"ARM_TENANT_ID": tenant, "ARM_USE_MSI": "true",
				"ARM_MSI_ENDPOINT": "http://169.254.169.254/metadata/identity/oauth2/token",
			}, "managed identity", "",
		},
		"no address": {
			map[string]string{"ARM_TENANT_ID": tenant, "ARM_USE_MSI": "true", "ARM_MSI_ENDPOINT": "localhost:50342"},
			"managed identity", "msi_endpoint",
		},
		"an address that nobody uses": {secret("ARM_MSI_ENDPOINT", "localhost:50342"), "client secret", ""},
		"another cloud":               {secret("ARM_METADATA_HOSTNAME", "management.usgovcloudapi.net"), "", "ARM_METADATA_HOSTNAME"},
		"another cloud, by name":      {secret("ARM_METADATA_HOSTNAME", "management.usgovcloudapi.net", "ARM_ENVIRONMENT", "usgovernment"), "client secret", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []string{"ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_USE_OIDC", "ARM_ENVIRONMENT"} {
				t.Setenv(n, "")
			}
			for n, v := range c.env {
				t.Setenv(n, v)
			}
			var d diag.Diagnostics
			config, _ := entraConfig(context.Background(), types.ObjectNull(nil), nil, &d)
			if d.HasError() {
				t.Fatal(d)
			}
			_, err := entra.New(config, nil, nil)
			var wrong *entra.ConfigError
			switch {
			case c.fails == "" && err != nil:
				t.Error(err)
			case c.fails != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("got %v, want an error that says %q", err, c.fails)
			}
			if m, _ := config.Method(); c.method != "" && string(m) != c.method {
				t.Errorf("signs in with %q, want %q", m, c.method)
			}
		})
	}
}

// Addresses and the certificate authority can come from the environment, so that a
// configuration runs against the simulator as it is; an argument goes before it.
func TestEntraConfig_addresses(t *testing.T) {
	t.Setenv("USERSYNC_GRAPH_ENDPOINT", "https://graph.test")
	t.Setenv("AZURE_AUTHORITY_HOST", "https://login.test")
	var d diag.Diagnostics
	config, _ := entraConfig(context.Background(), types.ObjectNull(nil), nil, &d)
	if config.GraphEndpoint != "https://graph.test" || config.AuthorityHost != "https://login.test" {
		t.Errorf("got %q and %q from the environment", config.GraphEndpoint, config.AuthorityHost)
	}
	t.Setenv("USERSYNC_CA_FILE", "nowhere.pem")
	if pool := caFile(types.StringNull(), &d); pool != nil || !d.HasError() ||
		!strings.Contains(d.Errors()[0].Detail(), "nowhere.pem doesn't exist") {
		t.Errorf("USERSYNC_CA_FILE isn't read: %v", d)
	}
	t.Setenv("USERSYNC_CA_FILE", "")
	d = nil
	if pool := caFile(types.StringNull(), &d); pool != nil || d.HasError() {
		t.Errorf("without a file: %v", d)
	}
}
