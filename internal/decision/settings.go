package decision

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// The connectors.
const (
	NestedGroups = "atlassian_nested_groups"
	SCIM         = "atlassian_scim"
	// SCIMApplication is any application that a provisioning job fills over SCIM.
	SCIMApplication = "scim"
	// CrossTenantSync is cross-tenant synchronization, in the source tenant.
	CrossTenantSync = "cross_tenant_sync"
)

// Values of ConnectorSettings.ExternalUsers: who passes on an unverified domain.
const (
	ExternalUsersGuest     = "guest"
	ExternalUsersNotMember = "not_member"
	ExternalUsersExternal  = "external"
)

// Values of ConnectorSettings.UserIdentifier: the address by which the
// nested-groups sync identifies a user [atlassian 1.3].
const (
	IdentifierEmail             = "email"
	IdentifierUserPrincipalName = "user_principal_name"
)

// Values of ConnectorSettings.ClaimAccounts [atlassian 3.1].
const (
	ClaimAll  = "all"
	ClaimSome = "some"
)

// Values of ConnectorSettings.Sync [atlassian 1.3].
const (
	SyncAutomatic = "automatic"
	SyncManual    = "manual"
)

// OverJob reports a connector that is a provisioning job of Entra's.
func OverJob(connector string) bool { return connector != NestedGroups }

// OfAtlassian reports a connector whose target is an Atlassian organization.
func OfAtlassian(connector string) bool { return connector == NestedGroups || connector == SCIM }

// ConnectorSettings are what the administrator set on the sync's own page, which
// no API shows. What is left out, "" or nil, is assumed and marked so.
type ConnectorSettings struct {
	// UserIdentifier is the address that identifies a user (nested groups):
	// "email", which is assumed, or "user_principal_name".
	UserIdentifier string `json:"user_identifier,omitempty"`
	// EntraDomains are the Entra-verified domains that the nested-groups sync
	// verifies, "*" for all that the tenant has verified.
	EntraDomains []string `json:"entra_domains,omitempty"`
	// ClaimAccounts is whether all accounts of a verified domain are claimed
	// ("all", which is assumed) or some by hand ("some").
	ClaimAccounts string `json:"claim_accounts,omitempty"`
	// Sync is "automatic", which is assumed, or "manual": then nothing changes
	// until somebody syncs (nested groups).
	Sync string `json:"sync,omitempty"`
	// DefaultAccessGroups are names of groups that give a product's default
	// access: they can't be synced [atlassian 1.4].
	DefaultAccessGroups []string `json:"default_access_groups,omitempty"`
	// Relinked are users whom an administrator has linked again; object ids once
	// resolved.
	Relinked []string `json:"relinked,omitempty"`
	// ExternalUsers is who passes on an unverified domain over nested groups,
	// which isn't documented [atlassian question 1]: "guest" by default.
	ExternalUsers string `json:"external_users,omitempty"`
}

// Request is what a caller asks to have decided, in the names that people use.
type Request struct {
	Connector string
	// Groups are displayNames or object ids.
	Groups   []string
	Everyone bool
	// ConnectorSettings are as the configuration has them: Relinked are principal
	// names, mails or object ids.
	ConnectorSettings ConnectorSettings
	// UserTypes gives users (by principal name, mail or id) another type.
	UserTypes map[string]string
	// VerifiedDomains are added to the organization's.
	VerifiedDomains []string
	// Members adds users to groups.
	Members map[string][]string
	// Assignments give groups and users (by name or object id) an app role of the job's
	// application, "" the default one.
	Assignments map[string]string
	// Mappings are planned mappings in their traveling form (SCIM).
	Mappings []string
	// Running says that this plan starts or restarts the job.
	Running bool
	// CrossTenant are what source tenants write.
	CrossTenant []CrossTenant
	// ServicePrincipal names the job by its service principal, by displayName or
	// object id (SCIM); "" where the directory has one.
	ServicePrincipal string
	// Application is the profile of the target (SCIMApplication); "" is "generic".
	Application string
	// TargetDirectory is the target tenant's reading (CrossTenantSync), nil for none.
	TargetDirectory *directory.Directory
	// Now is the clock of expressions; the zero time is "not known".
	Now time.Time
	// Kept is what names meant when they were accepted: a group that was renamed
	// since is still the same group.
	Kept Resolved
}

