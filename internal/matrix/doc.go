// Package matrix tests everything that the provider offers with HashiCorp's
// terraform-plugin-testing: for each resource its life, import, drift and
// validation, for each data source, function, list resource, ephemeral resource
// and action what it gives and how it fails. The provider runs in process, on a
// simulated tenant of the test's own; a real CLI plans and applies.
//
// There is one file for each noun, named by kind and type. TestMatrixIsComplete
// fails where the provider has a noun that the matrix lacks.
package matrix
