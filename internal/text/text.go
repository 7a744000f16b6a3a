// Package text makes text for people of what a directory holds: escaped, on one
// line, of bounded length.
package text

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
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
			b.WriteRune(c) // inside a word it emphasizes nothing
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

// Plain makes a name from a directory safe to print on one line: what a terminal
// would obey is a visible escape, and what is very long is cut.
func Plain(s string) string { return sanitize.Name(s) }
