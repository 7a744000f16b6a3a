package directory

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// arena keeps many short texts in few pieces of memory: a large tenant has millions,
// and what is allocated one by one is also freed and looked at one by one. A piece
// lives as long as any text in it, so that it is for what is kept together.
type arena struct {
	piece strings.Builder
	size  int
	lower []byte
}

// The size of an arena's pieces, in bytes: a decoder of one object takes little.
const (
	firstPiece   = 512
	largestPiece = 64 << 10
)

// text keeps a copy of b.
func (a *arena) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if a.piece.Cap()-a.piece.Len() < len(b) {
		a.size = min(max(2*a.size, firstPiece), largestPiece)
		a.piece.Reset()
		a.piece.Grow(max(a.size, len(b)))
	}
	at := a.piece.Len()
	a.piece.Write(b)
	return a.piece.String()[at:]
}

// lowerCase keeps a copy of ASCII in lower case.
func (a *arena) lowerCase(b []byte) string {
	a.lower = append(a.lower[:0], b...)
	for i, c := range a.lower {
		if c >= 'A' && c <= 'Z' {
			a.lower[i] = c | 0x20
		}
	}
	return a.text(a.lower)
}

// text is the function of that name, kept in the decoder's arena.
func (d *Decoder) text(v jsontext.Value) (string, error) {
	if plain(v) {
		return d.kept.text(v[1 : len(v)-1]), nil
	}
	return text(v)
}

// id reads an object's id, in lower case.
func (d *Decoder) id(v jsontext.Value) (string, error) {
	if plain(v) {
		return d.kept.lowerCase(v[1 : len(v)-1]), nil
	}
	s, err := text(v)
	return strings.ToLower(s), err
}

// attribute is compact of the column at hand, kept in the decoder's arena. Many users have
// the same department or country: a text that came before isn't kept again.
func (d *Decoder) attribute(v jsontext.Value) string {
	if len(v) < 2 || v[0] != '"' {
		return compact(v)
	}
	last := &d.last[d.column][byte(len(v))^v[1]<<2^v[len(v)-2]<<4]
	if *last == string(v) {
		return *last
	}
	if !plain(v) {
		return compact(v)
	}
	*last = d.kept.text(v)
	return *last
}
