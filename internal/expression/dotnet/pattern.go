package dotnet

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A date pattern is read once into these elements; formatting and parsing then
// walk the elements. Elements are named by their specifier letter, and by
// opLiteral, opQuoted and opGMT for text.
type element struct {
	op    rune
	count int
	text  string // for literals
}

const (
	opLiteral rune = -1 - iota // one character that stands for itself
	opQuoted                   // text in quotes
	opGMT                      // the bare letters GMT, which parsing treats as a zone
)

// The standard formats in the invariant culture. [N] The service's culture is
// not documented; the pages link to the custom specifiers only.
var standardPatterns = map[byte]string{
	'd': "MM/dd/yyyy",
	'D': "dddd, dd MMMM yyyy",
	'f': "dddd, dd MMMM yyyy HH:mm",
	'F': "dddd, dd MMMM yyyy HH:mm:ss",
	'g': "MM/dd/yyyy HH:mm",
	'G': "MM/dd/yyyy HH:mm:ss",
	'm': "MMMM dd", 'M': "MMMM dd",
	'o': "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", 'O': "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
	'r': "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", 'R': "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
	's': "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
	't': "HH:mm", 'T': "HH:mm:ss",
	'u': "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
	'U': "dddd, dd MMMM yyyy HH:mm:ss",
	'y': "yyyy MMMM", 'Y': "yyyy MMMM",
}

var (
	monthNames = [...]string{"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"}
	dayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// expandStandard replaces a one-letter standard format by its pattern.
func expandStandard(pattern string) (expanded string, universal bool, err error) {
	if utf8.RuneCountInString(pattern) != 1 {
		return pattern, false, nil
	}
	p, ok := standardPatterns[pattern[0]]
	if !ok {
		return "", false, fmt.Errorf("%q is not a standard date format; write a single custom specifier with a "+
			"percent sign, such as \"%%d\"", pattern)
	}
	return p, pattern == "U", nil
}

// readPattern splits a custom format into elements. Parsing differs from
// formatting in that Z and GMT carry a time zone.
func readPattern(pattern string, parsing bool) ([]element, error) {
	var out []element
	for i := 0; i < len(pattern); {
		c, size := utf8.DecodeRuneInString(pattern[i:])
		switch {
		case strings.ContainsRune("dfFghHKmMstyz", c):
			n := repeat(pattern[i:])
			if (c == 'f' || c == 'F') && n > 7 {
				return nil, fmt.Errorf("a date format has at most seven %c", c)
			}
			if c == 'K' {
				n = 1
			}
			out = append(out, element{op: c, count: n})
			i += n
		case c == 'Z' && parsing:
			out = append(out, element{op: 'Z', count: 1})
			i++
		case c == ':' || c == '/':
			out = append(out, element{op: opLiteral, text: pattern[i : i+1]})
			i++
		case c == '\'' || c == '"':
			text, n, err := readQuoted(pattern[i:])
			if err != nil {
				return nil, err
			}
			out = append(out, element{op: opQuoted, text: text})
			i += n
		case c == '%':
			if i+1 == len(pattern) || pattern[i+1] == '%' {
				return nil, errors.New("a percent sign in a date format must precede a specifier")
			}
			i++
			if !parsing { // formatting takes exactly one letter after the percent sign
				if r, n := utf8.DecodeRuneInString(pattern[i:]); strings.ContainsRune("dfFghHKmMstyz", r) {
					out = append(out, element{op: r, count: 1})
					i += n
				}
			}
		case c == '\\':
			if i+1 == len(pattern) {
				return nil, errors.New("a date format can't end in a backslash")
			}
			_, n := utf8.DecodeRuneInString(pattern[i+1:])
			out = append(out, element{op: opLiteral, text: pattern[i+1 : i+1+n], count: 1})
			i += 1 + n
		case parsing && strings.HasPrefix(pattern[i:], "GMT"):
			out = append(out, element{op: opGMT})
			i += 3
		default:
			out = append(out, element{op: opLiteral, text: pattern[i : i+size]})
			i += size
		}
	}
	return out, nil
}

// repeat counts how often the first byte of s repeats.
func repeat(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// readQuoted reads quoted text; inside, a backslash escapes.
func readQuoted(s string) (text string, length int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return b.String(), i + 1, nil
		case '\\':
			i++
			if i == len(s) {
				return "", 0, errors.New("a date format can't end in a backslash")
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, errors.New("a quote in the date format isn't closed")
}
