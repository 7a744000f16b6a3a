package atlassian

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Expect gives what the target holds of a user once the outcome is accepted: as
// read, or, where the service runs, as the decision without what-if expects it;
// else what was known before. d is the decision without what-if.
func (w *View) Expect(i int32, u *sent.User, d reason.Decision, runs bool) Basis {
	before := w.basis(i)
	if w.records != nil {
		if rec := w.match(i, u); rec != nil {
			return w.read(rec, u, before, d)
		}
	}
	var old Basis
	if before != nil {
		old = *before
		old.Read = false
	}
	if !runs {
		return old
	}
	switch {
	case d.Code == reason.Unlinked:
		return Basis{Link: NotLinked, Account: reason.External, Address: firstOf(old.Address, u.Address), Sent: u.Hash}
	case d.Code.Verdict() == reason.Sync && d.Warnings&reason.UpdateRefused != 0:
		return old
	case d.Code.Verdict() == reason.Sync && old.Link == Linked && (!w.Service.Updates || u.Address == ""):
		return old // nothing of what is there changes
	case d.Code.Verdict() == reason.Sync:
		return Basis{Link: Linked, Account: d.Account, Address: u.Address, Sent: u.Hash}
	case d.Code == reason.AccountDisabled && u.At >= 0 && w.Service.Creates && !w.DomainRule:
		// The mapping of active gives False: the record is made, inactive.
		return Basis{Link: Linked, Account: d.Account, Address: u.Address, Sent: u.Hash, Inactive: true}
	case old.Link == Linked && w.Service.Disables && deprovisions(d.Code, u):
		old.Inactive = true
	}
	return old
}

// deprovisions reports a reason for which the service disables who is there: out of
// scope or disabled, but not a filter on input ([atlassian 2.2], [expressions 6]).
func deprovisions(c reason.Code, u *sent.User) bool {
	switch c {
	case reason.AccountDisabled, reason.NestedOnly, reason.GroupNotReadable:
		return true
	case reason.ScopingFilter:
		return u.Detail == "scoping filter"
	}
	return false
}

// read is the basis by a user's record. What was sent last stays as it was known
// while an update that breaks the link is expected and hasn't come yet, and where
// none, or none of the address, is sent.
func (w *View) read(rec *directory.SCIMUser, u *sent.User, before *Basis, d reason.Decision) Basis {
	b := Basis{Link: Linked, Address: primary(rec), Sent: u.Hash, Read: true, Inactive: !rec.Active}
	if rec.AccountID == "" {
		b.Link = NotLinked
	}
	b.Account, _ = w.kind(b.Address, w.accounts.withID(rec.AccountID), w.Tenant.DomainAt(tenant.DomainOf(b.Address)))
	if b.Link == Linked && (d.Code == reason.Unlinked || !w.Service.Updates || u.Address == "") {
		b.Sent = 0 // whoever has no address sent keeps what was sent before
		if before != nil {
			b.Sent = before.Sent
		}
	}
	return b
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
