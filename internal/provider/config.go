package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
	"github.com/usersync/terraform-provider-usersync/internal/safefile"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Values of snapshot.mode.
const (
	modeRead   = "read"
	modeRecord = "record"
)

// defaultKey is the key of an organization that comes from the environment.
const defaultKey = "default"

type model struct {
	Entra         types.Object `tfsdk:"entra"`
	Organizations types.Map    `tfsdk:"organizations"`
	Snapshot      types.Object `tfsdk:"snapshot"`
	CacheDir      types.String `tfsdk:"cache_dir"`
	CAFile        types.String `tfsdk:"ca_file"`
}

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
	UseMSI                    types.Bool   `tfsdk:"use_msi"`
	UseCLI                    types.Bool   `tfsdk:"use_cli"`
	Environment               types.String `tfsdk:"environment"`
	GraphEndpoint             types.String `tfsdk:"graph_endpoint"`
	AuthorityHost             types.String `tfsdk:"authority_host"`
}

type organizationModel struct {
	OrganizationID  types.String `tfsdk:"organization_id"`
	APIKey          types.String `tfsdk:"api_key"`
	SCIMDirectoryID types.String `tfsdk:"scim_directory_id"`
	SCIMToken       types.String `tfsdk:"scim_token"`
	Endpoint        types.String `tfsdk:"endpoint"`
}

type snapshotModel struct {
	File types.String `tfsdk:"file"`
	Mode types.String `tfsdk:"mode"`
}

// ValidateConfig finds what is wrong in the configuration alone, before
// anything is read.
func (p *usersync) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !m.Entra.IsNull() && !m.Entra.IsUnknown() {
		var e entraModel
		resp.Diagnostics.Append(m.Entra.As(ctx, &e, basetypes.ObjectAsOptions{})...)
		validateEntra(e, &resp.Diagnostics)
	}
	orgs := organizationModels(ctx, m.Organizations, &resp.Diagnostics)
	for key, o := range orgs {
		httpsOnly(o.Endpoint, &resp.Diagnostics, "organizations", key, "endpoint")
		if len(orgs) > 1 {
			requireText(o.OrganizationID, &resp.Diagnostics, "organizations", key, "organization_id")
			requireText(o.APIKey, &resp.Diagnostics, "organizations", key, "api_key")
		}
		if !o.SCIMToken.IsNull() && o.SCIMDirectoryID.IsNull() && len(orgs) > 1 {
			blockError(&resp.Diagnostics, "scim_directory_id is missing", "scim_token is the key of a SCIM directory: "+
				"name the directory by scim_directory_id.", "organizations", key, "scim_directory_id")
		}
	}
}

// organizationModels are the configured organizations; of one that isn't known
// yet, nothing is.
func organizationModels(ctx context.Context, m types.Map, d *diag.Diagnostics) map[string]organizationModel {
	orgs := make(map[string]organizationModel, len(m.Elements()))
	for key, v := range m.Elements() {
		var o organizationModel
		switch x, ok := v.(types.Object); {
		case v.IsNull():
			continue // refused with every other null element
		case ok && v.IsUnknown():
			unknown := types.StringUnknown()
			o = organizationModel{unknown, unknown, unknown, unknown, unknown}
		case ok:
			d.Append(x.As(ctx, &o, basetypes.ObjectAsOptions{})...)
		}
		orgs[key] = o
	}
	return orgs
}

func validateEntra(e entraModel, d *diag.Diagnostics) {
	httpsOnly(e.GraphEndpoint, d, "entra", "graph_endpoint")
	httpsOnly(e.AuthorityHost, d, "entra", "authority_host")
	if e.UseOIDC.ValueBool() && !e.OIDCRequestURL.IsNull() && e.OIDCRequestToken.IsNull() && os.Getenv("ARM_OIDC_REQUEST_TOKEN") == "" &&
		os.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN") == "" && os.Getenv("SYSTEM_ACCESSTOKEN") == "" {
		blockError(d, "oidc_request_token is missing", "oidc_request_url answers only with a bearer token: set oidc_request_token or ARM_OIDC_REQUEST_TOKEN.", "entra", "oidc_request_token")
	}
	if !e.ClientCertificatePassword.IsNull() && e.ClientCertificate.IsNull() && e.ClientCertificatePath.IsNull() &&
		os.Getenv("ARM_CLIENT_CERTIFICATE") == "" && first("ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH") == "" {
		blockError(d, "There is no certificate for the password", "Set client_certificate or client_certificate_path, or leave the password out.", "entra", "client_certificate_password")
	}
	oidc := []struct {
		name  string
		value types.String
	}{{"oidc_token", e.OIDCToken}, {"oidc_token_file_path", e.OIDCTokenFilePath}, {"oidc_request_url", e.OIDCRequestURL}}
	for _, o := range oidc {
		if !o.value.IsNull() && !e.UseOIDC.IsUnknown() && !e.UseOIDC.ValueBool() && os.Getenv("ARM_USE_OIDC") == "" {
			blockError(d, o.name+" needs use_oidc", "Set use_oidc = true (or ARM_USE_OIDC) to sign in with an OIDC token.", "entra", o.name)
		}
	}
}

