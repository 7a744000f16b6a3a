package dotnet

import (
	"fmt"
	"math"
	"regexp"
	goregexp "regexp/syntax"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2/syntax"
)

// linear is a pattern in Go's dialect, whose engine takes time in proportion to
// the text. What .NET means by it is spelled out: its classes are lists of
// ranges, ignoring case is part of them, and $ is the end or the line break
// before it.
type linear struct {
	// first searches a whole text. after searches one whose first character was
	// looked at already and is only what stands before: it is the first group's
	// match.
	first, after *regexp.Regexp
	groups       map[int]int // .NET's number -> Go's index
	// tails are groups that took the line break before the end, which $ doesn't.
	tails []int
	// ascii says that word boundaries are Go's, which knows ASCII alone.
	ascii bool
	size  int // of the program
}

// maxWork bounds the program's size times the text's length, which is what a
// match may cost: some seconds.
const maxWork = 1 << 28

// newLinear translates a tree, or gives nil where Go can't express it: what
// looks around or back, what depends on the way in which .NET repeats nothing,
// and line ends in the middle.
func newLinear(pattern string, tree *syntax.RegexTree) *linear {
	if strings.Contains(pattern, "(?>") {
		return nil // in other trees, atomic nodes are the parser's, and change nothing
	}
	w := &writer{groups: map[int]int{}, begin: `\A`}
	if !w.node(tree.Root, true) {
		return nil
	}
	first := w.String()
	w = &writer{groups: map[int]int{}, begin: never}
	w.node(tree.Root, true)
	l := &linear{groups: w.groups, tails: w.tails, ascii: w.ascii}
	var err error
	if l.first, err = regexp.Compile(first); err != nil {
		return nil // repeats more often than Go allows
	}
	if l.after, err = regexp.Compile(`\A(?s:.)(?s:.*?)(` + w.String() + `)`); err != nil {
		return nil
	}
	if parsed, err := goregexp.Parse(first, goregexp.Perl); err == nil {
		if program, err := goregexp.Compile(parsed.Simplify()); err == nil {
			l.size = len(program.Inst)
		}
	}
	return l
}

// fits reports whether the pattern means in Go what it means in .NET, on this
// text.
func (l *linear) fits(s string) bool {
	return !l.ascii || strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}

// affordable reports whether a match can't take too long.
func (l *linear) affordable(s string) bool { return len(s)*l.size <= maxWork }

// find gives the places of the first match at or after a position, by Go's
// groups; nil for none.
func (l *linear) find(s string, at int) []int {
	var places []int
	if at == 0 {
		places = l.first.FindStringSubmatchIndex(s)
	} else {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		if places = l.after.FindStringSubmatchIndex(s[at-size:]); places != nil {
			places = places[2:]
			for i := range places {
				if places[i] >= 0 {
					places[i] += at - size
				}
			}
		}
	}
	if places == nil {
		return nil
	}
	for _, t := range l.tails {
		if end := places[2*t]; end >= 0 { // the match ends before the line break
			for i := range places {
				places[i] = min(places[i], end)
			}
		}
	}
	return places
}

// never is a class without a character.
const never = `[^\x00-\x{10FFFF}]`

// writer writes a tree in Go's dialect.
type writer struct {
	strings.Builder
	begin  string // what \A is
	count  int    // groups so far
	groups map[int]int
	tails  []int
	ascii  bool
}

// node writes a node; tail says that nothing follows it. It reports whether Go
// can express it.
func (w *writer) node(n *syntax.RegexNode, tail bool) bool {
	if backwards(n) {
		return false
	}
	if class, ok := classOf(n); ok {
		w.WriteString(class)
		return w.quantifier(n)
	}
	switch n.T {
	case syntax.NtMulti:
		w.WriteString(regexp.QuoteMeta(string(n.Str)))
	case syntax.NtEmpty, syntax.NtUpdateBumpalong:
		w.WriteString(`(?:)`)
	case syntax.NtNothing:
		w.WriteString(never)
	case syntax.NtGroup, syntax.NtAtomic, syntax.NtConcatenate:
		return w.all(n.Children, tail)
	case syntax.NtAlternate:
		return w.alternatives(n.Children, tail)
	case syntax.NtCapture:
		return w.capture(n, tail)
	case syntax.NtLoop, syntax.NtLazyloop:
		// Of a loop that may take nothing, the engines disagree how often it did.
		if n.Children[0].ComputeMinLength() == 0 {
			return false
		}
		w.WriteString(`(?:`)
		ok := w.node(n.Children[0], false)
		w.WriteString(`)`)
		return ok && w.quantifier(n)
	default:
		return w.anchor(n.T, tail)
	}
	return true
}

