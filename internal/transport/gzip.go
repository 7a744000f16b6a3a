package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// Answers are unpacked here and not by net/http: most of a bulk reading's answers is
// text that packs well, and the standard library takes more than twice as long (BenchmarkUnpack).

// acceptingGzip asks for a packed answer, unless the request says for itself what it
// takes.
func acceptingGzip(r *http.Request) *http.Request {
	if r.Method == http.MethodHead || r.Header.Get("Accept-Encoding") != "" || r.Header.Get("Range") != "" {
		return r
	}
	out := *r
	out.Header = r.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	out.Header.Set("Accept-Encoding", "gzip")
	return &out
}

// What a reading of an answer needs, kept for the next: as many as may be under way at
// once, whatever the garbage collector does.
var (
	unpackers = make(chan *gzip.Reader, kept)
	buffers   = make(chan *bytes.Buffer, kept)
)

// kept is how many of each are kept, and largestKept the largest buffer of them, in
// bytes.
const (
	kept        = 16
	largestKept = 4 << 20
)

// taken is one that is kept, or a new one.
func taken[T any](from chan *T) *T {
	select {
	case x := <-from:
		return x
	default:
		return new(T)
	}
}

// keep keeps one where there is room.
func keep[T any](in chan *T, x *T) {
	select {
	case in <- x:
	default:
	}
}

// Recycle lets the memory of an answer's body be used for another's. Nothing may look
// at the body, or at a part of it, from then on.
func Recycle(body []byte) {
	if cap(body) <= largestKept {
		keep(buffers, bytes.NewBuffer(body[:0]))
	}
}

// unpacked reads up to limit bytes of an answer, unpacked, and counts them in got. The
// header then no longer says that it was packed.
func unpacked(resp *http.Response, got *atomic.Int64, limit int64) ([]byte, error) {
	in := io.Reader(resp.Body)
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && !resp.Uncompressed {
		z := taken(unpackers)
		defer keep(unpackers, z)
		switch err := z.Reset(resp.Body); {
		case errors.Is(err, io.EOF): // an answer without a body
			in = http.NoBody
		case err != nil:
			return nil, err
		default:
			in = z
		}
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.Uncompressed = true
	}
	buffer := taken(buffers)
	buffer.Reset()
	_, err := buffer.ReadFrom(io.LimitReader(&countingReader{in, got}, limit))
	out := buffer.Bytes()
	if 2*len(out) < buffer.Cap() { // it is for a larger answer
		out = bytes.Clone(out)
		Recycle(buffer.Bytes())
	}
	return out, err
}
