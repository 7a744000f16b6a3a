// Package held is what a target holds of users by the last evidence: read, or
// expected by the last accepted outcome.
package held

import (
	"cmp"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// History is what the last accepted outcome expects the target to hold. The zero
// History knows nothing.
type History struct {
	// Connector is the one under which it was accepted. What one connector brought to
	// the target isn't the other's: they can't be used at the same time [atlassian 1.1].
	Connector string
	// User is the basis of a user by object id; nil for none.
	User func(id string) *Basis
	// GroupName is the name that a group had in the target, "" for none.
	GroupName func(id string) string
	// Covered are the targets that Basis.Sent is over.
	Covered []string
	// Relinked are the object ids that were accepted as linked again: each counts once.
	Relinked []string
	// Domains are those of the addresses that are kept, each once: a user who stays
	// under an address may be the only one on its domain.
	Domains []string
	// SameAddress compares an address that was kept of a user with another one,
	// where what is kept may be a pseudonym; nil compares them as they are.
	SameAddress func(id, kept, address string) bool
	// Each goes over all users of whom there is a basis, by ascending object id.
	Each func(yield func(id string, b *Basis) bool)
	// Records are what else the target may hold, by ascending object id.
	Records []Record
}

// Record is what a target may hold beside what is expected of the users in scope.
type Record struct {
	ID string `json:"id"`
	// Basis is of somebody who is in scope no more, and whose record may be there still;
	// the zero Basis of others.
	Basis Basis `json:"basis,omitzero"`
	// Names are names that the user's record may have beside the one that is expected:
	// whether what gives or takes it got through isn't known.
	Names []string `json:"names,omitempty"`
}

// Record finds what else the target may hold of a user; nil for nothing.
func (h *History) Record(id string) *Record {
	i, found := slices.BinarySearchFunc(h.Records, id, func(r Record, id string) int { return cmp.Compare(r.ID, id) })
	if !found {
		return nil
	}
	return &h.Records[i]
}

// Of is what is expected of a user, in scope then or not; nil for nothing.
func (h *History) Of(id string) *Basis {
	if h.User == nil {
		return nil
	}
	if b := h.User(id); b != nil {
		return b
	}
	if rec := h.Record(id); rec != nil {
		return &rec.Basis
	}
	return nil
}

// Link says whether a record is linked to an account.
type Link uint8

// The links.
const (
	// LinkNone: nothing is known, or there is no record.
	LinkNone Link = iota
	Linked
	NotLinked
	// Unsure: an update that breaks the link was expected, and the record was linked
	// still. Whether the update is to come, or what was expected to be sent before it
	// never was, isn't known. At a SCIM application: whether the record has the name that is
	// expected, or one from before anything was known of it, isn't known.
	Unsure
)

// Basis is what the target holds of a user by the last evidence.
type Basis struct {
	Link    Link           `json:"link,omitempty"`
	Account reason.Account `json:"account,omitempty"`
	// Address is the account's; at a SCIM application it is the record's userName.
	Address string `json:"address,omitempty"`
	// Sent is the hash of what was sent last.
	Sent uint32 `json:"sent,omitempty"`
	// Inactive says that the record is: the sync deactivated it, and brings it back. Where no
	// record is expected, it says so of one that may be there all the same.
	Inactive bool `json:"inactive,omitempty"`
	// Read says that the evidence was read, not expected.
	Read bool `json:"read,omitempty"`
	// Left says that the user left the scope since the service sent something of them, or may
	// have: it may not notice that they come back before a restart.
	Left bool `json:"left,omitempty"`
}

// Present reports that a record is linked, as far as is known.
func (b *Basis) Present() bool { return b != nil && (b.Link == Linked || b.Link == Unsure) }

// AsLinked is the basis of a record that is linked.
func (b Basis) AsLinked() *Basis {
	b.Link = Linked
	return &b
}

// Unlinking reports that an update which breaks the link was expected.
func (b *Basis) Unlinking() bool { return b != nil && (b.Link == NotLinked || b.Link == Unsure) }
