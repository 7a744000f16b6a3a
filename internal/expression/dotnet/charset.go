package dotnet

import (
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// charset is a pattern that is one set of characters, alone or repeated, such
// as [()\s-]+: the usual pattern of a mapping that cleans a value up. Replacing
// its matches needs no engine, and no allocation. What belongs to the set is
// asked of the engine itself, for ASCII beforehand.
type charset struct {
	single  *Regex // the set without its repetition
	ascii   [utf8.RuneSelf]bool
	runs    bool // + or *: a run of characters is one match
	matches bool // * also matches nothing, everywhere
}

// newCharset recognises such a pattern; it returns nil for others.
func newCharset(pattern string) *charset {
	set := &charset{}
	atom := pattern
	if last := len(pattern) - 1; last > 0 && (pattern[last] == '+' || pattern[last] == '*') {
		atom = pattern[:last]
		set.runs, set.matches = true, pattern[last] == '*'
	}
	if !isSet(atom) {
		return nil
	}
	re, err := compileRegex(atom)
	if err != nil {
		return nil
	}
	re.re.MatchTimeout = regexp2.DefaultMatchTimeout // a single character can't take long, and the limit costs time
	set.single = re
	var one [1]rune
	for c := range set.ascii {
		one[0] = rune(c)
		ok, err := re.matchRunes(one[:])
		if err != nil {
			return nil
		}
		set.ascii[c] = ok
	}
	return set
}

// isSet recognises [..] without nested sets and quoting, and \s, \d, \w and
// their opposites.
func isSet(atom string) bool {
	switch atom {
	case `\s`, `\d`, `\w`, `\S`, `\D`, `\W`:
		return true
	}
	if len(atom) < 3 || atom[0] != '[' || atom[len(atom)-1] != ']' {
		return false
	}
	body := strings.TrimPrefix(atom[1:len(atom)-1], "^")
	if body == "" || body[0] == ']' {
		return false
	}
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '\\':
			i++
			if i == len(body) {
				return false
			}
		case c == '[' || c == ']' || c >= utf8.RuneSelf:
			return false
		}
	}
	return true
}

func (set *charset) has(r rune) bool {
	if r < utf8.RuneSelf {
		return set.ascii[r]
	}
	one := [1]rune{r}
	ok, err := set.single.matchRunes(one[:])
	return ok && err == nil
}

// replace appends s with each match replaced by text.
func (set *charset) replace(dst []byte, s, text string) (out []byte, changed bool) {
	inRun := false
	for i, r := range s {
		if !set.has(r) {
			inRun = false
			if changed {
				dst = utf8.AppendRune(dst, r)
			}
			continue
		}
		if !changed {
			dst = append(dst, s[:i]...)
			changed = true
		}
		if !inRun || !set.runs {
			dst = append(dst, text...)
		}
		inRun = true
	}
	return dst, changed
}

// plain returns the text of a replacement without references.
func (by *Replacement) plain() (string, bool) {
	switch {
	case len(by.parts) == 0:
		return "", true
	case len(by.parts) == 1 && by.parts[0].kind == partText:
		return by.parts[0].text, true
	}
	return "", false
}
