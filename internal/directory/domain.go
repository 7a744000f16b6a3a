package directory

import (
	"strings"

	"golang.org/x/net/idna"
)

// profile maps a name for look-up (UTS 46: lower case, width, NFC) and gives
// its ASCII form. Underscores and other characters that DNS host names don't
// have are let through: the question is which name it is, not whether it may
// be registered.
var profile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// ASCIIDomain gives a domain in the one form in which domains are compared:
// lower case, ASCII ("bücher.example" is "xn--bcher-kva.example"), without a
// trailing dot. It answers "" for what is no domain name.
func ASCIIDomain(name string) string {
	name = strings.TrimSuffix(strings.TrimSpace(name), ".")
	if name == "" || strings.ContainsAny(name, "@ \t\r\n") {
		return ""
	}
	if plainASCII(name) {
		return name
	}
	ascii, err := profile.ToASCII(name)
	if err != nil || strings.TrimSuffix(ascii, ".") == "" {
		return ""
	}
	return strings.TrimSuffix(ascii, ".")
}

// plainASCII reports whether a name is already in compared form, as nearly all
// are: lower-case letters, digits, dots, underscores and hyphens, and no label
// that punycode must check.
func plainASCII(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-':
		case c == '.' && i > 0 && name[i-1] != '.':
		default:
			return false
		}
	}
	return !strings.Contains(name, "xn--") && name[0] != '-'
}