// blockError is an error about an argument of the block, named in the detail. It has
// no path: with one, the CLIs would print what stands beside the argument,
// secrets included (withoutPath).
func blockError(d *diag.Diagnostics, summary, detail string, argument ...string) {
	d.AddError(summary, strings.Join(argument, ".")+": "+detail)
}

func httpsOnly(v types.String, d *diag.Diagnostics, argument ...string) {
	if !v.IsNull() && !v.IsUnknown() && !strings.HasPrefix(v.ValueString(), "https://") {
		blockError(d, "Invalid address", fmt.Sprintf("it must begin with https://, found %q. Credentials are sent over TLS "+
			"alone; for a certificate of your own use ca_file.", transport.WithoutUser(v.ValueString())), argument...)
	}
}

func requireText(v types.String, d *diag.Diagnostics, argument ...string) {
	if v.IsNull() || !v.IsUnknown() && v.ValueString() == "" {
		blockError(d, "Missing value", "With several organizations each needs its own; the ATLASSIAN_* variables are only for one.", argument...)
	}
}

// Configure prepares a session; it speaks to nobody yet.
func (p *usersync) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	setup := reading.Setup{Now: p.now, Unknown: unknownNames(m), CacheDir: m.CacheDir.ValueString()}
	roots := caFile(m.CAFile, &resp.Diagnostics)
	setup.SnapshotFile, setup.Record = snapshotOf(ctx, m.Snapshot, &resp.Diagnostics)
	config := entraConfig(ctx, m.Entra, roots, &resp.Diagnostics)
	config.Secrets = p.secrets
	setup.Entra = func() (*entra.Client, error) {
		if config.TenantID == "" {
			return nil, &diagnose.NotConfiguredError{Problem: "The Entra tenant isn't configured",
				Advice: "Set tenant_id in the block entra of the provider block, with a way to sign in, or the ARM_* variables; or plan from a snapshot."}
		}
		return entra.New(config, nil, p.debugLog)
	}
	setup.Organizations = p.organizations(ctx, m.Organizations, roots, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	session := reading.NewSession(setup)
	resp.DataSourceData = session
	resp.ResourceData = session
	resp.ActionData = session
	resp.ListResourceData = session
}

// debugLog writes a line for debugging. What stands in it may be a service's.
func (p *usersync) debugLog(ctx context.Context, message string, fields map[string]any) {
	for name, v := range fields {
		if s, ok := v.(string); ok {
			fields[name] = p.secrets.Line(s)
		}
	}
	tflog.Debug(ctx, message, fields)
}

// unknownNames are the arguments that depend on something not yet applied.
func unknownNames(m model) []string {
	var names []string
	add := func(name string, v attr.Value) {
		if v.IsUnknown() {
			names = append(names, name)
		}
	}
	add("entra", m.Entra)
	add("organizations", m.Organizations)
	add("snapshot", m.Snapshot)
	add("ca_file", m.CAFile)
	add("cache_dir", m.CacheDir)
	for name, v := range m.Entra.Attributes() {
		add("entra."+name, v)
	}
	for name, v := range m.Snapshot.Attributes() {
		add("snapshot."+name, v)
	}
	for key, v := range m.Organizations.Elements() {
		add("organizations."+key, v)
		if o, ok := v.(types.Object); ok {
			for name, v := range o.Attributes() {
				add("organizations."+key+"."+name, v)
			}
		}
	}
	slices.Sort(names)
	return names
}

