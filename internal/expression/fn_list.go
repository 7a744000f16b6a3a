package expression

import (
	"strings"
	"unicode/utf8"
)

func init() {
	define(
		function{name: "Count", params: one("attribute"), eval: evalCount},
		function{name: "Item", params: []parameter{req("attribute").keyed("source"), reqInt("index")}, eval: evalItem},
		function{name: "RemoveDuplicates", params: asSource("attribute"), eval: evalRemoveDuplicates},
		function{
			name:    "Split",
			params:  []parameter{req("source").of(argText), req("delimiter").of(argText)},
			prepare: prepareSplit,
			eval:    evalSplit,
		},
	)
}

// evalCount counts the elements; a single value is one, null none.
func evalCount(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	switch {
	case err != nil:
		return Value{}, err
	case v.IsNull():
		return IntValue(0), nil
	case v.kind == KindList:
		return IntValue(int64(len(v.list))), nil
	case v.kind == KindRoles:
		return IntValue(int64(len(*v.roles))), nil
	}
	return IntValue(1), nil
}

// evalItem counts from 1; an index outside the list is an error. [C CSR: the app
// provisioning page is silent, but says that 0 shouldn't be used]
func evalItem(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil {
		return Value{}, err
	}
	i, err := n.integer(m, 1)
	if err != nil {
		return Value{}, err
	}
	size := 1
	switch {
	case v.IsNull():
		size = 0
	case v.kind == KindList:
		size = len(v.list)
	case v.kind == KindRoles:
		size = len(*v.roles)
	}
	if i < 1 || i > int64(size) {
		e := n.failf(1, "index out of bounds: there is no item %d among %d", i, size)
		e.nullInput = size == 0
		if i == 0 {
			e.Suggestion = "the first item is 1"
		}
		return Value{}, e
	}
	switch v.kind {
	case KindList:
		return TextValue(v.list[i-1]), nil
	case KindRoles:
		return TextValue(roleName((*v.roles)[i-1])), nil
	default:
		return v, nil
	}
}

// evalRemoveDuplicates keeps the first of equal values, in their order, and
// compares case-sensitively. [?]
func evalRemoveDuplicates(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil || v.kind != KindList {
		return v, err
	}
	mark := len(m.parts)
	seen := map[string]bool{}
	for _, s := range v.list {
		if len(v.list) > 32 { // a map where comparing each with each would be slow
			if seen[s] {
				continue
			}
			seen[s] = true
		} else if contains(m.parts[mark:], s) {
			continue
		}
		m.parts = append(m.parts, s)
	}
	return ListValue(m.parts[mark:len(m.parts):len(m.parts)]), nil
}

func contains(list []string, s string) bool {
	for _, t := range list {
		if t == s {
			return true
		}
	}
	return false
}

const oneDelimiter = "the delimiter is one character"

func prepareSplit(c *compiler, n *callNode) {
	if s, ok := constText(n.nodes[1]); ok && utf8.RuneCountInString(s) != 1 {
		c.reportArg(n, 1, oneDelimiter, "")
	}
}

// evalSplit divides a text at one character. [D] The parts are trimmed of the
// spaces around them, as the page's only sample prints them; nothing else says
// so. [?] Null has no parts.
func evalSplit(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil || v.IsNull() {
		return Value{}, err
	}
	s, err := m.asText(v, n.at(0))
	if err != nil {
		return Value{}, n.wrap(0, err)
	}
	delimiter, err := n.text(m, 1)
	if err != nil {
		return Value{}, err
	}
	if utf8.RuneCountInString(delimiter) != 1 {
		return Value{}, n.failf(1, "%s, not %q", oneDelimiter, shorten(delimiter))
	}
	mark := len(m.parts)
	for rest, more := s, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, delimiter)
		m.parts = append(m.parts, strings.Trim(part, " "))
	}
	return ListValue(m.parts[mark:len(m.parts):len(m.parts)]), nil
}
