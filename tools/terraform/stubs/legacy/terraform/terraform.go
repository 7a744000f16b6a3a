// Package terraform stands in for a package that only a test of Terraform's own
// imports, so that "go mod tidy" finds it.
package terraform
