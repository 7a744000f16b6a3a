package decision

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// What callers need of the packages below.
type (
	// Decision is what happens to one user.
	Decision = reason.Decision
	// Verdict, Confidence, Account, Code and Warnings are parts of a Decision.
	Verdict    = reason.Verdict
	Confidence = reason.Confidence
	Account    = reason.Account
	Code       = reason.Code
	Warnings   = reason.Warnings
	// CodeInfo and WarningInfo describe codes and warnings, Step a rule that was
	// looked at.
	CodeInfo    = reason.CodeInfo
	WarningInfo = reason.WarningInfo
	Step        = reason.Step
	// WhatIf is what is assumed beyond the readings.
	WhatIf = tenant.WhatIf
	// Obstacle is why a group doesn't come as it is.
	Obstacle = tenant.Obstacle
	// History is what the last accepted outcome expects the target to hold, Basis
	// what it expects of one user.
	History = atlassian.History
	Basis   = atlassian.Basis
)

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

// CodeByName finds a code by its name.
func CodeByName(name string) (Code, error) { return reason.CodeByName(name) }
