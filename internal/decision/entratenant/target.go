package entratenant

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// RuleInternal is the rule that internal members alone come.
const RuleInternal = "internal member"

// Needs are what the target tenant asks of what is sent. It finds users by
// alternativeSecurityIds, made of an id that can't be read, and no other attribute may
// match ([cross-tenant 2], documented). Of internal users alternativeSecurityIds is
// "None", as the filter that every such job has takes it [cross-tenant 2].
func Needs() sent.Needs {
	return sent.Needs{
		Name:          "userPrincipalName",
		Address:       "mail",
		Active:        "accountEnabled",
		Type:          "userType",
		MatchesItself: true,
		Given:         map[string]string{"alternativeSecurityIds": "None"},
	}
}

// Target is the target tenant, prepared for the source tenant.
type Target struct {
	History held.History
	// There is the target tenant's reading, nil where it wasn't read.
	There *directory.Directory

	pairs      *Pairs
	service    sent.Capabilities
	comparable bool
}

// New prepares the target tenant. there is its reading, nil for none; home reports a home
// domain of the source tenant's people, nil for its verified domains.
func New(t *tenant.Tenant, there *directory.Directory, home func(domain string) bool, h held.History) *Target {
	out := &Target{History: h, There: there}
	if there == nil {
		return out
	}
	if home == nil {
		home = t.OwnDomain
	}
	out.pairs = Match(t.Directory, there, home)
	return out
}

// SourceOf is the position in the source tenant of a user of the target tenant, -1 for
// nobody.
func (t *Target) SourceOf(there int32) int32 { return t.pairs.SourceOf[there] }

// Serve tells what the service does with the target, and over which targets the hash of
// what is sent is.
func (t *Target) Serve(c sent.Capabilities, covered []string) {
	t.service = c
	t.comparable = t.History.User != nil && slices.Equal(t.History.Covered, covered)
}

// Unchecked are the parts of the target that weren't read.
func (t *Target) Unchecked() []string {
	var out []string
	if t.There == nil {
		out = append(out, "target_tenant")
	}
	if t.History.User == nil {
		out = append(out, "history")
	}
	return out
}

// View is the target under assumptions.
type View struct {
	*Target
	Tenant *tenant.View
}

// Under gives the target under a view's assumptions.
func (t *Target) Under(v *tenant.View) *View { return &View{Target: t, Tenant: v} }

// standing is what the target tenant has of a user.
type standing struct {
	known, there bool
	typ          sent.Type
	enabled      bool
	// former says that the job deleted the user there, who was of the type: they may be restored.
	former bool
}

// standing looks a user up: as read, else as expected.
func (w *View) standing(i int32) standing {
	b := w.basis(i)
	s := standing{typ: sent.Member, former: deleted(b)}
	if b != nil && b.Account == reason.GuestAccount {
		s.typ = sent.Guest
	}
	switch {
	case w.pairs == nil:
		s.known = s.former || b.Present()
		s.there = b.Present()
		s.enabled = s.there && !b.Inactive
		return s
	case w.pairs.ThereOf[i] < 0:
		s.known = true
		return s
	}
	u := &w.There.Users[w.pairs.ThereOf[i]]
	s = standing{known: true, there: true, typ: sent.TypeOf(u.UserType)}
	s.enabled = u.AccountEnabled != directory.False
	return s
}

// basis is what the history expects of a user; nil for nothing.
func (w *View) basis(i int32) *held.Basis { return w.History.Of(w.Tenant.Users[i].ID) }

// deleted reports somebody whom the job deleted in the target tenant.
func deleted(b *held.Basis) bool { return b != nil && b.Left && !b.Present() }

// Former reports somebody who isn't in the target tenant, and whom the job deleted there.
func (w *View) Former(i int32) bool { return w.standing(i).former }

// Creates reports that the service creates users.
func (t *Target) Creates() bool { return t.service.Creates }

// Gone is what the target tenant has of a user whom the source doesn't have any more: they
// are deleted there, too, where the job deletes [cross-tenant 6].
func (t *Target) Gone(b held.Basis) held.Basis {
	if b.Present() && t.service.Deletes {
		return former(b)
	}
	return b
}

// former is the basis of somebody whom the job deletes.
func former(b held.Basis) held.Basis { return held.Basis{Left: true, Account: b.Account} }

