package dotnet

import (
	"unicode"
	"unicode/utf8"
)

// Replacement is a replacement text in .NET's syntax, read for one pattern:
// $1 and ${name} are groups, $$ a dollar sign, $& the match, $` and $' what is
// before and after it, $+ the last group, $_ the whole text. A reference to a
// group that the pattern lacks stays as it is written.
type Replacement struct {
	parts []part
}

type part struct {
	text  string
	kind  partKind
	group int
}

type partKind uint8

const (
	partText partKind = iota
	partGroup
	partBefore
	partAfter
	partWhole
)

// Replacement reads a replacement text.
func (r *Regex) Replacement(text string) *Replacement {
	out := &Replacement{}
	start := 0
	for i := 0; i < len(text); {
		if text[i] != '$' {
			i++
			continue
		}
		p, n := r.reference(text[i:])
		if n == 0 {
			i++
			continue
		}
		if i > start {
			out.parts = append(out.parts, part{text: text[start:i]})
		}
		out.parts = append(out.parts, p)
		i += n
		start = i
	}
	if start < len(text) {
		out.parts = append(out.parts, part{text: text[start:]})
	}
	return out
}

// reference reads what follows a dollar sign; n is 0 where it is no reference.
func (r *Regex) reference(s string) (p part, n int) {
	if len(s) < 2 {
		return p, 0
	}
	switch c := s[1]; {
	case c == '$':
		return part{text: "$"}, 2
	case c == '&':
		return part{kind: partGroup}, 2
	case c == '`':
		return part{kind: partBefore}, 2
	case c == '\'':
		return part{kind: partAfter}, 2
	case c == '_':
		return part{kind: partWhole}, 2
	case c == '+':
		return part{kind: partGroup, group: r.last}, 2
	case c >= '0' && c <= '9':
		end := 1
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		return r.groupPart(s[1:end], end)
	case c == '{':
		end := 2
		for end < len(s) && s[end] != '}' {
			c, size := utf8.DecodeRuneInString(s[end:])
			if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				return p, 0
			}
			end += size
		}
		if end == len(s) || end == 2 {
			return p, 0
		}
		return r.groupPart(s[2:end], end+1)
	}
	return p, 0
}

func (r *Regex) groupPart(name string, n int) (part, int) {
	for len(name) > 1 && name[0] == '0' { // $01 is $1
		name = name[1:]
	}
	number, ok := r.groups[name]
	if !ok {
		return part{}, 0
	}
	return part{kind: partGroup, group: number}, n
}

// expand appends the replacement of one match of s.
func (by *Replacement) expand(dst []byte, s string, m match) []byte {
	for _, p := range by.parts {
		switch p.kind {
		case partText:
			dst = append(dst, p.text...)
		case partBefore:
			dst = append(dst, s[:m.from]...)
		case partAfter:
			dst = append(dst, s[m.to:]...)
		case partWhole:
			dst = append(dst, s...)
		case partGroup:
			if g := m.group(p.group); g.ok {
				dst = append(dst, s[g.from:g.to]...)
			}
		}
	}
	return dst
}
