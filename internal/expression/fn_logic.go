package expression

import (
	"strconv"
	"strings"
)

func init() {
	define(
		function{name: "IIF", params: []parameter{
			req(
				"condition",
			).keyed("one"),
			req("valueIfTrue").keyed("four"),
			opt("valueIfFalse").keyed("five"),
		}, eval: evalIIF},
		function{name: "Error", params: one("message"), origin: fromCloudSync, eval: evalError},
		function{name: "Switch", params: []parameter{
			req("source").of(argText),
			opt("defaultValue"),
			req(
				"key",
			).keyed("switchValue").
				of(argText),
			req("value").keyed("switchValue"),
		}, repeat: 2, prepare: prepareSwitch, eval: evalSwitch},
		function{name: "Coalesce", params: source(opt("source")), repeat: 1, eval: evalCoalesce},
		function{name: "IsNull", params: asSource("Expression"), eval: test(Value.IsNull)},
		function{name: "IsNothing", params: source(), origin: fromGraph, eval: test(Value.IsNull)},
		function{name: "IsNullOrEmpty", params: asSource("Expression"), eval: test(Value.IsNullOrEmpty)},
		function{
			name:   "IsPresent",
			params: asSource("Expression"),
			eval:   test(func(v Value) bool { return !v.IsNullOrEmpty() }),
		},
		function{name: "IsString", params: asSource("Expression"), eval: test(isString)},
		function{name: "Not", params: source(), eval: evalNot},
		function{name: "CBool", params: asSource("Expression"), eval: evalCBool},
		function{name: "IgnoreFlowIfNullOrEmpty", params: asSource("Expression"), eval: evalIgnoreFlow},
	)
}

// test makes a function of one argument that answers True or False.
func test(is func(Value) bool) evalFunc {
	return func(m *machine, n *callNode) (Value, error) {
		v, err := n.value(m, 0)
		if err != nil {
			return Value{}, err
		}
		return BoolValue(is(v)), nil
	}
}

// isString: text is; null, numbers, Booleans and lists are not. A number in
// the expression itself is text, as the service stores it. [?]
func isString(v Value) bool { return v.kind == KindText || v.kind == kindDate }

// evalIIF evaluates only the branch that is taken. A condition that fails for
// want of an attribute's value is false: "if the source attribute used within
// the IIF function is empty or null, the condition check fails". [D REF#iif]
// evalError fails the object with a text of the mapping's own. [C CSR; O ADS]
func evalError(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	return Value{}, n.failf(-1, "the mapping says: %s", shorten(s))
}

// evalIIF: an empty third argument is null. [O ADS]
func evalIIF(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	ok := false
	switch {
	case err == nil:
		if ok, err = n.truth(v); err != nil {
			return Value{}, err
		}
	case isSignal(err) || !isNullInput(err):
		return Value{}, err
	}
	if ok {
		return n.value(m, 1)
	}
	return n.value(m, 2)
}

// truth reads a condition: a Boolean, the texts True and False in any case, or
// a number other than zero; null and "" are false. [D for Booleans, ? for the rest]
func (n *callNode) truth(v Value) (bool, error) {
	switch {
	case v.kind == KindBool || v.kind == KindInt:
		return v.num != 0, nil
	case v.IsNullOrEmpty():
		return false, nil
	case v.kind == KindReference:
		return false, NeedsTargetID
	case v.kind == KindText:
		if strings.EqualFold(v.text, "true") {
			return true, nil
		}
		if strings.EqualFold(v.text, "false") {
			return false, nil
		}
		if num, ok := parseNumber(v.text); ok {
			return num.sign() != 0, nil
		}
		return false, n.failf(0, "%q is neither True nor False, nor a number", shorten(v.text))
	}
	return false, n.failf(0, "a %s is neither True nor False, nor a number", v.kind)
}

func prepareSwitch(c *compiler, n *callNode) {
	if len(n.nodes)%2 != 0 {
		c.reportArg(n, len(n.nodes)-1, "keys and values must come in pairs: this key has no value", signature(n.def))
	}
}

// evalSwitch compares as text, case-sensitively, and evaluates lazily: a default
// that would fail is no failure where a key matches. [D; G SFG for lazily] Null
// matches the key "". [D REF#ispresent] The first of equal keys wins. [?]
func evalSwitch(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	for i := 2; i+1 < len(n.args); i += 2 {
		key, err := n.text(m, i)
		if err != nil {
			return Value{}, err
		}
		if key == s {
			return n.value(m, i+1)
		}
	}
	return n.value(m, 1)
}

