package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// secretModel is usersync_provisioning_secret.
type secretModel struct {
	ID                 types.String `tfsdk:"id"`
	ServicePrincipalID types.String `tfsdk:"service_principal_id"`
	JobID              types.String `tfsdk:"job_id"`
	Credentials        types.Map    `tfsdk:"credentials"`
	CredentialsVersion types.String `tfsdk:"credentials_version"`
	Validate           types.Bool   `tfsdk:"validate"`
	ExpiresOn          types.String `tfsdk:"expires_on"`
	SyncAll            types.Bool   `tfsdk:"sync_all"`
	Notifications      types.Object `tfsdk:"notifications"`
	Keys               types.Set    `tfsdk:"keys"`
}

type notificationsModel struct {
	Enabled         types.Bool   `tfsdk:"enabled"`
	Email           types.String `tfsdk:"email"`
	DeleteThreshold types.Int64  `tfsdk:"delete_threshold"`
}

var notificationTypes = tfutil.AttributeTypes(notificationsArgument().Attributes)

// Keys of settings that stand among the credentials [graph 3.4].
const (
	keySyncAll       = "SyncAll"
	keyNotifications = "SyncNotificationSettings"
)

// secretKeys are the members of Graph's synchronizationSecret (metadata
// subset); others get a warning, since Graph may know more by now.
var secretKeys = strings.Fields(
	`UserName Password SecretToken AppKey BaseAddress ClientIdentifier ClientSecret SingleSignOnType Sandbox Url Domain
 ConsumerKey ConsumerSecret TokenKey TokenExpiration Oauth2AccessToken Oauth2AccessTokenCreationTime Oauth2RefreshToken
 InstanceName Oauth2ClientId Oauth2ClientSecret CompanyId UpdateKeyOnSoftDelete SynchronizationSchedule SystemOfRecord
 SandboxName EnforceDomain SkipOutOfScopeDeletions Oauth2AuthorizationCode Oauth2RedirectUri
 ApplicationTemplateIdentifier Oauth2TokenExchangeUri Oauth2AuthorizationUri AuthenticationType Server
 PerformInboundEntitlementGrants HardDeletesEnabled SyncAgentCompatibilityKey SyncAgentADContainer ValidateDomain
 TestReferences ConnectionString`,
)

// validateKeys refuses keys that have arguments of their own, and warns of
// those that Graph's metadata lacks. It never looks at a value.
func validateKeys(m *secretModel, d *diag.Diagnostics) {
	if m.Credentials.IsUnknown() {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m.Credentials.Elements())) {
		// On no attribute: the CLIs would print the lines of the argument, with what
		// stands there literally.
		switch {
		case key == keySyncAll:
			d.AddError("SyncAll is set by sync_all", "credentials: set sync_all instead, and leave SyncAll out.")
		case key == keyNotifications:
			d.AddError("SyncNotificationSettings has an argument of its own", "credentials: set notifications "+
				"instead, and leave SyncNotificationSettings out.")
		case !slices.Contains(secretKeys, key):
			hint := ""
			if near := expression.Nearest(key, secretKeys); near != "" {
				hint = " Did you mean " + near + "?"
			}
			d.AddWarning("Unknown credential key", fmt.Sprintf("credentials: Graph's metadata has no secret %q, and "+
				"may refuse it.%s", key, hint))
		}
	}
}

// credentialsOf takes the write-only map from the configuration.
func credentialsOf(ctx context.Context, config *secretModel, d *diag.Diagnostics) map[string]string {
	out := map[string]string{}
	d.Append(config.Credentials.ElementsAs(ctx, &out, false)...)
	return out
}

// maskedKeys are the keys whose values the service may hide as empty
// ([graph 3.4]: secret values can't be trusted to come back).
var maskedKeys = strings.Fields(
	`Password SecretToken AppKey ClientSecret ConsumerSecret TokenKey Oauth2AccessToken Oauth2RefreshToken
 Oauth2ClientSecret Oauth2AuthorizationCode SyncAgentCompatibilityKey ConnectionString`,
)

