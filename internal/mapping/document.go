package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// node is a value of a JSON text, with where it stands in it. An edit replaces,
// drops or adds parts; what no edit touches keeps its bytes, its order and its
// white space: a PUT gives the service back what it gave us [graph 3.5].
type node struct {
	source   []byte // the whole text
	kind     jsontext.Kind
	from, to int
	// names are an object's, values what it or an array holds; a member or element
	// begins at start, its value stands from from to to.
	names  []string
	places []place
	values []*node

	// text stands in the value's place, where it isn't nil; dropped takes it away;
	// added are whole members or elements, behind the last.
	text    []byte
	dropped bool
	added   [][]byte
}

// place is where a member or an element stands in the text.
type place struct{ start, from, to int }

// parseNode reads a JSON text. Names that occur twice and text that isn't UTF-8
// are the service's to know.
func parseNode(source []byte) (*node, error) {
	d := jsontext.NewDecoder(
		bytes.NewReader(source),
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
	)
	n, err := readNode(d, source)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON text")
	}
	return n, nil
}

func readNode(d *jsontext.Decoder, source []byte) (*node, error) {
	n := &node{source: source, kind: d.PeekKind()}
	if n.kind != '{' && n.kind != '[' {
		v, err := d.ReadValue()
		n.to = int(d.InputOffset())
		n.from = n.to - len(v)
		return n, err
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	n.from = int(d.InputOffset()) - 1
	for d.PeekKind() != '}' && d.PeekKind() != ']' {
		start := -1
		if n.kind == '{' {
			name, err := d.ReadValue()
			if err != nil {
				return nil, err
			}
			text, err := jsontext.AppendUnquote(nil, name)
			if err != nil && text == nil {
				return nil, err
			}
			start = int(d.InputOffset()) - len(name)
			n.names = append(n.names, string(text))
		}
		v, err := readNode(d, source)
		if err != nil {
			return nil, err
		}
		if start < 0 {
			start = v.from
		}
		n.places, n.values = append(n.places, place{start, v.from, v.to}), append(n.values, v)
	}
	_, err := d.ReadToken()
	n.to = int(d.InputOffset())
	return n, err
}

// raw are the value's bytes as they were read.
func (n *node) raw() []byte { return n.source[n.from:n.to] }

// member is an object's value of a name, nil where there is none; of several,
// the last, as readers of JSON have it.
func (n *node) member(name string) *node {
	if n == nil || n.kind != '{' {
		return nil
	}
	for i := len(n.names) - 1; i >= 0; i-- {
		if n.names[i] == name {
			return n.values[i]
		}
	}
	return nil
}

// elements are an array's; of anything else, none.
func (n *node) elements() []*node {
	if n == nil || n.kind != '[' {
		return nil
	}
	return n.values
}

// textOf is a member's text, "" where it has none.
func (n *node) textOf(name string) string {
	var s string
	if v := n.member(name); v == nil || v.kind != '"' || json.Unmarshal(v.raw(), &s) != nil {
		return ""
	}
	return s
}

// set gives an object's member a value, in the place of the one it has.
func (n *node) set(name string, value any) error {
	raw, whole := value.(rawText)
	text, err := []byte(raw), error(nil)
	if !whole { // what is raw keeps its white space
		text, err = encode(value)
	}
	if err != nil {
		return err
	}
	if v := n.member(name); v != nil {
		v.text = text
		return nil
	}
	key, err := encode(name)
	if err != nil {
		return err
	}
	n.added = append(n.added, append(append(key, ':'), text...))
	return nil
}

// render writes the value with its edits.
func (n *node) render(out []byte) []byte {
	switch {
	case n.text != nil:
		return append(out, n.text...)
	case n.values == nil && n.added == nil:
		return append(out, n.raw()...)
	}
	out = append(out, n.source[n.from])
	written := false
	end := n.from + 1 // of the element before
	for i, v := range n.values {
		at := n.places[i]
		if !v.dropped {
			between := n.source[end:at.start]
			if !written && i > 0 { // the first that stays has no comma before it
				between = between[bytes.IndexByte(between, ',')+1:]
			}
			out = append(out, between...)
			out = append(out, n.source[at.start:at.from]...)
			out = v.render(out)
			written = true
		}
		end = at.to
	}
	for _, more := range n.added {
		if written {
			out = append(out, ',')
		}
		out, written = append(out, more...), true
	}
	return append(out, n.source[end:n.to]...)
}

// renew makes the edits what was read.
func (n *node) renew() error {
	fresh, err := parseNode(n.render(nil))
	if err == nil {
		*n = *fresh
	}
	return err
}

// encode writes a value as JSON in one line.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
