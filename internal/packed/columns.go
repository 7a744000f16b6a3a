package packed

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/guid"
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

// Reserve makes room for n bytes that follow, for who knows about how many.
func (w *Writer) Reserve(n int) { w.B = slices.Grow(w.B, n) }

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
	numbers := make([]int, n)
	for i := range n {
		v := value(i)
		// Neighbors are alike more often than not: the map isn't asked again.
		if i > 0 && v == words[numbers[i-1]] {
			numbers[i] = numbers[i-1]
			continue
		}
		k, ok := at[v]
		if !ok {
			k = len(words)
			at[v] = k
			words = append(words, v)
		}
		numbers[i] = k
	}
	w.Column(len(words), func(i int) string { return words[i] })
	w.Number(n)
	w.room(n)
	for _, k := range numbers {
		w.Number(k)
	}
}

// IDs writes object ids: 16 bytes each where all are GUIDs in the usual form,
// else as text.
func (w *Writer) IDs(n int, value func(int) string) {
	start := len(w.B)
	w.Flags(1)
	w.Number(n)
	w.room(n * len(guid.ID{}))
	for i := range n {
		id, ok := guid.Parse(value(i))
		if !ok {
			w.B = w.B[:start]
			w.Flags(0)
			w.Column(n, value)
			return
		}
		w.B = append(w.B, id[:]...)
	}
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
	if r.At < len(r.S) && r.S[r.At] < 0x80 { // most are one byte
		r.At++
		return int(r.S[r.At-1])
	}
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
			if n > min(1<<40, math.MaxInt) {
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
	lengths := *r
	for range n {
		r.Number() // the texts begin behind the lengths, which are read with them
	}
	out := make([]string, n)
	for i := range out {
		out[i] = r.Take(lengths.Number())
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
	if n > (len(r.S)-r.At)/len(guid.ID{}) {
		r.Fail("it announces more than it holds")
		return nil
	}
	var text strings.Builder
	text.Grow(guid.Length * n)
	one := make([]byte, 0, guid.Length)
	for range n {
		id := guid.ID([]byte(r.Take(len(guid.ID{}))))
		text.Write(id.Append(one))
	}
	all := text.String()
	out := make([]string, n)
	for i := range out {
		out[i] = all[guid.Length*i : guid.Length*(i+1)]
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
