package dotnet

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Limits of regular expressions. A pattern comes from configuration or from an
// attribute, so that both its length and the time of a match are bounded.
const (
	MatchTimeout   = 250 * time.Millisecond // for one match
	ReplaceTimeout = time.Second            // for all the matches of one replacement
	MaxPattern     = 10_000                 // characters
	MaxInput       = 1 << 20                // bytes of text
)

// ErrTimeout reports a match that took longer than the limit.
var ErrTimeout = errors.New("the regular expression takes too long on this value; nested repetitions are the usual cause")

// ErrTooLong reports text above MaxInput, or a result that would be.
var ErrTooLong = fmt.Errorf("the text is longer than %d bytes", MaxInput)

// Regex is a compiled regular expression of the .NET flavour. It is safe for
// concurrent use. It matches Unicode characters where .NET matches UTF-16
// units, so that only patterns that count characters beyond the basic plane
// (such as emoji) differ.
type Regex struct {
	re     *regexp2.Regexp
	groups map[string]int
	last   int // the highest group number
	set    *charset
}

// CompileRegex reads a pattern.
func CompileRegex(pattern string) (*Regex, error) {
	r, err := compileRegex(pattern)
	if err == nil {
		r.set = newCharset(pattern)
	}
	return r, err
}

func compileRegex(pattern string) (r *Regex, err error) {
	if utf8.RuneCountInString(pattern) > MaxPattern {
		return nil, fmt.Errorf("the regular expression is longer than %d characters", MaxPattern)
	}
	defer func() { // the library reports some mistakes by panicking
		if p := recover(); p != nil {
			r, err = nil, fmt.Errorf("invalid regular expression: %v", p)
		}
	}()
	re, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, fmt.Errorf("invalid regular expression: %s", reason)
	}
	re.MatchTimeout = MatchTimeout
	out := &Regex{re: re, groups: map[string]int{}}
	for _, n := range re.GetGroupNumbers() {
		out.groups[re.GroupNameFromNumber(n)] = n
		out.last = max(out.last, n)
	}
	return out, nil
}

// HasGroup tells whether the pattern has a group of this name; an unnamed
// group's name is its number.
func (r *Regex) HasGroup(name string) bool {
	_, ok := r.groups[name]
	return ok
}

// GroupNames lists the groups that have names of their own.
func (r *Regex) GroupNames() []string {
	var out []string
	for name := range r.groups {
		if name[0] < '0' || name[0] > '9' {
			out = append(out, name)
		}
	}
	return out
}

// runeBuffers holds texts as characters, which is what the engine reads.
var runeBuffers = sync.Pool{New: func() any { return new([]rune) }}

func withRunes[T any](s string, use func([]rune) (T, error)) (T, error) {
	var zero T
	if len(s) > MaxInput {
		return zero, ErrTooLong
	}
	buf := runeBuffers.Get().(*[]rune)
	runes := (*buf)[:0]
	for _, c := range s {
		runes = append(runes, c)
	}
	out, err := use(runes)
	if cap(runes) <= 1<<16 { // don't hold on to rare giants
		*buf = runes[:0]
		runeBuffers.Put(buf)
	}
	return out, err
}

// guard turns the engine's failures into errors: a time limit, and any panic.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the regular expression failed on this value: %v", p)
	} else if *err != nil && !errors.Is(*err, ErrTooLong) {
		*err = ErrTimeout // the engine's only error
	}
}

// Match tells whether the pattern matches anywhere in s, as Regex.IsMatch does.
func (r *Regex) Match(s string) (bool, error) {
	if len(s) > MaxInput {
		return false, ErrTooLong
	}
	buf := runeBuffers.Get().(*[]rune)
	runes := (*buf)[:0]
	for _, c := range s {
		runes = append(runes, c)
	}
	ok, err := r.matchRunes(runes)
	if cap(runes) <= 1<<16 {
		*buf = runes[:0]
		runeBuffers.Put(buf)
	}
	return ok, err
}

func (r *Regex) matchRunes(runes []rune) (ok bool, err error) {
	defer guard(&err)
	return r.re.MatchRunes(runes)
}

