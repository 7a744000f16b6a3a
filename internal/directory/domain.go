package directory

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// profile maps a name for look-up (UTS 46: lower case, width, NFC) and gives
// its ASCII form. Underscores, hyphens anywhere and other characters that DNS
// host names don't have are let through: the question is which name it is, not
// whether it may be registered.
var profile = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
)

// ASCIIDomain gives a domain in the one form in which domains are compared:
// lower case, ASCII ("bücher.example" is "xn--bcher-kva.example"), without a
// trailing dot. It answers "" for what is no domain name.
func ASCIIDomain(name string) string {
	name = strings.TrimSpace(name)
	if isASCII(name) {
		name = strings.ToLower(name)
	}
	if !isASCII(name) || strings.Contains(name, "xn--") {
		ascii, err := profile.ToASCII(name)
		if err != nil || !isASCII(ascii) || !utf8.ValidString(name) {
			return ""
		}
		name = ascii
	}
	// Looked at after the mapping, which makes dots, @ and spaces of their
	// wide forms.
	if name == "" || name[0] == '.' || strings.Contains(name, "..") || strings.ContainsFunc(name, foreign) {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}

// foreign are the characters that no name of a domain has.
func foreign(r rune) bool { return r <= ' ' || r == '@' || r == 0x7f }

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
