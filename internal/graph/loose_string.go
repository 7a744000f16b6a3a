package graph

import (
	"bytes"
	"encoding/json"
)

// LooseString is a JSON value as text: a string's own, "" for null, else its
// JSON. Services behind Graph aren't of one mind about what is a string.
type LooseString string

// UnmarshalJSON takes any value.
func (l *LooseString) UnmarshalJSON(raw []byte) error {
	var s *string
	if json.Unmarshal(raw, &s) == nil {
		*l = ""
		if s != nil {
			*l = LooseString(*s)
		}
		return nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return err
	}
	*l = LooseString(b.String())
	return nil
}
