// Package reconcile compares what is predicted with what an organization has,
// and finds out which reading of Atlassian's undocumented rules fits best. It
// is pure.
//
// # The join
//
// A user of the directory and what the organization has are joined by the
// tested address and the account's e-mail, or, where a SCIM directory was read,
// by its records: first externalId and the object id, else userName or e-mail
// and the address. What no tested address claims is joined by another address of
// exactly one user in scope (mail, principal name); that it isn't the predicted
// one is a mismatch. Addresses compare in one form: without spaces around them,
// in lower case, the domain in ASCII form; Atlassian's own rule isn't
// documented. One address of several users, or several accounts of one address,
// is a class of its own and never guessed.
//
// # Who is synced
//
// No call tells which accounts the nested-groups connector holds. What shows
// it: managementSource is "synced" (managed accounts only, [atlassian 3.2]), or
// membership in a group that the organization shows as externally synced. An
// account without either is present, however it came.
package reconcile
