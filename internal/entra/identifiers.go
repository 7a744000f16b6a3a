package entra

import (
	"strings"

	"github.com/google/uuid"
)

// isGUID reports whether a name is an object id, in the form that Graph writes; the
// other forms that uuid reads (in braces, without hyphens) are names.
func isGUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// isPathSegment reports whether a text is fit to be a part of an address: an empty
// one would turn a request for one object into one for all.
func isPathSegment(s string) bool { return s != "" && s != "." && s != ".." }

// escapeQuotes doubles the quotes of an OData literal.
func escapeQuotes(s string) string { return strings.ReplaceAll(s, "'", "''") }