// Receive decides what becomes of a user for whom something is sent, or says why
// nothing is.
func (w *View) Receive(i int32, u *sent.User, _ uint8, tr *reason.Trace) reason.Decision {
	d := reason.Decision{Code: u.Code, Confidence: u.Confidence, Warnings: u.Warnings, Domain: -1}
	s := w.standing(i)
	if u.Nothing && outside(u.Code) {
		return d
	}
	internal := !w.Tenant.External(i) && w.Tenant.Type(i) != tenant.TypeGuest
	if tr != nil {
		tr.Add(!internal, RuleInternal, w.shown(i), reason.PageCrossTenant, reason.Documented)
	}
	switch {
	case !internal:
		d.Code, d.Confidence = reason.NotInternalMember, reason.Documented
		return d
	case u.Nothing && u.Code == reason.AccountDisabled && s.there && s.enabled && w.service.Disables:
		d.Action = reason.ActionDeactivate
		return d
	case u.Nothing:
		return d
	}
	_, d.Domain = w.Tenant.Mail(i)
	if s.former {
		return w.returns(u, s, d, tr)
	}
	if !s.there && !w.verified(d.Domain, tr) {
		d.Code, d.Confidence, d.Action = reason.MailDomainNotVerified, reason.Inferred, reason.ActionFail
		return d
	}
	if tr != nil {
		tr.Note("SMS sign-in", "who signs in by SMS is left out, and no reading shows who does",
			reason.PageKnownIssues, reason.Documented)
	}
	return w.comes(i, u, s, d, tr)
}

// returns decides somebody whom the job deleted: "restored" where they are back within 30
// days, without anything that is asked of a new user, and created anew else
// [cross-tenant 6]. When they were deleted isn't known, so that both must come to the same.
func (w *View) returns(u *sent.User, s standing, d reason.Decision, tr *reason.Trace) reason.Decision {
	restored := s.typ
	if w.service.TypeAlways && u.Type != sent.NoType {
		restored = u.Type
	}
	created := w.verified(d.Domain, tr) && w.service.Creates && w.service.Updates
	if tr != nil {
		tr.Note("in the target tenant", "the job deleted the user there as "+strings.ToLower(typeName(s.typ))+
			": back within 30 days they are restored, later they are created", reason.PageCrossTenant, reason.Inferred)
	}
	switch {
	case !created || u.Type != restored:
		d.Code, d.Confidence, d.Action = reason.LinkUnknown, reason.Inferred, reason.ActionNone
	case restored == sent.Guest:
		d.Code, d.Confidence, d.Action = reason.GuestCreated, u.Confidence, reason.ActionCreateOrKeep
	default:
		d.Code, d.Confidence, d.Action = reason.MemberCreated, u.Confidence, reason.ActionCreateOrKeep
	}
	return d
}

// outside reports a reason that lies before the target: nobody is looked at who isn't in
// scope.
func outside(c reason.Code) bool {
	switch c {
	case reason.NotInScope, reason.NestedOnly, reason.GroupNotReadable, reason.MembersUnreadable:
		return true
	default:
		return false
	}
}

func (w *View) shown(i int32) string {
	switch {
	case w.Tenant.External(i):
		return "an external user of this tenant (" + text.Plain(tenant.HomeDomain(&w.Tenant.Users[i])) + ")"
	case w.Tenant.Type(i) == tenant.TypeGuest:
		return "an internal guest"
	}
	return "an internal user"
}

// verified: the mail must lie on a verified domain [cross-tenant 1, D]; that it is the
// source tenant that must have verified it is inferred.
func (w *View) verified(domain int32, tr *reason.Trace) bool {
	name := w.Tenant.DomainName(domain)
	ok := domain >= 0 && w.Tenant.OwnDomain(name)
	if tr != nil {
		observed := "the user has no mail"
		if domain >= 0 {
			observed = text.Plain(name) + " isn't a verified domain of this tenant"
			if ok {
				observed = text.Plain(name) + " is a verified domain of this tenant"
			}
		}
		tr.Add(!ok, "mail on a verified domain", observed, reason.PageKnownIssues, reason.Inferred)
	}
	return ok
}

// comes decides somebody who comes, or is there: the type is written at every change, or
// on create alone [cross-tenant 3].
func (w *View) comes(i int32, u *sent.User, s standing, d reason.Decision, tr *reason.Trace) reason.Decision {
	typ := u.Type
	d.Confidence = u.Confidence
	switch {
	case !s.known:
		d.Action = reason.ActionCreateOrKeep
	case !s.there && !w.service.Creates:
		d.Code, d.Confidence = reason.CreateDisabled, reason.Documented
		return d
	case !s.there:
		d.Action = reason.ActionCreate
	case !s.enabled && !w.service.Disables:
		if tr != nil {
			tr.Add(true, "in the target tenant", "the user is blocked there, and the job writes nothing that unblocks "+
				"them", reason.PageCrossTenant, reason.Inferred)
		}
		d.Code, d.Confidence, d.Action = reason.AccountDeactivated, reason.Inferred, reason.ActionNone
		return d
	default:
		d.Action = reason.ActionKeep
		converts := typ != sent.NoType && typ != s.typ && w.service.TypeAlways && w.service.Updates
		if !converts {
			typ = s.typ
		}
		if converts || w.changed(i, u) || !s.enabled && w.service.Disables {
			d.Action = reason.ActionUpdate
		}
		if tr != nil {
			tr.Note("in the target tenant", w.told(s, u, converts), reason.PageCrossTenant, reason.Documented)
		}
	}
	if !s.known && !w.service.Creates {
		d.Code, d.Confidence, d.Action = reason.LinkUnknown, reason.Inferred, reason.ActionNone
		return d
	}
	if !w.service.Updates {
		d.Warnings |= reason.UpdatesOff
	}
	switch typ {
	case sent.Member:
		d.Code = reason.MemberCreated
	case sent.Guest:
		d.Code = reason.GuestCreated
	case sent.NoType:
		d.Code, d.Confidence = reason.AttributeUnknown, reason.Inferred
	}
	return d
}

