package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
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
	unpackers stack[gzip.Reader]
	buffers   stack[bytes.Buffer]
)

// kept is how many of each are kept, largestKept the largest buffer of them, and
// smallAnswer what doesn't keep a large buffer from others, in bytes.
const (
	kept        = 16
	largestKept = 4 << 20
	smallAnswer = 64 << 10
)

// stack keeps what was used last for who comes next, so that few of them grow.
type stack[T any] struct {
	mu   sync.Mutex
	list []*T
}

// take takes the last that is kept, or makes one.
func (s *stack[T]) take() *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.list) - 1
	if last < 0 {
		return new(T)
	}
	x := s.list[last]
	s.list = s.list[:last]
	return x
}

// keep keeps one where there is room.
func (s *stack[T]) keep(x *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) < kept {
		s.list = append(s.list, x)
	}
}

// Recycle lets the memory of an answer's body be used for another's. Nothing may look
// at the body, or at a part of it, from then on.
func Recycle(body []byte) {
	if cap(body) <= largestKept {
		buffers.keep(bytes.NewBuffer(body[:0]))
	}
}

// unpacked reads up to limit bytes of an answer, unpacked, and counts them in got. The
// header then no longer says that it was packed.
func unpacked(resp *http.Response, got *atomic.Int64, limit int64) ([]byte, error) {
	in := io.Reader(resp.Body)
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && !resp.Uncompressed {
		z := unpackers.take()
		defer unpackers.keep(z)
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
	buffer := buffers.take()
	buffer.Reset()
	_, err := buffer.ReadFrom(io.LimitReader(&countingReader{in, got}, limit))
	out := buffer.Bytes()
	if len(out) <= smallAnswer && 2*len(out) < buffer.Cap() { // it is for a larger answer
		out = bytes.Clone(out)
		Recycle(buffer.Bytes())
	}
	return out, err
}
