package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError says that JSON had another shape than Graph's.
type SyntaxError struct {
	// Path is a JSON pointer to the place, from the value that was decoded.
	Path string
	// Offset is the place in bytes from the start of what was decoded.
	Offset int64
	// Problem says what was expected and found.
	Problem string
}

func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return fmt.Sprintf("at %s: %s", e.Path, e.Problem)
}

// relaxed: a service's answer is not refused for a repeated name or an
// ill-formed character; strings are made valid UTF-8 on reading.
var relaxed = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// Array calls each with the raw JSON of every element, valid only during the
// call. It answers how many there were.
func (d *Decoder) Array(raw []byte, each func(raw []byte) error) (n int, err error) {
	d.start(raw)
	if d.dec.PeekKind() != '[' {
		return 0, d.unexpected("an array")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, d.place(err)
	}
	for d.dec.PeekKind() != ']' {
		v, err := d.dec.ReadValue()
		if err != nil {
			return n, d.place(err)
		}
		if err := each(v); err != nil {
			return n, under(fmt.Sprintf("/%d", n), d.dec.InputOffset()-int64(len(v)), err)
		}
		n++
	}
	return n, nil
}

// object calls each with every property of a JSON object.
func (d *Decoder) object(raw []byte, each func(name string, v jsontext.Value) error) error {
	d.start(raw)
	if d.dec.PeekKind() != '{' {
		return d.unexpected("an object")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.place(err)
	}
	for d.dec.PeekKind() != '}' {
		key, err := d.dec.ReadValue()
		if err != nil {
			return d.place(err)
		}
		name, err := d.name(key)
		if err != nil {
			return d.place(err)
		}
		v, err := d.dec.ReadValue()
		if err != nil {
			return d.place(err)
		}
		if err := each(name, v); err != nil {
			return under("/"+pointer(name), d.dec.InputOffset()-int64(len(v)), err)
		}
	}
	return nil
}

func (d *Decoder) start(raw []byte) {
	d.reader.Reset(raw)
	d.dec.Reset(d.reader, relaxed...)
}

// intern keeps one copy of each text of which few different ones exist.
func (d *Decoder) intern(s string) string {
	if w, ok := d.words[s]; ok {
		return w
	}
	if len(d.words) < 1000 && len(s) < 100 {
		w := strings.Clone(s)
		d.words[w] = w
		return w
	}
	return s
}

// name reads the name of a property.
func (d *Decoder) name(v jsontext.Value) (string, error) {
	if len(v) >= 2 && plainText(v[1:len(v)-1]) {
		return d.internBytes(v[1 : len(v)-1]), nil
	}
	s, err := text(v)
	return d.intern(s), err
}

// internBytes is intern, which copies nothing of what is there already.
func (d *Decoder) internBytes(b []byte) string {
	if w, ok := d.words[string(b)]; ok {
		return w
	}
	return d.intern(string(b))
}

// word reads a string of which few different ones exist.
func (d *Decoder) word(v jsontext.Value) (string, error) {
	if v.Kind() == '"' {
		return d.name(v)
	}
	s, err := text(v)
	return d.intern(s), err
}

// text reads a string; null is "".
func text(v jsontext.Value) (string, error) {
	switch v.Kind() {
	case 'n':
		return "", nil
	case '"':
		if inner := v[1 : len(v)-1]; plainText(inner) {
			return string(inner), nil
		}
		b, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			// Ill-formed UTF-8 or half a surrogate pair: made valid.
			var s string
			if e := json.Unmarshal(v, &s); e != nil {
				return "", e
			}
			return s, nil
		}
		return string(b), nil
	default:
		return "", wrongKind("a string", v)
	}
}

// plainText reports printable ASCII without escapes.
func plainText(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

func texts(v jsontext.Value) ([]string, error) {
	if v.Kind() == 'n' || string(v) == "[]" {
		return nil, nil
	}
	if v.Kind() != '[' {
		return nil, wrongKind("an array of strings", v)
	}
	var list []string
	if err := json.Unmarshal(v, &list); err != nil {
		return nil, wrongKind("an array of strings", v)
	}
	return list, nil
}

func boolean(v jsontext.Value) (OptionalBool, error) {
	switch v.Kind() {
	case 'n':
		return Absent, nil
	case 't':
		return True, nil
	case 'f':
		return False, nil
	default:
		return Absent, wrongKind("true or false", v)
	}
}

// compact gives a value's canonical JSON text, "" for null.
func compact(v jsontext.Value) string {
	if v.Kind() == 'n' {
		return ""
	}
	if v.Kind() == '"' && plainText(v[1:len(v)-1]) {
		return string(v)
	}
	c := v.Clone()
	if err := c.Canonicalize(relaxed...); err != nil {
		// Text that has no canonical form (ill-formed UTF-8) is kept through
		// the decoder that repairs it.
		var x any
		if json.Unmarshal(v, &x) == nil {
			if b, err := json.Marshal(x); err == nil {
				c = b
				_ = c.Canonicalize() // undoes what Marshal escapes beyond need
			}
		}
	}
	return string(c)
}

func wrongKind(want string, v jsontext.Value) error {
	return &SyntaxError{Problem: "expected " + want + ", found " + kindName(v.Kind())}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a Boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	default:
		return "the end of the text, or no JSON"
	}
}

func (d *Decoder) unexpected(want string) error {
	if k := d.dec.PeekKind(); k != 0 {
		return &SyntaxError{Problem: "expected " + want + ", found " + kindName(k)}
	}
	_, err := d.dec.ReadToken()
	return d.place(err)
}

// place turns the JSON library's error into ours.
func (d *Decoder) place(err error) error {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &SyntaxError{Path: string(e.JSONPointer), Offset: e.ByteOffset, Problem: "not JSON: " + e.Err.Error()}
	}
	return &SyntaxError{
		Path:    string(d.dec.StackPointer()),
		Offset:  d.dec.InputOffset(),
		Problem: "not JSON: " + err.Error(),
	}
}

// pointer escapes a name for use in a JSON pointer.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// under puts an error that an inner decoder found below a place of the outer.
func under(path string, offset int64, err error) error {
	if e, ok := errors.AsType[*SyntaxError](err); ok {
		return &SyntaxError{Path: path + e.Path, Offset: offset + e.Offset, Problem: e.Problem}
	}
	return &SyntaxError{Path: path, Offset: offset, Problem: err.Error()}
}

// unmarshal is json.Unmarshal with our error.
func unmarshal(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		path := ""
		if e.Field != "" {
			path = "/" + strings.ReplaceAll(e.Field, ".", "/")
		}
		return &SyntaxError{
			Path:    path,
			Offset:  e.Offset,
			Problem: "expected " + typeName(e.Type) + ", found " + foundName(e.Value),
		}
	}
	if err != nil {
		return &SyntaxError{Problem: err.Error()}
	}
	return nil
}

// typeName says in JSON's words what a Go type holds.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}

// foundName is encoding/json's word for what it found, with its article.
func foundName(value string) string {
	switch value {
	case "bool":
		return "a Boolean"
	case "array", "object":
		return "an " + value
	}
	return "a " + value
}
