package packed

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A column of few values is small, one of 256 as one of one; of 257 each stands for
// itself.
func TestFewWordsAreSmall(t *testing.T) {
	const n, width = 20_000, 20
	for _, c := range []struct {
		words int
		small bool
	}{{1, true}, {2, true}, {256, true}, {257, false}, {n, false}} {
		w := &Writer{}
		w.Words(n, func(i int) string { return fmt.Sprintf("%*d", width, i%c.words) })
		if small := len(w.B) < 2*n; small != c.small {
			t.Errorf("%d words: %d bytes", c.words, len(w.B))
		}
		r := &Reader{S: string(w.B)}
		if got := r.Words(); len(got) != n || r.Err != nil || got[n-1] != fmt.Sprintf("%*d", width, (n-1)%c.words) {
			t.Errorf("%d words: %d, %v", c.words, len(got), r.Err)
		}
	}
}

// Long columns beside another come back, whatever their bits.
func TestBeside(t *testing.T) {
	for _, n := range []int{0, 7, 8, 9, 10_000} {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		names, mails := make([]string, n), make([]string, n)
		for i := range n {
			names[i] = fmt.Sprint(i)
			mails[i] = names[i][:len(names[i])-random.IntN(2)]
		}
		w := &Writer{}
		w.Beside(n, func(i int) string { return names[i] }, func(i int) string { return mails[i] })
		r := &Reader{S: string(w.B)}
		if got := r.Beside(names); !slices.Equal(got, mails) || r.Err != nil || r.At != len(r.S) {
			t.Errorf("%d: %v", n, r.Err)
		}
	}
}

// What isn't as many as it says is damaged.
func TestColumnsThatDontFit(t *testing.T) {
	for name, c := range map[string]struct {
		payload string
		read    func(*Reader)
	}{
		"a word that isn't there": {"\x01\x00\x01\x01x\x01\x01", func(r *Reader) { r.Words() }},
		"one too few":             {"\x03\x01\x01x", func(r *Reader) { r.Beside([]string{"a", "b"}) }},
		"one too many":            {"\x00\x01\x01x", func(r *Reader) { r.Beside([]string{"a", "b"}) }},
	} {
		r := &Reader{S: c.payload}
		if c.read(r); r.Err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
}
