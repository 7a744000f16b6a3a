// Package scimapp is the half of a connector that is a SCIM application: what it does
// with what Entra's provisioning service sends. What is known of an application is its
// profile, a file of rules in the folder profiles, each with its source; "generic" has
// SCIM's own rules alone.
package scimapp