// MatchWhole tells whether the first match that the pattern finds is all of s.
func (r *Regex) MatchWhole(s string) (bool, error) {
	return withRunes(s, func(runes []rune) (ok bool, err error) {
		defer guard(&err)
		m, err := r.re.FindRunesMatch(runes)
		return m != nil && m.Index == 0 && m.Length == len(runes), err
	})
}

// Group returns the text of the named group in the first match of s. found is
// false if there is no match or the group took no part in it.
func (r *Regex) Group(s, name string) (text string, found bool, err error) {
	text, err = withRunes(s, func(runes []rune) (text string, err error) {
		defer guard(&err)
		m, err := r.re.FindRunesMatch(runes)
		if err != nil || m == nil {
			return "", err
		}
		g := m.GroupByNumber(r.groups[name])
		if g == nil || name != "0" && len(g.Captures) == 0 {
			return "", nil
		}
		found = true
		return g.String(), nil
	})
	return text, found && err == nil, err
}

// stopwatch bounds a loop of matches. It starts a timer only when the loop
// turns out to be long, so that the usual replacement costs nothing.
type stopwatch struct {
	rounds  int
	expired atomic.Bool
	timer   *time.Timer
}

func (w *stopwatch) tick() error {
	w.rounds++
	if w.rounds == 32 {
		w.timer = time.AfterFunc(ReplaceTimeout, func() { w.expired.Store(true) })
	}
	if w.rounds > 32 && w.expired.Load() {
		return ErrTimeout
	}
	return nil
}

func (w *stopwatch) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// Replace appends s to dst with each match replaced, as Regex.Replace does.
// changed is false, and dst unchanged, where nothing matches.
func (r *Regex) Replace(dst []byte, s string, by *Replacement) (out []byte, changed bool, err error) {
	if text, ok := by.plain(); ok && r.set != nil && (!r.set.matches || text == "") {
		if len(s) > MaxInput {
			return dst, false, ErrTooLong
		}
		start := len(dst)
		out, changed = r.set.replace(dst, s, text)
		if len(out)-start > MaxInput {
			return dst, false, ErrTooLong
		}
		return out, changed, nil
	}
	return r.replace(dst, s, func(dst []byte, runes []rune, m *regexp2.Match) []byte {
		return by.expand(dst, runes, m)
	})
}

// ReplaceGroup appends s to dst with the named group's text replaced by text in
// each match, and the rest of the match kept. A group that took no part in a
// match changes nothing there.
func (r *Regex) ReplaceGroup(dst []byte, s, name, text string) (out []byte, changed bool, err error) {
	number := r.groups[name]
	return r.replace(dst, s, func(dst []byte, runes []rune, m *regexp2.Match) []byte {
		g := m.GroupByNumber(number)
		if len(g.Captures) == 0 || g.Index < m.Index || g.Index+g.Length > m.Index+m.Length {
			return appendRunes(dst, runes[m.Index:m.Index+m.Length])
		}
		dst = appendRunes(dst, runes[m.Index:g.Index])
		dst = append(dst, text...)
		return appendRunes(dst, runes[g.Index+g.Length:m.Index+m.Length])
	})
}

func (r *Regex) replace(dst []byte, s string, each func([]byte, []rune, *regexp2.Match) []byte) (out []byte, changed bool, err error) {
	ok, err := r.Match(s) // the usual value doesn't match, and this costs no allocation
	if err != nil || !ok {
		return dst, false, err
	}
	start := len(dst)
	out, err = withRunes(s, func(runes []rune) (out []byte, err error) {
		defer guard(&err)
		var watch stopwatch
		defer watch.stop()
		out = dst
		at := 0
		m, err := r.re.FindRunesMatch(runes)
		for m != nil && err == nil {
			out = appendRunes(out, runes[at:m.Index])
			out = each(out, runes, m)
			at = m.Index + m.Length
			if len(out)-start > MaxInput {
				return nil, ErrTooLong
			}
			if err = watch.tick(); err == nil {
				m, err = r.re.FindNextMatch(m)
			}
		}
		return appendRunes(out, runes[at:]), err
	})
	if err != nil {
		return dst, false, err
	}
	return out, true, nil
}

func appendRunes(dst []byte, runes []rune) []byte {
	for _, c := range runes {
		dst = utf8.AppendRune(dst, c)
	}
	return dst
}
