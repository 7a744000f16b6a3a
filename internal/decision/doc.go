// Package decision decides which users of an Entra tenant a connector takes
// into an Atlassian organization, and why; tries fixes for those it doesn't
// take; and tells what changed against an outcome that was accepted before.
//
// It is pure: the same input gives the same bytes. It reads no clock, no
// environment and no network, and knows nothing of Terraform.
//
// A connector is one file (nestedgroups.go): its scope, its rules in order,
// and the fixes worth trying. The reason codes are one list (code.go), from
// which the documentation is made.
package decision
