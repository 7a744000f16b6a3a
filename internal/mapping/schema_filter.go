package mapping

import (
	"bytes"
	"encoding/json"

	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// filterPart is one of the three filters of an object mapping: Graph's member of
// the scope, and ours.
type filterPart struct {
	member, name string
	of           func(*Mapping) **scoping.Spec
}

// filterParts are the filters, as they stand in a scope [graph 3.6].
var filterParts = []filterPart{
	{"groups", NameFilter, func(m *Mapping) **scoping.Spec { return &m.Filter }},
	{"inputFilterGroups", NameInputFilter, func(m *Mapping) **scoping.Spec { return &m.InputFilter }},
	{"categoryFilterGroups", NameCategoryFilter, func(m *Mapping) **scoping.Spec { return &m.CategoryFilter }},
}

// otherShape is said of what has none of the documented shapes.
const otherShape = "it has another shape than documented"

// filters reads the scope. What of it can't be read is said in Unreadable.
func (m *Section) filters(out *Mapping) {
	scope := m.node.member("scope")
	if scope == nil || scope.kind == 'n' {
		return
	}
	for _, part := range filterParts {
		n := scope.member(part.member)
		switch {
		case scope.kind != '{', n != nil && n.kind != '[' && n.kind != 'n':
			out.Unreadable[part.name] = otherShape
			continue
		case len(n.elements()) == 0:
			continue
		}
		var f scoping.Filter
		for _, g := range n.elements() {
			f.Groups = append(f.Groups, groupOf(g))
		}
		spec := f.Spec()
		*part.of(out) = &spec
	}
}

// groupOf reads a group of clauses. A clause of another shape has no operator,
// so that it is one that can't be evaluated.
func groupOf(n *node) scoping.Group {
	g := scoping.Group{Name: n.textOf("name"), Clauses: []scoping.Clause{}}
	for _, c := range n.member("clauses").elements() {
		clause := scoping.Clause{
			OperatorName:      scoping.PortalName(c.textOf("operatorName")),
			SourceOperandName: c.textOf("sourceOperandName"),
			TargetOperand:     scoping.Operand{Values: []string{}},
		}
		operand := c.member("targetOperand")
		values := operand.member("values")
		for _, v := range values.elements() {
			text, ok := operandText(v)
			if !ok {
				clause.OperatorName = ""
			}
			clause.TargetOperand.Values = append(clause.TargetOperand.Values, text)
		}
		if odd(operand, '{') || odd(values, '[') {
			clause.OperatorName = ""
		}
		g.Clauses = append(g.Clauses, clause)
	}
	return g
}

// odd reports a value that is neither null nor of a kind.
func odd(n *node, kind byte) bool {
	return n != nil && n.kind != 'n' && byte(n.kind) != kind
}

// operandText is what a clause compares with: a text; numbers and truths as they
// are written.
func operandText(n *node) (string, bool) {
	switch n.kind {
	case '"':
		var s string
		err := json.Unmarshal(n.raw(), &s)
		return s, err == nil
	case '0', 't', 'f':
		return string(bytes.TrimSpace(n.raw())), true
	default:
		return "", false
	}
}
