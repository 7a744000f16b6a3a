package expression

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

func init() {
	define(
		function{name: "Append", params: source(req("suffix").of(argText)), eval: evalAppend},
		function{
			name:   "Prepend",
			params: []parameter{req("prefix").of(argText), req("source").of(argText)},
			origin: fromGraph,
			eval:   evalAppend,
		},
		function{
			name:   "Join",
			params: []parameter{req("separator").of(argText), req("source")},
			repeat: 1,
			eval:   evalJoin,
		},
		function{name: "Left", params: []parameter{
			req("String").keyed("source").of(argText), reqInt("NumChars").keyed("length")}, eval: evalLeft},
		function{
			name:   "Mid",
			params: []parameter{req("source").of(argText), reqInt("start"), reqInt("length")},
			eval:   evalMid,
		},
		function{name: "Len", params: []parameter{req("String").of(argText)}, eval: evalLen},
		function{name: "InStr", params: []parameter{req("value1").of(argText), req("value2").of(argText),
			textOf("start", argInt), textOf("compareType", argWord)}, prepare: prepareInStr, eval: evalInStr},
		// One how-to of Microsoft's spells it so [C CSA]; the checker warns.
		function{name: "Instr", params: []parameter{req("value1").of(argText), req("value2").of(argText),
			textOf("start", argInt), textOf("compareType", argWord)},
			origin: fromCloudSync, prepare: prepareInStr, eval: evalInStr},
		function{
			name:   "Word",
			params: []parameter{req("String").of(argText), reqInt("WordNumber"), req("Delimiters").of(argText)},
			eval:   evalWord,
		},
	)
}

// evalAppend joins two texts; null is "". [?]
func evalAppend(m *machine, n *callNode) (Value, error) {
	a, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	b, err := n.text(m, 1)
	if err != nil {
		return Value{}, err
	}
	if a == "" || b == "" {
		return TextValue(a + b), nil
	}
	s, err := n.build(m, len(a)+len(b), func(dst []byte) []byte { return append(append(dst, a...), b...) })
	return TextValue(s), err
}

// evalJoin spreads lists; empty sources add nothing, not even a separator
// [D sample], and neither does null. [?]
func evalJoin(m *machine, n *callNode) (Value, error) {
	sep, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	mark := len(m.vals)
	defer func() { clear(m.vals[mark:]); m.vals = m.vals[:mark] }()
	size, pieces := 0, 0
	for i := 1; i < len(n.args); i++ {
		v, err := n.value(m, i)
		if err != nil {
			return Value{}, err
		}
		if v.kind != KindList {
			s, err := m.asText(v, n.at(i))
			if err != nil {
				return Value{}, n.wrap(i, err)
			}
			v = TextValue(s)
		}
		m.vals = append(m.vals, v)
		for _, s := range v.pieces() {
			if s != "" {
				size += len(s) + len(sep)
				pieces++
			}
		}
		if v.text != "" {
			size += len(v.text) + len(sep)
			pieces++
		}
	}
	if pieces == 0 {
		return TextValue(""), nil
	}
	if size > maxText {
		return Value{}, n.fail(-1, errTooLong)
	}
	dst := m.reserve(size)
	for _, v := range m.vals[mark:] {
		if v.text != "" {
			dst = appendPiece(dst, sep, v.text)
		}
		for _, s := range v.pieces() {
			if s != "" {
				dst = appendPiece(dst, sep, s)
			}
		}
	}
	return TextValue(m.commit(dst)), nil
}

// pieces are a list's elements, and nothing for a single value.
func (v Value) pieces() []string {
	if v.kind == KindList {
		return v.list
	}
	return nil
}

func appendPiece(dst []byte, sep, s string) []byte {
	if len(dst) > 0 {
		dst = append(dst, sep...)
	}
	return append(dst, s...)
}

