package atlassian

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// unlinks is the update that breaks the link ([atlassian 2.6],
// [atlassian row 23], [atlassian row 34]): the account keeps its address.
func (w *View) unlinks(d reason.Decision, i int32, u *sent.User, address string, tr *reason.Trace) reason.Decision {
	if u.Keeps { // whether anything else is sent than the address that isn't, isn't known
		return w.fail(d, reason.UpdateExpected, reason.Inferred, reason.ActionUpdate)
	}
	if tr != nil {
		tr.Add(true, "update of an account that isn't managed", "the next update breaks the link: the account isn't "+
			"managed by the organization before or after it; it stays under "+text.Plain(address),
			reason.PageUnlink, reason.Documented)
	}
	w.note(i, "", address)
	d.Account = reason.External
	return w.fail(d, reason.Unlinked, reason.Documented, reason.ActionUnlink)
}

// refused reports an address that another account, or another record, holds: the
// update fails at every cycle and the user stays under the old address, with the kind
// of account that this one has ([atlassian row 33], [atlassian row 24]). rec is the
// user's own record and own their account, as far as they were read.
func (w *View) refused(
	d *reason.Decision,
	i int32,
	u *sent.User,
	rec *directory.SCIMUser,
	own *directory.Account,
	old string,
	tr *reason.Trace,
) bool {
	if strings.EqualFold(old, u.Address) {
		return false
	}
	by, shown := w.otherOf(u.Address, rec, own)
	if by == "" {
		return false
	}
	if tr != nil {
		tr.Add(
			true,
			RuleAddressFree,
			shown+" already holds "+text.Plain(u.Address)+"; this one stays under "+text.Plain(old),
			reason.PageConflict409,
			reason.Documented,
		)
	}
	w.note(i, by+" holds the new address", old)
	kept := *u
	if kept.Address, kept.Domain = old, w.Tenant.DomainAt(tenant.DomainOf(old)); kept.Domain >= 0 {
		*d = w.kindOver(i, &kept, own)
	}
	d.Warnings |= reason.UpdateRefused
	d.Action = reason.ActionFail
	return true
}

// Expected reports that a linked record of a user is expected.
func (w *View) Expected(i int32) bool { return w.basis(i).Present() }

// Holds reports that a user's own record is expected to hold an address. Records that
// were read tell it themselves.
func (w *View) Holds(i int32, address string) bool {
	if w.records != nil || w.DomainRule {
		return false
	}
	b := w.basis(i)
	return b.Present() && w.sameAddress(i, b.Address, address)
}

// Taken is the decision of somebody who would sync to an address that another user's
// record is expected to hold: a create is refused [atlassian row 24], and so is an
// update, after which who is there stays under the old address [atlassian row 33].
func (w *View) Taken(i int32, u *sent.User, d reason.Decision) reason.Decision {
	b := w.basis(i)
	if !b.Present() || b.Inactive && w.Service.Disables {
		w.note(i, "another record is expected to hold the address", "")
		return w.fail(d, reason.AddressTaken, reason.Inferred, reason.ActionFail)
	}
	w.note(i, "another record is expected to hold the new address", b.Address)
	kept := *u
	if kept.Address, kept.Domain = b.Address, w.Tenant.DomainAt(tenant.DomainOf(b.Address)); kept.Domain >= 0 {
		d = w.kindOver(i, &kept, w.accounts.of(b.Address, ""))
	}
	d.Warnings |= reason.UpdateRefused
	d.Confidence, d.Action = reason.Inferred, reason.ActionFail
	return d
}

// otherOf says who else than a user holds an address, without and with the name; ""
// for nobody.
func (w *View) otherOf(address string, rec *directory.SCIMUser, own *directory.Account) (by, shown string) {
	mine := ""
	switch {
	case own != nil:
		mine = own.AccountID
	case rec != nil:
		mine = rec.AccountID
	}
	if w.accounts.of(address, mine) != nil {
		return "another account", "another Atlassian account"
	}
	if rec != nil {
		if other := w.records.at(w.records.byEmail, strings.ToLower(address)); other != nil && other != rec {
			return "another record", "another record (" + recordText(other) + ")"
		}
	}
	return "", ""
}

// changedAtSource reports that something else is sent than the history knows: an
// update follows from the source [atlassian 2.6]. Where the hashes aren't over
// the same rows, or none is known, it isn't known what was sent, and that is no change.
func (w *View) changedAtSource(b *held.Basis, u *sent.User) bool {
	return b != nil && b.Link == held.Linked && w.comparable && b.Sent != 0 && b.Sent != u.Hash
}

// breaks reports that an update unlinks: the account isn't managed before or
// after it [atlassian 2.6]. expected and address are what is known of it before, own
// the account where accounts were read.
func (w *View) breaks(i int32, expected reason.Account, address string, own *directory.Account, u *sent.User) bool {
	before := expected
	if own != nil {
		before = reason.External
		if own.ClaimStatus == ClaimManaged {
			before = reason.Managed
		}
	}
	after, _ := w.kind(u.Address, own, u.Domain)
	if w.sameAddress(i, address, u.Address) {
		// The kind moves with the domain's verification, not with the update.
		before = after
	}
	return before != reason.Managed || after != reason.Managed
}

func (w *View) sameAddress(i int32, kept, address string) bool {
	if w.History.SameAddress != nil {
		return w.History.SameAddress(w.Tenant.Users[i].ID, kept, address)
	}
	return strings.EqualFold(kept, address)
}

// basis is what the history expects of a user; nil for nothing, or where an
// administrator linked the user again.
func (w *View) basis(i int32) *held.Basis {
	if w.History.User == nil {
		return nil
	}
	id := w.Tenant.Users[i].ID
	b := w.History.User(id)
	if w.relinked[id] && b.Unlinking() {
		linked := *b
		linked.Link = held.LinkNone
		return &linked
	}
	return b
}

func recordText(r *directory.SCIMUser) string {
	s := text.Plain(r.UserName)
	if p := primary(r); p != "" && !strings.EqualFold(p, r.UserName) {
		s += " (" + text.Plain(p) + ")"
	}
	if !r.Active {
		s += ", inactive"
	}
	if r.AccountID == "" {
		return s + ", not linked to an account"
	}
	return s + ", linked to an account"
}

func basisText(b *held.Basis) string {
	link := "a record linked to an account"
	switch b.Link {
	case held.NotLinked:
		link = "a record that isn't linked"
	case held.Unsure:
		link = "a record that the next update may unlink"
	case held.Linked, held.LinkNone: // none isn't told
	}
	return link + " (" + b.Account.String() + "), as accepted last"
}
