// Package sent is what a service hands to a target: per user what is sent, or
// why nothing is.
package sent

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// User is what a service sends of one user.
type User struct {
	// Nothing says that nothing is sent, for the reason Code.
	Nothing    bool
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
	// Keeps says that Address is what the user has at the target already: none is
	// sent.
	Keeps bool
	// Hash is over everything that is sent.
	Hash uint32
	// Detail is what the service says of the reason, "" for nothing.
	Detail string
}

// Capabilities are what a service does with its target.
type Capabilities struct {
	// Creates, Updates and Deletes are the target object actions.
	Creates, Updates, Deletes bool
	// Disables says that who is disabled or leaves scope is disabled there.
	Disables bool
	// ByUserName and ByExternalID say by what the target is asked for a user.
	ByUserName, ByExternalID bool
}
