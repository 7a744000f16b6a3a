package dotnet

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	"github.com/dlclark/regexp2/v2/syntax"
)

// Limits of regular expressions. A pattern comes from configuration or from an
// attribute, so that its length and what a match costs are bounded: by steps,
// which are the same on every machine, never by time.
const (
	MaxPattern = 10_000  // characters
	MaxInput   = 1 << 20 // bytes of text
	// MaxSteps are those of one match, where Go's linear engine can't be had.
	MaxSteps = 2_000_000
	// MaxTotalSteps are those of all the matches of one pattern: of every user.
	MaxTotalSteps = 500_000_000
)

// StepsError says that a match takes more steps than are allowed. What the
// pattern gives for the text isn't known then.
type StepsError struct {
	Pattern string
	// Total says that it is all the matches together.
	Total bool
}

func (e *StepsError) Error() string {
	const most = 100
	shown := []rune(e.Pattern)
	if len(shown) > most {
		shown = append(shown[:most:most], '…')
	}
	if e.Total {
		return fmt.Sprintf("the regular expression %q takes too many steps on all the values together; without "+
			"look-around and references to groups it takes few", string(shown))
	}
	return fmt.Sprintf("the regular expression %q takes too many steps on this value; nested repetitions are the "+
		"usual cause", string(shown))
}

// ErrTooLong reports text above MaxInput, or a result that would be.
var ErrTooLong = fmt.Errorf("the text is longer than %d bytes", MaxInput)

// Regex is a compiled regular expression of the .NET flavor. It is safe for
// concurrent use. It matches Unicode characters where .NET matches UTF-16
// units, so that only patterns that count characters beyond the basic plane
// (such as emoji) differ.
type Regex struct {
	pattern string
	linear  *linear  // nil where Go can't express it
	counted *counted // nil where Go always can
	groups  map[string]int
	last    int // the highest group number
	set     *charset
	budget  *Budget
}

// Budget is what is left of MaxTotalSteps. The zero value has all of them.
type Budget struct{ used atomic.Int64 }

// Share lets a pattern use another's budget: of patterns that differ from value
// to value, each alone would have one of its own.
func (r *Regex) Share(b *Budget) { r.budget = b }

// ignoresCase finds an option that ignores case.
var ignoresCase = regexp.MustCompile(`\(\?[a-zA-Z]*i`)

// CompileRegex reads a pattern.
func CompileRegex(pattern string) (r *Regex, err error) {
	if utf8.RuneCountInString(pattern) > MaxPattern {
		return nil, fmt.Errorf("the regular expression is longer than %d characters", MaxPattern)
	}
	defer func() { // the library reports some mistakes by panicking
		if p := recover(); p != nil {
			r, err = nil, fmt.Errorf("invalid regular expression: %v", p)
		}
	}()
	// The first edition of the library takes what .NET takes; the second, whose
	// tree can be walked, takes other dialects' constructs too.
	grammar, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, fmt.Errorf("invalid regular expression: %s", reason)
	}
	if strings.Contains(pattern, "-[") && ignoresCase.MatchString(pattern) {
		// Its tree doesn't ignore the case of what is taken away, as .NET does.
		return nil, errors.New("a class from which another is taken away ([a-z-[aeiou]]) isn't supported where " +
			"case is ignored: write both cases out")
	}
	tree, err := syntax.Parse(pattern, syntax.ParseOptions{})
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression: %w", err)
	}
	out := &Regex{pattern: pattern, budget: &Budget{}, groups: map[string]int{}}
	out.set, out.linear = newCharset(tree), newLinear(pattern, tree)
	for _, n := range grammar.GetGroupNumbers() {
		out.groups[grammar.GroupNameFromNumber(n)] = n
		out.last = max(out.last, n)
	}
	if out.linear == nil || out.linear.ascii {
		if out.counted, err = newCounted(tree); err != nil {
			return nil, fmt.Errorf("invalid regular expression: %w", err)
		}
	}
	return out, nil
}

// Counted reports whether matches may run out of steps.
func (r *Regex) Counted() bool { return r.counted != nil }

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

// search finds the matches of a text, one after the other.
type search struct {
	r *Regex
	s string
	// runes and offsets are the text as the counting engine reads it: its
	// characters, and where each begins; nil where Go's engine is had.
	runes   []rune
	offsets []int
}

// place is where a match, or a group of it, is; ok is false for none.
type place struct {
	from, to int
	ok       bool
}

// match is one match; group gives where a group is, 0 for the whole.
type match struct {
	place
	group func(number int) place
}

// runsOnGo reports whether Go's engine searches a text, or that it can't be
// searched.
func (r *Regex) runsOnGo(s string) (bool, error) {
	if len(s) > MaxInput {
		return false, ErrTooLong
	}
	if r.linear == nil || !r.linear.fits(s) {
		return false, nil
	}
	if !r.linear.affordable(s) {
		return false, &StepsError{Pattern: r.pattern}
	}
	return true, nil
}

