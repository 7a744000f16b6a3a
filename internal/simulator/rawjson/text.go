package rawjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// AppendQuoted appends a JSON string.
func AppendQuoted(buf []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			var out bytes.Buffer
			enc := json.NewEncoder(&out)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(s) // a string always encodes
			return append(buf, bytes.TrimRight(out.Bytes(), "\n")...)
		}
	}
	buf = append(buf, '"')
	buf = append(buf, s...)
	return append(buf, '"')
}

// Quote is a text as a JSON string.
func Quote(s string) string { return string(AppendQuoted(nil, s)) }

// Unquote is the text of a raw JSON string, "" for null.
func Unquote(raw string) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		return ""
	}
	return s
}

// Strings is the texts of a raw JSON array of strings.
func Strings(raw string) []string {
	var list []string
	if raw == "" || raw == "[]" || raw == "null" {
		return nil
	}
	if json.Unmarshal([]byte(raw), &list) != nil {
		return nil
	}
	return list
}

// Marshal is compact JSON without HTML escapes, which Graph doesn't write.
func Marshal(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only our own types get here
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

// Field is one member of a JSON object.
type Field struct {
	Name string
	Raw  string
}

// Fields splits a JSON object into its members, in order. The raw values are compact and valid UTF-8.
func Fields(object []byte) ([]Field, error) {
	if !json.Valid(object) {
		return nil, fmt.Errorf("not valid JSON")
	}
	return Split(object)
}

// Split is fields for what is known to be valid JSON.
func Split(object []byte) ([]Field, error) {
	object = bytes.TrimSpace(object)
	if len(object) == 0 || object[0] != '{' {
		return nil, fmt.Errorf("expected an object, found %s", TypeName(string(object)))
	}
	var out []Field
	for i := 1; ; {
		i = skipSpace(object, i)
		if object[i] == '}' {
			return out, nil
		}
		if object[i] == ',' {
			i = skipSpace(object, i+1)
		}
		end := valueEnd(object, i)
		name := Unquote(string(object[i:end]))
		i = skipSpace(object, end) // at the colon
		i = skipSpace(object, i+1) // at the value
		end = valueEnd(object, i)
		out = append(out, Field{name, Compact(object[i:end])})
		i = end
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd is the index behind the JSON value that starts at i, in valid JSON.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // the end of the object around a number or literal
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// Compact is a compact copy of a valid JSON value.
func Compact(value []byte) string {
	s := string(value)
	if c := s[0]; (c == '{' || c == '[') && strings.ContainsAny(s, " \n\t\r") {
		var out bytes.Buffer
		if json.Compact(&out, value) == nil {
			s = out.String()
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// TypeName names the type of a raw JSON value, for messages.
func TypeName(raw string) string {
	if raw == "" {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

// Each says whether a raw value is an array all of whose elements pass.
func Each(raw string, pass func(element string) bool) bool {
	if raw[0] != '[' {
		return false
	}
	b := []byte(raw)
	for i := skipSpace(b, 1); b[i] != ']'; {
		end := valueEnd(b, i)
		if !pass(raw[i:end]) {
			return false
		}
		if i = skipSpace(b, end); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return true
}
