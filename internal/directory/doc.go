// Package directory holds a tenant as data: users, groups, the membership
// graph and domains of Microsoft Entra ID, and the domains, accounts and groups
// of an Atlassian organization.
//
// It reads them from Microsoft Graph's JSON (as the service answers, or as a
// snapshot file keeps it) and writes and reads the compact canonical form that
// travels through a Terraform plan: the reading. It knows nothing of HTTP, of
// Terraform, and of who syncs.
package directory
