// Package scoping reads, checks and evaluates scoping filters: which objects a
// provisioning job takes. A filter is true if any of its groups is, a group if
// all its clauses are; a filter without groups takes everything.
//
// Filters have two forms, Graph's (Filter) and ours in HCL (Spec), and convert
// from one to the other. Compile checks a filter once; a Program evaluates many
// objects without allocating.
//
// Comments mark how sure a behavior is: [D] documented by Microsoft's page on
// scoping filters (SCO) or Graph's, [?] nowhere: our choice. What isn't clear is
// an Option with the recommended default:
//
//	NOT EQUALS on null or empty     false, and a warning          [?: two statements disagree]
//	REGEX MATCH                     matches anywhere in the value [?, .NET's IsMatch]
//	ENDS_WITH                       case-sensitive                [?]
//	spelling of operators           the portal's, exactly         [D for EQUALS and NOT EQUALS, ? for the rest]
//	Greater_Than of no integer      an error                      [?]
//	a multi-valued attribute        an error                      [D: not supported]
//	an empty list of clauses        an error                      [?]
//	several values in a clause      an error                      [?]
//
// Where one clause fails and another decides, the failure doesn't matter: false
// AND error is false, true OR error is true. So the order of clauses has no
// meaning, and the canonical form may sort them.
package scoping
