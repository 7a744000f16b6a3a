package atlassian

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// RuleAddressFree is the rule that a trace has of an address that somebody holds.
const RuleAddressFree = "address free"

// overSCIM decides somebody who is sent over SCIM: what the target holds is read,
// or expected by the history, or not known; then no obstacle is assumed.
func (w *View) overSCIM(i int32, u *sent.User, how uint8, tr *reason.Trace) reason.Decision {
	var rec *directory.SCIMUser
	var own *directory.Account
	switch b := w.basis(i); {
	case w.records != nil:
		if rec = w.match(i, u); rec != nil {
			own = w.accounts.withID(rec.AccountID)
		}
	case b != nil && b.Link == held.Linked:
		own = w.accounts.of(b.Address, "")
	}
	d := w.kindOver(i, u, own)
	if !w.Service.Updates {
		d.Warnings |= reason.UpdatesOff
	}
	switch {
	case rec != nil:
		return w.byRecord(d, i, u, rec, own, how, tr)
	case w.records != nil:
		return w.create(d, i, u, tr)
	}
	return w.byHistory(d, i, u, own, tr)
}

// keeping gives somebody who is there already the address that they have: where
// Update is off, and where none is sent, since null isn't exported and clears
// nothing [expressions 5]. Only a create needs one.
func (w *View) keeping(i int32, u *sent.User) *sent.User {
	address := ""
	if b := w.basis(i); b.Present() {
		address = b.Address
	}
	if w.records != nil {
		address = ""
		if rec := w.match(i, u); rec != nil {
			address = primary(rec)
		}
	}
	domain := w.Tenant.DomainAt(tenant.DomainOf(address))
	if domain < 0 {
		return u
	}
	if !strings.EqualFold(address, u.Address) {
		w.note(i, "", address)
	}
	kept := *u
	kept.Nothing, kept.Keeps, kept.Address, kept.Domain = false, true, address, domain
	kept.At, kept.Confidence = -1, reason.Documented
	return &kept
}

// kindOver: [atlassian rows 1-12], the SCIM column: a domain that isn't verified
// only makes another kind of account.
func (w *View) kindOver(i int32, u *sent.User, own *directory.Account) reason.Decision {
	typ, state := w.Tenant.Type(i), w.State(u.Domain)
	d := reason.Decision{Domain: u.Domain, Warnings: u.Warnings, Action: reason.ActionCreateOrKeep}
	var sure reason.Confidence
	d.Account, sure = w.kind(u.Address, own, u.Domain)
	if state&Verified != 0 {
		d.Code, d.Confidence = reason.DomainVerified, sure
		if typ == "" || typ == tenant.TypeMember && w.Tenant.External(i) {
			d.Confidence = reason.Inferred // [atlassian rows 4-5]
		}
		if state&Expiring != 0 {
			d.Warnings |= reason.VerificationExpiring
		}
	} else {
		d.Code = reason.ExternalSCIM
		// [atlassian row 6] and [atlassian row 11] are documented; [atlassian rows 8-10]
		// and [atlassian row 12] are inferred.
		if typ == "" ||
			w.Tenant.External(i) &&
				(typ != tenant.TypeGuest || w.Tenant.Users[i].ExternalUserState == "PendingAcceptance") {
			d.Confidence = reason.Inferred
		}
	}
	if d.Account == reason.External && w.Service.Updates {
		d.Warnings |= reason.UnlinksOnUpdate
	}
	return d
}

// match finds a user's own record: the one that bears their externalId, which the
// service knows once it has joined them, or else what it asks the target for, or
// what the history knows them by.
func (w *View) match(i int32, u *sent.User) *directory.SCIMUser {
	r := w.records
	if rec := r.at(r.byExternalID, u.ExternalID); rec != nil {
		return rec
	}
	if w.Service.ByUserName {
		if rec := r.at(r.byName, strings.ToLower(u.UserName)); rec != nil {
			return rec
		}
	}
	if b := w.basis(i); b.Present() {
		return r.at(r.byEmail, strings.ToLower(b.Address))
	}
	return nil
}

// holder finds another record that holds what must be one user's own
// ([atlassian 2.5], [atlassian row 24]).
func (w *View) holder(u *sent.User, own *directory.SCIMUser) *directory.SCIMUser {
	r := w.records
	for _, rec := range []*directory.SCIMUser{
		r.at(r.byName, strings.ToLower(u.UserName)),
		r.at(r.byExternalID, u.ExternalID),
		r.at(r.byEmail, strings.ToLower(u.Address)),
	} {
		if rec != nil && rec != own {
			return rec
		}
	}
	return nil
}

