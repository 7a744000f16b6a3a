package arguments

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/zclconf/go-cty/cty"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Connector says which connector is meant, whom it syncs and how it is set.
type Connector struct {
	Connector         types.String `tfsdk:"connector"`
	Scope             types.Object `tfsdk:"scope"`
	ServicePrincipal  types.String `tfsdk:"service_principal"`
	Application       types.String `tfsdk:"application"`
	ConnectorSettings types.Object `tfsdk:"connector_settings"`
}

type scope struct {
	Groups   types.Set  `tfsdk:"groups"`
	Everyone types.Bool `tfsdk:"everyone"`
}

type connectorSettings struct {
	UserIdentifier      types.String `tfsdk:"user_identifier"`
	EntraDomains        types.Set    `tfsdk:"entra_domains"`
	ClaimAccounts       types.String `tfsdk:"claim_accounts"`
	Sync                types.String `tfsdk:"sync"`
	DefaultAccessGroups types.Set    `tfsdk:"default_access_groups"`
	Relinked            types.Set    `tfsdk:"relinked"`
	ExternalUsers       types.String `tfsdk:"external_users"`
}

// ConnectorArguments are the arguments of Connector that aren't blocks.
func ConnectorArguments(required bool) []Argument {
	connector := oneOf("connector", "How users get to the target: to Atlassian by `atlassian_nested_groups` "+
		"(Atlassian's own \"Azure AD for nested groups\") or `atlassian_scim` (Entra's gallery app \"Atlassian "+
		"Cloud\"); to any other application that a provisioning job fills by `scim`; to another tenant by "+
		"`cross_tenant_sync`, in the source tenant's configuration.", decision.Connectors()...)
	connector.Required = required
	if !required {
		connector.Description += " " + tfutil.RequiredInBlock
	}
	return []Argument{
		connector,
		text("service_principal", "For all but nested groups: the service principal whose job provisions, by "+
			"`displayName` or object id, where the reading holds several."),
		oneOf("application", "For `scim`: the profile of the target, what is known of its rules. Default `generic`, "+
			"which knows SCIM's own rules alone.", decision.Applications()...),
	}
}

// ScopeBlock is scope.
func ScopeBlock() Block {
	return Block{
		Name:        "scope",
		Description: "Who the connector is set to sync.",
		Arguments: []Argument{
			names("groups", "The selected groups, by `displayName` (exact) or object id. For nested groups, their "+
				"child groups are included, at any depth; for a job they are the assigned groups (default: the job's "+
				"assignments), of which only direct members are taken.", setvalidator.SizeAtLeast(1)),
			flag("everyone", "Whether all users and groups sync. Default `false`."),
		},
	}
}

// SettingsBlock is connector_settings.
func SettingsBlock() Block {
	return Block{
		Name: "connector_settings",
		Description: "What the administrator has set on the sync's own page. What is given is documented; what is " +
			"left out is an assumption, and decisions that rest on it are marked.",
		Arguments: []Argument{
			oneOf("user_identifier", "For nested groups: by what the sync identifies a user, `email` (default) or "+
				"`user_principal_name`.", decision.IdentifierEmail, decision.IdentifierUserPrincipalName),
			names("entra_domains", "For nested groups: the domains, verified in Entra, that the sync is set to "+
				"verify in Atlassian; `*` for all. They count as verified, but never `onmicrosoft.com`. Default: "+
				"none."),
			oneOf("claim_accounts", "Whether all accounts on verified domains are claimed, as the organization's "+
				"page of domains shows: `all` or `some`. Left out, `all` is "+
				"assumed.", decision.ClaimAll, decision.ClaimSome),
			oneOf("sync", "For nested groups: `automatic` (default) or `manual`, with which nothing changes until "+
				"an administrator syncs.", decision.SyncAutomatic, decision.SyncManual),
			names("default_access_groups", "Names of Atlassian groups that give a product's default access: they "+
				"can't be synced. Default: none."),
			names("relinked", "Users, by principal name, mail or object id, whom an administrator has linked again "+
				"after an update had unlinked them. An outcome takes an entry once: for a later update that unlinks "+
				"the same user, take it out, apply, and write it again. Default: none."),
			oneOf("external_users", "Who passes although the domain isn't verified, which Atlassian doesn't "+
				"document: `guest` (default; userType is Guest, as reported), `not_member` (userType isn't Member) "+
				"or `external` (the home is another tenant). `usersync_reconciliation` finds out which one fits.",
				decision.ExternalUsersGuest, decision.ExternalUsersNotMember, decision.ExternalUsersExternal),
		},
	}
}

// ReadAt is read_at.
func ReadAt() Argument {
	return text("read_at", "When the directory was read (RFC 3339), `read_at` of a `usersync_directory`: the clock of "+
		"expressions that use Now().")
}