// heldKeys are the keys of credentials for which the service holds a value,
// ascending. Of an expected key whose value may be hidden, being listed is
// enough; others without a value are what a destroy emptied. nil expects any.
func heldKeys(live []entra.Secret, expected []string) []string {
	keys := []string{}
	for _, s := range live {
		hidden := slices.Contains(maskedKeys, s.Key) && (expected == nil || slices.Contains(expected, s.Key))
		if s.Key != keySyncAll && s.Key != keyNotifications && (s.Value != "" || hidden) {
			keys = append(keys, s.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func keysValue(given map[string]string) types.Set {
	keys := make([]attr.Value, 0, len(given))
	for _, k := range slices.Sorted(maps.Keys(given)) {
		keys = append(keys, types.StringValue(k))
	}
	return types.SetValueMust(types.StringType, keys)
}

// differs reports whether a plan asks for a write. What the state doesn't know
// since it was imported is recorded without one.
func (m *secretModel) differs(
	ctx context.Context, state *secretModel, given map[string]string, d *diag.Diagnostics,
) bool {
	return !state.CredentialsVersion.IsNull() && !m.CredentialsVersion.Equal(state.CredentialsVersion) ||
		!state.Keys.IsNull() && !keysValue(given).Equal(state.Keys) ||
		m.SyncAll.ValueBool() != state.SyncAll.ValueBool() ||
		!m.Notifications.IsNull() &&
			notificationsOf(ctx, m.Notifications, d) != notificationsOf(ctx, state.Notifications, d)
}

// set is the whole set to write, and the credentials of it that are validated.
// Keys that the service holds and nobody lists are emptied.
func (m *secretModel) set(
	ctx context.Context, given map[string]string, live []entra.Secret, d *diag.Diagnostics,
) (set, credentials []entra.Secret) {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		credentials = append(credentials, entra.Secret{Key: key, Value: given[key]})
	}
	set = slices.Clone(credentials)
	for _, key := range heldKeys(live, []string{}) {
		if _, ok := given[key]; !ok {
			set = append(set, entra.Secret{Key: key})
		}
	}
	set = append(set, entra.Secret{Key: keySyncAll, Value: fmt.Sprint(m.SyncAll.ValueBool())})
	held := map[string]any{} // whatever else the service keeps there stays
	readable := false
	for _, s := range live {
		if s.Key == keyNotifications && s.Value != "" {
			readable = json.Unmarshal([]byte(s.Value), &held) == nil
			if !readable {
				d.AddWarning("The notifications can't be kept", "The service doesn't show what they are set to, and "+
					"takes the set as a whole: set notifications, or check them afterwards.")
			}
		}
	}
	if !m.Notifications.IsNull() {
		notificationsOf(ctx, m.Notifications, d).into(held)
	} else if !readable {
		return set, credentials
	}
	raw, err := json.Marshal(held)
	if err != nil {
		d.Append(tfutil.Failure("Writing the notifications", err))
	}
	return append(set, entra.Secret{Key: keyNotifications, Value: string(raw)}), credentials
}

// foreign names what of a set that is there already isn't what an interrupted
// create leaves: other keys, other values where the service shows them, other
// settings.
func (m *secretModel) foreign(
	ctx context.Context, given map[string]string, live []entra.Secret, d *diag.Diagnostics,
) (names []string) {
	held := heldKeys(live, []string{})
	if len(held) == 0 {
		return nil
	}
	for _, s := range live {
		value, listed := given[s.Key]
		switch {
		case s.Key == keySyncAll:
			if all, ok := truth(s.Value); ok && all != m.SyncAll.ValueBool() {
				names = append(names, s.Key+" is "+s.Value)
			}
		case s.Key == keyNotifications || s.Value == "":
		case !listed:
			names = append(names, s.Key)
		case !slices.Contains(maskedKeys, s.Key) && !masked(s.Value) && s.Value != value:
			names = append(names, s.Key+" has another value")
		}
	}
	if m.Notifications.IsNull() {
		return names
	}
	for _, s := range live {
		var n notifications
		if s.Key == keyNotifications && json.Unmarshal([]byte(s.Value), &n) == nil && n != (notifications{}) &&
			n != notificationsOf(ctx, m.Notifications, d) {
			names = append(names, "notifications are set otherwise")
		}
	}
	return names
}

// masked reports a value that only stands for one.
func masked(value string) bool { return strings.Trim(value, "*") == "" }

// changed names what of the set differs from the state.
func (m *secretModel) changed(ctx context.Context, live []entra.Secret, d *diag.Diagnostics) (names []string) {
	now := *m
	now.refresh(ctx, live, d)
	if !now.Keys.Equal(m.Keys) {
		names = append(names, "keys")
	}
	if now.SyncAll.ValueBool() != m.SyncAll.ValueBool() {
		names = append(names, "sync_all")
	}
	if !now.Notifications.Equal(m.Notifications) {
		names = append(names, "notifications")
	}
	return names
}

// notifications is the service's JSON: the two switches are documented
// ([graph 3.4], sample); the names of recipient and threshold are inferred from
// a public sample of cloud sync's secrets, since [graph 3.4] doesn't spell them.
type notifications struct {
	Enabled                bool
	Recipients             string `json:",omitempty"`
	DeleteThresholdEnabled bool
	DeleteThresholdValue   int64 `json:",omitempty"`
}

// into writes the settings over what the service holds.
func (n notifications) into(held map[string]any) {
	held["Enabled"], held["DeleteThresholdEnabled"] = n.Enabled, n.DeleteThresholdEnabled
	delete(held, "Recipients")
	delete(held, "DeleteThresholdValue")
	if n.Recipients != "" {
		held["Recipients"] = n.Recipients
	}
	if n.DeleteThresholdEnabled {
		held["DeleteThresholdValue"] = n.DeleteThresholdValue
	}
}

func notificationsOf(ctx context.Context, v types.Object, d *diag.Diagnostics) notifications {
	if v.IsNull() || v.IsUnknown() {
		return notifications{}
	}
	var m notificationsModel
	d.Append(v.As(ctx, &m, basetypes.ObjectAsOptions{})...)
	return notifications{
		m.Enabled.ValueBool(),
		m.Email.ValueString(),
		!m.DeleteThreshold.IsNull(),
		m.DeleteThreshold.ValueInt64(),
	}
}

func (n notifications) value() types.Object {
	email, threshold := types.StringNull(), types.Int64Null()
	if n.Recipients != "" {
		email = types.StringValue(n.Recipients)
	}
	if n.DeleteThresholdEnabled {
		threshold = types.Int64Value(n.DeleteThresholdValue)
	}
	return types.ObjectValueMust(notificationTypes, map[string]attr.Value{
		"enabled":          types.BoolValue(n.Enabled),
		"email":            email,
		"delete_threshold": threshold,
	})
}

// refresh takes over what the service shows. Notifications that aren't managed
// stay so; after an import, those that do something are.
func (m *secretModel) refresh(ctx context.Context, live []entra.Secret, d *diag.Diagnostics) {
	imported := m.CredentialsVersion.IsNull()
	keys, diags := types.SetValueFrom(ctx, types.StringType, heldKeys(live, tfutil.Strings(ctx, m.Keys, d)))
	d.Append(diags...)
	m.ID, m.Keys = m.ServicePrincipalID, keys
	if !slices.ContainsFunc(live, func(s entra.Secret) bool { return s.Key == keySyncAll }) {
		m.SyncAll = types.BoolValue(false) // never set: those assigned alone
	}
	if !m.Notifications.IsNull() && !slices.ContainsFunc(live,
		func(s entra.Secret) bool { return s.Key == keyNotifications }) {
		m.Notifications = notifications{}.value()
	}
	for _, s := range live {
		switch s.Key {
		case keySyncAll:
			if all, ok := truth(s.Value); ok {
				m.SyncAll = types.BoolValue(all)
			}
		case keyNotifications:
			var n notifications
			if json.Unmarshal([]byte(s.Value), &n) != nil {
				continue // masked, or another form: it can't be compared
			}
			if !n.DeleteThresholdEnabled {
				n.DeleteThresholdValue = 0
			}
			before := notificationsOf(ctx, m.Notifications, d)
			if (!m.Notifications.IsNull() || imported && (n.Enabled || n.DeleteThresholdEnabled)) && n != before {
				m.Notifications = n.value()
			}
		}
	}
}

func truth(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// validatingJob finds the job, or the template, by which the service validates
// credentials.
func validatingJob(ctx context.Context, c *entra.Client, sp, job string) (id, template string, err error) {
	if job != "" {
		j, err := c.Job(ctx, sp, job)
		return j.ID, j.TemplateID, err
	}
	jobs, err := c.Jobs(ctx, sp)
	if err != nil {
		return "", "", err
	}
	if len(jobs) > 1 {
		return "", "", fmt.Errorf("service principal %s has %d jobs: set job_id to the one by which credentials are "+
			"validated", sp, len(jobs))
	}
	if len(jobs) > 0 {
		return jobs[0].ID, jobs[0].TemplateID, nil
	}
	templates, err := c.Templates(ctx, sp)
	if err != nil {
		return "", "", err
	}
	for _, t := range templates {
		if template == "" || t.Default {
			template = t.ID
		}
	}
	if template == "" {
		return "", "", fmt.Errorf("service principal %s has neither a job nor a template by which credentials could "+
			"be validated", sp)
	}
	return "", template, nil
}

// refusedCredentials is the diagnostic of credentials that the target doesn't
// take. It is on no attribute: the CLIs would print the lines of the argument,
// with what stands there literally.
func refusedCredentials(err error, state string) diag.Diagnostic {
	diagnostic := tfutil.Failure("Validating the credentials", err)
	return diag.NewErrorDiagnostic(diagnostic.Summary(), "credentials: "+diagnostic.Detail()+"\n\n"+state)
}