// byRecord decides with their own SCIM record read.
func (w *View) byRecord(
	d reason.Decision,
	i int32,
	u *sent.User,
	rec *directory.SCIMUser,
	own *directory.Account,
	how uint8,
	tr *reason.Trace,
) reason.Decision {
	if tr != nil {
		tr.Note("SCIM record", recordText(rec), reason.PageHow, reason.Documented)
	}
	if rec.AccountID == "" {
		w.note(i, "", primary(rec))
		d.Account = reason.External
		return w.fail(d, reason.Unlinked, reason.Documented, reason.ActionNone)
	}
	before := w.basis(i)
	expected := before.Unlinking()
	if expected { // and the record is linked still
		before = before.AsLinked()
	}
	switch differs := !w.same(rec, u); {
	case !differs || !w.Service.Updates:
		d.Action = reason.ActionKeep
		if w.Service.Updates && w.changedAtSource(before, u) {
			if w.breaks(i, before.Account, primary(rec), own, u) {
				if expected { // nothing of the record shows whether it was sent what is known
					return w.fail(d, reason.UpdateExpected, reason.Inferred, reason.ActionUpdate)
				}
				return w.unlinks(d, i, u, primary(rec), tr)
			}
			d.Action = reason.ActionUpdate
		}
	case w.refused(&d, i, u, rec, own, primary(rec), tr):
		if !rec.Active && w.Service.Disables { // the update that is refused would have brought it back
			return w.fail(d, reason.AddressTaken, reason.Inferred, reason.ActionFail)
		}
		return w.inactive(d, i, own, rec, how, tr)
	case w.changedAtSource(before, u) && w.breaks(i, before.Account, primary(rec), own, u):
		return w.unlinks(d, i, u, primary(rec), tr)
	case w.Restarts && d.Account == reason.External:
		return w.fail(d, reason.UpdateExpected, reason.Inferred, reason.ActionUpdate)
	default:
		d.Warnings |= reason.UpdatePending
		d.Action = reason.ActionUpdate
	}
	return w.inactive(d, i, own, rec, how, tr)
}

// inactive looks at whether a user's own record is active, whatever else of it
// differs, and then at the account.
func (w *View) inactive(
	d reason.Decision,
	i int32,
	own *directory.Account,
	rec *directory.SCIMUser,
	how uint8,
	tr *reason.Trace,
) reason.Decision {
	if !rec.Active && !w.Service.Disables {
		return w.fail(d, reason.AccountDeactivated, reason.Documented, reason.ActionNone) // nothing brings it back
	}
	if !rec.Active {
		d.Action = reason.ActionUpdate
		if how&tenant.Alone == 0 {
			d.Warnings |= reason.RestartNeeded // [atlassian row 37]
		}
	}
	return w.state(d, i, own, rec, tr)
}

// same compares what a record shows with what would be sent.
func (w *View) same(rec *directory.SCIMUser, u *sent.User) bool {
	if !strings.EqualFold(primary(rec), u.Address) {
		return false
	}
	return (u.UserName == "" || strings.EqualFold(rec.UserName, u.UserName)) &&
		(u.ExternalID == "" || rec.ExternalID == "" || strings.EqualFold(rec.ExternalID, u.ExternalID))
}

// create decides somebody who has no record.
func (w *View) create(d reason.Decision, i int32, u *sent.User, tr *reason.Trace) reason.Decision {
	if rec := w.holder(u, nil); rec != nil {
		if tr != nil {
			tr.Add(
				true,
				RuleAddressFree,
				"another record holds it: "+recordText(rec),
				reason.PageConflict409,
				reason.Documented,
			)
		}
		w.note(i, "another record holds the address", "")
		return w.fail(d, reason.AddressTaken, reason.Documented, reason.ActionFail)
	}
	if !w.Service.Creates {
		if tr != nil {
			tr.Add(true, "Create", "Create is off in the job's mapping of users, and no record is "+
				"there", reason.PageHow, reason.Documented)
		}
		return w.fail(d, reason.CreateDisabled, reason.Documented, reason.ActionNone)
	}
	d.Action = reason.ActionCreate
	if a := w.accounts.of(u.Address, ""); a != nil {
		d.Action = reason.ActionLink
		return w.state(d, i, a, nil, tr)
	}
	return d
}

