package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
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
	n, _, err = d.ArrayAt(raw, each)
	return n, err
}

// ArrayAt is Array of what raw begins with; it also answers where the array ends.
func (d *Decoder) ArrayAt(raw []byte, each func(raw []byte) error) (n, end int, err error) {
	return d.elements(raw, func(rest []byte) (end int, err error) {
		end, ok := jsonscan.Value(rest, 0)
		if !ok {
			return 0, errNoJSON
		}
		return end, each(rest[:end])
	}, each)
}

// errNoJSON leaves it to the library to say what is wrong with JSON.
var errNoJSON = errors.New("not JSON")

// elements calls each with what begins at every element of the array that raw begins
// with; each answers where the element ends. What is no JSON goes to the library from
// there on, element by element. elements answers how many there were, and where the
// array ends.
func (d *Decoder) elements(
	raw []byte, each func(rest []byte) (end int, err error), slow func(raw []byte) error,
) (n, end int, err error) {
	i := jsonscan.Space(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return d.elementsByLibrary(raw, 0, slow)
	}
	for first := true; ; first = false {
		at, done, ok := jsonscan.Element(raw, i, first)
		if done {
			return n, at, nil
		}
		if !ok {
			return d.elementsByLibrary(raw, n, slow)
		}
		end, err := each(raw[at:])
		if err == errNoJSON { //nolint:errorlint // it isn't wrapped
			return d.elementsByLibrary(raw, n, slow)
		}
		if err != nil {
			return n, 0, under(fmt.Sprintf("/%d", n), int64(at), err)
		}
		i = at + end
		n++
	}
}

// elementsByLibrary calls each from the n-th element on.
func (d *Decoder) elementsByLibrary(raw []byte, n int, each func(raw []byte) error) (count, end int, err error) {
	d.start(raw)
	if d.dec.PeekKind() != '[' {
		return 0, 0, d.unexpected("an array")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, 0, d.place(err)
	}
	for ; d.dec.PeekKind() != ']'; count++ {
		v, err := d.dec.ReadValue()
		if err != nil {
			return count, 0, d.place(err)
		}
		if count < n {
			continue
		}
		if err := each(v); err != nil {
			return count, 0, under(fmt.Sprintf("/%d", count), d.dec.InputOffset()-int64(len(v)), err)
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return count, 0, d.place(err)
	}
	return count, int(d.dec.InputOffset()), nil
}

// object calls each with every property of a JSON object.
func (d *Decoder) object(raw []byte, each func(name string, v jsontext.Value) error) error {
	_, err := d.objectAt(raw, each)
	return err
}

// objectAt is object of what raw begins with; it answers where the object ends.
func (d *Decoder) objectAt(raw []byte, each func(name string, v jsontext.Value) error) (end int, err error) {
	i := jsonscan.Space(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return d.objectByLibrary(raw, 0, each)
	}
	for n := 0; ; n++ {
		at, done, ok := jsonscan.Name(raw, i, n == 0)
		if done {
			return at, nil
		}
		var name string
		if ok {
			name, at, ok = d.propertyName(raw, at, n)
		}
		if ok {
			i, ok = jsonscan.Value(raw, at)
		}
		if !ok {
			return d.objectByLibrary(raw, n, each)
		}
		if err := each(name, raw[at:i]); err != nil {
			return 0, under("/"+pointer(name), int64(at), err)
		}
	}
}

// objectByLibrary calls each from the n-th property on.
func (d *Decoder) objectByLibrary(
	raw []byte, n int, each func(name string, v jsontext.Value) error,
) (end int, err error) {
	d.start(raw)
	if d.dec.PeekKind() != '{' {
		return 0, d.unexpected("an object")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, d.place(err)
	}
	for at := 0; d.dec.PeekKind() != '}'; at++ {
		key, err := d.dec.ReadValue()
		if err != nil {
			return 0, d.place(err)
		}
		name, err := d.name(key)
		if err != nil {
			return 0, d.place(err)
		}
		v, err := d.dec.ReadValue()
		if err != nil {
			return 0, d.place(err)
		}
		if at < n {
			continue
		}
		d.column = d.columnOf(name)
		if err := each(name, v); err != nil {
			return 0, under("/"+pointer(name), d.dec.InputOffset()-int64(len(v)), err)
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, d.place(err)
	}
	return int(d.dec.InputOffset()), nil
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

// propertyName reads the name of the n-th property, at whose quote it begins, and
// answers where the value begins. Objects of a page are alike: most names are those of
// the object before, and are only compared.
func (d *Decoder) propertyName(raw []byte, i, n int) (name string, at int, ok bool) {
	if n < len(d.shape) {
		p := &d.shape[n]
		if at = i + len(p.written); at < len(raw) && string(raw[i:at]) == p.written && raw[at] > ' ' {
			d.column = p.column
			return p.name, at, true
		}
	}
	key, at, _, ok := jsonscan.NameAt(raw, i)
	if !ok {
		return "", at, false
	}
	name, err := d.name(key)
	d.column = d.columnOf(name)
	const most = 100
	if err == nil && n < most && n <= len(d.shape) && plain(key) {
		d.shape = append(d.shape[:n], property{name, string(key) + ":", d.column})
	}
	return name, at, err == nil
}

// columnOf is the place of an attribute among those that are kept, -1 for none.
func (d *Decoder) columnOf(name string) int {
	if i, ok := d.known[name]; ok {
		return i
	}
	return -1
}

// name reads the name of a property.
func (d *Decoder) name(v jsontext.Value) (string, error) {
	if len(v) >= 2 && jsonscan.Plain(v[1:len(v)-1]) {
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
		if w := commonWord(v[1 : len(v)-1]); w != "" {
			return w, nil
		}
		return d.name(v)
	}
	return text(v)
}

// commonWord is one of the words that most users and members have, "" for another.
func commonWord(b []byte) string {
	switch string(b) {
	case userTypeMember:
		return userTypeMember
	case userTypeGuest:
		return userTypeGuest
	case typeUser:
		return typeUser
	case typeGroup:
		return typeGroup
	}
	return ""
}

// Types of members [graph 2].
const (
	typeUser  = "user"
	typeGroup = "group"
)

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
