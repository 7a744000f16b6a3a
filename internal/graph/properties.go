package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// errNotJSON leaves it to the library to say what is wrong with JSON.
var errNotJSON = errors.New("no JSON")

// passOver gives the end of the value that rest begins with.
func passOver(rest []byte) (end int, err error) {
	end, ok := jsonscan.Value(rest, 0)
	if !ok {
		return 0, errNotJSON
	}
	return end, nil
}

// walk calls each with the name of every property of the object that raw begins with,
// and with what begins with its value; each answers where the value ends. walk answers
// where the object ends.
func walk(raw []byte, each func(name string, rest []byte) (end int, err error)) (end int, err error) {
	i := jsonscan.Space(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return 0, notJSON(raw, errors.New("no JSON object"))
	}
	for first := true; ; first = false {
		key, at, done, ok := jsonscan.Property(raw, i, first)
		if done {
			return at, nil
		}
		if !ok {
			return 0, notJSON(raw, errNotJSON)
		}
		name := string(key[1 : len(key)-1])
		if !jsonscan.Plain(key) {
			if err := json.Unmarshal(key, &name); err != nil {
				return 0, fmt.Errorf("no JSON: %w", err)
			}
		}
		end, err := each(name, raw[at:])
		if errors.Is(err, errNotJSON) {
			err = notJSON(raw, errNotJSON)
		}
		if err != nil {
			return 0, err
		}
		i = at + end
	}
}

// notJSON has the library say what is wrong and where; what it finds nothing wrong
// with has the other error.
func notJSON(raw []byte, otherwise error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadValue(); err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	return otherwise
}
