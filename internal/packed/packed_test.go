package packed

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// anyBytes are strings of any bytes, guids among them.
var anyBytes = rapid.OneOf(
	rapid.String(),
	rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
	rapid.SampledFrom([]string{"", "\x00", "\xff\xfe", "\u202eabc", "👩‍👩‍👧", "\"\\\n", strings.Repeat("x", 3000)}),
)

func TestPartsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		column := rapid.SliceOf(anyBytes).Draw(t, "column")
		few := rapid.SliceOf(rapid.SampledFrom([]string{"Member", "Guest", "", "\xff"})).Draw(t, "few")
		ids := rapid.SliceOf(rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)).
			Draw(t, "ids")
		mixed := append(append([]string{}, ids...), column...)
		many := rapid.Map(rapid.SliceOfN(rapid.IntRange(0, 300), 0, 400), func(n []int) (out []string) {
			for _, k := range n {
				out = append(out, fmt.Sprint(k))
			}
			return out
		}).Draw(t, "many")
		like := slices.Clone(many)
		for i := range like {
			if rapid.Bool().Draw(t, "another") {
				like[i] = "another"
			}
		}
		positions := ascending(rapid.SliceOf(rapid.Int32Range(0, 1<<30)).Draw(t, "positions"))
		number := rapid.IntRange(0, min(1<<40, math.MaxInt)).Draw(t, "number")
		flags := rapid.Uint16().Draw(t, "flags")

		w := &Writer{}
		w.Number(number)
		w.Flags(flags)
		w.Column(len(column), func(i int) string { return column[i] })
		w.Dictionary(len(few), func(i int) string { return few[i] })
		w.Words(len(few), func(i int) string { return few[i] })
		w.Words(len(many), func(i int) string { return many[i] })
		w.Beside(len(like), func(i int) string { return many[i] }, func(i int) string { return like[i] })
		w.IDs(len(ids), func(i int) string { return ids[i] })
		w.IDs(len(mixed), func(i int) string { return mixed[i] })
		w.Positions(positions)
		w.Text("end")

		r := &Reader{S: string(w.B)}
		same(t, "number", r.Number(), number)
		same(t, "flags", r.Flags(), flags)
		same(t, "column", r.Column(), column)
		same(t, "dictionary", r.Dictionary(), few)
		same(t, "words", r.Words(), few)
		same(t, "many words", r.Words(), many)
		same(t, "like another", r.Beside(many), like)
		same(t, "ids", r.IDs(), ids)
		same(t, "mixed ids", r.IDs(), mixed)
		same(t, "positions", r.Positions(1<<30+1), positions)
		same(t, "text", r.Text(), "end")
		if r.Err != nil || r.At != len(r.S) {
			t.Fatalf("%v, %d of %d bytes read", r.Err, r.At, len(r.S))
		}
	})
}

func same(t *rapid.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s (-written +read):\n%s", what, d)
	}
}

