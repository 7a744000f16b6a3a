package decision

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Decision is what happens to one user.
type Decision = reason.Decision

// Verdict is whether a user syncs.
type Verdict = reason.Verdict

// Confidence is how sure a rule is.
type Confidence = reason.Confidence

// Account is the kind of account at the target.
type Account = reason.Account

// Code is the reason of a decision, and CodeInfo describes it.
type Code = reason.Code

// CodeInfo describes a reason code.
type CodeInfo = reason.CodeInfo

// Warnings are the warnings beside a decision, and WarningInfo describes one.
type Warnings = reason.Warnings

// WarningInfo describes a warning.
type WarningInfo = reason.WarningInfo

// Step is a rule that was looked at.
type Step = reason.Step

// WhatIf is what is assumed beyond the readings.
type WhatIf = tenant.WhatIf

// Obstacle is why a group doesn't come as it is.
type Obstacle = tenant.Obstacle

// History is what the last accepted outcome expects the target to hold.
type History = held.History

// Record is what a target may hold beside what is expected of the users in scope.
type Record = held.Record

// Basis is what the history expects of one user.
type Basis = held.Basis

// The verdicts, marks, kinds of account and types of user.
const (
	Skip       = reason.Skip
	Sync       = reason.Sync
	Unknown    = reason.Unknown
	Documented = reason.Documented
	Reported   = reason.Reported
	Inferred   = reason.Inferred
	NoAccount  = reason.NoAccount
	Managed    = reason.Managed
	External   = reason.External
	TypeMember = tenant.TypeMember
	TypeGuest  = tenant.TypeGuest
)

// RulesVersion counts the changes of the rules after which the same facts may be
// decided otherwise. An outcome remembers the version under which it was
// accepted, so that what a newer provider decides otherwise isn't taken for
// drift.
const RulesVersion = 3

// DomainOf is the domain of an e-mail address in ASCII form, "" for what is none.
func DomainOf(address string) string { return tenant.DomainOf(address) }

// HomeDomain is a user's home domain, in ASCII form, "" for none.
func HomeDomain(u *directory.User) string { return tenant.HomeDomain(u) }

// HomeOf is the home domain of a principal name.
func HomeOf(upn string) string { return tenant.HomeOf(upn) }

// IsExternal reports a user whose home is elsewhere, in Entra's sense.
func IsExternal(u *directory.User) bool { return tenant.IsExternal(u) }

// PublicMail reports a domain of a public mail provider.
func PublicMail(domain string) bool { return tenant.PublicMail(domain) }

// Codes and WarningCodes are the lists of reason codes and warnings, in order.
var (
	Codes        = reason.Codes[:]
	WarningCodes = reason.WarningCodes
)

// Applications are the names of the profiles of SCIM applications, ascending.
func Applications() []string { return scimapp.Names() }

// CodeByName finds a code by its name.
func CodeByName(name string) (Code, error) { return reason.CodeByName(name) }
