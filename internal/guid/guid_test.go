package guid

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// asLibrary is Parse by a library, which takes more forms.
func asLibrary(s string) (id ID, ok bool) {
	if len(s) != Length || strings.ToLower(s) != s {
		return id, false
	}
	u, err := uuid.Parse(s)
	return ID(u), err == nil
}

func check(t *testing.T, s string) {
	t.Helper()
	want, wantOK := asLibrary(s)
	got, ok := Parse(s)
	of, ofOK := Parse([]byte(s))
	if ok != wantOK || ok && got != want || of != got || ofOK != ok {
		t.Errorf("%q: %x, %t; the library says %x, %t", s, got, ok, want, wantOK)
	}
	if ok && got.String() != s {
		t.Errorf("%q is written %q", s, got)
	}
	n, ok := Beginning(s)
	b, err := hex.DecodeString(s[:min(8, len(s))])
	wantOK = len(s) >= 8 && err == nil && strings.ToLower(s[:8]) == s[:8]
	if ok != wantOK || ok && n != uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3]) {
		t.Errorf("%q begins with %x, %t", s, n, ok)
	}
}

func TestParse(t *testing.T) {
	const one = "01234567-89ab-4cde-8f01-23456789abcd"
	for _, s := range []string{
		"", "x", one, one[1:], one + "0", strings.ToUpper(one), "{" + one[2:] + "}", strings.Repeat("-", Length),
		strings.Repeat("ä", Length/2), "ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000",
	} {
		check(t, s)
	}
	for i := range one { // any byte, anywhere
		for c := range 256 {
			check(t, one[:i]+string([]byte{byte(c)})+one[i+1:])
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("01234567-89ab-4cde-8f01-23456789abcd")
	f.Fuzz(check)
}

func BenchmarkParse(b *testing.B) {
	const one = "01234567-89ab-4cde-8f01-23456789abcd"
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			Parse(one)
		}
	})
	b.Run("ours, bytes", func(b *testing.B) {
		text := []byte(one)
		for b.Loop() {
			Parse(text)
		}
	})
	b.Run("google/uuid", func(b *testing.B) {
		for b.Loop() {
			_, _ = uuid.Parse(one)
		}
	})
}