// GroupRef is a group of the scope: as it was named, and which it is.
type GroupRef struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// Settings are a resolved request: by ids, in canonical order.
type Settings struct {
	Connector         string            `json:"connector"`
	Groups            []GroupRef        `json:"groups,omitempty"`
	Everyone          bool              `json:"everyone,omitempty"`
	ConnectorSettings ConnectorSettings `json:"connector_settings,omitzero"`
	// ServicePrincipal is the id of the job's service principal.
	ServicePrincipal string `json:"service_principal,omitempty"`
	// Application is the profile of a SCIM application, "" for the generic one.
	Application string    `json:"application,omitempty"`
	Now         time.Time `json:"now,omitzero"`
	WhatIf      WhatIf    `json:"what_if"`

	// target is the target tenant's reading (CrossTenantSync), nil where it wasn't read.
	target *directory.Directory
}

// WithTarget are the settings with the target tenant's reading.
func (s Settings) WithTarget(d *directory.Directory) Settings {
	s.target = d
	return s
}

// ReadAs are the settings with the clock and the target tenant's reading of others: what
// was read isn't part of what is set.
func (s Settings) ReadAs(other Settings) Settings {
	s.Now, s.target = other.Now, other.target
	return s
}

// ArgumentError says which argument of a request is wrong.
type ArgumentError struct {
	// Path leads to the argument as an outcome has it: "scope", "groups", …
	Path []string
	// Index is the place in a list, -1 where it is none.
	Index int
	Err   error
}

func (e *ArgumentError) Error() string { return strings.Join(e.Path, ".") + ": " + e.Err.Error() }
func (e *ArgumentError) Unwrap() error { return e.Err }

func argumentError(index int, err error, path ...string) error {
	return &ArgumentError{Path: path, Index: index, Err: err}
}

// Notice is something that a caller should know of a resolved request.
type Notice struct {
	Path []string
	Text string
}

// Meanings are what the names of the scope, of the job and of who is to be assigned
// mean. Errors are *ArgumentError.
func (r Request) Meanings(l *directory.Lookup, d *directory.Directory) ([]Meaning, error) {
	var out []Meaning
	for i, name := range r.Groups {
		m, err := GroupMeaning(l, d, r.Kept, ArgScopeGroups, name)
		if err != nil {
			return nil, argumentError(i, err, "scope", "groups")
		}
		out = append(out, m)
	}
	if r.ServicePrincipal != "" {
		id, err := r.servicePrincipal(d)
		if err != nil {
			return nil, argumentError(-1, err, "service_principal")
		}
		out = append(out, Meaning{Argument: ArgServicePrincipal, Entry: r.ServicePrincipal, ID: id})
	}
	if !OverJob(r.Connector) {
		return out, nil // refused where it is resolved
	}
	for _, name := range slices.Sorted(maps.Keys(r.Assignments)) {
		m, err := r.assignee(l, d, name)
		if err != nil {
			return nil, argumentError(-1, err, "what_if", "assignments")
		}
		out = append(out, m)
	}
	return out, nil
}

// Resolve turns a request into settings. Errors are *ArgumentError.
func (r Request) Resolve(l *directory.Lookup, d *directory.Directory) (Settings, []Notice, error) {
	s := Settings{
		Connector:         r.Connector,
		Everyone:          r.Everyone,
		ConnectorSettings: r.ConnectorSettings,
		Application:       r.Application,
		Now:               r.Now,
		target:            r.TargetDirectory,
	}
	if err := knownConnector(r.Connector); err != nil {
		return s, nil, argumentError(-1, err, "connector")
	}
	var err error
	if s.ServicePrincipal, err = r.servicePrincipal(d); err != nil {
		return s, nil, argumentError(-1, err, "service_principal")
	}
	var notices []Notice
	meant, err := r.Meanings(l, d)
	if err != nil {
		return s, nil, err
	}
	for _, m := range meant {
		if m.Argument == ArgScopeGroups {
			s.Groups = append(s.Groups, GroupRef{Name: m.Entry, ID: m.ID})
		}
	}
	slices.SortFunc(
		s.Groups,
		func(a, b GroupRef) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name)) },
	)
	s.Groups = slices.CompactFunc(s.Groups, func(a, b GroupRef) bool { return a.ID == b.ID })
	if r.Everyone && !d.WholeTenant() {
		return s, nil, argumentError(-1, errors.New("everyone needs a reading of the whole tenant, but this one is "+
			"limited to some groups: remove the argument \"groups\" of usersync_directory"), "scope", "everyone")
	}
	if s.ConnectorSettings.EntraDomains, notices, err = r.entraDomains(d, notices); err != nil {
		return s, nil, err
	}
	s.ConnectorSettings.DefaultAccessGroups = slices.Compact(
		slices.Sorted(slices.Values(r.ConnectorSettings.DefaultAccessGroups)),
	)
	if s.ConnectorSettings.Relinked, err = r.relinked(l, d); err != nil {
		return s, notices, err
	}
	if s.WhatIf, err = r.whatIf(l, d); err != nil {
		return s, notices, err
	}
	written, err := r.crossTenant(d, &s.WhatIf)
	return s, append(notices, written...), err
}

