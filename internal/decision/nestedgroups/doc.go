// Package nestedgroups is the half of a connector that is Atlassian's own
// reader, "Azure AD for nested groups": selected groups, flattening, the user
// identifier, disabled users ([atlassian 1]).
package nestedgroups