func (w *writer) all(list []*syntax.RegexNode, tail bool) bool {
	w.WriteString(`(?:`)
	defer w.WriteString(`)`)
	for i, n := range list {
		if !w.node(n, tail && i == len(list)-1) {
			return false
		}
	}
	return true
}

func (w *writer) alternatives(list []*syntax.RegexNode, tail bool) bool {
	w.WriteString(`(?:`)
	defer w.WriteString(`)`)
	for i, n := range list {
		if i > 0 {
			w.WriteString(`|`)
		}
		if !w.node(n, tail) {
			return false
		}
	}
	return true
}

func (w *writer) capture(n *syntax.RegexNode, tail bool) bool {
	if n.M == 0 {
		return w.all(n.Children, tail)
	}
	if _, twice := w.groups[n.M]; twice || n.N != -1 {
		return false
	}
	w.count++
	w.groups[n.M] = w.count
	w.WriteString(`(`)
	defer w.WriteString(`)`)
	return w.node(n.Children[0], tail)
}

func (w *writer) anchor(t syntax.NodeType, tail bool) bool {
	switch t {
	case syntax.NtBeginning:
		w.WriteString(w.begin)
	case syntax.NtEnd:
		w.WriteString(`\z`)
	case syntax.NtEndZ:
		w.count++
		w.tails = append(w.tails, w.count)
		w.WriteString(`(?:\z|(\n)\z)`)
		return tail
	case syntax.NtBol:
		w.WriteString(`(?m:^)`)
	case syntax.NtEol:
		w.WriteString(`(?m:$)`)
	case syntax.NtBoundary:
		w.ascii = true
		w.WriteString(`\b`)
	case syntax.NtNonboundary:
		w.ascii = true
		w.WriteString(`\B`)
	default:
		return false
	}
	return true
}

// quantifier writes how often a node repeats.
func (w *writer) quantifier(n *syntax.RegexNode) bool {
	switch n.T {
	case syntax.NtOne, syntax.NtNotone, syntax.NtSet:
		return true
	default: // a loop, which says how often
	}
	switch {
	case n.N == math.MaxInt32 && n.M < 2:
		w.WriteByte("*+"[n.M])
	case n.N == math.MaxInt32:
		fmt.Fprintf(w, "{%d,}", n.M)
	case n.N == 0:
		w.WriteString("{0}")
	default:
		fmt.Fprintf(w, "{%d,%d}", n.M, n.N)
	}
	switch n.T {
	case syntax.NtOnelazy, syntax.NtNotonelazy, syntax.NtSetlazy, syntax.NtLazyloop:
		w.WriteByte('?')
	default: // greedy loops bear no mark
	}
	return true
}

// classOf is the class of characters that a node takes.
func classOf(n *syntax.RegexNode) (string, bool) {
	switch {
	case n.IsOneFamily():
		return `\x{` + strconv.FormatInt(int64(n.Ch), 16) + `}`, true
	case n.IsNotoneFamily():
		return `[^\x{` + strconv.FormatInt(int64(n.Ch), 16) + `}]`, true
	case n.IsSetFamily():
		return rangesOf(n.Set), true
	}
	return "", false
}

// classes are sets that were spelled out before, by what the parser knows of
// them.
var classes sync.Map

// plainRanges is how many ranges a set may have to be taken as it is.
const plainRanges = 32

// rangesOf spells out a set. What belongs to one with categories or a
// difference is asked of the parser, whose they are.
func rangesOf(set *syntax.CharSet) string {
	for n := 1; n <= plainRanges; n++ {
		ranges := set.GetIfNRanges(n)
		if ranges == nil {
			continue
		}
		var b strings.Builder
		b.WriteString("[")
		if set.IsNegated() {
			b.WriteString("^")
		}
		for _, r := range ranges {
			fmt.Fprintf(&b, `\x{%x}-\x{%x}`, r.First, r.Last)
		}
		return b.String() + "]"
	}
	key := string(set.Hash())
	known, _ := classes.Load(key)
	if class, ok := known.(string); ok {
		return class
	}
	var b strings.Builder
	from := rune(-1)
	for c := rune(0); c <= unicode.MaxRune+1; c++ {
		in := c <= unicode.MaxRune && set.Contains(c)
		switch {
		case in && from < 0:
			from = c
		case !in && from >= 0:
			fmt.Fprintf(&b, `\x{%x}-\x{%x}`, from, c-1)
			from = -1
		}
	}
	class := never
	if b.Len() > 0 {
		class = "[" + b.String() + "]"
	}
	classes.Store(key, class)
	return class
}
