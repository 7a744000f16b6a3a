package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// appendQuoted appends a JSON string.
func appendQuoted(buf []byte, s string) []byte {
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

func quote(s string) string { return string(appendQuoted(nil, s)) }

// unquote is the text of a raw JSON string, "" for null.
func unquote(raw string) string {
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

// stringsOf is the texts of a raw JSON array of strings.
func stringsOf(raw string) []string {
	var list []string
	if raw == "" || raw == "[]" || raw == "null" {
		return nil
	}
	if json.Unmarshal([]byte(raw), &list) != nil {
		return nil
	}
	return list
}

// marshal is compact JSON without HTML escapes, which Graph doesn't write.
func marshal(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only our own types get here
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

// field is one member of a JSON object.
type field struct {
	name string
	raw  string
}

// fields splits a JSON object into its members, in order. The raw values are compact and valid UTF-8.
func fields(object []byte) ([]field, error) {
	if !json.Valid(object) {
		return nil, fmt.Errorf("not valid JSON")
	}
	return split(object)
}

// split is fields for what is known to be valid JSON.
func split(object []byte) ([]field, error) {
	object = bytes.TrimSpace(object)
	if len(object) == 0 || object[0] != '{' {
		return nil, fmt.Errorf("expected an object, found %s", shape(string(object)))
	}
	var out []field
	for i := 1; ; {
		i = skipSpace(object, i)
		if object[i] == '}' {
			return out, nil
		}
		if object[i] == ',' {
			i = skipSpace(object, i+1)
		}
		end := valueEnd(object, i)
		name := unquote(string(object[i:end]))
		i = skipSpace(object, end) // at the colon
		i = skipSpace(object, i+1) // at the value
		end = valueEnd(object, i)
		out = append(out, field{name, tidy(object[i:end])})
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

// tidy is a compact copy of a valid JSON value.
func tidy(value []byte) string {
	s := string(value)
	if c := s[0]; (c == '{' || c == '[') && strings.ContainsAny(s, " \n\t\r") {
		var out bytes.Buffer
		if json.Compact(&out, value) == nil {
			s = out.String()
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// shape names the type of a raw JSON value, for messages.
func shape(raw string) string {
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

// check says whether a raw JSON value fits the kind; null fits every kind.
func (k kind) check(raw string) error {
	if raw == "null" {
		return nil
	}
	var ok bool
	switch k {
	case kindBool:
		ok = raw == "true" || raw == "false"
	case kindInt32:
		var n int32
		ok = json.Unmarshal([]byte(raw), &n) == nil
	case kindStrings:
		ok = each(raw, func(element string) bool { return element[0] == '"' })
	case kindIdentities:
		ok = each(raw, func(element string) bool {
			list, err := split([]byte(element))
			return err == nil && !slices.ContainsFunc(list, func(f field) bool { return f.raw[0] != '"' && f.raw != "null" })
		})
	case kindExtensions:
		var set map[string]*string
		ok = raw[0] == '{' && json.Unmarshal([]byte(raw), &set) == nil
	case kindObject:
		ok = raw[0] == '{'
	case kindObjects:
		ok = raw[0] == '['
	case kindDateTime:
		_, err := time.Parse(time.RFC3339, unquote(raw))
		ok = err == nil
	default:
		ok = raw[0] == '"'
	}
	if !ok {
		return fmt.Errorf("expected %s, found %s", k.edm(), shape(raw))
	}
	return nil
}

// each says whether a raw value is an array all of whose elements pass.
func each(raw string, pass func(element string) bool) bool {
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
