// Package jsonscan finds where JSON values end, at the speed of memory: most of a
// bulk reading is properties that are only passed over. It takes what a JSON library
// takes and nothing else (fuzzed against jsontext); where it refuses, its callers ask
// the library, whose errors say what is wrong and where.
package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// maxDepth is how deep values may be nested; the library has the same limit.
const maxDepth = 10_000

// Space gives the first place from i on that is no blank.
func Space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// Value gives the end of the value that begins at i, which is no blank. ok is false
// for what is no JSON.
func Value(b []byte, i int) (end int, ok bool) { return value(b, i, 0) }

func value(b []byte, i, depth int) (end int, ok bool) {
	if i >= len(b) {
		return i, false
	}
	switch b[i] {
	case '"':
		return String(b, i)
	case '{':
		return object(b, i, depth+1)
	case '[':
		return array(b, i, depth+1)
	case 't':
		return literal(b, i, "true")
	case 'f':
		return literal(b, i, "false")
	case 'n':
		return literal(b, i, "null")
	}
	return number(b, i)
}

func object(b []byte, i, depth int) (end int, ok bool) {
	if depth > maxDepth {
		return i, false
	}
	for first := true; ; first = false {
		_, at, done, ok := Property(b, i, first)
		if !ok || done {
			return at, ok
		}
		if i, ok = value(b, at, depth); !ok {
			return i, false
		}
	}
}

// Property goes on in an object: from its brace (first), or from the end of a
// property's value. It gives the name as it is written, with its quotes, and where the
// value begins; done at the object's end, with the place behind it.
func Property(b []byte, i int, first bool) (name []byte, at int, done, ok bool) {
	if i, done, ok = Name(b, i, first); done || !ok {
		return nil, i, done, ok
	}
	return NameAt(b, i)
}

// Name is Property up to the name's opening quote, at which it answers.
func Name(b []byte, i int, first bool) (at int, done, ok bool) { return next(b, i, first, '}') }

// NameAt is the rest of Property, from the name's opening quote.
func NameAt(b []byte, i int) (name []byte, at int, done, ok bool) {
	if i >= len(b) || b[i] != '"' {
		return nil, i, false, false
	}
	end, ok := String(b, i)
	if !ok {
		return nil, i, false, false
	}
	name = b[i:end]
	if end < len(b) && b[end] != ':' {
		end = Space(b, end)
	}
	if end >= len(b) || b[end] != ':' {
		return nil, i, false, false
	}
	if at = end + 1; at < len(b) && b[at] <= ' ' {
		at = Space(b, at)
	}
	return name, at, false, true
}

// Element goes on in an array: from its bracket (first), or from the end of an
// element. It gives where the next begins; done at the array's end, with the place
// behind it.
func Element(b []byte, i int, first bool) (at int, done, ok bool) { return next(b, i, first, ']') }

// next passes over the opening character or the comma.
func next(b []byte, i int, first bool, closing byte) (at int, done, ok bool) {
	if first {
		if at = Space(b, i+1); at < len(b) && b[at] == closing {
			return at + 1, true, true
		}
		return at, false, at < len(b)
	}
	if i < len(b) && b[i] <= ' ' {
		i = Space(b, i)
	}
	switch {
	case i >= len(b):
		return i, false, false
	case b[i] == closing:
		return i + 1, true, true
	case b[i] != ',':
		return i, false, false
	}
	if i++; i < len(b) && b[i] <= ' ' {
		i = Space(b, i)
	}
	return i, false, i < len(b)
}

func array(b []byte, i, depth int) (end int, ok bool) {
	if depth > maxDepth {
		return i, false
	}
	for first := true; ; first = false {
		at, done, ok := Element(b, i, first)
		if !ok || done {
			return at, ok
		}
		if i, ok = value(b, at, depth); !ok {
			return i, false
		}
	}
}

func literal(b []byte, i int, word string) (end int, ok bool) {
	end = i + len(word)
	return end, end <= len(b) && string(b[i:end]) == word
}

// Masks of eight bytes at once.
const (
	ones       = 0x0101010101010101
	highs      = 0x8080808080808080
	quotes     = '"' * ones
	backslash  = '\\' * ones
	blanks     = 0x20 * ones
	wordLength = 8
)

// zeros has the high bit of the first byte of w that is zero; what follows that byte
// isn't exact.
func zeros(w uint64) uint64 { return (w - ones) &^ w & highs }

// String gives the end of the string whose opening quote is at i.
func String(b []byte, i int) (end int, ok bool) {
	i++
	for {
		for i+wordLength <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			if stop := zeros(w^quotes) | zeros(w^backslash) | (w-blanks)&^w&highs; stop != 0 {
				i += bits.TrailingZeros64(stop) / wordLength
				break
			}
			i += wordLength
		}
		for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
			i++
		}
		switch {
		case i >= len(b) || b[i] < ' ':
			return i, false
		case b[i] == '"':
			return i + 1, true
		}
		if i, ok = escape(b, i); !ok {
			return i, false
		}
	}
}

// escape gives the end of what a backslash begins.
func escape(b []byte, i int) (end int, ok bool) {
	if i+1 >= len(b) {
		return i, false
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, true
	case 'u':
		const length = len(`\u0000`)
		if i+length > len(b) {
			return i, false
		}
		for _, c := range b[i+2 : i+length] {
			if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return i, false
			}
		}
		return i + length, true
	}
	return i, false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func digits(b []byte, i int) (end int, ok bool) {
	end = i
	for end < len(b) && digit(b[end]) {
		end++
	}
	return end, end > i
}

func number(b []byte, i int) (end int, ok bool) {
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i, ok = i+1, true
	} else {
		i, ok = digits(b, i)
	}
	if ok && i < len(b) && b[i] == '.' {
		i, ok = digits(b, i+1)
	}
	if ok && i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		i, ok = digits(b, i)
	}
	return i, ok
}

// Plain reports printable ASCII without escapes: what a string holds between its quotes
// is then its text.
func Plain(b []byte) bool {
	for len(b) >= wordLength {
		w := binary.LittleEndian.Uint64(b)
		if (w|(w-blanks)|zeros(w^backslash)|zeros(w^0x7f*ones))&highs != 0 {
			return false
		}
		b = b[wordLength:]
	}
	for _, c := range b {
		if c < ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}
