package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

type entraModel struct {
	TenantID                  types.String `tfsdk:"tenant_id"`
	ClientID                  types.String `tfsdk:"client_id"`
	ClientIDFilePath          types.String `tfsdk:"client_id_file_path"`
	ClientSecret              types.String `tfsdk:"client_secret"`
	ClientSecretFilePath      types.String `tfsdk:"client_secret_file_path"`
	ClientCertificate         types.String `tfsdk:"client_certificate"`
	ClientCertificatePath     types.String `tfsdk:"client_certificate_path"`
	ClientCertificatePassword types.String `tfsdk:"client_certificate_password"`
	UseOIDC                   types.Bool   `tfsdk:"use_oidc"`
	OIDCToken                 types.String `tfsdk:"oidc_token"`
	OIDCTokenFilePath         types.String `tfsdk:"oidc_token_file_path"`
	OIDCRequestURL            types.String `tfsdk:"oidc_request_url"`
	OIDCRequestToken          types.String `tfsdk:"oidc_request_token"`
	ADOServiceConnectionID    types.String `tfsdk:"ado_pipeline_service_connection_id"`
	UseAKSWorkloadIdentity    types.Bool   `tfsdk:"use_aks_workload_identity"`
	UseMSI                    types.Bool   `tfsdk:"use_msi"`
	MSIEndpoint               types.String `tfsdk:"msi_endpoint"`
	UseCLI                    types.Bool   `tfsdk:"use_cli"`
	Environment               types.String `tfsdk:"environment"`
	MetadataHost              types.String `tfsdk:"metadata_host"`
	GraphEndpoint             types.String `tfsdk:"graph_endpoint"`
	AuthorityHost             types.String `tfsdk:"authority_host"`
}

func validateEntra(e entraModel, d *diag.Diagnostics) {
	httpsOnly(e.GraphEndpoint, d, "entra", "graph_endpoint")
	httpsOnly(e.AuthorityHost, d, "entra", "authority_host")
	if !e.MetadataHost.IsNull() {
		blockError(d, "Unsupported argument", "azuread asks this host for the cloud's addresses; this provider "+
			"doesn't. Name the cloud by environment instead, or its addresses by graph_endpoint and authority_host.",
			"entra", "metadata_host")
	}
	if e.UseOIDC.ValueBool() && !e.OIDCRequestURL.IsNull() && e.OIDCRequestToken.IsNull() &&
		os.Getenv("ARM_OIDC_REQUEST_TOKEN") == "" &&
		os.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN") == "" && os.Getenv("SYSTEM_ACCESSTOKEN") == "" {
		blockError(d, "oidc_request_token is missing", "oidc_request_url answers only with a bearer token: set "+
			"oidc_request_token or ARM_OIDC_REQUEST_TOKEN.", "entra", "oidc_request_token")
	}
	if !e.ClientCertificatePassword.IsNull() && e.ClientCertificate.IsNull() && e.ClientCertificatePath.IsNull() &&
		os.Getenv("ARM_CLIENT_CERTIFICATE") == "" &&
		first("ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH") == "" {
		blockError(d, "There is no certificate for the password", "Set client_certificate or "+
			"client_certificate_path, or leave the password out.", "entra", "client_certificate_password")
	}
	oidc := []struct {
		name  string
		value types.String
	}{
		{"oidc_token", e.OIDCToken},
		{"oidc_token_file_path", e.OIDCTokenFilePath},
		{"oidc_request_url", e.OIDCRequestURL},
	}
	for _, o := range oidc {
		allowed := e.UseOIDC.IsUnknown() || e.UseOIDC.ValueBool() || os.Getenv("ARM_USE_OIDC") != "" ||
			e.UseAKSWorkloadIdentity.IsUnknown() || e.UseAKSWorkloadIdentity.ValueBool()
		if !o.value.IsNull() && !allowed {
			blockError(d, o.name+" needs use_oidc", "Set use_oidc = true (or ARM_USE_OIDC) to sign in with an OIDC "+
				"token.", "entra", o.name)
		}
	}
}

// first is the first environment variable that is set.
func first(names ...string) string {
	for _, n := range names {
		if v := os.Getenv(n); v != "" {
			return v
		}
	}
	return ""
}

func textOr(v types.String, env ...string) string {
	if !v.IsNull() {
		return v.ValueString()
	}
	return first(env...)
}

// flagOr is a Boolean argument, else a variable's, else a default.
func flagOr(v types.Bool, fallback bool, d *diag.Diagnostics, name, env string) bool {
	if !v.IsNull() {
		return v.ValueBool()
	}
	text := os.Getenv(env)
	if text == "" {
		return fallback
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		blockError(d, "Invalid environment variable", fmt.Sprintf("%s is %q; expected true or "+
			"false.", env, text), "entra", name)
	}
	return b
}

