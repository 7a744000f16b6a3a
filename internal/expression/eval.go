package expression

import (
	"errors"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// Eval evaluates the expression for one object. env may be nil: then what
// depends on the clock, on randomness or on the directory is unpredictable. The
// error is an *Error: this object's value can't be computed.
func (p *Program) Eval(row Row, env *Env) (Result, error) {
	m := getMachine()
	defer m.release()
	if env == nil {
		env = &noEnv
	}
	m.row, m.env, m.prog = row, env, p
	v, err := p.root.eval(m)
	if err != nil {
		return signalResult(err)
	}
	if v.IsNull() {
		return Result{Outcome: OutcomeNull}, nil
	}
	return Result{Outcome: OutcomeValue, Value: m.export(v)}, nil
}

var noEnv Env

// signalResult turns control flow into an outcome, and leaves failures alone.
func signalResult(err error) (Result, error) {
	if s, ok := errors.AsType[signal](err); ok {
		if s == signalDropObject {
			return Result{Outcome: OutcomeDropObject}, nil
		}
		return Result{Outcome: OutcomeDropAttribute}, nil
	}
	if why, ok := errors.AsType[Reason](err); ok {
		return Result{Outcome: OutcomeUnpredictable, Reason: why}, nil
	}
	return Result{}, err
}

type constant struct{ v Value }

func (n constant) eval(*machine) (Value, error) { return n.v, nil }

// attributeNode is a slot of the row.
type attributeNode int

func (n attributeNode) eval(m *machine) (Value, error) {
	if int(n) < len(m.row) {
		if v := m.row[n]; v.kind == kindUnread {
			return Value{}, Reason(v.num)
		}
		return m.row[n], nil
	}
	return Value{}, nil
}

type drop signal

func (n drop) eval(*machine) (Value, error) { return Value{}, signal(n) }

func (n *callNode) eval(m *machine) (Value, error) {
	if n.each {
		return n.evalEach(m)
	}
	return n.def.eval(m, n)
}

// evalEach evaluates a function of text: of a list, it works on each value
// [expressions 1].
func (n *callNode) evalEach(m *machine) (Value, error) {
	v, err := n.args[0].eval(m)
	if err != nil {
		return Value{}, err
	}
	if _, slot := n.args[0].(attributeNode); slot && v.kind != KindList {
		return n.def.eval(m, n) // reading it again costs nothing
	}
	one := *n
	one.args = append([]evalNode{constant{v}}, n.args[1:]...)
	if v.kind != KindList {
		return n.def.eval(m, &one)
	}
	out := make([]string, 0, len(v.list))
	for _, s := range v.list {
		one.args[0] = constant{TextValue(s)}
		piece, err := n.def.eval(m, &one)
		if err != nil {
			return Value{}, err
		}
		out = append(out, strings.Clone(piece.text))
	}
	return ListValue(out), nil
}

// given tells whether the i-th argument is there.
func (n *callNode) given(i int) bool { return i < len(n.args) && n.args[i] != nil }

// value evaluates the i-th argument; one that isn't given is null.
func (n *callNode) value(m *machine, i int) (Value, error) {
	if !n.given(i) {
		return Value{}, nil
	}
	return n.args[i].eval(m)
}

// text evaluates an argument to text; null is "".
func (n *callNode) text(m *machine, i int) (string, error) {
	v, err := n.value(m, i)
	if err != nil || v.kind == KindText {
		return v.text, err
	}
	s, err := m.asText(v, n.at(i))
	return s, n.wrap(i, err)
}

// integer evaluates an argument to a whole number.
func (n *callNode) integer(m *machine, i int) (int64, error) {
	v, err := n.value(m, i)
	if err != nil {
		return 0, err
	}
	num, err := m.asInt(v, n.at(i))
	return num, n.wrap(i, err)
}

// date evaluates an argument to a date.
func (n *callNode) date(m *machine, i int) (dotnet.DateTime, error) {
	v, err := n.value(m, i)
	if err != nil {
		return dotnet.DateTime{}, err
	}
	if v.kind == kindDate {
		return v.date(), nil
	}
	s, err := m.asText(v, n.at(i))
	if err != nil {
		return dotnet.DateTime{}, n.wrap(i, err)
	}
	if s == "" {
		e := fail(n.at(i).Position(), "a date is expected, and the value is null or empty")
		e.nullInput = true
		return dotnet.DateTime{}, n.wrap(i, e)
	}
	d, err := dotnet.ParseUniversal(s)
	if err != nil {
		e := fail(n.at(i).Position(), "%q is not a date: %v", shorten(s), err)
		e.Suggestion = "FormatDateTime reads other formats"
		return dotnet.DateTime{}, n.wrap(i, e)
	}
	return d, nil
}

// at is the node of the i-th argument, for positions.
func (n *callNode) at(i int) Node {
	if i < len(n.nodes) && n.nodes[i] != nil {
		return n.nodes[i]
	}
	return n.call
}

// wrap names the function and argument in a failure that doesn't have them.
func (n *callNode) wrap(i int, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e != nil && e.Function == "" {
		e.Function, e.Argument = n.call.Name, n.def.param(i).name
	}
	return err
}

// fail reports a failure of the i-th argument; -1 is the function as a whole.
func (n *callNode) fail(i int, cause error) *Error {
	e := &Error{Pos: n.call.Pos, Function: n.call.Name, Message: cause.Error(), inner: cause}
	if i >= 0 {
		e.Pos, e.Argument = n.at(i).Position(), n.def.param(i).name
	}
	return e
}

func (n *callNode) failf(i int, format string, args ...any) *Error {
	e := fail(n.call.Pos, format, args...)
	if i >= 0 {
		e.Pos = n.at(i).Position()
	}
	e.Function = n.call.Name
	if i >= 0 {
		e.Argument = n.def.param(i).name
	}
	return e
}

// build makes a text of at most maxText bytes in the machine's memory.
func (n *callNode) build(m *machine, size int, write func([]byte) []byte) (string, error) {
	if size > maxText {
		return "", n.fail(-1, errTooLong)
	}
	s := m.commit(write(m.reserve(size)))
	if len(s) > maxText {
		return "", n.fail(-1, errTooLong)
	}
	return s, nil
}

// regexCache holds patterns that aren't constant, such as those read from an
// attribute. It is bounded: when it is full, it starts anew.
type regexCache struct {
	mu     sync.Mutex
	all    map[string]*dotnet.Regex
	budget dotnet.Budget
}

const maxCached = 64

func (c *regexCache) get(pattern string) (*dotnet.Regex, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if re, ok := c.all[pattern]; ok {
		return re, nil
	}
	re, err := dotnet.CompileRegex(pattern)
	if err != nil {
		return nil, err
	}
	re.Share(&c.budget)
	if c.all == nil || len(c.all) >= maxCached {
		c.all = make(map[string]*dotnet.Regex)
	}
	c.all[strings.Clone(pattern)] = re
	return re, nil
}

var errNoGroup = errors.New("the regular expression has no group of this name")
