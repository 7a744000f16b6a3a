// Package tenant is an Entra tenant as a connector's service sees it: its users
// with their domains and homes, under assumptions, and who is in scope by which
// groups.
package tenant
