// Package acceptance tells, as tests, what a user sees of the provider through
// the real CLIs, OpenTofu and Terraform, on a simulated tenant: that plans say
// what moved and who did it, that state is what was reviewed, that bad input
// gets an answer that helps, and that a failed run changes nothing.
//
// The tests are off unless USERSYNC_ACC is set: make testacc. Those of a tenant
// of 100,000 users need USERSYNC_BIG too.
package acceptance
