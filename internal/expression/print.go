package expression

import "strings"

// String prints the expression in one line: one space after each comma and
// around a comparison, constants as they were written. Parsing the result
// gives the same tree.
func (e *Expression) String() string {
	return string(printer{}.node(nil, e.root))
}

// Canonical prints what the expression means, so that two expressions that
// differ in spacing, in the quoting of numbers, in empty arguments at the end
// or in FormatDateTime's older form have the same canonical text. The service
// stores every constant as text, so that Mid(x, 1, 8) and Mid(x, "1", "8") are
// one expression. [D GAS]
func (e *Expression) Canonical() string {
	return string(printer{canonical: true}.node(nil, e.root))
}

// Equal tells whether two expressions mean the same.
func Equal(a, b *Expression) bool { return a.Canonical() == b.Canonical() }

type printer struct{ canonical bool }

func (p printer) node(dst []byte, n Node) []byte {
	switch n := n.(type) {
	case *Call:
		return p.call(dst, n)
	case *Attribute:
		dst = append(dst, '[')
		dst = append(dst, n.Name...)
		return append(dst, ']')
	case *Text:
		return appendQuoted(dst, n.Value)
	case *Number:
		if p.canonical && !strings.HasPrefix(n.Raw, "&") {
			return appendQuoted(dst, n.Raw)
		}
		return append(dst, n.Raw...)
	case *Keyword:
		return append(dst, n.Name...)
	case *Comparison:
		dst = p.node(dst, n.Left)
		dst = append(dst, ' ')
		dst = append(dst, n.Op...)
		dst = append(dst, ' ')
		return p.node(dst, n.Right)
	}
	return dst
}

func (p printer) call(dst []byte, n *Call) []byte {
	args := n.Args
	if p.canonical {
		args = canonicalArgs(n)
	}
	dst = append(dst, n.Name...)
	dst = append(dst, '(')
	for i, a := range args {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = p.node(dst, a)
	}
	return append(dst, ')')
}

// givenArgs are a call's arguments without the empty ones at the end.
func givenArgs(n *Call) []Node {
	args := n.Args
	for len(args) > 0 && args[len(args)-1] == nil {
		args = args[:len(args)-1]
	}
	return args
}

// canonicalArgs also brings FormatDateTime's older form with three arguments
// into the present one.
func canonicalArgs(n *Call) []Node {
	args := givenArgs(n)
	if isLegacyFormat(n.Name, args) {
		return []Node{args[0], nil, args[1], args[2]}
	}
	return args
}

// isLegacyFormat recognizes (source, inputFormat, outputFormat). [D CSR, GFN]
func isLegacyFormat(name string, args []Node) bool {
	return name == "FormatDateTime" && len(args) == 3 && args[0] != nil && args[1] != nil
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
