package graph

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// A page is taken apart as encoding/json would.
func FuzzDecodePage(f *testing.F) {
	f.Add([]byte(`{"@odata.context":"x","@odata.nextLink":"https://x/?$skiptoken=a","value":[{"id":"1"}, {"id":"2"}]}`))
	f.Add([]byte(` { "value" : [ ] , "@odata.nextLink" : null } `))
	f.Add([]byte(`{"value":[`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := DecodePage(body, nil)
		var want map[string]json.RawMessage
		if json.Unmarshal(body, &want) != nil || !utf8.Valid(body) {
			return // an error, or what the array's decoder finds out
		}
		var next string
		if raw, ok := want["@odata.nextLink"]; ok && json.Unmarshal(raw, &next) != nil || want["value"] == nil {
			if err == nil {
				t.Fatalf("%q was taken for a page", body)
			}
			return
		}
		if err == nil && (p.Next != next || !bytes.Equal(p.Value, want["value"])) {
			t.Fatalf("%q: %q, %q", body, p.Value, p.Next)
		}
	})
}