func ascending(in []int32) []int32 {
	seen := map[int32]bool{}
	for _, p := range in {
		seen[p] = true
	}
	out := make([]int32, 0, len(seen))
	for p := range seen {
		out = append(out, p)
	}
	for i := range out {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// A payload cut anywhere is an error of the part that it ends in, and parts
// after a failure are empty.
func TestCutPayloads(t *testing.T) {
	w := &Writer{}
	w.Column(3, func(i int) string { return []string{"a", "", "ccc"}[i] })
	w.Dictionary(4, func(i int) string { return []string{"x", "y", "x", "x"}[i] })
	w.Words(4, func(i int) string { return []string{"x", "y", "x", "x"}[i] })
	w.Beside(2, func(int) string { return "x" }, func(i int) string { return []string{"x", "y"}[i] })
	w.IDs(2, func(int) string { return "00000000-0000-4000-8000-000000000001" })
	w.Positions([]int32{0, 5, 9})
	w.Flags(7)
	for n := range w.B {
		r := &Reader{S: string(w.B[:n])}
		r.Column()
		r.Dictionary()
		r.Words()
		r.Beside([]string{"x", "x"})
		r.IDs()
		r.Positions(10)
		r.Flags()
		if r.Err == nil {
			t.Errorf("%d of %d bytes are taken for the whole", n, len(w.B))
		}
		if r.Number() != 0 || r.Text() != "" || len(r.Column()) != 0 {
			t.Errorf("%d bytes: something came after the failure", n)
		}
	}
}

func TestNumbersOutOfRange(t *testing.T) {
	for name, payload := range map[string]string{
		"endless":  strings.Repeat("\xff", 20),
		"too big":  "\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"one more": "\x81\x80\x80\x80\x80\x80\x20",
	} {
		r := &Reader{S: payload}
		if n := r.Number(); r.Err == nil {
			t.Errorf("%s: %d", name, n)
		}
	}
	r := &Reader{S: "\x02\x05\x05"}
	if r.Positions(10); r.Err == nil {
		t.Error("a position at the limit was let through")
	}
}

func TestSealOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := rapid.SliceOf(rapid.Byte()).Draw(t, "payload")
		kind, version := rapid.Byte().Draw(t, "kind"), rapid.ByteRange(1, 255).Draw(t, "version")
		text, err := Seal(kind, version, payload)
		if err != nil {
			t.Fatal(err)
		}
		got, v, err := Open(kind, version, text)
		if err != nil || v != version || !bytes.Equal(got, payload) {
			t.Fatalf("%v, version %d, %d bytes instead of %d", err, v, len(got), len(payload))
		}
	})
}

