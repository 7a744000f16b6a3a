package decision

import (
	"fmt"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// nestedService is Atlassian's own reader.
type nestedService struct{ *nestedgroups.Service }

func newNested(e *Engine) nestedService {
	s := &nestedgroups.Service{
		Everyone: e.Settings.Everyone, Identifier: e.Settings.ConnectorSettings.UserIdentifier,
		Manual: e.Settings.ConnectorSettings.Sync == SyncManual, Obstacle: e.org.Obstacle,
	}
	for _, g := range e.Settings.Groups {
		s.Groups = append(s.Groups, g.ID)
	}
	return nestedService{s}
}

func (n nestedService) health(bool) directory.Health { return n.Health() }

func (n nestedService) scope(v *tenant.View) *tenant.Scope { return n.Scope(v) }

// prepare has nothing to prepare: addresses come straight from the users.
func (nestedService) prepare(*Result) {}

func (n nestedService) sent(r *Result, i int32) sent.User { return n.Send(r.view, r.scope, i) }

func (n nestedService) address(r *Result, i int32) string { return n.Address(r.view, i) }

// adjust marks whom the identifier decides about, and whom a dynamic group holds.
func (n nestedService) adjust(r *Result, i int32, d Decision) Decision {
	switch d.Code {
	case reason.AccountDisabled,
		reason.NotInScope,
		reason.NoUsableAddress,
		reason.ExtUPNAsAddress,
		reason.IdentifierUnknown,
		reason.MembersUnreadable,
		reason.GroupTooLarge,
		reason.GroupNameConflict:
		return d
	default: // the identifier or a dynamic group may matter
	}
	verified := func(domain int32) bool { return r.org.State(domain)&atlassian.Verified != 0 }
	if n.Differs(r.view, i, verified) {
		// That the identifier's domain is the one tested is inferred
		// [atlassian row 17].
		d.Confidence = reason.Inferred
		if n.Identifier == "" {
			d.Warnings |= reason.MailUPNDomainDiffer
		}
	}
	// It doesn't matter what the user's type is: before and after the policy that
	// converts them is applied, the answer is the same.
	if t, assumed := r.view.AssumedType(i); assumed && t == TypeGuest && r.scope.Users[i]&tenant.Dynamic != 0 {
		d.Warnings |= reason.DynamicGroup
	}
	return d
}

func (n nestedService) trace(r *Result, i int32, u *sent.User, t *reason.Trace) {
	off := r.view.Disabled(i)
	t.Add(off, "account enabled", fmt.Sprintf("accountEnabled is %t", !off), reason.PageLimits, reason.Inferred)
	if off {
		return
	}
	traceScope(r, i, t, reason.PageSync)
	if u.Nothing && u.Domain < 0 {
		t.Add(true, "usable address", n.noAddress(r, i), reason.PageSync, reason.Inferred)
		return
	}
	if u.Nothing {
		return
	}
	observed, c := "mail, at ", reason.Documented
	if n.Identifier == IdentifierUserPrincipalName {
		observed = "the principal name, at "
	}
	rule := "user identifier (" + n.Identifier + ")"
	if n.Identifier == "" {
		rule, c = "user identifier (e-mail is assumed)", reason.Inferred
	}
	if mail, _ := r.view.Mail(i); mail == "" && n.Identifier == "" {
		observed = "there is no mail, so that the principal name is taken, at "
	}
	t.Note(rule, observed+text.Plain(r.Tenant.DomainName(u.Domain)), reason.PageSync, c)
}

// noAddress says why no address identifies a user.
func (n nestedService) noAddress(r *Result, i int32) string {
	mail, _ := r.view.Mail(i)
	upn := "the principal name isn't an address"
	switch {
	case tenant.HasExtName(r.Directory.Users[i].UserPrincipalName):
		upn = "the principal name has #EXT#"
	case r.Tenant.UPNDomain(i) >= 0:
		upn = "the principal name is an address"
	}
	switch {
	case n.Identifier == IdentifierUserPrincipalName:
		return "users are identified by principal name, and " + upn
	case mail == "":
		return "mail is empty, and " + upn
	}
	return "mail isn't an address, and " + upn
}

func (nestedService) detail(r *Result, i int32, d Decision) string {
	if mail, _ := r.view.Mail(i); d.Code == reason.NoUsableAddress && mail == "" {
		return "no mail"
	}
	return ""
}

func (n nestedService) cause(r *Result, i int32, d Decision) string {
	switch d.Code {
	case reason.NoUsableAddress, reason.ExtUPNAsAddress:
		return "Of this user " + n.noAddress(r, i) + "."
	case reason.AccountDisabled:
		return "The Entra account is disabled. If it synced before, a managed Atlassian account is deactivated at " +
			"the next sync (inferred); an external one lives on and at most loses its groups. If it never synced, it " +
			"is probably not created."
	default:
		return ""
	}
}

// other: SCIM, where the reading holds the one job that would provision.
func (nestedService) other(e *Engine) (Settings, string, bool) {
	if len(e.Directory.Jobs) != 1 {
		return Settings{}, "", false
	}
	s := e.Settings
	s.Connector, s.Groups, s.ConnectorSettings.EntraDomains = SCIM, nil, nil
	s.ServicePrincipal = e.Directory.Jobs[0].ServicePrincipalID
	return s, "Leaving the nested-groups sync removes the domains that it verified, and the accounts claimed through " +
		"them (documented).", true
}

func (nestedService) notes() []string { return nil }

func (nestedService) sharesNames() bool { return false }

func (nestedService) matchedBy() string { return "" }

// effectOfLoss: [atlassian 1.6] and [atlassian rows 18-23].
func (nestedService) effectOfLoss(account Account, code Code, left, _ bool) (string, Confidence) {
	switch {
	case (left || code == reason.AccountDisabled) && account == Managed:
		return "the Atlassian account is deactivated at the next sync", Inferred
	case left || code == reason.AccountDisabled:
		return "the account isn't managed here, so it lives on and at most loses its synced groups", Inferred
	case code == reason.AccountDeactivated:
		return "the account is deactivated in Atlassian; an administrator has to reactivate it there", Reported
	case code == reason.NotInScope:
		return "leaves the synced groups at the next sync; whether a managed account is deactivated isn't " +
			"documented", Inferred
	}
	return "is no longer updated and leaves the synced groups; what happens to the account isn't documented", Inferred
}

// traceScope tells how a user is in scope, or not.
func traceScope(r *Result, i int32, t *reason.Trace, page string) {
	s := r.scope
	observed := "in none of the groups in scope"
	b, blocked := s.Blocked[i]
	closed, unread := s.NotReadable[i]
	in := s.In(i)
	switch {
	case blocked:
		observed = fmt.Sprintf("only in %s, which waits (%s)", r.groupShown(b.Group), b.Code)
	case s.Everyone:
		observed = "everyone is in scope"
	case s.Users[i]&tenant.Direct != 0:
		observed = "a direct member of a selected group, or assigned"
	case unread && s.Users[i]&(tenant.Static|tenant.Dynamic) == 0:
		in = false
		observed = "only in " + r.groupShown(closed) + ", which isn't security-enabled"
	case in:
		observed = "in a group inside a selected group"
	case s.Incomplete:
		observed = "in no group that can be read; the members of " + r.hiddenGroup() + " can't be"
	}
	if in && s.OnlyDynamic(i) {
		observed += ", only by a dynamic group whose rule reads userType"
	}
	t.Add(!in, "out of scope", observed, page, reason.Documented)
}
