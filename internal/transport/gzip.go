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
// text that packs well, and the standard library takes about three times as long.

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

// What a reading of an answer needs, kept for the next.
var (
	unpackers = sync.Pool{New: func() any { return new(gzip.Reader) }}
	buffers   = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

// largestKept is the largest buffer that is kept for the next answer, in bytes.
const largestKept = 8 << 20

// Recycle lets the memory of an answer's body be used for another's. Nothing may look
// at the body, or at a part of it, from then on.
func Recycle(body []byte) {
	if cap(body) <= largestKept {
		buffers.Put(bytes.NewBuffer(body[:0]))
	}
}

// unpacked reads up to limit bytes of an answer, unpacked, and counts them in got. The
// header then no longer says that it was packed.
func unpacked(resp *http.Response, got *atomic.Int64, limit int64) ([]byte, error) {
	in := io.Reader(resp.Body)
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && !resp.Uncompressed {
		z, ok := unpackers.Get().(*gzip.Reader)
		if !ok {
			z = new(gzip.Reader)
		}
		defer unpackers.Put(z)
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
	buffer, ok := buffers.Get().(*bytes.Buffer)
	if !ok {
		buffer = new(bytes.Buffer)
	}
	buffer.Reset()
	_, err := buffer.ReadFrom(io.LimitReader(&countingReader{in, got}, limit))
	out := buffer.Bytes()
	if 2*len(out) < buffer.Cap() { // it is for a larger answer
		out = bytes.Clone(out)
		if buffer.Cap() <= largestKept {
			buffers.Put(buffer)
		}
	}
	return out, err
}
