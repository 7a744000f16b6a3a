package directory

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// text reads a string; null is "".
func text(v jsontext.Value) (string, error) {
	switch v.Kind() {
	case 'n':
		return "", nil
	case '"':
		if inner := v[1 : len(v)-1]; jsonscan.Plain(inner) {
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

// plain reports a string whose text is what stands between its quotes.
func plain(v jsontext.Value) bool { return len(v) >= 2 && v[0] == '"' && jsonscan.Plain(v[1:len(v)-1]) }

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
	if plain(v) {
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