// byHistory decides without the SCIM records: by what is expected, and by the
// account of the address where accounts were read.
func (w *View) byHistory(
	d reason.Decision,
	i int32,
	u *sent.User,
	own *directory.Account,
	tr *reason.Trace,
) reason.Decision {
	b := w.basis(i)
	if b == nil || b.Link == held.LinkNone {
		return w.unseen(d, i, u, tr)
	}
	if tr != nil {
		tr.Note("expected at the target", basisText(b), reason.PageHow, reason.Inferred)
	}
	if b.Link == held.Unsure {
		if w.breaks(i, b.Account, b.Address, own, u) {
			return w.fail(d, reason.UpdateExpected, reason.Inferred, reason.ActionUpdate)
		}
		b = b.AsLinked()
	}
	if b.Link == held.NotLinked {
		if d.Account == reason.Managed {
			return w.fail(d, reason.LinkUnknown, reason.Inferred, reason.ActionNone)
		}
		w.note(i, "", b.Address)
		return w.fail(d, reason.Unlinked, reason.Documented, reason.ActionNone)
	}
	d.Action = reason.ActionKeep
	moved := !w.sameAddress(i, b.Address, u.Address)
	if w.Service.Updates && (moved || w.changedAtSource(b, u)) {
		d.Action = reason.ActionUpdate
		switch {
		case moved && own != nil && w.refused(&d, i, u, nil, own, b.Address, tr):
			if b.Inactive && w.Service.Disables { // the update that is refused would have brought it back
				return w.fail(d, reason.AddressTaken, reason.Inferred, reason.ActionFail)
			}
		case w.breaks(i, b.Account, b.Address, own, u):
			return w.unlinks(d, i, u, b.Address, tr)
		}
	}
	a := own
	if a == nil {
		a = w.accounts.of(u.Address, "")
	}
	if b.Inactive && !w.Service.Disables {
		return w.fail(d, reason.AccountDeactivated, reason.Documented, reason.ActionNone)
	}
	if b.Inactive {
		d.Action = reason.ActionUpdate
		return w.state(d, i, a, &directory.SCIMUser{Active: false}, tr)
	}
	return w.state(d, i, a, nil, tr)
}

// unseen decides somebody of whom nothing is known at the target.
func (w *View) unseen(d reason.Decision, i int32, u *sent.User, tr *reason.Trace) reason.Decision {
	a := w.accounts.of(u.Address, "")
	if !w.Service.Creates {
		if tr != nil {
			tr.Add(true, "Create", "Create is off in the job's mapping of users: only who has a record syncs, and "+
				"the records weren't read", reason.PageHow, reason.Documented)
		}
		if w.accounts != nil && a == nil {
			return w.fail(d, reason.CreateDisabled, reason.Inferred, reason.ActionNone)
		}
		return w.fail(d, reason.LinkUnknown, reason.Inferred, reason.ActionNone)
	}
	return w.state(d, i, a, nil, tr)
}

// state looks at the account itself [atlassian 3.4]. One whose own record is
// inactive was deactivated by the sync, which brings it back; whose isn't known, that
// isn't known either.
func (w *View) state(
	d reason.Decision,
	i int32,
	a *directory.Account,
	rec *directory.SCIMUser,
	tr *reason.Trace,
) reason.Decision {
	if a == nil {
		return d
	}
	d.Warnings |= warningsOf(a)
	// The sync can deactivate managed accounts alone [atlassian row 19]. One that is up
	// for deletion stays without access, whoever deactivated it [atlassian row 41].
	byHand := a.ClaimStatus == ClaimUnmanaged || a.Status == forDeletion || rec != nil && rec.Active
	if !isInactive(a) || rec != nil && !byHand {
		return d
	}
	if tr != nil {
		tr.Add(true, "account active", "the Atlassian account is deactivated", reason.PageDeactivated, reason.Reported)
	}
	switch {
	case !byHand && w.records != nil:
		// A create links it; that it comes back isn't documented.
		return w.fail(d, reason.AccountDeactivated, reason.Inferred, reason.ActionLink)
	case !byHand:
		// The sync may have deactivated it, and brings it back then.
		w.note(i, "the account is deactivated", "")
		return w.fail(d, reason.LinkUnknown, reason.Inferred, reason.ActionNone)
	}
	if a.Status == forDeletion {
		return w.fail(d, reason.AccountDeactivated, reason.Inferred, reason.ActionNone)
	}
	return w.fail(d, reason.AccountDeactivated, reason.Reported, reason.ActionNone)
}

// fail puts another code in place of one that syncs.
func (w *View) fail(d reason.Decision, code reason.Code, c reason.Confidence, action reason.Action) reason.Decision {
	d.Code, d.Confidence, d.Action = code, c, action
	d.Warnings &^= reason.UnlinksOnUpdate
	if code == reason.AddressTaken || code == reason.CreateDisabled {
		d.Account = reason.NoAccount
	}
	return d
}
