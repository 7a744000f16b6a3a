package dotnet

import (
	"math"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2/syntax"
)

// charset is a pattern that is one set of characters, alone or repeated, such
// as [()\s-]+: the usual pattern of a mapping that cleans a value up. Replacing
// its matches needs no engine, and no allocation. What belongs to the set is
// asked of the parser, for ASCII beforehand.
type charset struct {
	is      func(rune) bool
	ascii   [utf8.RuneSelf]bool
	runs    bool // + or *: a run of characters is one match
	matches bool // * also matches nothing, everywhere
}

// newCharset recognizes such a pattern; it returns nil for others.
func newCharset(tree *syntax.RegexTree) *charset {
	n := tree.Root.Children[0]
	is := singleOf(n)
	if is == nil || backwards(n) {
		return nil
	}
	set := &charset{is: is}
	switch n.T {
	case syntax.NtOne, syntax.NtNotone, syntax.NtSet:
	case syntax.NtOnelazy, syntax.NtNotonelazy, syntax.NtSetlazy:
		return nil
	default:
		if n.M > 1 || n.N != math.MaxInt32 {
			return nil
		}
		set.runs, set.matches = true, n.M == 0
	}
	for c := range set.ascii {
		set.ascii[c] = is(rune(c))
	}
	return set
}

func (set *charset) has(r rune) bool {
	if r < utf8.RuneSelf {
		return set.ascii[r]
	}
	return set.is(r)
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