// evalLeft: 0 gives "", below 0 the input, more than there is the input. [D]
func evalLeft(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	count, err := n.integer(m, 1)
	if err != nil || count < 0 {
		return TextValue(s), err
	}
	return TextValue(m.slice16(s, 0, count)), nil
}

// evalMid counts from 1. A length past the end stops at the end [D]; length 0
// gives "", and a negative length, or a start outside the text, the input [C
// CNR: app provisioning's page is silent].
func evalMid(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	start, err := n.integer(m, 1)
	if err != nil {
		return Value{}, err
	}
	length, err := n.integer(m, 2)
	switch {
	case err != nil:
		return Value{}, err
	case length == 0:
		return TextValue(""), nil
	case length < 0 || start <= 0 || start > int64(len(s)) || start > int64(len16(s)):
		return TextValue(s), nil
	}
	return TextValue(m.slice16(s, start-1, min(length, maxText))), nil
}

func evalLen(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	return IntValue(int64(len16(s))), err
}

func prepareInStr(c *compiler, n *callNode) {
	if len(n.nodes) < 4 {
		return
	}
	if text, ok := constText(n.nodes[3]); ok && text != wordTextCompare && text != wordBinaryCompare {
		c.reportArg(n, 3, "the kind of comparison is vbTextCompare or vbBinaryCompare", "")
	}
}

// evalInStr gives the first position of value2, counted from 1 in the whole of
// value1 also where start is given; 0 where it isn't found. [C, G] Comparison is
// case-sensitive unless vbTextCompare is given. [? for the default] An empty
// value2 is found at start, as in Visual Basic.
func evalInStr(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	sub, err := n.text(m, 1)
	if err != nil {
		return Value{}, err
	}
	start := int64(1)
	if n.given(2) {
		if start, err = n.integer(m, 2); err != nil {
			return Value{}, err
		}
		if start < 1 {
			return Value{}, n.failf(2, "positions start at 1, not at %d", start)
		}
	}
	mode, err := n.text(m, 3)
	if err != nil {
		return Value{}, err
	}
	switch mode {
	case "", wordBinaryCompare:
	case wordTextCompare:
		if s, err = n.build(
			m,
			2*len(s),
			func(dst []byte) []byte { return dotnet.Invariant.AppendUpper(dst, s) },
		); err != nil {
			return Value{}, err
		}
		if sub, err = n.build(
			m,
			2*len(sub),
			func(dst []byte) []byte { return dotnet.Invariant.AppendUpper(dst, sub) },
		); err != nil {
			return Value{}, err
		}
	default:
		return Value{}, n.failf(3, "the kind of comparison is vbTextCompare or vbBinaryCompare, not %q", shorten(mode))
	}
	if start > int64(len16(s)) {
		return IntValue(0), nil
	}
	from := offset16(s, start-1)
	at := strings.Index(s[from:], sub)
	if at < 0 {
		return IntValue(0), nil
	}
	return IntValue(int64(len16(s[:from+at])) + 1), nil
}

// maxSet bounds the sets of delimiters and separators. [ours]
const maxSet = 1000

// evalWord: any character of Delimiters ends a word, and words aren't empty, so
// that delimiters in a row are one. A text without any delimiter is one word.
// [D but for these two, which are ?]
func evalWord(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	number, err := n.integer(m, 1)
	if err != nil {
		return Value{}, err
	}
	delimiters, err := n.text(m, 2)
	if err != nil {
		return Value{}, err
	}
	if len(delimiters) > maxSet {
		return Value{}, n.failf(2, "more than %d bytes of delimiters", maxSet)
	}
	word, start := int64(0), -1
	for i, r := range s {
		switch {
		case !strings.ContainsRune(delimiters, r):
			if start < 0 {
				start = i
				word++
			}
		case start >= 0:
			if word == number {
				return TextValue(s[start:i]), nil
			}
			start = -1
		}
	}
	if start >= 0 && word == number {
		return TextValue(s[start:]), nil
	}
	return TextValue(""), nil
}