// entraConfig is the configuration of the tenant's client. anyTenant says that
// the Azure CLI is asked for by name: then its own tenant is meant where none is
// named.
func entraConfig(
	ctx context.Context, o types.Object, roots *x509.CertPool, d *diag.Diagnostics,
) (c entra.Config, anyTenant bool) {
	var e entraModel
	if !o.IsNull() && !o.IsUnknown() {
		d.Append(o.As(ctx, &e, basetypes.ObjectAsOptions{})...)
	}
	c = entra.Config{
		TenantID:     textOr(e.TenantID, "ARM_TENANT_ID", "AZURE_TENANT_ID"),
		ClientID:     textOr(e.ClientID, "ARM_CLIENT_ID", "AZURE_CLIENT_ID"),
		ClientSecret: textOr(e.ClientSecret, "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"),
		Certificate:  textOr(e.ClientCertificate, "ARM_CLIENT_CERTIFICATE"),
		CertificatePath: textOr(e.ClientCertificatePath, "ARM_CLIENT_CERTIFICATE_PATH",
			"AZURE_CLIENT_CERTIFICATE_PATH"),
		CertificatePassword: textOr(e.ClientCertificatePassword, "ARM_CLIENT_CERTIFICATE_PASSWORD",
			"AZURE_CLIENT_CERTIFICATE_PASSWORD"),
		UseOIDC:       flagOr(e.UseOIDC, false, d, "use_oidc", "ARM_USE_OIDC"),
		OIDCToken:     textOr(e.OIDCToken, "ARM_OIDC_TOKEN"),
		OIDCTokenFile: textOr(e.OIDCTokenFilePath, "ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"),
		OIDCRequestURL: textOr(e.OIDCRequestURL, "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL",
			"SYSTEM_OIDCREQUESTURI"),
		OIDCRequestToken: textOr(e.OIDCRequestToken, "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
			"SYSTEM_ACCESSTOKEN"),
		ADOServiceConnectionID: textOr(e.ADOServiceConnectionID, "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
			"ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"),
		AKSWorkloadIdentity: flagOr(e.UseAKSWorkloadIdentity, false, d, "use_aks_workload_identity",
			"ARM_USE_AKS_WORKLOAD_IDENTITY"),
		UseMSI:        flagOr(e.UseMSI, false, d, "use_msi", "ARM_USE_MSI"),
		MSIEndpoint:   textOr(e.MSIEndpoint, "ARM_MSI_ENDPOINT"),
		UseCLI:        flagOr(e.UseCLI, true, d, "use_cli", "ARM_USE_CLI"),
		Environment:   textOr(e.Environment, "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"),
		MetadataHost:  first("ARM_METADATA_HOSTNAME"),
		GraphEndpoint: textOr(e.GraphEndpoint, "USERSYNC_GRAPH_ENDPOINT"),
		AuthorityHost: textOr(e.AuthorityHost, "AZURE_AUTHORITY_HOST"),
		Roots:         roots,
	}
	preferConfigured(e, &c)
	fromFile(&c.ClientID, textOr(e.ClientIDFilePath, "ARM_CLIENT_ID_FILE_PATH"), "client_id_file_path", d)
	fromFile(
		&c.ClientSecret,
		textOr(e.ClientSecretFilePath, "ARM_CLIENT_SECRET_FILE_PATH"),
		"client_secret_file_path",
		d,
	)
	return c, c.UseCLI && (!e.UseCLI.IsNull() || os.Getenv("ARM_USE_CLI") != "")
}

// preferConfigured keeps a variable from overruling the way to sign in that
// the block names.
func preferConfigured(e entraModel, c *entra.Config) {
	if !e.ClientSecret.IsNull() || !e.ClientSecretFilePath.IsNull() {
		if e.ClientCertificate.IsNull() && e.ClientCertificatePath.IsNull() {
			c.Certificate, c.CertificatePath = "", ""
		}
	}
	if !e.ClientCertificatePath.IsNull() {
		c.Certificate = ""
	}
}

// fromFile reads a value from a file where it isn't set itself.
func fromFile(into *string, file, argument string, d *diag.Diagnostics) {
	if *into != "" || file == "" {
		return
	}
	raw, err := safefile.ReadFile(file)
	if err != nil {
		blockError(d, "The file can't be read", err.Error()+".", "entra", argument)
		return
	}
	*into = strings.TrimSpace(string(raw))
}