func (r Request) entraDomains(d *directory.Directory, notices []Notice) ([]string, []Notice, error) {
	verified := map[string]bool{}
	for _, dom := range d.Domains {
		verified[dom.Name] = dom.IsVerified
	}
	var out []string
	for i, name := range r.ConnectorSettings.EntraDomains {
		if name == "*" {
			out = append(out, "*")
			continue
		}
		a := directory.ASCIIDomain(name)
		if a == "" {
			return nil, nil, argumentError(
				i,
				fmt.Errorf("%q is no domain name", name),
				"connector_settings",
				"entra_domains",
			)
		}
		out = append(out, a)
		switch {
		case strings.HasSuffix(a, tenant.InitialSuffix):
			notices = append(notices, Notice{Path: []string{"connector_settings", "entra_domains"}, Text: fmt.Sprintf(
				"%s is a domain of Microsoft's zone, so the sync can't prove it in Atlassian; it is taken as not "+
					"verified.", a)})
		case !verified[a]:
			notices = append(notices, Notice{Path: []string{"connector_settings", "entra_domains"}, Text: fmt.Sprintf(
				"%s isn't a verified domain of the Entra tenant, so the sync can't verify it in Atlassian (a domain "+
					"is verified in one Entra tenant only); it changes no decision.", a)})
		}
	}
	slices.Sort(out)
	return slices.Compact(out), notices, nil
}

// relinked resolves the users whom an administrator has linked again. Who isn't
// there any more needs no link.
func (r Request) relinked(l *directory.Lookup, d *directory.Directory) ([]string, error) {
	var ids []string
	for i, name := range r.ConnectorSettings.Relinked {
		u, err := l.User(name)
		if err != nil {
			if isObjectID(name) {
				continue
			}
			return nil, argumentError(i, err, "connector_settings", "relinked")
		}
		ids = append(ids, d.Users[u].ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// servicePrincipal finds the job that is meant among the directory's.
func (r Request) servicePrincipal(d *directory.Directory) (string, error) {
	if r.ServicePrincipal == "" {
		if OverJob(r.Connector) && len(d.Jobs) == 1 {
			return d.Jobs[0].ServicePrincipalID, nil
		}
		if OverJob(r.Connector) {
			return "", errors.New("the directory's reading holds " + jobNames(d) + ": name the one that is meant" +
				" (and read it with the argument \"service_principals\" of usersync_directory)")
		}
		return "", nil
	}
	var found []string
	for _, j := range d.Jobs {
		if j.DisplayName == r.ServicePrincipal || strings.EqualFold(j.ServicePrincipalID, r.ServicePrincipal) {
			found = append(found, j.ServicePrincipalID)
		}
	}
	if kept := r.Kept.Get(ArgServicePrincipal, r.ServicePrincipal); kept != "" {
		if slices.Contains(found, kept) {
			return kept, nil
		}
		if len(found) > 0 {
			return "", fmt.Errorf("the service principal %q was accepted with object id %s, and the reading holds "+
				"another one of that name (%s): "+
				"write the object id of the one that is meant", r.ServicePrincipal, kept, strings.Join(found, ", "))
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d service principals of the directory's reading are called %q; it "+
			"holds %s", len(found), r.ServicePrincipal, jobNames(d))
	}
	return found[0], nil
}

func jobNames(d *directory.Directory) string {
	if len(d.Jobs) == 0 {
		return "no service principal's job"
	}
	var names []string
	for _, j := range d.Jobs {
		names = append(names, fmt.Sprintf("%s (%s)", j.DisplayName, j.ServicePrincipalID))
	}
	return "the jobs of " + strings.Join(names, ", ")
}

// isObjectID reports a GUID in the usual form.
func isObjectID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range strings.ToLower(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
