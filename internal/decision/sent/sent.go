// Package sent is what a service hands to a target: per user what is sent, or
// why nothing is.
package sent

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// User is what a service sends of one user.
type User struct {
	// Nothing says that nothing is sent, for the reason Code.
	Nothing bool
	// Unassigned says that the user isn't assigned, whatever Code says.
	Unassigned bool
	Code       reason.Code
	Confidence reason.Confidence
	Warnings   reason.Warnings
	// At is the position of the target attribute that Code is about, -1 for none.
	At int16
	// Domain is the position of Address's domain, -1 where it is no address.
	Domain int32
	// Address becomes the account's; UserName and ExternalID identify the record.
	// "" where nothing flows.
	Address, UserName, ExternalID string
	// Match is what the target is asked for the user by first, "" for no value.
	Match string
	// Keeps says that Address is what the user has at the target already: none is
	// sent.
	Keeps bool
	// Hash is over everything that is sent.
	Hash uint32
	// Rule is the position among Needs.Values of the rule that the user breaks, -1 for
	// none.
	Rule int16
	// Lacks says that the user breaks no rule but that something is required: what is empty
	// isn't sent, so that nothing keeps out an update.
	Lacks bool
	// Type is the type of user that is sent, as far as it is one that is known.
	Type Type
	// Detail is what the service says of the reason, "" for nothing.
	Detail string
}

// Type is a type of user in Entra, as a service sends it.
type Type uint8

// The types. NoType is sent where no row gives one of the others.
const (
	NoType Type = iota
	Member
	Guest
)

// TypeOf is the type of a value, ignoring case.
func TypeOf(value string) Type {
	switch {
	case strings.EqualFold(value, "Member"):
		return Member
	case strings.EqualFold(value, "Guest"):
		return Guest
	}
	return NoType
}

// Deprovisions reports a reason for which the service disables who is there: out of
// scope or disabled, but not a filter on input ([atlassian 2.2], [expressions 6]).
func (u *User) Deprovisions(c reason.Code) bool {
	switch c {
	case reason.AccountDisabled, reason.NestedOnly, reason.GroupNotReadable:
		return true
	case reason.ScopingFilter:
		return u.Detail == "scoping filter"
	default:
		return false
	}
}

// Capabilities are what a service does with its target.
type Capabilities struct {
	// Creates, Updates and Deletes are the target object actions.
	Creates, Updates, Deletes bool
	// Disables says that who is disabled or leaves scope is disabled there.
	Disables bool
	// TypeAlways says that the type of user is written at every change, not on create
	// alone.
	TypeAlways bool
	// ByUserName, ByExternalID and ByOthers say by what the target is asked for a user.
	ByUserName, ByExternalID, ByOthers bool
}
