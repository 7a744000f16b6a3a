package tfutil

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// RequiredInBlock ends the description of an argument that its block needs. The
// schema can't say so: with a required argument inside, a block that stands
// once is itself required.
const RequiredInBlock = "Required in this block."

// ArgumentError is an error about an argument, outermost name first. The CLIs
// show the line of an argument only for a path of one step, so it is put on the
// outermost, and the detail begins with the whole.
func ArgumentError(d *diag.Diagnostics, summary, detail string, argument ...string) {
	d.AddAttributeError(path.Root(argument[0]), summary, Named(argument, detail))
}

// Named begins a detail with the argument that it is about, where that is
// inside another.
func Named(argument []string, detail string) string {
	if len(argument) < 2 {
		return detail
	}
	return Dotted(argument) + ": " + detail
}

// Dotted is an argument inside others.
func Dotted(argument []string) string { return strings.Join(argument, ".") }

// Within is an argument in a block; block is "" for none.
func Within(block string, argument ...string) []string {
	if block == "" {
		return argument
	}
	return append([]string{block}, argument...)
}