// The same payload gives the same text, whatever was sealed before and beside.
func TestSealIsCanonical(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	payload := make([]byte, 1<<20)
	for i := range payload {
		payload[i] = byte(random.IntN(7))
	}
	want, err := Seal('D', 1, payload)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 4 {
				if _, err := Seal('X', 1, payload[i*1000:]); err != nil {
					t.Error(err)
				}
				if got, err := Seal('D', 1, payload); err != nil || got != want {
					t.Errorf("another text; %v", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestOpenSaysWhy(t *testing.T) {
	good, err := Seal('D', 2, []byte(strings.Repeat("facts ", 100)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(b []byte) []byte) string {
		return base64.StdEncoding.EncodeToString(f(bytes.Clone(raw)))
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":         {"", ErrForeign},
		"prose":         {"hello there", ErrForeign},
		"other base64":  {base64.StdEncoding.EncodeToString([]byte("something else entirely")), ErrForeign},
		"magic alone":   {base64.StdEncoding.EncodeToString([]byte("usrd")), ErrForeign},
		"cut base64":    {good[:len(good)-1], ErrForeign},
		"other kind":    {change(func(b []byte) []byte { b[4] = 'O'; return b }), ErrKind},
		"newer":         {change(func(b []byte) []byte { b[5] = 3; return b }), ErrVersion},
		"version 0":     {change(func(b []byte) []byte { b[5] = 0; return b }), ErrVersion},
		"no payload":    {change(func(b []byte) []byte { return b[:6] }), nil},
		"cut":           {change(func(b []byte) []byte { return b[:len(b)-9] }), ErrDamaged},
		"one bit":       {change(func(b []byte) []byte { b[len(b)-8] ^= 1; return b }), ErrDamaged},
		"not zstandard": {change(func(b []byte) []byte { return append(b[:6], "no frame at all"...) }), ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := Open('D', 2, c.text); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// Every byte of the text matters: one that is changed is seen, or the payload
// is the same.
func TestNoSilentDamage(t *testing.T) {
	payload := []byte(strings.Repeat("Member,Guest;", 50))
	good, err := Seal('D', 1, payload)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.StdEncoding.DecodeString(good)
	for i := range raw {
		for _, flip := range []byte{1, 0x80, 0xff} {
			b := bytes.Clone(raw)
			b[i] ^= flip
			if got, _, err := Open(
				'D',
				1,
				base64.StdEncoding.EncodeToString(b),
			); err == nil &&
				!bytes.Equal(got, payload) {
				t.Errorf("byte %d xor %x opens as something else", i, flip)
			}
		}
	}
}

func TestSizeGuard(t *testing.T) {
	payload := make([]byte, 3<<20)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range payload {
		payload[i] = byte(random.Uint32())
	}
	_, err := SealWithin(1<<20, 'D', 1, payload)
	if !errors.Is(err, ErrTooBig) || !strings.Contains(err.Error(), "4 MiB, at most 1") {
		t.Error(err)
	}
	text, err := SealWithin(5<<20, 'D', 1, payload)
	if err != nil || len(text) > 5<<20 {
		t.Error(len(text), err)
	}
}

// A short text that announces a huge payload isn't believed.
func TestBomb(t *testing.T) {
	frame := []byte{'u', 's', 'r', 'd', 'D', 1, 0x28, 0xb5, 0x2f, 0xfd, 0xe0} // a Zstandard frame of one segment …
	frame = binary.LittleEndian.AppendUint64(frame, maxPayload+1)             // … that says how long it is,
	frame = append(frame, 3, 0, 0, 'x')                                       // and one block of a repeated byte
	if _, _, err := Open(
		'D',
		1,
		base64.StdEncoding.EncodeToString(frame),
	); !errors.Is(err, ErrDamaged) ||
		!errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		t.Error(err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("\x02\x01\x01ab", uint16(3))
	f.Add(strings.Repeat("\xff", 30), uint16(0))
	f.Fuzz(func(t *testing.T, payload string, limit uint16) {
		for _, read := range []func(r *Reader){
			func(r *Reader) { r.Column() }, func(r *Reader) { r.Dictionary() }, func(r *Reader) { r.IDs() },
			func(r *Reader) { r.Words() }, func(r *Reader) { r.Beside(make([]string, limit)) },
			func(r *Reader) {
				for _, p := range r.Positions(int(limit)) {
					if p < 0 || int(p) >= int(limit) {
						t.Errorf("position %d of %d", p, limit)
					}
				}
			},
		} {
			r := &Reader{S: payload}
			for r.Err == nil && r.At < len(r.S) {
				before := r.At
				read(r)
				if r.At < before || r.At > len(r.S) {
					t.Fatalf("at %d of %d", r.At, len(r.S))
				}
			}
		}
	})
}

// Whoever writes a column may have to make each value: none is asked for twice.
func TestValuesAreAskedForOnce(t *testing.T) {
	const n = 1000
	for name, write := range map[string]func(w *Writer, value func(int) string){
		"ids":        func(w *Writer, value func(int) string) { w.IDs(n, value) },
		"dictionary": func(w *Writer, value func(int) string) { w.Dictionary(n, value) },
	} {
		asked := 0
		write(&Writer{}, func(i int) string {
			asked++
			return fmt.Sprintf("00000000-0000-4000-8000-%012x", i)
		})
		if asked != n {
			t.Errorf("%s: %d values are asked for %d times", name, n, asked)
		}
	}
}

// An id in another form than the usual is text, wherever it stands, and so are the
// others then.
func TestIDsOfAnotherForm(t *testing.T) {
	const guid = "01234567-89ab-4cde-8f01-23456789abcd"
	for _, other := range []string{
		"", "x", strings.ToUpper(guid), strings.ReplaceAll(guid, "-", "_"), guid + "0", guid[1:],
		guid[:35] + "g", guid[:35] + "\xff", guid[:8] + "0" + guid[9:], "-" + guid[1:],
	} {
		for at := range 3 {
			ids := []string{guid, guid, guid}
			ids[at] = other
			w := &Writer{}
			w.IDs(len(ids), func(i int) string { return ids[i] })
			r := &Reader{S: string(w.B)}
			if r.Flags() != 0 || r.At != 2 {
				t.Errorf("%q is taken for a GUID", other)
			}
			r.At = 0
			if got := r.IDs(); !slices.Equal(got, ids) || r.Err != nil || r.At != len(r.S) {
				t.Errorf("%q comes back as %q (%v)", ids, got, r.Err)
			}
		}
	}
}
