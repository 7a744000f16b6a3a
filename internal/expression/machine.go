package expression

import (
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// machine holds what one evaluation needs. Machines are pooled, and functions
// build their texts in the machine's own memory: only the final result is
// copied out, so that an evaluation allocates nothing else.
type machine struct {
	row   Row
	env   *Env
	prog  *Program
	bytes []byte   // texts built so far; earlier chunks live in old
	old   [][]byte // chunks that were outgrown
	parts []string // the elements of lists made so far
	vals  []Value  // a stack of arguments, for functions that take many
}

var machines sync.Pool

// getMachine is one that was released, or a new one.
func getMachine() *machine {
	if m, ok := machines.Get().(*machine); ok {
		return m
	}
	return &machine{bytes: make([]byte, 0, 512)}
}

// maxText bounds a text that functions build: nested Replace calls could
// otherwise multiply it beyond all memory. [ours]
const maxText = dotnet.MaxInput

// keepBytes is how much memory a pooled machine may hold on to.
const keepBytes = 1 << 16

func (m *machine) release() {
	if cap(m.bytes) > keepBytes {
		m.bytes = make([]byte, 0, 512)
	}
	clear(m.parts)
	if cap(m.parts) > 1024 {
		m.parts = nil
	}
	if cap(m.vals) > 64 {
		m.vals = nil
	}
	m.row, m.env, m.prog, m.old = nil, nil, nil, nil
	m.bytes, m.parts, m.vals = m.bytes[:0], m.parts[:0], m.vals[:0]
	machines.Put(m)
}

// reserve makes room for n more bytes and returns the memory to append to. What
// was written before stays where it is.
func (m *machine) reserve(n int) []byte {
	if cap(m.bytes)-len(m.bytes) < n {
		if len(m.bytes) > 0 {
			m.old = append(m.old, m.bytes)
		}
		m.bytes = make([]byte, 0, max(2*cap(m.bytes), n, 512))
	}
	return m.bytes[len(m.bytes):]
}

// commit takes what was appended to reserve's memory as a text.
func (m *machine) commit(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if free := m.bytes[len(m.bytes):]; unsafe.SliceData(b) == unsafe.SliceData(free) {
		m.bytes = m.bytes[:len(m.bytes)+len(b)]
	} // else it outgrew the reserve and has memory of its own
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// owns tells whether a text lives in the machine's memory.
func (m *machine) owns(s string) bool {
	if s == "" {
		return false
	}
	p := uintptr(unsafe.Pointer(unsafe.StringData(s)))
	inside := func(b []byte) bool {
		start := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		return cap(b) > 0 && p >= start && p < start+uintptr(cap(b))
	}
	if inside(m.bytes) {
		return true
	}
	for _, b := range m.old {
		if inside(b) {
			return true
		}
	}
	return false
}

// detach returns a text that outlives the evaluation.
func (m *machine) detach(s string) string {
	if m.owns(s) {
		return strings.Clone(s)
	}
	return s
}

// export turns a value into one that outlives the evaluation.
func (m *machine) export(v Value) Value {
	switch v.kind {
	case KindText:
		v.text = m.detach(v.text)
	case kindDate:
		var buf [32]byte
		return TextValue(string(dotnet.AppendGeneral(buf[:0], v.date())))
	case KindList:
		own := len(m.parts[:cap(m.parts)]) > 0 && len(v.list) > 0 && m.ownsList(v.list)
		for _, s := range v.list {
			own = own || m.owns(s)
		}
		if own {
			list := make([]string, len(v.list))
			for i, s := range v.list {
				list[i] = m.detach(s)
			}
			v.list = list
		}
	default: // the other kinds hold nothing of the machine's
	}
	return v
}

// ownsList tells whether a list's elements are in the machine's stack.
func (m *machine) ownsList(list []string) bool {
	all := m.parts[:cap(m.parts)]
	p := uintptr(unsafe.Pointer(unsafe.SliceData(list)))
	start := uintptr(unsafe.Pointer(unsafe.SliceData(all)))
	return p >= start && p < start+uintptr(len(all))*unsafe.Sizeof("")
}

// asText renders a simple value; null is "". [? for most functions: a null
// source is treated as the empty text, as the reference recommends]
func (m *machine) asText(v Value, at Node) (string, error) {
	switch v.kind {
	case KindText:
		return v.text, nil
	case KindNull:
		return "", nil
	case KindInt:
		return m.commit(strconv.AppendInt(m.reserve(20), v.num, 10)), nil
	case KindBool:
		return boolText(v.num != 0), nil
	case kindDate:
		return m.commit(dotnet.AppendGeneral(m.reserve(32), v.date())), nil
	case KindReference:
		return "", NeedsTargetID
	default: // lists, which are null where they are empty
	}
	if v.IsNull() {
		return "", nil
	}
	e := fail(at.Position(), "the value is multi-valued, and this function takes a single value")
	e.Suggestion = "use Item, Join or Count on it"
	return "", e
}

// asInt reads an integer: numbers arrive as text, because the service stores
// constants as text. [D GAS, G]
func (m *machine) asInt(v Value, at Node) (int64, error) {
	switch v.kind {
	case KindInt:
		return v.num, nil
	case KindText, kindDate:
		s, err := m.asText(v, at)
		if err != nil {
			return 0, err
		}
		if n, ok := parseInt(s); ok {
			return n, nil
		}
		e := fail(at.Position(), "a whole number is expected, not %q", shorten(s))
		e.nullInput = s == ""
		return 0, e
	case KindReference:
		return 0, NeedsTargetID
	default: // null, or no kind of number
	}
	if v.IsNull() {
		e := fail(at.Position(), "a whole number is expected, and the value is null")
		e.nullInput = true
		return 0, e
	}
	return 0, fail(at.Position(), "a whole number is expected, not a %s", v.kind)
}

// parseInt reads a decimal or &H integer, with white space around it.
func parseInt(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if hex, ok := strings.CutPrefix(s, "&H"); ok {
		v, err := strconv.ParseUint(hex, 16, 64)
		return int64(v), err == nil
	}
	if s == "" || len(s) > 20 {
		return 0, false
	}
	digits := s
	if s[0] == '-' || s[0] == '+' {
		digits = s[1:]
	}
	if digits == "" {
		return 0, false
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return 0, false
		}
	}
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil
}

// shorten cuts a value for a message.
func shorten(s string) string {
	const limit = 60
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return strings.Clone(s)
}

var errTooLong = dotnet.ErrTooLong
