// Package sanitize makes text from outside (a service's error body, a name, a
// file's content) fit for a diagnostic or a log: on one line, without what a
// terminal or a log's reader would obey, of bounded length, and without the
// secrets of this configuration, which a service may echo.
package sanitize

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bounds in characters: of a name, of one text from outside, and of a whole
// diagnostic.
const (
	MaxName = 200
	MaxLine = 600
	MaxText = 20_000
)

// Redacted stands in place of a secret.
const Redacted = "(redacted)"

// Line is a text on one line: white space is a single space, a control or
// formatting character (a terminal's escape, a direction of writing) a visible
// escape, bytes that are no UTF-8 the replacement character. What is longer
// than MaxLine is cut.
func Line(s string) string { return line(s, MaxLine) }

// Name is Line for a name, such as a group's or a path into a file.
func Name(s string) string { return line(s, MaxName) }

func line(s string, most int) string {
	s = cut(s, 4*most) // what would be cut anyway needn't be looked at
	return cut(escape(strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")), most)
}

// Text is Line for a text of several lines of our own, bounded by MaxText: line
// breaks stay.
func Text(s string) string {
	return cut(escape(strings.ToValidUTF8(cut(s, MaxText), "\ufffd")), MaxText)
}

func escape(s string) string {
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
	return c != '\n' && c != '\t' &&
		(unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029')
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// Secrets are the values that must not show. The zero value has none and is
// ready; it is safe for concurrent use, and so is a nil pointer, which has none.
type Secrets struct {
	mu       sync.Mutex
	values   map[string]bool
	replacer *strings.Replacer // nil until it is needed anew
}

// New makes a set of secrets.
func New(values ...string) *Secrets {
	s := &Secrets{}
	s.Add(values...)
	return s
}

// shortest is how long a secret must be: a shorter one would be found in any
// text.
const shortest = 4

// Add takes more secrets, such as a token that was just had.
func (s *Secrets) Add(values ...string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		// A service may echo a value without the white space around it.
		for _, v := range []string{v, strings.TrimSpace(v)} {
			if utf8.RuneCountInString(v) < shortest || s.values[v] {
				continue
			}
			if s.values == nil {
				s.values = map[string]bool{}
			}
			s.values[v], s.replacer = true, nil
		}
	}
}

// With is the set and more values, for one text; s isn't changed.
func (s *Secrets) With(values ...string) *Secrets {
	if len(values) == 0 {
		return s
	}
	out := New(values...)
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for v := range s.values {
			out.Add(v)
		}
	}
	return out
}

// Hide takes the secrets out of a text: as they are, as they stand in JSON (and
// in JSON within JSON), and in an address.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	s.mu.Lock()
	if len(s.values) == 0 {
		s.mu.Unlock()
		return text
	}
	if s.replacer == nil {
		s.replacer = replacer(s.values)
	}
	r := s.replacer
	s.mu.Unlock()
	return r.Replace(text)
}

// Line hides the secrets before a part of one could be cut off.
func (s *Secrets) Line(text string) string { return Line(s.Hide(text)) }

// Text is Line for a text of several lines.
func (s *Secrets) Text(text string) string { return Text(s.Hide(text)) }

func replacer(values map[string]bool) *strings.Replacer {
	var forms []string
	for v := range values {
		once := inJSON(v)
		forms = append(forms, v, once, inJSON(once), url.QueryEscape(v), url.PathEscape(v))
	}
	// The replacer takes the first that fits: a longer one before its own part.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, f := range slices.Compact(forms) {
		pairs = append(pairs, f, Redacted)
	}
	return strings.NewReplacer(pairs...)
}

// inJSON is a text as it stands between the quotes of a JSON string.
func inJSON(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(raw[1 : len(raw)-1])
}
