package atlassian

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Expect gives what the target holds of a user once the outcome is accepted: as
// read, or, where the service runs, as the decision without what-if expects it;
// else what was known before. d is the decision without what-if.
func (w *View) Expect(i int32, u *sent.User, d reason.Decision, runs bool) held.Basis {
	before := w.basis(i)
	if w.records != nil {
		if rec := w.match(i, u); rec != nil {
			return w.read(rec, u, before, d, runs)
		}
		before = nil // read, and there is none: what was expected never came, or is gone
	}
	var old held.Basis
	if before != nil {
		old = *before
		old.Read = false
	}
	if !runs {
		return old
	}
	switch {
	case d.Code == reason.Unlinked:
		// What was sent before stays: a record that is still linked tells that this update hasn't come.
		return held.Basis{
			Link:    held.NotLinked,
			Account: reason.External,
			Address: firstOf(old.Address, u.Address),
			Sent:    old.Sent,
		}
	case d.Code.Verdict() == reason.Sync && d.Warnings&reason.UpdateRefused != 0:
		return old
	case d.Code.Verdict() == reason.Sync && old.Link == held.Linked && (!w.Service.Updates || u.Address == ""):
		return old // nothing of what is there changes
	case d.Code.Verdict() == reason.Sync:
		return held.Basis{Link: held.Linked, Account: d.Account, Address: u.Address, Sent: u.Hash}
	case w.mappedInactive(d, u) && w.Service.Creates:
		return held.Basis{Link: held.Linked, Account: d.Account, Address: u.Address, Sent: u.Hash, Inactive: true}
	case old.Link == held.Linked && w.Service.Disables && u.Deprovisions(d.Code):
		old.Inactive = true
	}
	return old
}

// mappedInactive reports that the mapping of active gives False: a record is made, or
// kept, inactive.
func (w *View) mappedInactive(d reason.Decision, u *sent.User) bool {
	return d.Code == reason.AccountDisabled && u.At >= 0 && !w.DomainRule
}

// read is the basis by a user's record, and whether the service leaves it active.
func (w *View) read(
	rec *directory.SCIMUser,
	u *sent.User,
	before *held.Basis,
	d reason.Decision,
	runs bool,
) held.Basis {
	b := held.Basis{Link: held.Linked, Address: primary(rec), Read: true, Inactive: !rec.Active}
	switch {
	case !runs:
	case d.Code.Verdict() == reason.Sync:
		b.Inactive = false
	case w.mappedInactive(d, u) && w.Service.Updates, w.Service.Disables && u.Deprovisions(d.Code):
		b.Inactive = true
	}
	switch {
	case rec.AccountID == "":
		b.Link = held.NotLinked
	case d.Code == reason.UpdateExpected && before.Unlinking():
		b.Link = held.Unsure
	}
	b.Account, _ = w.kind(b.Address, w.accounts.withID(rec.AccountID), w.Tenant.DomainAt(tenant.DomainOf(b.Address)))
	b.Sent = w.sentLast(u, before, d, runs)
	return b
}

// sentLast is the hash of what will have been sent of a user whose record was read; 0
// where that isn't known. It stays as it was known while an update that breaks the
// link is expected and hasn't come yet, where it is refused, and where none, or none of
// the address, is sent.
func (w *View) sentLast(u *sent.User, before *held.Basis, d reason.Decision, runs bool) uint32 {
	known := uint32(0)
	if before != nil {
		known = before.Sent
	}
	switch {
	case !runs, d.Code == reason.Unlinked, d.Code == reason.UpdateExpected, !w.Service.Updates, u.Address == "",
		d.Warnings&reason.UpdateRefused != 0:
		return known
	case d.Code.Verdict() != reason.Sync && known != u.Hash:
		return 0 // what goes along with a disable isn't known
	}
	return u.Hash
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
