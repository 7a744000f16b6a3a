// Package text makes text for people of what a directory holds: escaped, on one
// line, of bounded length.
package text

import (
	"fmt"
	"strings"
	"unicode"
)

// Plural is a number with its noun: "1 user", "2 users".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Markdown escapes text for a cell of a Markdown table: a name can't close
// the cell, make a link, mention somebody or hide what stands around it.
func Markdown(s string) string {
	var b strings.Builder
	runes := []rune(Plain(s))
	for i, c := range runes {
		if c == '_' && i > 0 && i+1 < len(runes) && isWord(runes[i-1]) && isWord(runes[i+1]) {
			b.WriteRune(c) // inside a word it emphasises nothing
			continue
		}
		switch c {
		case '\\', '`', '*', '_', '{', '}', '[', ']', '<', '>', '#', '|', '~', '@', '!', '$':
			fmt.Fprintf(&b, "&#%d;", c)
		case '&':
			b.WriteString("&amp;")
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// maxShown bounds one name in a text for people.
const maxShown = 200

// Plain makes a name safe to print on one line: control and formatting
// characters (line breaks, terminal escapes, text direction) become visible
// escapes, bytes that are no UTF-8 the replacement character, and what is very
// long is cut.
func Plain(s string) string {
	if len(s) > maxShown*4 || len([]rune(s)) > maxShown {
		s = string([]rune(s)[:min(maxShown, len([]rune(s)))]) + "…"
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if hidden(c) {
			fmt.Fprintf(&b, "\\u%04x", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func hidden(c rune) bool {
	return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029'
}
