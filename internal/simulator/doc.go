// Package simulator is an Entra tenant (Microsoft Graph v1.0) and any number of Atlassian organizations
// over HTTPS, with their state in memory, seeded from a snapshot file. Tests run the provider against
// it, and people try plans on it.
//
// It is built from the services' documentation, not from the provider's code, and imports none of it:
// what it states about the services is a second opinion. Comments cite the rule that behavior is taken from
// in the form that internal/reference describes, as [graph 3.5, D], or give its mark alone: [D] documented,
// [F] a field report, [?] not confirmed. What is [?] and worth switching is in [Behavior].
//
// It validates requests as the service does: an unknown property, a wrong type, a filter that needs an
// advanced query, a page size above 999, a principal name on a domain that isn't verified, a missing
// permission, all get the answer that the documentation gives them. What Graph has and the simulator
// hasn't learned is answered with 501 and the code Simulator_NotBuilt, never with an empty success.
//
// # In tests
//
//	server, err := simulator.New(file)               // or NewSynthetic(Synthetic{Users: 100_000})
//	err = server.Start()                             // TLS on 127.0.0.1, a certificate authority per run
//	defer server.Close()
//	server.URL(); server.CAPEM(); server.TenantID()  // what a client needs, with the Default constants
//	server.AddFault(Fault{Kind: FaultStatus, Match: "GET /v1.0/users", RetryAfter: "0.01"})
//	server.PutUser([]byte(`{"id":"…","userType":"Guest"}`))
//	server.Requests().Routes["GET /v1.0/users"]
//	server.FinishCycle(jobID); server.Cycles()       // provisioning: README.md says what a cycle does
//	server.Directory("main")                         // who is in the organization's SCIM directory
//	source.LinkTenant(target)                        // cross-tenant jobs of one server push into another
//	server.PublishDomain("new.example", true)        // what verification asks for, in the simulated DNS
//	server.VerifyClaim("main", "new.example", "dns", token)  // Atlassian's administrator presses Verify
//	server.SyncNestedGroups("main")                  // one run of Atlassian's nested-groups integration
//	server.KillAt(Kill{N: 3, Writes: true})          // the client's process dies at its third write
//
// # Over HTTP
//
// Login is under /{tenant}/, Graph under /v1.0, Atlassian under /admin and /scim, managed identities under
// /msi/token and /metadata/identity, and the control plane, which asks for no credentials, under
// /_simulator. README.md lists it.
package simulator
