// Package packed is the compact canonical form of the large texts that travel
// through a plan or stay in the state: a payload of columns, compressed,
// checked and base64, behind an envelope that says what it is. The same
// contents give the same text.
package packed

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Max is the largest text, in bytes, that is let out: CLI and provider
// exchange messages of at most 256 MiB, and a plan holds other
// values beside it.
const Max = 200 << 20

// maxPayload is the largest payload, packed or unpacked: what a damaged or
// untrusted text may make us allocate.
const maxPayload = 1 << 30

// magic begins each envelope.
const magic = "usrd"

// The reasons why a text can't be opened; Error wraps them.
var (
	ErrForeign = errors.New("not one of ours")
	ErrKind    = errors.New("of another kind")
	ErrVersion = errors.New("of another version")
	ErrDamaged = errors.New("damaged")
	ErrTooBig  = errors.New("too large to pass between CLI and provider")
)

// encoder: one goroutine and fixed settings, so that the same facts give the
// same bytes. The checksum finds damage. Less memory is 8 MiB instead of 16 for
// what was seen before, and gives the same bytes.
var encoder = func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // only fixed options
	}
	return e
}()

var decoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPayload))
	if err != nil {
		panic(err)
	}
	return d
}()

// Seal compresses a payload and puts the envelope around it. It fails with
// ErrTooBig, saying the size in MiB.
func Seal(kind, version byte, payload []byte) (string, error) {
	return SealWithin(Max, kind, version, payload)
}

// SealWithin is Seal with a limit of the caller's.
func SealWithin(limit int, kind, version byte, payload []byte) (string, error) {
	if len(payload) > maxPayload {
		return "", fmt.Errorf(
			"%w: %d MiB even before compression, at most %d",
			ErrTooBig,
			len(payload)>>20,
			maxPayload>>20,
		)
	}
	out := make([]byte, 0, len(payload)/3+64)
	out = append(out, magic...)
	out = append(out, kind, version)
	out = encoder.EncodeAll(payload, out)
	if n := base64.StdEncoding.EncodedLen(len(out)); n > limit {
		return "", fmt.Errorf("%w: %d MiB, at most %d", ErrTooBig, n>>20, limit>>20)
	}
	return inBase64(out), nil
}

// inBase64 is EncodeToString without its copy of the whole.
func inBase64(raw []byte) string {
	const step = 3 << 10 // without padding but for the last
	var out strings.Builder
	out.Grow(base64.StdEncoding.EncodedLen(len(raw)))
	var text [step / 3 * 4]byte
	for part := range slices.Chunk(raw, step) {
		n := base64.StdEncoding.EncodedLen(len(part))
		base64.StdEncoding.Encode(text[:n], part)
		out.Write(text[:n])
	}
	return out.String()
}

// Open takes the envelope off and answers the payload and its version, which
// is at most the newest that the caller reads.
func Open(kind, newest byte, text string) (payload []byte, version byte, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < len(magic)+2 || string(raw[:len(magic)]) != magic {
		return nil, 0, ErrForeign
	}
	if raw[len(magic)] != kind {
		return nil, 0, ErrKind
	}
	version = raw[len(magic)+1]
	if version == 0 || version > newest {
		return nil, version, fmt.Errorf("%w: %d; this provider reads up to %d", ErrVersion, version, newest)
	}
	payload, err = decoder.DecodeAll(raw[len(magic)+2:], nil)
	if err != nil {
		return nil, version, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return payload, version, nil
}