// evalCoalesce skips null only: "" is a value. [D; one SFG sample needs "" to
// be skipped too]
func evalCoalesce(m *machine, n *callNode) (Value, error) {
	for i := range n.args {
		v, err := n.value(m, i)
		if err != nil || !v.IsNull() {
			return v, err
		}
	}
	return Value{}, nil
}

// evalNot: True gives False, and anything else True, also the text "true" in
// other case. [D REF#not]
func evalNot(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil {
		return Value{}, err
	}
	isTrue := v.kind == KindBool && v.num != 0 || v.kind == KindText && v.text == "True"
	return BoolValue(!isTrue), nil
}

// evalCBool: zero is False, other numbers True. [D] For texts see truth. [?]
func evalCBool(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil {
		return Value{}, err
	}
	ok, err := n.truth(v)
	return BoolValue(ok), err
}

func evalIgnoreFlow(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err == nil && v.IsNullOrEmpty() {
		return Value{}, signalDropAttribute
	}
	return v, err
}

// comparison is a compiled condition.
type comparison struct {
	op          string
	left, right evalNode
	node        *Comparison
}

// eval compares. Equal is: the same text, case-sensitively [?], or the same
// number. [G] Null counts as "", so that [c] = "" is true for it; and an order is
// never true of null or "", which is the documented "condition check fails".
func (n *comparison) eval(m *machine) (Value, error) {
	l, err := n.left.eval(m)
	if err != nil {
		return Value{}, err
	}
	r, err := n.right.eval(m)
	if err != nil {
		return Value{}, err
	}
	a, err := m.asText(l, n.node.Left)
	if err != nil {
		return Value{}, err
	}
	b, err := m.asText(r, n.node.Right)
	if err != nil {
		return Value{}, err
	}
	switch n.op {
	case "=":
		return BoolValue(equalText(a, b)), nil
	case "<>":
		return BoolValue(!equalText(a, b)), nil
	}
	if a == "" || b == "" {
		return BoolValue(false), nil
	}
	return n.order(a, b)
}

func (n *comparison) order(a, b string) (Value, error) {
	x, ok := parseNumber(a)
	if !ok {
		return Value{}, notNumber(n.node.Left, n.op, a)
	}
	y, ok := parseNumber(b)
	if !ok {
		return Value{}, notNumber(n.node.Right, n.op, b)
	}
	c := x.compare(y)
	return BoolValue(
		n.op == "<" && c < 0 || n.op == "<=" && c <= 0 || n.op == ">" && c > 0 || n.op == ">=" && c >= 0,
	), nil
}

// notNumber: what < and > do with texts isn't documented, so that it is an
// error rather than a guess. [?]
func notNumber(at Node, op, s string) error {
	e := fail(at.Position(), "%s compares numbers, and %q is none", op, shorten(s))
	e.Suggestion = "use DateDiff for dates"
	return e
}

func equalText(a, b string) bool {
	if a == b {
		return true
	}
	if !numeric(a) || !numeric(b) {
		return false
	}
	x, ok := parseNumber(a)
	y, ok2 := parseNumber(b)
	return ok && ok2 && x.compare(y) == 0
}

// numeric is a quick test that spares most texts the reading of a number.
func numeric(s string) bool {
	return s != "" && (isDigit(s[0]) || s[0] == '-' || s[0] == '+' || s[0] == ' ' || s[0] == '.')
}

// number is a decimal number: an integer where that is exact.
type number struct {
	isInt bool
	i     int64
	f     float64
}

// parseNumber reads digits with an optional sign and decimal point, and &H
// constants. Exponents and digit groups aren't numbers here.
func parseNumber(s string) (number, bool) {
	if i, ok := parseInt(s); ok {
		return number{true, i, float64(i)}, true
	}
	s = strings.TrimSpace(s)
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && c != '.' && !(i == 0 && (c == '-' || c == '+')) {
			return number{}, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return number{f: f}, err == nil
}

func (a number) sign() int { return a.compare(number{isInt: true}) }

func (a number) compare(b number) int {
	if a.isInt && b.isInt {
		switch {
		case a.i < b.i:
			return -1
		case a.i > b.i:
			return 1
		}
		return 0
	}
	switch {
	case a.f < b.f:
		return -1
	case a.f > b.f:
		return 1
	}
	return 0
}
