package dotnet

import (
	"math"

	"github.com/dlclark/regexp2/v2/syntax"
)

// capture is what a group matched, and what it had matched before. It is never
// changed, so that caps can be kept by copying the slice.
type capture struct {
	from, to int
	before   *capture
}

// singleOf is the test of a node that takes one character, alone or in a loop.
func singleOf(n *syntax.RegexNode) func(rune) bool {
	switch {
	case n.IsSetFamily():
		set := n.Set
		return func(c rune) bool { return set.Contains(c) }
	case n.IsOneFamily():
		ch := n.Ch
		return func(c rune) bool { return c == ch }
	case n.IsNotoneFamily():
		ch := n.Ch
		return func(c rune) bool { return c != ch }
	}
	return nil
}

func single(n *syntax.RegexNode, is func(rune) bool) matchNode {
	least, most, step := n.M, n.N, 1
	switch n.T {
	case syntax.NtOne, syntax.NtNotone, syntax.NtSet:
		least, most = 1, 1
	default: // a loop, which says how often
	}
	if backwards(n) {
		step = -1
	}
	lazy := n.T == syntax.NtOnelazy || n.T == syntax.NtNotonelazy || n.T == syntax.NtSetlazy
	alone := n.IsAtomicloopFamily()
	// takes reports whether the character at a position fits.
	takes := func(m *matcher, pos int) bool {
		if step < 0 {
			pos--
		}
		return pos >= 0 && pos < len(m.text) && is(m.text[pos])
	}
	return func(m *matcher, pos int, k then) bool {
		count := 0
		for count < least || !lazy && count < most {
			if !m.spend(1) {
				return false
			}
			if !takes(m, pos) {
				break
			}
			pos += step
			count++
		}
		if count < least {
			return false
		}
		if lazy {
			for {
				if k(pos) {
					return true
				}
				if count >= most || !m.spend(1) || !takes(m, pos) {
					return false
				}
				pos += step
				count++
			}
		}
		for {
			if k(pos) {
				return true
			}
			if alone || count == least || !m.spend(1) {
				return false
			}
			pos -= step
			count--
		}
	}
}

func multi(text []rune, backwards bool) matchNode {
	return func(m *matcher, pos int, k then) bool {
		from, next := pos, pos+len(text)
		if backwards {
			from, next = pos-len(text), pos-len(text)
		}
		if !m.spend(len(text)) || from < 0 || from+len(text) > len(m.text) {
			return false
		}
		for i, c := range text {
			if m.text[from+i] != c {
				return false
			}
		}
		return k(next)
	}
}

func anchorOf(n *syntax.RegexNode) func(*matcher, int) bool {
	word := func(m *matcher, pos int) bool { return pos >= 0 && pos < len(m.text) && syntax.IsWordChar(m.text[pos]) }
	switch n.T {
	case syntax.NtBeginning:
		return func(_ *matcher, pos int) bool { return pos == 0 }
	case syntax.NtStart:
		return func(m *matcher, pos int) bool { return pos == m.start }
	case syntax.NtEnd:
		return func(m *matcher, pos int) bool { return pos == len(m.text) }
	case syntax.NtEndZ:
		return func(m *matcher, pos int) bool {
			return pos == len(m.text) || pos == len(m.text)-1 && m.text[pos] == '\n'
		}
	case syntax.NtBol:
		return func(m *matcher, pos int) bool { return pos == 0 || m.text[pos-1] == '\n' }
	case syntax.NtEol:
		return func(m *matcher, pos int) bool { return pos == len(m.text) || m.text[pos] == '\n' }
	case syntax.NtBoundary:
		return func(m *matcher, pos int) bool { return word(m, pos-1) != word(m, pos) }
	case syntax.NtNonboundary:
		return func(m *matcher, pos int) bool { return word(m, pos-1) == word(m, pos) }
	default:
		return nil
	}
}

func sequence(list []matchNode) matchNode {
	if len(list) == 1 {
		return list[0]
	}
	first, rest := list[0], sequence(list[1:])
	return func(m *matcher, pos int, k then) bool {
		return first(m, pos, func(p int) bool { return rest(m, p, k) })
	}
}

func alternatives(list []matchNode) matchNode {
	return func(m *matcher, pos int, k then) bool {
		for _, n := range list {
			if !m.spend(1) {
				return false
			}
			if n(m, pos, k) {
				return true
			}
		}
		return false
	}
}

