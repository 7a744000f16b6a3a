package rawjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
)

// Stream walks a JSON document as a stream and knows at which line and path it stands.
type Stream struct {
	dec   *json.Decoder
	lines *lineReader
}

// lineReader remembers where lines end.
type lineReader struct {
	in   io.Reader
	read int64
	ends []int64
}

func (r *lineReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			r.ends = append(r.ends, r.read+int64(i))
		}
	}
	r.read += int64(n)
	return n, err
}

// NewStream reads a document.
func NewStream(in io.Reader) *Stream {
	lines := &lineReader{in: in}
	return &Stream{dec: json.NewDecoder(lines), lines: lines}
}

// line is the number of the line at an offset, from 1.
func (s *Stream) line(offset int64) int {
	return 1 + sort.Search(len(s.lines.ends), func(i int) bool { return s.lines.ends[i] >= offset })
}

// fail is an error with its path and line.
func (s *Stream) fail(path string, err error) error {
	var placed *placedError
	if errors.As(err, &placed) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends too early")
	}
	if path == "" {
		path = "the document"
	}
	offset := s.dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	return &placedError{path, s.line(offset), err}
}

type placedError struct {
	path string
	line int
	err  error
}

func (e *placedError) Error() string { return fmt.Sprintf("%s (line %d): %s", e.path, e.line, e.err) }
func (e *placedError) Unwrap() error { return e.err }

// open takes the beginning of an object or array; false where there is null instead.
func (s *Stream) open(path string, delim json.Delim) (bool, error) {
	token, err := s.dec.Token()
	if err != nil {
		return false, s.fail(path, err)
	}
	if token == nil {
		return false, nil
	}
	if token != delim {
		want := map[json.Delim]string{'{': "an object", '[': "an array"}[delim]
		return false, s.fail(path, fmt.Errorf("expected %s, found %v", want, token))
	}
	return true, nil
}

// Object calls a function at each member's value, which it must read.
func (s *Stream) Object(path string, member func(name, path string) error) error {
	there, err := s.open(path, '{')
	if err != nil || !there {
		return err
	}
	for s.dec.More() {
		token, err := s.dec.Token()
		if err != nil {
			return s.fail(path, err)
		}
		name, _ := token.(string) // member names are strings
		below := name
		if path != "" {
			below = path + "." + name
		}
		if err := member(name, below); err != nil {
			return s.fail(below, err)
		}
	}
	_, err = s.dec.Token()
	if err != nil {
		return s.fail(path, err)
	}
	return nil
}

// Array calls a function with each element.
func (s *Stream) Array(path string, element func(raw json.RawMessage) error) error {
	there, err := s.open(path, '[')
	if err != nil || !there {
		return err
	}
	var raw json.RawMessage
	for i := 0; s.dec.More(); i++ {
		raw = raw[:0]
		if err := s.dec.Decode(&raw); err != nil {
			return s.fail(fmt.Sprintf("%s[%d]", path, i), err)
		}
		if err := element(raw); err != nil {
			return s.fail(fmt.Sprintf("%s[%d]", path, i), err)
		}
	}
	_, err = s.dec.Token()
	if err != nil {
		return s.fail(path, err)
	}
	return nil
}

// Value decodes the next value.
func (s *Stream) Value(path string, into any) error {
	if err := s.dec.Decode(into); err != nil {
		return s.fail(path, err)
	}
	return nil
}

// Skip passes over the next value.
func (s *Stream) Skip() error {
	var raw json.RawMessage
	return s.dec.Decode(&raw)
}