func (r *Regex) search(s string) (*search, error) {
	x := &search{r: r, s: s}
	if linear, err := r.runsOnGo(s); linear || err != nil {
		return x, err
	}
	x.runes, x.offsets = make([]rune, 0, len(s)), make([]int, 0, len(s)+1)
	for i, c := range s {
		x.runes, x.offsets = append(x.runes, c), append(x.offsets, i)
	}
	x.offsets = append(x.offsets, len(s))
	return x, nil
}

// next finds the first match at or after a position.
func (x *search) next(at int) (m match, err error) {
	if x.offsets != nil {
		return x.count(at)
	}
	places := x.r.linear.find(x.s, at)
	if places == nil {
		return match{}, nil
	}
	m.group = func(number int) place {
		i := 0
		if number > 0 {
			var known bool
			if i, known = x.r.linear.groups[number]; !known {
				return place{}
			}
		}
		return place{places[2*i], places[2*i+1], places[2*i] >= 0}
	}
	m.place = m.group(0)
	return m, nil
}

// count is next by the counting engine.
func (x *search) count(at int) (m match, err error) {
	start := 0
	for start < len(x.runes) && x.offsets[start] < at {
		start++
	}
	found, err := x.r.counted.find(x.runes, start, MaxSteps)
	if total := x.r.budget.used.Add(MaxSteps - found.left); err == nil && total > MaxTotalSteps {
		return match{}, &StepsError{x.r.pattern, true}
	}
	if errors.Is(err, errSteps) {
		err = &StepsError{Pattern: x.r.pattern}
	}
	if err != nil {
		return match{}, err
	}
	m.group = func(number int) place {
		from, to, ok := x.r.counted.group(found, number)
		return place{x.offsets[from], x.offsets[to], ok}
	}
	m.place = m.group(0)
	return m, nil
}

// Match tells whether the pattern matches anywhere in s, as Regex.IsMatch does.
func (r *Regex) Match(s string) (bool, error) {
	linear, err := r.runsOnGo(s)
	if err != nil {
		return false, err
	}
	if linear {
		return r.linear.first.MatchString(s), nil
	}
	m, err := r.firstMatch(s)
	return m.ok, err
}

// MatchWhole tells whether the first match that the pattern finds is all of s.
func (r *Regex) MatchWhole(s string) (bool, error) {
	m, err := r.firstMatch(s)
	return m.ok && m.from == 0 && m.to == len(s), err
}

func (r *Regex) firstMatch(s string) (match, error) {
	x, err := r.search(s)
	if err != nil {
		return match{}, err
	}
	return x.next(0)
}

// Group returns the text of the named group in the first match of s. found is
// false if there is no match or the group took no part in it.
func (r *Regex) Group(s, name string) (text string, found bool, err error) {
	m, err := r.firstMatch(s)
	if err != nil || !m.ok {
		return "", false, err
	}
	g := m.group(r.groups[name])
	if !g.ok {
		return "", false, nil
	}
	return s[g.from:g.to], true, nil
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
	return r.replace(dst, s, func(dst []byte, m match) []byte { return by.expand(dst, s, m) })
}

// ReplaceGroup appends s to dst with the named group's text replaced by text in
// each match, and the rest of the match kept. A group that took no part in a
// match changes nothing there.
func (r *Regex) ReplaceGroup(dst []byte, s, name, text string) (out []byte, changed bool, err error) {
	number := r.groups[name]
	return r.replace(dst, s, func(dst []byte, m match) []byte {
		g := m.group(number)
		if !g.ok || g.from < m.from || g.to > m.to {
			return append(dst, s[m.from:m.to]...)
		}
		dst = append(dst, s[m.from:g.from]...)
		dst = append(dst, text...)
		return append(dst, s[g.to:m.to]...)
	})
}

func (r *Regex) replace(dst []byte, s string, each func([]byte, match) []byte) (out []byte, changed bool, err error) {
	x, err := r.search(s)
	if err != nil {
		return dst, false, err
	}
	// The usual value doesn't match, and this costs no allocation.
	if x.offsets == nil && !r.linear.first.MatchString(s) {
		return dst, false, nil
	}
	out = dst
	copied, at := 0, 0
	for at <= len(s) {
		m, err := x.next(at)
		if err != nil {
			return dst, false, err
		}
		if !m.ok {
			break
		}
		out = append(out, s[copied:m.from]...)
		out = each(out, m)
		if len(out)-len(dst) > MaxInput {
			return dst, false, ErrTooLong
		}
		copied, at, changed = m.to, m.to, true
		if m.from == m.to { // the next begins behind a character
			_, size := utf8.DecodeRuneInString(s[at:])
			at += max(size, 1)
		}
	}
	if !changed {
		return dst, false, nil
	}
	return append(out, s[copied:]...), true, nil
}
