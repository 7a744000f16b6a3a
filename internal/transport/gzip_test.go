package transport

import (
	"bytes"
	stdgzip "compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// page is what a page of users is like, packed as a service packs it.
func page(tb testing.TB, users int) (text, packed []byte) {
	var b bytes.Buffer
	for i := range users {
		fmt.Fprintf(&b, `{"id":"%08x-0000-4000-8000-%012x","userPrincipalName":"user%d@contoso.example",`+
			`"mail":"user%d@contoso.example","userType":"Member","accountEnabled":true,"department":"D%d"},`,
			uint32(i*2654435761), i*40503, i, i, i%97)
	}
	text = b.Bytes()
	var z bytes.Buffer
	w := stdgzip.NewWriter(&z)
	if _, err := w.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return text, z.Bytes()
}

func answer(body []byte, encoding string) *http.Response {
	return &http.Response{
		Header: http.Header{"Content-Encoding": {encoding}, "Content-Length": {"1"}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
}

func TestUnpacked(t *testing.T) {
	text, packed := page(t, 500)
	cut := packed[:len(packed)/2]
	wrong := bytes.Clone(packed)
	wrong[len(wrong)-8] ^= 1 // the checksum
	for name, c := range map[string]struct {
		body     []byte
		encoding string
		want     []byte
		err      error
	}{
		"packed":             {body: packed, encoding: "gzip", want: text},
		"in capitals":        {body: packed, encoding: "GZIP", want: text},
		"as it is":           {body: text, encoding: "identity", want: text},
		"nothing":            {body: nil, encoding: "gzip", want: []byte{}},
		"cut":                {body: cut, encoding: "gzip", err: io.ErrUnexpectedEOF},
		"changed on the way": {body: wrong, encoding: "gzip", err: gzip.ErrChecksum},
		"not packed":         {body: text, encoding: "gzip", err: gzip.ErrHeader},
	} {
		for range 3 { // with what was kept from before
			var got atomic.Int64
			a := answer(c.body, c.encoding) //nolint:bodyclose // it is in memory
			out, err := unpacked(a, &got, 1<<30)
			if !errors.Is(err, c.err) || err == nil && !bytes.Equal(out, c.want) {
				t.Errorf("%s: %d bytes, %v", name, len(out), err)
			}
			if err == nil && (a.Header.Get("Content-Encoding") == "gzip" || got.Load() != int64(len(c.want))) {
				t.Errorf("%s: %v, counted %d", name, a.Header, got.Load())
			}
			Recycle(out)
		}
	}
}

// What was packed very small is read no further than the limit.
func TestUnpackedLimit(t *testing.T) {
	var z bytes.Buffer
	w := stdgzip.NewWriter(&z)
	if _, err := io.Copy(w, io.LimitReader(zeros{}, 50<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got atomic.Int64
	out, err := unpacked(answer(z.Bytes(), "gzip"), &got, 1<<20) //nolint:bodyclose // it is in memory
	if err != nil || len(out) != 1<<20 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A packed answer is asked for unless the request says what it takes.
func TestAcceptingGzip(t *testing.T) {
	for name, c := range map[string]struct {
		method, header, want string
	}{
		"a read":       {http.MethodGet, "", "gzip"},
		"its own":      {http.MethodGet, "Accept-Encoding: br", "br"},
		"a part":       {http.MethodGet, "Range: bytes=0-1", ""},
		"without body": {http.MethodHead, "", ""},
	} {
		r, err := http.NewRequest(c.method, "https://graph.example", nil)
		if err != nil {
			t.Fatal(err)
		}
		if k, v, ok := strings.Cut(c.header, ": "); ok {
			r.Header.Set(k, v)
		}
		before := len(r.Header)
		if got := acceptingGzip(r).Header.Get("Accept-Encoding"); got != c.want || len(r.Header) != before {
			t.Errorf("%s: %q, the caller's header %v", name, got, r.Header)
		}
	}
}

// Unpacking a page, beside the standard library.
func BenchmarkUnpack(b *testing.B) {
	text, packed := page(b, 999)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var got atomic.Int64
			out, err := unpacked(answer(packed, "gzip"), &got, 1<<30) //nolint:bodyclose // it is in memory
			if err != nil {
				b.Fatal(err)
			}
			Recycle(out)
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			z, err := stdgzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadAll(z); err != nil {
				b.Fatal(err)
			}
		}
	})
}
