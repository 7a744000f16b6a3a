package atlassian

import (
	"fmt"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Receive decides what becomes of a user for whom something is sent, or says why
// nothing is. how is how they are in scope; tr is nil unless the rules looked at
// are wanted.
func (w *View) Receive(i int32, u *sent.User, how uint8, tr *reason.Trace) reason.Decision {
	if !w.DomainRule && (!u.Nothing && !w.Service.Updates || u.Nothing && u.Code == reason.NoUsableAddress) {
		u = w.keeping(i, u)
	}
	if u.Nothing {
		return w.nothing(i, u)
	}
	if tr != nil {
		w.traceDomain(tr, u.Domain)
	}
	if w.DomainRule {
		return w.byDomain(i, u, how, tr)
	}
	return w.overSCIM(i, u, how, tr)
}

// nothing is the decision of somebody of whom nothing is sent.
func (w *View) nothing(i int32, u *sent.User) reason.Decision {
	d := reason.Decision{Code: u.Code, Confidence: u.Confidence, Warnings: u.Warnings, Domain: -1}
	switch u.Code {
	case reason.AccountDisabled:
		d.Domain = u.Domain
		d.Account, _ = w.kind(u.Address, nil, u.Domain)
		if w.Service.Disables && w.stands(i, u) {
			d.Action = reason.ActionDeactivate
		}
	case reason.IdentifierUnknown:
		d.Domain = u.Domain
	default: // no domain decided
	}
	return d
}

// stands reports a linked record of the user that is active: as read, else as expected.
func (w *View) stands(i int32, u *sent.User) bool {
	if w.records != nil {
		rec := w.match(i, u)
		return rec != nil && rec.AccountID != "" && rec.Active
	}
	b := w.basis(i)
	return b != nil && b.Link == held.Linked && !b.Inactive
}

// kind is the kind of account that an address gets, and how sure that is: as read
// of the account (own, where it is known which), else managed where the domain is verified and all of its
// accounts are claimed ([atlassian 3.1]).
func (w *View) kind(address string, own *directory.Account, domain int32) (reason.Account, reason.Confidence) {
	if domain < 0 {
		return reason.NoAccount, reason.Documented
	}
	state := w.State(domain)
	a := own
	if a == nil {
		a = w.accounts.of(address, "")
	}
	switch {
	case state&Verified == 0:
		return reason.External, reason.Documented
	case a != nil && a.ClaimStatus == ClaimManaged:
		return reason.Managed, reason.Documented
	case a != nil && a.ClaimStatus == ClaimUnmanaged && !w.assumedVerified(domain):
		return reason.External, reason.Inferred // [atlassian row 31]
	case w.ClaimAccounts == ClaimSome:
		return reason.External, reason.Inferred
	case w.ClaimAccounts == ClaimAll:
		return reason.Managed, reason.Documented
	}
	return reason.Managed, reason.Inferred
}

// assumedVerified reports a domain that the organization doesn't list as verified
// yet: how its accounts are claimed shows only afterwards.
func (w *View) assumedVerified(domain int32) bool {
	return !w.claims[w.Tenant.DomainName(domain)].Counts()
}

// byDomain is the rule of the nested-groups sync: [atlassian rows 1-17],
// [atlassian rows 27-31].
func (w *View) byDomain(i int32, u *sent.User, how uint8, tr *reason.Trace) reason.Decision {
	state := w.State(u.Domain)
	d := reason.Decision{Domain: u.Domain, Warnings: u.Warnings, Action: reason.ActionCreateOrKeep}
	if state&Expiring != 0 {
		d.Warnings |= reason.VerificationExpiring
	}
	if state&Verified != 0 {
		d.Code, d.Confidence = reason.DomainVerified, w.verifiedConfidence(i)
		account, sure := w.kind(u.Address, nil, u.Domain)
		d.Account, d.Confidence = account, reason.Weakest(reason.Weakest(d.Confidence, sure), u.Confidence)
		return w.accountState(d, u, tr)
	}
	passes, conf := w.passes(i, how)
	if tr != nil {
		tr.Add(
			passes,
			"external users ("+w.externalUsers()+")",
			fmt.Sprintf(
				"userType is %s; home is %s",
				ShownType(w.Tenant.Type(i)),
				w.home(i),
			),
			reason.PageSync+" and "+reason.PageSeed,
			conf,
		)
	}
	if passes {
		d.Code, d.Confidence, d.Account = reason.Guest, conf, reason.External
		return w.accountState(d, u, tr)
	}
	d.Action = reason.ActionNone
	d = w.notVerified(d, i)
	d.Confidence = reason.Weakest(d.Confidence, u.Confidence)
	return d
}

func (w *View) home(i int32) string {
	user := &w.Tenant.Users[i]
	switch {
	case tenant.HasExtName(user.UserPrincipalName):
		return "another tenant (#EXT#, " + text.Plain(tenant.HomeDomain(user)) + ")"
	case w.Tenant.External(i):
		return "elsewhere (an identity issued elsewhere, " + text.Plain(tenant.HomeDomain(user)) + ")"
	}
	return "this tenant"
}

func (w *View) externalUsers() string {
	if w.ExternalUsers == "" {
		return ExternalUsersGuest
	}
	return w.ExternalUsers
}

// verifiedConfidence: [atlassian rows 1-3] are documented; [atlassian row 4] (no
// type) and [atlassian row 5] (a member from elsewhere) are inferred.
func (w *View) verifiedConfidence(i int32) reason.Confidence {
	switch t := w.Tenant.Type(i); {
	case t == tenant.TypeGuest:
		return reason.Documented
	case t == tenant.TypeMember && !w.Tenant.External(i):
		return reason.Documented
	}
	return reason.Inferred
}

// passes is who syncs although the domain isn't verified: "external users always
// sync" is documented, but not who is one [atlassian question 1]:
// [atlassian row 6] (reported), [atlassian row 7] (nested), [atlassian row 8]
// (invitation pending), [atlassian row 12] and [atlassian row 30].
func (w *View) passes(i int32, how uint8) (bool, reason.Confidence) {
	user := &w.Tenant.Users[i]
	typ, ext := w.Tenant.Type(i), tenant.HasExtName(user.UserPrincipalName)
	conf := reason.Reported
	if user.ExternalUserState == "PendingAcceptance" || how&tenant.Direct == 0 || !ext || typ == "" {
		conf = reason.Inferred
	}
	switch w.ExternalUsers {
	case ExternalUsersNotMember:
		if typ != tenant.TypeGuest {
			conf = reason.Inferred
		}
		return typ != tenant.TypeMember, conf
	case ExternalUsersExternal:
		if typ != tenant.TypeGuest {
			conf = reason.Inferred
		}
		return w.Tenant.External(i), conf
	}
	if typ != tenant.TypeGuest && typ != "" && ext {
		conf = reason.Reported // [atlassian row 9]: cross-tenant members don't sync
	}
	return typ == tenant.TypeGuest, conf
}

// notVerified: [atlassian rows 9-12], [atlassian row 29].
func (w *View) notVerified(d reason.Decision, i int32) reason.Decision {
	user := &w.Tenant.Users[i]
	switch {
	case w.Tenant.External(i):
		d.Code, d.Confidence = reason.ExternalMember, reason.Reported
		if !tenant.HasExtName(user.UserPrincipalName) {
			d.Confidence = reason.Inferred
		}
	case w.State(d.Domain)&Public != 0:
		d.Code, d.Confidence = reason.DomainNotVerifiable, reason.Documented
	default:
		d.Code, d.Confidence = reason.DomainNotVerified, reason.Documented
	}
	if w.Tenant.Type(i) == "" {
		d.Confidence = reason.Inferred // [atlassian row 12]
	}
	return d
}

// accountState looks at the account of somebody who would sync over nested
// groups. What the sync makes of its state isn't documented [atlassian row 41].
func (w *View) accountState(d reason.Decision, u *sent.User, tr *reason.Trace) reason.Decision {
	a := w.accounts.of(u.Address, "")
	if a == nil {
		if w.accounts != nil {
			d.Action = reason.ActionCreate
		}
		return d
	}
	d.Action = reason.ActionKeep
	d.Warnings |= warningsOf(a)
	if isInactive(a) {
		if tr != nil {
			tr.Add(
				true,
				"account active",
				"the Atlassian account is deactivated",
				reason.PageDeactivated,
				reason.Inferred,
			)
		}
		d.Code, d.Confidence, d.Action = reason.AccountDeactivated, reason.Inferred, reason.ActionNone
	}
	return d
}

func (w *View) traceDomain(tr *reason.Trace, domain int32) {
	name := w.Tenant.DomainName(domain)
	claim, listed := w.claims[name]
	shown := text.Plain(name)
	observed := shown + " isn't listed by the organization"
	assumed := AssumedDomains(w.Tenant.WhatIf)[name]
	switch {
	case assumed:
		observed = shown + " is taken as verified (what_if)"
	case listed:
		observed = fmt.Sprintf("%s has claim status %s (%s)", shown, text.Plain(claim.Status), text.Plain(claim.Type))
	}
	if w.entra[name] && !claim.Counts() && !assumed {
		observed += ", but the sync verifies it (connector_settings.entra_domains)"
	}
	tr.Add(
		w.State(domain)&Verified != 0,
		"domain verified in the organization",
		observed,
		reason.PageSync,
		reason.Documented,
	)
}

// ShownType is a userType in a text for people.
func ShownType(t string) string {
	if t == "" {
		return "no userType"
	}
	return text.Plain(t)
}
