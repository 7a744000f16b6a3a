package decision

import (
	"fmt"

	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// nestedGroups is Atlassian's "Azure AD for nested groups" integration: NG in
// [atlassian 1]. Its working model is
//
//	in scope AND (the tested address's domain is verified in the organization
//	              OR the external exception)
//
// with the mapping of [atlassian 1.2] and the decision table, [atlassian 5].
type nestedGroups struct{}

// maxGroupUsers is the most users that one group may have
// [atlassian 1.3, D].
const maxGroupUsers = 10000

func (nestedGroups) scope(e *Engine, w WhatIf) *scope {
	s := newScope(e, w)
	s.flattened = true
	if e.Settings.Everyone {
		s.all(e)
		s.existing()
		return s
	}
	s.findBlocked(e, maxGroupUsers)
	var open, blocked []int32
	for _, g := range s.selected {
		if _, ok := s.blockedGroups[g]; ok {
			blocked = append(blocked, g)
		} else {
			open = append(open, g)
		}
	}
	for _, g := range open {
		s.reach(e, g)
	}
	s.onlyBlocked(e, w, blocked)
	s.existing()
	return s
}

// begin has nothing to prepare: addresses come straight from the users.
func (nestedGroups) begin(*Result) {}

func (nestedGroups) detail(*Result, int32, Decision) string { return "" }

// other: SCIM, where the reading holds the one job that would provision.
func (nestedGroups) other(e *Engine) (Settings, string, bool) {
	if len(e.Directory.Jobs) != 1 {
		return Settings{}, "", false
	}
	s := e.Settings
	s.Connector, s.Groups, s.ConnectorSettings.EntraDomains, s.ServicePrincipal = SCIM, nil, nil, e.Directory.Jobs[0].ServicePrincipalID
	return s, "Leaving the nested-groups sync removes the domains that it verified, and the accounts claimed through them (documented).", true
}

// duplicates: [atlassian 1.5].
func (nestedGroups) duplicates() Confidence { return Inferred }

// maxGroupsLost: what happens to a group that leaves isn't documented.
func (nestedGroups) maxGroupsLost() *int64 { return nil }

// all puts everyone in scope ("Sync all users and groups").
func (s *scope) all(e *Engine) {
	for i := range s.users {
		s.users[i] = inDirect | inStatic
	}
	for g := range s.groups {
		s.groups[g] = true
	}
	s.findBlocked(e, maxGroupUsers)
}

// tested is the one place that derives the address that the connector tests,
// as its domain's position: mail or principal name
// [atlassian 1.2]; which of them is a setting that no API shows
// [atlassian 1.3]. A principal name with #EXT# is no address
// [atlassian 1.7, I]. byUPN says which it was.
func (nestedGroups) tested(r *Result, i int32) (domain int32, byUPN bool) {
	_, mail := r.mailOf(i)
	upn := r.Engine.upn[i]
	if r.Settings.ConnectorSettings.UserIdentifier == IdentifierUserPrincipalName && upn >= 0 || mail < 0 {
		return upn, true
	}
	return mail, false
}

func (c nestedGroups) testedDomain(r *Result, i int32) int32 {
	domain, _ := c.tested(r, i)
	return domain
}

func (c nestedGroups) addressOf(r *Result, i int32) string {
	domain, byUPN := c.tested(r, i)
	if domain < 0 {
		return ""
	}
	if byUPN {
		return r.Directory.Users[i].UserPrincipalName
	}
	mail, _ := r.mailOf(i)
	return mail
}

// decide gives the first reason that applies, in this order: disabled; scope;
// groups that don't sync; no address; domain; exception.
func (c nestedGroups) decide(r *Result, i int32, t *tracer) Decision {
	domain, byUPN := c.tested(r, i)
	if d, done := c.disabled(r, i, domain, t); done {
		return d
	}
	if d, done := c.outOfScope(r, i, domain, t); done {
		return d
	}
	if d, done := c.noAddress(r, i, domain, t); done {
		return d
	}
	if t != nil {
		t.address(r, i, domain, byUPN)
	}
	warnings, differ := c.warnings(r, i, domain)
	d := c.byDomain(r, i, domain, t)
	d.Warnings |= warnings
	if differ {
		d.Confidence = Inferred // [atlassian row 17]: which address is tested is unknown
	}
	return d
}

// disabled: [atlassian rows 18-20].
func (nestedGroups) disabled(r *Result, i, domain int32, t *tracer) (Decision, bool) {
	off := r.isDisabled(i)
	if t != nil {
		t.add(off, "account enabled", fmt.Sprintf("accountEnabled is %t", !off), pageLimits, Inferred)
	}
	if !off {
		return Decision{}, false
	}
	return Decision{Code: CodeAccountDisabled, Confidence: Inferred, Account: r.accountKind(domain), domain: domain}, true
}

// outOfScope: [atlassian rows 25-26], and memberships that can't be read.
func (nestedGroups) outOfScope(r *Result, i, domain int32, t *tracer) (Decision, bool) {
	s := r.scope
	b, isBlocked := s.blocked[i]
	in := s.in(i)
	if t != nil {
		t.scope(r, i)
	}
	switch {
	case isBlocked:
		conf := Documented
		if b.code == CodeGroupNameConflict {
			conf = Inferred
		}
		return Decision{Code: b.code, Confidence: conf, domain: domain}, true
	case in:
		return Decision{}, false
	case s.incomplete:
		return Decision{Code: CodeMembersUnreadable, Confidence: Documented, domain: domain}, true
	}
	return Decision{Code: CodeNotInScope, Confidence: Documented, domain: domain}, true
}

// noAddress: [atlassian row 16], and users of whom nothing can be made.
func (nestedGroups) noAddress(r *Result, i, domain int32, t *tracer) (Decision, bool) {
	if domain >= 0 {
		return Decision{}, false
	}
	if t != nil {
		t.add(true, "usable address", "mail is empty and the principal name is no address", pageLimits, Inferred)
	}
	if r.external[i] {
		return Decision{Code: CodeExtUPNAsAddress, Confidence: Inferred, domain: -1}, true
	}
	return Decision{Code: CodeNoUsableAddress, Confidence: Inferred, domain: -1}, true
}

// byDomain: [atlassian rows 1-15].
func (c nestedGroups) byDomain(r *Result, i, domain int32, t *tracer) Decision {
	state := r.state(domain)
	verified := state&domainVerified != 0
	if t != nil {
		t.domain(r, domain)
	}
	if verified {
		return Decision{Code: CodeDomainVerified, Confidence: c.verifiedConfidence(r, i), Account: Managed, domain: domain}
	}
	passes, conf := c.exception(r, i)
	if t != nil {
		t.add(passes, "external exception ("+r.Settings.ConnectorSettings.ExternalUsers+")",
			fmt.Sprintf("userType is %s; home is %s", shownType(r.typeOf(i)), home(r, i)), pageSync+" and "+pageSeed, conf)
	}
	if passes {
		return Decision{Code: CodeGuest, Confidence: conf, Account: External, domain: domain}
	}
	return c.notVerified(r, i, domain)
}

func home(r *Result, i int32) string {
	if r.external[i] {
		return "another tenant (#EXT#, " + text.Plain(HomeDomain(&r.Directory.Users[i])) + ")"
	}
	return "this tenant"
}

// verifiedConfidence: [atlassian rows 1-3] are documented;
// [atlassian row 4] (no type) and [atlassian row 5] (a member from another
// tenant) are inferred.
func (nestedGroups) verifiedConfidence(r *Result, i int32) Confidence {
	switch t := r.typeOf(i); {
	case t == TypeGuest:
		return Documented
	case t == TypeMember && !r.external[i]:
		return Documented
	}
	return Inferred
}

// exception is who passes although the domain isn't verified: "external users
// always sync" is documented, but not who is one
// [atlassian question 1]: [atlassian row 6] (reported), [atlassian row 7]
// (nested), [atlassian row 8] (invitation pending) and [atlassian row 12].
func (nestedGroups) exception(r *Result, i int32) (bool, Confidence) {
	u := &r.Directory.Users[i]
	typ := r.typeOf(i)
	conf := Reported
	if u.ExternalUserState == "PendingAcceptance" || r.scope.users[i]&inDirect == 0 || !r.external[i] || typ == "" {
		conf = Inferred
	}
	switch r.Settings.ConnectorSettings.ExternalUsers {
	case ExternalUsersNotMember:
		if typ != TypeGuest {
			conf = Inferred
		}
		return typ != TypeMember, conf
	case ExternalUsersExternal:
		if typ != TypeGuest {
			conf = Inferred
		}
		return r.external[i], conf
	}
	if typ != TypeGuest && typ != "" {
		conf = Reported // [atlassian row 9]: cross-tenant members don't sync
	}
	return typ == TypeGuest, conf
}

// notVerified: [atlassian rows 9-12].
func (nestedGroups) notVerified(r *Result, i, domain int32) Decision {
	d := Decision{domain: domain}
	switch {
	case r.external[i]:
		d.Code, d.Confidence = CodeExternalMember, Reported
	case r.state(domain)&domainPublic != 0:
		d.Code, d.Confidence = CodeDomainNotVerifiable, Documented
	default:
		d.Code, d.Confidence = CodeDomainNotVerified, Documented
	}
	if r.typeOf(i) == "" {
		d.Confidence = Inferred // [atlassian row 12]
	}
	return d
}

// warnings are those beside a decision by domain. differ: mail and principal
// name lie in two domains of which one is verified [atlassian row 17].
func (nestedGroups) warnings(r *Result, i, domain int32) (w Warnings, differ bool) {
	_, mail := r.mailOf(i)
	upn := r.Engine.upn[i]
	if mail >= 0 && upn >= 0 && mail != upn && (r.state(mail)^r.state(upn))&domainVerified != 0 {
		w |= WarnMailUPNDomainDiffer
		differ = true
	}
	if r.state(domain)&domainExpiring != 0 {
		w |= WarnVerificationExpiring
	}
	if r.types != nil && r.scope.users[i]&inDynamic != 0 && r.assumedGuest(i) {
		w |= WarnDynamicGroup
	}
	return w, differ
}

// effectOfLoss: [atlassian 1.6] and [atlassian rows 18-23].
func (nestedGroups) effectOfLoss(account Account, code Code, left bool) (string, Confidence) {
	switch {
	case (left || code == CodeAccountDisabled) && account == Managed:
		return "the Atlassian account is deactivated at the next sync", Inferred
	case left || code == CodeAccountDisabled:
		return "the account isn't managed here, so it lives on and at most loses its synced groups", Inferred
	case code == CodeNotInScope:
		return "leaves the synced groups at the next sync; whether a managed account is deactivated isn't documented", Inferred
	}
	return "is no longer updated and leaves the synced groups; what happens to the account isn't documented", Inferred
}