// Validate checks what can be told from the configuration alone. in is the
// block that holds the arguments, "" for none.
func (c *Connector) Validate(ctx context.Context, in string, d *diag.Diagnostics) {
	if in != "" && c.Connector.IsNull() {
		tfutil.ArgumentError(d, "Missing argument", "connector is required in this block: say which connector is "+
			"meant.", in, "connector")
		return
	}
	c.validateTarget(in, d)
	if c.Connector.ValueString() != decision.NestedGroups || c.Scope.IsUnknown() {
		return
	}
	var s scope
	set := tfutil.Object(ctx, c.Scope, &s, d)
	groups := set && !s.Groups.IsNull()
	everyone := set && (s.Everyone.ValueBool() || s.Everyone.IsUnknown())
	switch {
	case !groups && !everyone:
		tfutil.ArgumentError(d, "No users in scope", "Say who the connector is set to sync: groups = [\"…\"], or "+
			"everyone = true, in the block scope.", tfutil.Within(in, "scope")...)
	case groups && s.Everyone.ValueBool():
		tfutil.ArgumentError(d, "Conflicting arguments", "Either all users and groups sync, or those of selected "+
			"groups do. Leave groups or everyone out.", tfutil.Within(in, "scope")...)
	}
}

// validateTarget refuses what another target has.
func (c *Connector) validateTarget(in string, d *diag.Diagnostics) {
	if c.Connector.IsUnknown() || c.Connector.IsNull() {
		return
	}
	connector := c.Connector.ValueString()
	if !c.Application.IsNull() && connector != decision.SCIMApplication {
		tfutil.ArgumentError(d, "Conflicting arguments", fmt.Sprintf("application is for connector = %q: leave it out.",
			decision.SCIMApplication), tfutil.Within(in, "application")...)
	}
	if !decision.OfAtlassian(connector) && !c.ConnectorSettings.IsNull() {
		tfutil.ArgumentError(d, "Conflicting arguments", fmt.Sprintf("connector_settings are of the Atlassian "+
			"connectors, and connector = %q has none: leave the block out.", connector),
			tfutil.Within(in, "connector_settings")...)
	}
}

// Request gives what is asked to be decided. kept is what names meant when they
// were accepted.
func (c *Connector) Request(
	ctx context.Context, whatIf types.Object, readAt types.String, kept decision.Resolved, d *diag.Diagnostics,
) decision.Request {
	r := decision.Request{
		Connector:         c.Connector.ValueString(),
		ConnectorSettings: c.settings(ctx, d),
		ServicePrincipal:  c.ServicePrincipal.ValueString(),
		Application:       c.Application.ValueString(),
		Kept:              kept,
		Now:               timeOf(readAt, d),
	}
	var s scope
	if tfutil.Object(ctx, c.Scope, &s, d) {
		r.Groups = tfutil.Strings(ctx, s.Groups, d)
		r.Everyone = s.Everyone.ValueBool()
	}
	addWhatIf(ctx, whatIf, &r, d)
	return r
}

// settings reads connector_settings.
func (c *Connector) settings(ctx context.Context, d *diag.Diagnostics) (out decision.ConnectorSettings) {
	var s connectorSettings
	if !tfutil.Object(ctx, c.ConnectorSettings, &s, d) {
		return out
	}
	return decision.ConnectorSettings{
		UserIdentifier:      s.UserIdentifier.ValueString(),
		EntraDomains:        tfutil.Strings(ctx, s.EntraDomains, d),
		ClaimAccounts:       s.ClaimAccounts.ValueString(),
		Sync:                s.Sync.ValueString(),
		DefaultAccessGroups: tfutil.Strings(ctx, s.DefaultAccessGroups, d),
		Relinked:            tfutil.Strings(ctx, s.Relinked, d),
		ExternalUsers:       s.ExternalUsers.ValueString(),
	}
}

// SettingsHCL is the block connector_settings as it is configured, with another
// identifier and other external users.
func (c *Connector) SettingsHCL(ctx context.Context, identifier, externalUsers string, d *diag.Diagnostics) string {
	s := c.settings(ctx, d)
	file := hclwrite.NewEmptyFile()
	body := file.Body().AppendNewBlock("connector_settings", nil).Body()
	text := func(name, value string) {
		if value != "" {
			body.SetAttributeValue(name, cty.StringVal(value))
		}
	}
	list := func(name string, values []string) {
		if len(values) == 0 {
			return
		}
		out := make([]cty.Value, len(values))
		for i, v := range values {
			out[i] = cty.StringVal(v)
		}
		body.SetAttributeValue(name, cty.ListVal(out))
	}
	text("user_identifier", identifier)
	list("entra_domains", s.EntraDomains)
	text("claim_accounts", s.ClaimAccounts)
	text("sync", s.Sync)
	list("default_access_groups", s.DefaultAccessGroups)
	list("relinked", s.Relinked)
	text("external_users", externalUsers)
	return string(hclwrite.Format(file.Bytes()))
}

// timeOf reads read_at; the zero time where it isn't set.
func timeOf(v types.String, d *diag.Diagnostics) (at time.Time) {
	if v.ValueString() == "" {
		return at
	}
	at, err := time.Parse(time.RFC3339, v.ValueString())
	if err != nil {
		d.AddAttributeError(path.Root("read_at"), "Invalid time", fmt.Sprintf("read_at: expected RFC 3339, such as "+
			"2026-11-20T08:00:00Z; found %q. Pass the directory's read_at.", v.ValueString()))
	}
	return at
}
