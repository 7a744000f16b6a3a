// Package guid reads GUIDs in the form in which Entra writes object ids, lower case with
// hyphens, and takes no other: an id of another form is a text like any.
package guid

import (
	"encoding/binary"
	"math/bits"
)

// ID is a GUID, its bytes in the order of its digits.
type ID [16]byte

// Length is that of a GUID's text.
const Length = len("00000000-0000-0000-0000-000000000000")

// Parse reads a GUID; false for another text.
func Parse[T string | []byte](s T) (id ID, ok bool) {
	if len(s) != Length || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	a, b := four(s, 0)|four(s, 4)<<32, four(s, 9)|four(s, 14)<<32
	c, d := four(s, 19)|four(s, 24)<<32, four(s, 28)|four(s, 32)<<32
	if (digits(a)&digits(b)&digits(c)&digits(d))&highs != highs {
		return id, false
	}
	binary.LittleEndian.PutUint64(id[0:], uint64(pack(a))|uint64(pack(b))<<32)
	binary.LittleEndian.PutUint64(id[8:], uint64(pack(c))|uint64(pack(d))<<32)
	return id, true
}

// Beginning is the number that the first eight digits of a GUID's text make; false for a
// text that begins otherwise.
func Beginning(s string) (n uint32, ok bool) {
	if len(s) < 8 {
		return 0, false
	}
	w := four(s, 0) | four(s, 4)<<32
	return bits.ReverseBytes32(pack(w)), digits(w)&highs == highs
}

// four are four characters, the first in the lowest byte.
func four[T string | []byte](s T, i int) uint64 {
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24
}

// Append appends the text of a GUID.
func (id *ID) Append(b []byte) []byte {
	const hex = "0123456789abcdef"
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, hex[c>>4], hex[c&0xf])
	}
	return b
}

// String is the text of a GUID.
func (id ID) String() string { return string(id.Append(make([]byte, 0, Length))) }

// Eight characters at once.
const (
	each  = 0x0101010101010101
	highs = 0x80 * each
)

// digits has the high bit of each byte of w that is a hexadecimal digit in lower case.
func digits(w uint64) uint64 {
	// The high bit of w + 0x80 - c tells that a character is at least c, since none is
	// above 0x7f: others have it in w.
	return ((w+(0x80-'0')*each)&^(w+(0x80-'9'-1)*each) | (w+(0x80-'a')*each)&^(w+(0x80-'f'-1)*each)) &^ w
}

// pack are the bytes that eight hexadecimal digits make, the first in the lowest.
func pack(w uint64) uint32 {
	w = w&(0xf*each) + w>>6&each*9 // a letter's bits count from 1
	w = (w<<4 | w>>8) & 0x00ff00ff00ff00ff
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint32(w | w>>16)
}
