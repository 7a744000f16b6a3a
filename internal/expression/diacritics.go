package expression

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unmarked holds the letters of the page's table that decomposition doesn't
// take apart. [D] The capital sharp s isn't in the table. [?] Đ, ð, þ and ħ aren't
// either, and stay.
var unmarked = map[rune]string{
	'æ': "ae", 'Æ': "AE", 'ø': "oe", 'Ø': "OE", 'œ': "oe", 'Œ': "OE",
	'ß': "ss", 'ẞ': "SS", 'ł': "l", 'Ł': "L", 'ı': "i",
}

// evalNormalizeDiacritics: the rule that reproduces the page's table is to
// decompose, drop the combining marks, and replace the letters above. Umlauts
// lose their dots: there is no ae for ä. [D]
func evalNormalizeDiacritics(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil || isASCII(s) {
		return TextValue(s), err
	}
	s, err = n.build(m, len(s)+8, func(dst []byte) []byte {
		for i := 0; i < len(s); {
			if s[i] < utf8.RuneSelf {
				dst = append(dst, s[i])
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			parts := norm.NFD.PropertiesString(s[i:]).Decomposition()
			if parts == nil {
				dst = appendUnmarked(dst, r)
			}
			for len(parts) > 0 {
				r, k := utf8.DecodeRune(parts)
				dst = appendUnmarked(dst, r)
				parts = parts[k:]
			}
			i += size
		}
		return dst
	})
	return TextValue(s), err
}

func appendUnmarked(dst []byte, r rune) []byte {
	if unicode.Is(unicode.Mn, r) {
		return dst
	}
	if s, ok := unmarked[r]; ok {
		return append(dst, s...)
	}
	return utf8.AppendRune(dst, r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
