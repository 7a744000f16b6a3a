package dotnet

import (
	"errors"
	"fmt"

	"github.com/dlclark/regexp2/v2/syntax"
)

// The engine for what Go's can't express: look-around, references to groups,
// atomic groups. It backtracks as .NET's does, over the tree that regexp2's
// parser makes, and counts its steps: regexp2's own engine bounds a match by
// the wall clock alone, so that the same plan would come out otherwise on a
// busy machine. What repeats without end ends after the same number of steps
// everywhere.

// A matcher is one attempt to match a text.
type matcher struct {
	text  []rune
	start int        // where the search began: \G
	caps  []*capture // by slot, the last one of each group
	left  int64      // steps
	depth int
	err   error
}

// maxDepth bounds the iterations of loops that are nested in one another's
// continuations, each of which holds a piece of the stack.
const maxDepth = 100_000

// then is what has to match after a node; a node matches if then does.
type then func(pos int) bool

// matchNode matches from a position on, and leaves captures as they were where
// it fails.
type matchNode func(m *matcher, pos int, k then) bool

// spend counts steps, and reports whether any are left.
func (m *matcher) spend(n int) bool {
	m.left -= int64(n)
	if m.left < 0 && m.err == nil {
		m.err = errSteps
	}
	return m.err == nil
}

// errSteps is turned into a *StepsError, which names the pattern.
var errSteps = errors.New("too many steps")

// counted is a pattern for this engine.
type counted struct {
	root  matchNode
	slots map[int]int // group number -> slot
}

// newCounted makes the matcher of a tree.
func newCounted(tree *syntax.RegexTree) (*counted, error) {
	c := &counted{slots: map[int]int{}}
	var err error
	c.root, err = c.node(tree.Root)
	return c, err
}

// find finds the first match that begins at or after a position.
func (c *counted) find(text []rune, at int, steps int64) (m *matcher, err error) {
	m = &matcher{text: text, start: at, left: steps, caps: make([]*capture, len(c.slots))}
	for pos := at; pos <= len(text); pos++ {
		if c.root(m, pos, func(int) bool { return true }) {
			return m, nil
		}
		if m.err != nil {
			return m, m.err
		}
	}
	return m, nil
}

// group is what a group matched; ok is false where it took no part.
func (c *counted) group(m *matcher, number int) (from, to int, ok bool) {
	slot, known := c.slots[number]
	if !known || m.caps[slot] == nil {
		return 0, 0, false
	}
	return m.caps[slot].from, m.caps[slot].to, true
}

func (c *counted) slot(number int) int {
	if _, ok := c.slots[number]; !ok {
		c.slots[number] = len(c.slots)
	}
	return c.slots[number]
}

func (c *counted) nodes(list []*syntax.RegexNode) ([]matchNode, error) {
	out := make([]matchNode, len(list))
	for i, n := range list {
		var err error
		if out[i], err = c.node(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func backwards(n *syntax.RegexNode) bool { return n.Options&syntax.RightToLeft != 0 }

// node makes the matcher of one node.
func (c *counted) node(n *syntax.RegexNode) (matchNode, error) {
	if one := singleOf(n); one != nil {
		return single(n, one), nil
	}
	if check := anchorOf(n); check != nil {
		return func(m *matcher, pos int, k then) bool { return m.spend(1) && check(m, pos) && k(pos) }, nil
	}
	children, err := c.nodes(n.Children)
	if err != nil {
		return nil, err
	}
	switch n.T {
	case syntax.NtMulti:
		return multi(n.Str, backwards(n)), nil
	case syntax.NtEmpty, syntax.NtUpdateBumpalong:
		return func(_ *matcher, pos int, k then) bool { return k(pos) }, nil
	case syntax.NtNothing:
		return func(*matcher, int, then) bool { return false }, nil
	case syntax.NtGroup:
		return children[0], nil
	case syntax.NtConcatenate:
		return sequence(children), nil
	case syntax.NtAlternate:
		return alternatives(children), nil
	case syntax.NtLoop, syntax.NtLazyloop:
		return loop(children[0], n.M, n.N, n.T == syntax.NtLazyloop), nil
	case syntax.NtCapture:
		return c.capture(children[0], n.M, n.N), nil
	case syntax.NtPosLook:
		return look(children[0], true), nil
	case syntax.NtNegLook:
		return look(children[0], false), nil
	case syntax.NtAtomic:
		return once(children[0]), nil
	case syntax.NtRef:
		return c.reference(n), nil
	case syntax.NtBackRefCond:
		slot := c.slot(n.M)
		return either(func(m *matcher, _ int) bool { return m.caps[slot] != nil }, children), nil
	case syntax.NtExprCond:
		condition := children[0]
		holds := func(m *matcher, pos int) bool { return condition(m, pos, func(int) bool { return true }) }
		return either(holds, children[1:]), nil
	default:
		return nil, fmt.Errorf("a construct of it isn't supported (%s)", n.Description())
	}
}
