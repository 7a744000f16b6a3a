package atlassian

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
)

// Expect gives what the target holds of a user once the outcome is accepted: as
// read, or, where the service runs, as the decision without what-if expects it;
// else what was known before. d is the decision without what-if.
func (w *View) Expect(i int32, u *sent.User, d reason.Decision, runs bool) Basis {
	before := w.basis(i)
	if w.records != nil {
		return w.read(u, before)
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
	case d.Code.Verdict() == reason.Sync:
		return Basis{Link: Linked, Account: d.Account, Address: u.Address, Sent: u.Hash}
	}
	return old
}

// read is the basis by a record. What was sent last stays as it was known, as long
// as the record doesn't show that what would be sent now has arrived.
func (w *View) read(u *sent.User, before *Basis) Basis {
	rec := w.match(u)
	if rec == nil {
		return Basis{Read: true}
	}
	b := Basis{Link: Linked, Address: primary(rec), Sent: u.Hash, Read: true}
	if rec.AccountID == "" {
		b.Link = NotLinked
	}
	b.Account, _ = w.kind(b.Address, rec.AccountID, w.Tenant.DomainAt(tenant.DomainOf(b.Address)))
	if before != nil && before.Link == Linked && w.comparable && !w.same(rec, u) {
		b.Sent = before.Sent
	}
	return b
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
