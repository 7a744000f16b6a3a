package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/safefile"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Values of snapshot.mode.
const (
	modeRead   = "read"
	modeRecord = "record"
)

type model struct {
	Entra         types.Object `tfsdk:"entra"`
	Organizations types.Map    `tfsdk:"organizations"`
	Snapshot      types.Object `tfsdk:"snapshot"`
	CacheDir      types.String `tfsdk:"cache_dir"`
	CAFile        types.String `tfsdk:"ca_file"`
}

type snapshotModel struct {
	File   types.String `tfsdk:"file"`
	Mode   types.String `tfsdk:"mode"`
	MaxAge types.String `tfsdk:"max_age"`
}

// ValidateConfig finds what is wrong in the configuration alone, before
// anything is read.
func (p *usersync) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
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
		if o.declared() {
			o.validateDeclared(ctx, key, &resp.Diagnostics)
			continue
		}
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

// blockError is an error about an argument of the block, named in the detail. It has
// no path: with one, the CLIs would print what stands beside the argument,
// secrets included (withoutPath).
func blockError(d *diag.Diagnostics, summary, detail string, argument ...string) {
	d.AddError(summary, strings.Join(argument, ".")+": "+detail)
}

func httpsOnly(v types.String, d *diag.Diagnostics, argument ...string) {
	if !v.IsNull() && !v.IsUnknown() && !strings.HasPrefix(v.ValueString(), "https://") {
		blockError(d, "Invalid address", fmt.Sprintf("it must begin with https://, found %q. Credentials are sent "+
			"over TLS alone; for a certificate of your own use "+
			"ca_file.", transport.WithoutUser(v.ValueString())), argument...)
	}
}

func requireText(v types.String, d *diag.Diagnostics, argument ...string) {
	if v.IsNull() || !v.IsUnknown() && v.ValueString() == "" {
		blockError(d, "Missing value", "With several organizations each needs its own; the ATLASSIAN_* variables are "+
			"only for one. "+tfutil.OrganizationKeysAdvice(), argument...)
	}
}

// Configure prepares a session; it speaks to nobody yet.
func (p *usersync) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	setup := session.Setup{
		Now:      p.timing.Now,
		Interval: p.timing.Look,
		Unknown:  unknownNames(m),
		CacheDir: m.CacheDir.ValueString(),
	}
	roots := caFile(m.CAFile, &resp.Diagnostics)
	useSnapshot(ctx, &setup, m.Snapshot, &resp.Diagnostics)
	config, anyTenant := entraConfig(ctx, m.Entra, roots, &resp.Diagnostics)
	config.Secrets = p.secrets
	setup.Entra = func() (*entra.Client, error) {
		if config.TenantID == "" && !anyTenant {
			return nil, &tfutil.NotConfiguredError{Problem: "The Entra tenant isn't configured",
				Advice: "Set tenant_id in the block entra of the provider block, with a way to sign in, or use_cli = " +
					"true to take the Azure CLI's tenant, or the ARM_* variables; or plan from a snapshot."}
		}
		return entra.New(config, p.timing.Retry, p.debugLog)
	}
	p.useOrganizations(ctx, &setup, m.Organizations, roots, &resp.Diagnostics)
	p.useApplication(&setup, roots)
	if resp.Diagnostics.HasError() {
		return
	}
	session := session.New(setup)
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
	file := textOr(v, "USERSYNC_CA_FILE")
	if file == "" || v.IsUnknown() {
		return nil
	}
	raw, err := safefile.ReadFile(file)
	if err != nil {
		problem := err.Error()
		if errors.Is(err, os.ErrNotExist) {
			problem = fmt.Sprintf("%s doesn't exist. Relative paths start at the folder in which the CLI "+
				"runs", file)
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
			"CERTIFICATE-----). Give it the authority's certificate in that form; openssl x509 -inform der makes it "+
			"of a binary one.", file), "ca_file")
	}
	return pool
}

// useSnapshot gives the session the file that is read or recorded.
func useSnapshot(ctx context.Context, setup *session.Setup, o types.Object, d *diag.Diagnostics) {
	var s snapshotModel
	if !tfutil.Object(ctx, o, &s, d) {
		return
	}
	setup.SnapshotFile, setup.Record = s.File.ValueString(), s.Mode.ValueString() == modeRecord
	setup.MaxAge, _ = time.ParseDuration(s.MaxAge.ValueString()) // checked by its validator
	if setup.Record && !s.MaxAge.IsNull() {
		blockError(d, "Conflicting arguments", "max_age is for a file that is read; with mode = \"record\" it is "+
			"written. Leave one of them out.", "snapshot", "max_age")
	}
	if folder := filepath.Dir(setup.SnapshotFile); setup.Record {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			blockError(d, "The snapshot can't be written", fmt.Sprintf("the folder %s doesn't exist. Relative paths "+
				"start at the folder in which the CLI runs, not at the module.", folder), "snapshot", "file")
		}
	}
}
