// Package provisioning is the half of a connector that is Entra's provisioning
// service, the same for every job: who is assigned, which filters and mappings
// apply, and what is sent of a user ([atlassian 2.1], [atlassian 2.2],
// [graph 3.7], [expressions 5] to [expressions 7]).
package provisioning
