// Package dotnet reproduces the parts of .NET that Entra's provisioning
// language leans on and that its documentation refers to by name: regular
// expressions of the .NET flavour, custom and standard date format strings,
// DateTimeStyles, and the invariant rules of upper and lower case.
//
// It exists once, so that attribute-mapping expressions and scoping filters
// can't disagree about what a pattern means. The package is pure: it reads no
// clock, and a date format that needs today's date (one without a day) says so
// instead of guessing.
package dotnet
