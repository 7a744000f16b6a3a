package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// properties calls each with the name and the JSON of every property of the object
// that raw begins with; the JSON is a part of raw. A value that follows isn't looked at.
func properties(raw []byte, each func(name string, v []byte) error) error {
	_, err := walk(raw, each)
	return err
}

// document is properties of an object that nothing follows.
func document(raw []byte, each func(name string, v []byte) error) error {
	end, err := walk(raw, each)
	if err == nil && jsonscan.Space(raw, end) < len(raw) {
		err = errors.New("something follows the JSON")
	}
	return err
}

// walk is properties; it answers where the object ends.
func walk(raw []byte, each func(name string, v []byte) error) (end int, err error) {
	i := jsonscan.Space(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return 0, notJSON(raw, "no JSON object")
	}
	for first := true; ; first = false {
		key, at, done, ok := jsonscan.Property(raw, i, first)
		if done {
			return at, nil
		}
		if ok {
			i, ok = jsonscan.Value(raw, at)
		}
		if !ok {
			return 0, notJSON(raw, "no JSON")
		}
		name := string(key[1 : len(key)-1])
		if !jsonscan.Plain(key) {
			if err := json.Unmarshal(key, &name); err != nil {
				return 0, fmt.Errorf("no JSON: %w", err)
			}
		}
		if err := each(name, raw[at:i]); err != nil {
			return 0, err
		}
	}
}

// notJSON has the library say what is wrong and where.
func notJSON(raw []byte, otherwise string) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadValue(); err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	return errors.New(otherwise)
}
