package sent

import "github.com/usersync/terraform-provider-usersync/internal/decision/reason"

// Needs are what a target asks of what is sent, so that the service, which alone
// sees all values of a user, can look whether they are there.
type Needs struct {
	// Name, Address, External, Active and Type are the target attributes that hold
	// the record's name, its address, the source's id, whether it is active, and the
	// type of user; "" where the target has none. An Address of "" is the Name.
	Name, Address, External, Active, Type string
	// AddressRequired says that nobody is created without an address.
	AddressRequired bool
	// MatchesItself says that the target finds users by what can't be read, whatever
	// the mapping says.
	MatchesItself bool
	// RoleRequired says that who is assigned with the role Default Access alone is left
	// out.
	RoleRequired bool
	// AskedBy are the target attributes that the target can be asked for users by;
	// nil where no page says.
	AskedBy []string
	// GroupLimit is the most users of one group, 0 for none.
	GroupLimit int
	// Values are the target's rules about values. The first that a user breaks is
	// told.
	Values []ValueRule
	// Given are source attributes that can't be read, with the value that they have
	// for everybody whom the target may take.
	Given map[string]string
}

// ValueRule is a rule of a target about the values of one attribute, or of several.
type ValueRule struct {
	// Attribute is the target attribute. Of a multi-valued one its first part stands for
	// the values of all its entries.
	Attribute string
	// Required says that an empty value is refused, Single that more than one is.
	Required, Single bool
	// Primary says that an entry which isn't marked as primary is refused.
	Primary bool
	// Accepts reports a value that is accepted; nil accepts all.
	Accepts func(value string) bool
	// Code is the reason where a user breaks it, and Confidence how sure it is.
	Code       reason.Code
	Confidence reason.Confidence
}