// loop repeats a node at least and at most so often. As in .NET, an iteration
// that takes nothing is the last one, once there are enough.
func loop(body matchNode, least, most int, lazy bool) matchNode {
	more := math.MaxInt
	if most != math.MaxInt32 {
		more = most - least
	}
	// again continues after an iteration; count is of those beyond least.
	var again func(m *matcher, pos, mark, count int, k then) bool
	iterate := func(m *matcher, pos, count int, k then) bool {
		if m.depth++; m.depth > maxDepth && m.err == nil {
			m.err = errSteps
		}
		defer func() { m.depth-- }()
		return m.spend(1) && body(m, pos, func(p int) bool { return again(m, p, pos, count+1, k) })
	}
	again = func(m *matcher, pos, mark, count int, k then) bool {
		switch {
		case lazy && count < 0:
			return iterate(m, pos, count, k)
		case lazy:
			return k(pos) || count < more && pos != mark && iterate(m, pos, count, k)
		case count >= more || pos == mark && count >= 0:
			return k(pos)
		}
		return iterate(m, pos, count, k) || m.err == nil && count+1 > 0 && k(pos)
	}
	return func(m *matcher, pos int, k then) bool {
		if least > 0 {
			return iterate(m, pos, -least, k)
		}
		return again(m, pos, -1, 0, k)
	}
}

// capture keeps what a node matches as that of a group, and takes the last one
// from another, for (?<name-other>…); -1 is none.
func (c *counted) capture(body matchNode, number, other int) matchNode {
	slot, from := -1, -1
	if number >= 0 {
		slot = c.slot(number)
	}
	if other >= 0 {
		from = c.slot(other)
	}
	return func(m *matcher, pos int, k then) bool {
		return m.spend(1) && body(m, pos, func(p int) bool {
			start, end := min(pos, p), max(pos, p)
			kept := m.caps
			if from >= 0 {
				last := m.caps[from]
				if last == nil {
					return false
				}
				start, end = between(start, end, last)
				m.caps = append([]*capture(nil), m.caps...)
				m.caps[from] = last.before
			} else {
				m.caps = append([]*capture(nil), m.caps...)
			}
			if slot >= 0 {
				m.caps[slot] = &capture{start, end, m.caps[slot]}
			}
			if k(p) {
				return true
			}
			m.caps = kept
			return false
		})
	}
}

// between is the innermost stretch of two captures.
func between(start, end int, last *capture) (int, int) {
	switch {
	case start >= last.to:
		return last.to, start
	case end <= last.from:
		return last.from, last.from
	}
	return max(start, last.from), min(end, last.to)
}

// look matches without moving; what it captures stays where it is to match.
func look(body matchNode, wanted bool) matchNode {
	return func(m *matcher, pos int, k then) bool {
		kept := m.caps
		if !m.spend(1) {
			return false
		}
		found := body(m, pos, func(int) bool { return true })
		if !wanted {
			m.caps = kept
		}
		if found == wanted && m.err == nil && k(pos) {
			return true
		}
		m.caps = kept
		return false
	}
}

// once takes the first way in which a node matches, and no other.
func once(body matchNode) matchNode {
	return func(m *matcher, pos int, k then) bool {
		kept, end := m.caps, 0
		if m.spend(1) && body(m, pos, func(p int) bool { end = p; return true }) && k(end) {
			return true
		}
		m.caps = kept
		return false
	}
}

// reference matches what a group matched last.
func (c *counted) reference(n *syntax.RegexNode) matchNode {
	slot, back, ignoreCase := c.slot(n.M), backwards(n), n.Options&syntax.IgnoreCase != 0
	return func(m *matcher, pos int, k then) bool {
		last := m.caps[slot]
		if last == nil {
			return false
		}
		size := last.to - last.from
		from, next := pos, pos+size
		if back {
			from, next = pos-size, pos-size
		}
		if !m.spend(size+1) || from < 0 || from+size > len(m.text) {
			return false
		}
		for i := range size {
			a, b := m.text[last.from+i], m.text[from+i]
			if a != b && (!ignoreCase || !syntax.IsCaseEquivalent(a, b, 0)) {
				return false
			}
		}
		return k(next)
	}
}

// either takes the first node where a condition holds, else the second, if there
// is one.
func either(holds func(*matcher, int) bool, list []matchNode) matchNode {
	return func(m *matcher, pos int, k then) bool {
		kept := m.caps
		if !m.spend(1) {
			return false
		}
		yes := holds(m, pos)
		if m.err != nil {
			return false
		}
		var ok bool
		switch {
		case yes:
			ok = list[0](m, pos, k)
		case len(list) > 1:
			ok = list[1](m, pos, k)
		default:
			ok = k(pos)
		}
		if !ok {
			m.caps = kept
		}
		return ok
	}
}
