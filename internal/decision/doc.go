// Package decision decides which users of an Entra tenant a connector takes
// into a target, and why; and tries fixes for those it doesn't take.
//
// It is pure: the same input gives the same bytes. It reads no clock, no
// environment and no network, and knows nothing of Terraform.
//
// A connector is two halves that know nothing of each other: a service, which
// sends (package provisioning, package nestedgroups), and a target, which
// receives (package atlassian). What is sent is package sent; the tenant as a
// service sees it, package tenant; the vocabulary, package reason. This package
// composes them, and knows what concerns several users: addresses that are
// shared, groups, domains, fixes.
package decision
