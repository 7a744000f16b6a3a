package dotnet

import (
	"errors"
	"unicode"
	"unicode/utf8"
)

// Casing is the set of case rules that a culture uses.
type Casing uint8

// The rule sets that .NET tells apart.
const (
	Invariant Casing = iota // no culture: dotted and dotless i stay what they are
	Ordinary                // a culture without rules of its own
	Turkic                  // tr and az: i is İ, ı is I
)

// ParseCulture reads a culture's name such as tr-TR. The empty name is the
// invariant culture, as in .NET. A name that isn't of the documented form
// (language, optional script, optional region) is an error.
func ParseCulture(name string) (Casing, error) {
	if name == "" {
		return Invariant, nil
	}
	parts := splitTag(name)
	ok := len(parts[0]) >= 2 && len(parts[0]) <= 3 && letters(parts[0])
	for _, p := range parts[1:] {
		region := len(p) == 2 && letters(p) || len(p) == 3 && digits(p)
		ok = ok && (region || len(p) >= 4 && len(p) <= 8 && letters(p))
	}
	if !ok {
		return 0, errors.New("a culture is written like tr-TR or en-US")
	}
	switch parts[0] {
	case "tr", "az", "TR", "AZ", "Tr", "Az", "tur", "aze":
		return Turkic, nil
	}
	return Ordinary, nil
}

func splitTag(name string) []string {
	var out []string
	start := 0
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '-' || name[i] == '_' {
			out = append(out, name[start:i])
			start = i + 1
		}
	}
	return out
}

func letters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Upper maps one character to upper case. Like .NET it never maps one
// character to several: ß stays.
func (c Casing) Upper(r rune) rune {
	switch {
	case r < utf8.RuneSelf && !(c == Turkic && r == 'i'):
		if r >= 'a' && r <= 'z' {
			return r - 0x20
		}
		return r
	case r == 'i':
		return 'İ'
	case r == 'ı':
		if c == Invariant { // [N] the invariant culture keeps it
			return r
		}
		return 'I'
	}
	return unicode.ToUpper(r)
}

// Lower maps one character to lower case.
func (c Casing) Lower(r rune) rune {
	switch {
	case r < utf8.RuneSelf && !(c == Turkic && r == 'I'):
		if r >= 'A' && r <= 'Z' {
			return r + 0x20
		}
		return r
	case r == 'I':
		return 'ı'
	case r == 'İ':
		if c == Invariant { // [N] the invariant culture keeps it
			return r
		}
		return 'i'
	}
	return unicode.ToLower(r)
}

// AppendUpper appends s in upper case.
func (c Casing) AppendUpper(dst []byte, s string) []byte {
	for _, r := range s {
		dst = utf8.AppendRune(dst, c.Upper(r))
	}
	return dst
}

// AppendLower appends s in lower case.
func (c Casing) AppendLower(dst []byte, s string) []byte {
	for _, r := range s {
		dst = utf8.AppendRune(dst, c.Lower(r))
	}
	return dst
}

// AppendTitle appends s with the first letter of each word in title case and
// the rest in lower case: TextInfo.ToTitleCase of the lower-cased text, which
// is what PCase without separators is documented to call. [N] As there, an
// apostrophe doesn't end a word (John's), and neither do digits and marks.
func AppendTitle(dst []byte, s string) []byte {
	inWord := false
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			if inWord {
				dst = utf8.AppendRune(dst, Invariant.Lower(r))
			} else {
				dst = utf8.AppendRune(dst, title(r))
			}
			inWord = true
		default:
			dst = utf8.AppendRune(dst, Invariant.Lower(r))
			inWord = inWord && !separatesWords(r)
		}
	}
	return dst
}

func title(r rune) rune {
	if r == 'ı' {
		return r
	}
	return unicode.ToTitle(r)
}

// separatesWords lists the categories that the page calls word separators:
// spaces, controls, formats, punctuation and symbols; but not the apostrophe.
func separatesWords(r rune) bool {
	return r != '\'' && (unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf) || unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// EqualFold compares like .NET's OrdinalIgnoreCase: character by character in
// upper case.
func EqualFold(a, b rune) bool { return a == b || Invariant.Upper(a) == Invariant.Upper(b) }
