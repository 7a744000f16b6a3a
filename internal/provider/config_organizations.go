package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/scim"
)

// defaultKey is the key of an organization that comes from the environment.
const defaultKey = "default"

type organizationModel struct {
	OrganizationID  types.String `tfsdk:"organization_id"`
	APIKey          types.String `tfsdk:"api_key"`
	APIKeyExpiresOn types.String `tfsdk:"api_key_expires_on"`
	SCIMDirectoryID types.String `tfsdk:"scim_directory_id"`
	SCIMToken       types.String `tfsdk:"scim_token"`
	VerifiedDomains types.Set    `tfsdk:"verified_domains"`
	Endpoint        types.String `tfsdk:"endpoint"`
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
			o = organizationModel{
				unknown,
				unknown,
				unknown,
				unknown,
				unknown,
				types.SetUnknown(types.StringType),
				unknown,
			}
		case ok:
			d.Append(x.As(ctx, &o, basetypes.ObjectAsOptions{})...)
		}
		orgs[key] = o
	}
	return orgs
}

// useOrganizations gives the session the organizations: those that are asked,
// and those that are declared.
func (p *usersync) useOrganizations(
	ctx context.Context, setup *session.Setup, m types.Map, roots *x509.CertPool, d *diag.Diagnostics,
) {
	orgs := organizationModels(ctx, m, d)
	if len(orgs) == 0 && os.Getenv("ATLASSIAN_ORGANIZATION_ID") != "" {
		orgs[defaultKey] = organizationModel{}
	}
	setup.Organizations = make(map[string]func() (*atlassian.Client, error), len(orgs))
	setup.KeysExpireOn = make(map[string]string, len(orgs))
	setup.Declared = make(map[string]session.Declared, len(orgs))
	for key, o := range orgs {
		if o.declared() {
			domains, _ := o.domains(ctx, d)
			setup.Declared[key] = session.Declared{
				OrganizationID:  o.OrganizationID.ValueString(),
				VerifiedDomains: domains,
			}
			continue
		}
		setup.KeysExpireOn[key] = o.APIKeyExpiresOn.ValueString()
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
			Wait:            p.timing.Retry,
			Log:             p.debugLog,
			Secrets:         p.secrets,
		}
		setup.Organizations[key] = func() (*atlassian.Client, error) { return atlassian.New(c) }
	}
}

// useApplication gives the session the SCIM application of the environment. Its token is
// in no configuration, so that it reaches neither a plan nor a state.
func (p *usersync) useApplication(setup *session.Setup, roots *x509.CertPool) {
	endpoint, token := os.Getenv("SCIM_ENDPOINT"), os.Getenv("SCIM_TOKEN")
	if endpoint == "" {
		return
	}
	p.secrets.Add(token)
	c := scim.Config{Endpoint: endpoint, Token: token, Roots: roots, Wait: p.timing.Retry, Secrets: p.secrets}
	setup.Application = func() (*scim.Client, error) { return scim.New(c) }
}

// declared reports an organization that is declared by its verified domains.
func (o organizationModel) declared() bool { return !o.VerifiedDomains.IsNull() }

// domains are the declared domains in ASCII form; bad is one that is none.
func (o organizationModel) domains(ctx context.Context, d *diag.Diagnostics) (ascii []string, bad string) {
	for _, name := range tfutil.Strings(ctx, o.VerifiedDomains, d) {
		if a := directory.ASCIIDomain(name); a != "" {
			ascii = append(ascii, a)
		} else {
			bad = name
		}
	}
	return ascii, bad
}

// validateDeclared checks an organization that is declared.
func (o organizationModel) validateDeclared(ctx context.Context, key string, d *diag.Diagnostics) {
	if !o.APIKey.IsNull() || !o.SCIMToken.IsNull() {
		blockError(d, "Conflicting arguments", "verified_domains stands in place of api_key and scim_token: with "+
			"them, the domains are read. Leave one or the other out.", "organizations", key)
	}
	if !tfutil.Known(ctx, o.VerifiedDomains) {
		return
	}
	if _, bad := o.domains(ctx, d); bad != "" {
		blockError(d, "Invalid domain name", fmt.Sprintf("expected a domain name such as company.com, found %q.", bad),
			"organizations", key, "verified_domains")
	}
}