func caFile(v types.String, d *diag.Diagnostics) *x509.CertPool {
	if v.IsNull() || v.IsUnknown() {
		return nil
	}
	raw, err := safefile.ReadFile(v.ValueString())
	if err != nil {
		problem := err.Error()
		if errors.Is(err, os.ErrNotExist) {
			problem = fmt.Sprintf("%s doesn't exist. Relative paths start at the folder in which the CLI runs", v.ValueString())
		}
		blockError(d, "The file of certificate authorities can't be read", problem+". Check the path and who may "+
			"read it.", "ca_file")
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(raw) {
		blockError(d, "The file holds no certificate", fmt.Sprintf("%s has no certificate in PEM form (-----BEGIN "+
			"CERTIFICATE-----). "+
			"Give it the authority's certificate in that form; openssl x509 -inform der makes it of a "+
			"binary one.", v.ValueString()), "ca_file")
	}
	return pool
}

func snapshotOf(ctx context.Context, o types.Object, d *diag.Diagnostics) (file string, record bool) {
	if o.IsNull() || o.IsUnknown() {
		return "", false
	}
	var s snapshotModel
	d.Append(o.As(ctx, &s, basetypes.ObjectAsOptions{})...)
	record = s.Mode.ValueString() == modeRecord
	if folder := filepath.Dir(s.File.ValueString()); record {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			blockError(d, "The snapshot can't be written", fmt.Sprintf("the folder %s doesn't exist. Relative paths start at the folder in which the CLI runs, not at the module.", folder), "snapshot", "file")
		}
	}
	return s.File.ValueString(), record
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
		blockError(d, "Invalid environment variable", fmt.Sprintf("%s is %q; expected true or false.", env, text), "entra", name)
	}
	return b
}

func entraConfig(ctx context.Context, o types.Object, roots *x509.CertPool, d *diag.Diagnostics) entra.Config {
	var e entraModel
	if !o.IsNull() && !o.IsUnknown() {
		d.Append(o.As(ctx, &e, basetypes.ObjectAsOptions{})...)
	}
	c := entra.Config{
		TenantID:               textOr(e.TenantID, "ARM_TENANT_ID", "AZURE_TENANT_ID"),
		ClientID:               textOr(e.ClientID, "ARM_CLIENT_ID", "AZURE_CLIENT_ID"),
		ClientSecret:           textOr(e.ClientSecret, "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"),
		Certificate:            textOr(e.ClientCertificate, "ARM_CLIENT_CERTIFICATE"),
		CertificatePath:        textOr(e.ClientCertificatePath, "ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"),
		CertificatePassword:    textOr(e.ClientCertificatePassword, "ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
		UseOIDC:                flagOr(e.UseOIDC, false, d, "use_oidc", "ARM_USE_OIDC"),
		OIDCToken:              textOr(e.OIDCToken, "ARM_OIDC_TOKEN"),
		OIDCTokenFile:          textOr(e.OIDCTokenFilePath, "ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"),
		OIDCRequestURL:         textOr(e.OIDCRequestURL, "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"),
		OIDCRequestToken:       textOr(e.OIDCRequestToken, "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"),
		ADOServiceConnectionID: textOr(e.ADOServiceConnectionID, "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"),
		UseMSI:                 flagOr(e.UseMSI, false, d, "use_msi", "ARM_USE_MSI"),
		UseCLI:                 flagOr(e.UseCLI, true, d, "use_cli", "ARM_USE_CLI"),
		Environment:            textOr(e.Environment, "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"),
		GraphEndpoint:          textOr(e.GraphEndpoint),
		AuthorityHost:          textOr(e.AuthorityHost, "AZURE_AUTHORITY_HOST"),
		Roots:                  roots,
	}
	preferConfigured(e, &c)
	fromFile(&c.ClientID, textOr(e.ClientIDFilePath, "ARM_CLIENT_ID_FILE_PATH"), "client_id_file_path", d)
	fromFile(&c.ClientSecret, textOr(e.ClientSecretFilePath, "ARM_CLIENT_SECRET_FILE_PATH"), "client_secret_file_path", d)
	return c
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

func (p *usersync) organizations(
	ctx context.Context, m types.Map, roots *x509.CertPool, d *diag.Diagnostics,
) map[string]func() (*atlassian.Client, error) {
	orgs := organizationModels(ctx, m, d)
	if len(orgs) == 0 && os.Getenv("ATLASSIAN_ORGANIZATION_ID") != "" {
		orgs[defaultKey] = organizationModel{}
	}
	out := make(map[string]func() (*atlassian.Client, error), len(orgs))
	for key, o := range orgs {
		env := func(name string) string {
			if len(orgs) == 1 {
				return name
			}
			return ""
		}
		c := atlassian.Config{
			Key:             key,
			OrganizationID:  textOr(o.OrganizationID, env("ATLASSIAN_ORGANIZATION_ID")),
			APIKey:          textOr(o.APIKey, env("ATLASSIAN_API_KEY")),
			SCIMDirectoryID: textOr(o.SCIMDirectoryID, env("ATLASSIAN_SCIM_DIRECTORY_ID")),
			SCIMToken:       textOr(o.SCIMToken, env("ATLASSIAN_SCIM_TOKEN")),
			Endpoint:        textOr(o.Endpoint, env("ATLASSIAN_ENDPOINT")),
			Roots:           roots,
			Log:             p.debugLog,
			Secrets:         p.secrets,
		}
		out[key] = func() (*atlassian.Client, error) { return atlassian.New(c) }
	}
	return out
}