// changed reports that something else is sent than the history knows.
func (w *View) changed(i int32, u *sent.User) bool {
	if !w.comparable {
		return false
	}
	b := w.basis(i)
	return b.Present() && b.Sent != 0 && b.Sent != u.Hash
}

func (w *View) told(s standing, u *sent.User, converts bool) string {
	observed := "the user is there as " + strings.ToLower(typeName(s.typ))
	switch {
	case converts:
		return observed + ", and the next change makes them a " + strings.ToLower(typeName(u.Type)) +
			": the job writes userType always"
	case u.Type != s.typ && u.Type != sent.NoType:
		return observed + ", and stays so: the job writes userType on create alone"
	}
	return observed
}

func typeName(t sent.Type) string { return [...]string{"a user without a type", "Member", "Guest"}[t] }

// Expect gives what the target tenant has of a user once the outcome is accepted: where
// the service runs, as the decision without what-if expects it; else what was known.
func (w *View) Expect(i int32, u *sent.User, d reason.Decision, runs bool) held.Basis {
	old := w.before(i)
	if !runs {
		return old
	}
	b := held.Basis{Link: held.Linked, Address: w.KeptAddress(i), Sent: u.Hash}
	switch {
	case d.Code == reason.MemberCreated && old.Present() && !w.service.Updates,
		d.Code == reason.GuestCreated && old.Present() && !w.service.Updates:
		return old
	case d.Code == reason.MemberCreated:
		return b
	case d.Code == reason.GuestCreated:
		b.Account = reason.GuestAccount
		return b
	case old.Present() && d.Code == reason.AccountDisabled && u.Unassigned && w.service.Deletes && !old.Inactive:
		return former(old) // who was disabled at an earlier run isn't deleted [cross-tenant 6]
	case old.Present() && d.Code == reason.AccountDisabled && w.service.Disables:
		old.Inactive = true
	case old.Present() && w.service.Deletes && removes(d.Code, u):
		return former(old)
	}
	return old
}

// removes reports a reason for which a user is deleted in the target [cross-tenant 6].
func removes(c reason.Code, u *sent.User) bool {
	switch c {
	case reason.NotInScope, reason.NestedOnly, reason.GroupNotReadable:
		return true
	case reason.ScopingFilter:
		return u.Detail == "scoping filter"
	default:
		return false
	}
}

// before is what the target has of a user, as read, else as expected.
func (w *View) before(i int32) held.Basis {
	if w.pairs != nil {
		at := w.pairs.ThereOf[i]
		if b := w.basis(i); at < 0 && deleted(b) {
			return *b
		}
		if at < 0 {
			return held.Basis{}
		}
		there := &w.There.Users[at]
		b := held.Basis{Link: held.Linked, Address: there.Mail, Read: true}
		b.Inactive = there.AccountEnabled == directory.False
		if there.UserType == tenant.TypeGuest {
			b.Account = reason.GuestAccount
		}
		return b
	}
	b := w.basis(i)
	if b == nil {
		return held.Basis{}
	}
	old := *b
	old.Read = false
	return old
}

// Detail is what a decision's own fields don't hold.
func (w *View) Detail(int32) string { return "" }

// KeptAddress is the user's mail, whatever the job maps to mail: it is what must be
// verified, and what makes two users one ([cross-tenant 1], [cross-tenant 4]).
func (w *View) KeptAddress(i int32) string {
	mail, _ := w.Tenant.Mail(i)
	return mail
}

// Expected reports that a user is there.
func (w *View) Expected(i int32) bool { return w.standing(i).there }

// Holds is false: users of one mail become one user of the target tenant, and whose
// that is, isn't known [cross-tenant 4].
func (*View) Holds(int32, string) bool { return false }

// Taken doesn't occur, since nobody holds an address.
func (*View) Taken(_ int32, _ *sent.User, d reason.Decision) reason.Decision { return d }
