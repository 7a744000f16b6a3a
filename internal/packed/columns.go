package packed

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
)

// A column of strings is its number, its lengths, then its texts one after
// another: alike values stand together, which is what makes it small.

// Writer appends the parts of a reading's payload.
type Writer struct {
	// B is the payload so far.
	B []byte
}

// Number writes a number that isn't negative.
func (w *Writer) Number(n int) { w.B = binary.AppendUvarint(w.B, uint64(n)) }

// Text writes a string with its length.
func (w *Writer) Text(s string) { w.Number(len(s)); w.B = append(w.B, s...) }

// Flags writes 16 bits.
func (w *Writer) Flags(f uint16) { w.B = binary.LittleEndian.AppendUint16(w.B, f) }

// room makes room for n bytes, at once and for what may follow.
func (w *Writer) room(n int) {
	if cap(w.B)-len(w.B) < n {
		w.B = slices.Grow(w.B, max(n, cap(w.B)))
	}
}

// Column writes a column of strings.
func (w *Writer) Column(n int, value func(int) string) {
	w.Number(n)
	total := 0
	w.room(n)
	for i := range n {
		length := len(value(i))
		total += length
		w.Number(length)
	}
	w.room(total)
	for i := range n {
		w.B = append(w.B, value(i)...)
	}
}

// Dictionary writes a column of few different values.
func (w *Writer) Dictionary(n int, value func(int) string) {
	at := map[string]int{}
	var words []string
	for i := range n {
		v := value(i)
		if _, ok := at[v]; !ok {
			at[v] = len(words)
			words = append(words, v)
		}
	}
	w.Column(len(words), func(i int) string { return words[i] })
	w.Number(n)
	for i := range n {
		w.Number(at[value(i)])
	}
}

// IDs writes object ids: 16 bytes each where all are GUIDs in the usual form,
// else as text.
func (w *Writer) IDs(n int, value func(int) string) {
	for i := range n {
		if !isGUID(value(i)) {
			w.Flags(0)
			w.Column(n, value)
			return
		}
	}
	w.Flags(1)
	w.Number(n)
	w.room(n * guidBytes)
	for i := range n {
		w.B = appendGUID(w.B, value(i))
	}
}

const (
	guidBytes = 16
	guidForm  = "00000000-0000-0000-0000-000000000000"
)

// isGUID reports a GUID in lower case with hyphens.
func isGUID(s string) bool {
	if len(s) != len(guidForm) {
		return false
	}
	for i := range len(guidForm) {
		switch c := s[i]; {
		case guidForm[i] == '-':
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// appendGUID appends the bytes of a GUID that isGUID has seen.
func appendGUID(b []byte, s string) []byte {
	half := func(c byte) byte {
		if c <= '9' {
			return c - '0'
		}
		return c - 'a' + 10
	}
	for i := 0; i < len(s); i += 2 {
		if s[i] == '-' {
			i++
		}
		b = append(b, half(s[i])<<4|half(s[i+1]))
	}
	return b
}

// Positions writes ascending positions as differences.
func (w *Writer) Positions(list []int32) {
	w.Number(len(list))
	last := int32(0)
	for _, p := range list {
		w.Number(int(p - last))
		last = p
	}
}

// Reader takes the parts off again. After a failure it answers zero values and
// keeps the first error.
type Reader struct {
	// S is the payload, At the place in it, Err the first failure.
	S   string
	At  int
	Err error
}

// Fail keeps the first failure and ends the reading.
func (r *Reader) Fail(format string, args ...any) {
	if r.Err == nil {
		r.Err = fmt.Errorf(format, args...)
	}
	r.At = len(r.S)
}

// Number reads a number.
func (r *Reader) Number() int {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		if r.At >= len(r.S) {
			r.Fail("it ends early")
			return 0
		}
		c := r.S[r.At]
		r.At++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if n > 1<<40 {
				break
			}
			return int(n)
		}
	}
	r.Fail("a number is out of range")
	return 0
}

// Count reads how many items follow, each of at least one byte.
func (r *Reader) Count() int {
	n := r.Number()
	if n > len(r.S)-r.At {
		r.Fail("it announces more than it holds")
		return 0
	}
	return n
}

// Take reads n bytes.
func (r *Reader) Take(n int) string {
	if n < 0 || n > len(r.S)-r.At {
		r.Fail("it ends early")
		return ""
	}
	s := r.S[r.At : r.At+n]
	r.At += n
	return s
}

// Text reads a string.
func (r *Reader) Text() string { return r.Take(r.Number()) }

// Flags reads 16 bits.
func (r *Reader) Flags() uint16 {
	s := r.Take(2)
	if len(s) < 2 {
		return 0
	}
	return uint16(s[0]) | uint16(s[1])<<8
}

// Column reads a column.
func (r *Reader) Column() []string {
	n := r.Count()
	lengths := make([]int, n)
	for i := range lengths {
		lengths[i] = r.Number()
	}
	out := make([]string, n)
	for i, l := range lengths {
		out[i] = r.Take(l)
	}
	return out
}

// Dictionary reads a column of few different values.
func (r *Reader) Dictionary() []string {
	words := r.Column()
	n := r.Count()
	out := make([]string, n)
	for i := range out {
		w := r.Number()
		if w >= len(words) {
			r.Fail("a value is missing")
			return out
		}
		out[i] = words[w]
	}
	return out
}

// IDs reads object ids.
func (r *Reader) IDs() []string {
	if r.Flags() == 0 {
		return r.Column()
	}
	n := r.Number()
	if n > (len(r.S)-r.At)/16 {
		r.Fail("it announces more than it holds")
		return nil
	}
	raw := r.Take(16 * n)
	text := make([]byte, 0, 36*n)
	for i := range n {
		id := []byte(raw[16*i : 16*i+16])
		for j, part := range [...][]byte{id[0:4], id[4:6], id[6:8], id[8:10], id[10:16]} {
			if j > 0 {
				text = append(text, '-')
			}
			text = hex.AppendEncode(text, part)
		}
	}
	all := string(text)
	out := make([]string, n)
	for i := range out {
		out[i] = all[36*i : 36*i+36]
	}
	return out
}

// Positions reads ascending positions below a limit.
func (r *Reader) Positions(limit int) []int32 {
	n := r.Count()
	if n == 0 {
		return nil
	}
	out := make([]int32, n)
	last := 0
	for i := range out {
		last += r.Number()
		if last >= limit {
			r.Fail("a member is missing")
			return nil
		}
		out[i] = int32(last)
	}
	return out
}
