// Package atlassian is the half of a connector that is the target: which domains
// are verified and whose accounts are managed, who holds an address already, what
// an update does to a link, and which group names are taken ([atlassian 2],
// [atlassian 3], and its decision tables).
package atlassian
