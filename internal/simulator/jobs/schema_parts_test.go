package jobs

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// A source that comes in parts gets the text that those parts have, skipped places included.
func TestSourceInParts(t *testing.T) {
	for _, text := range []string{
		`[mail]`, `"Member"`, `Not([IsSoftDeleted])`, `Replace([x], "-", , , "_", , )`, `Switch([a], , "1", "x", "2", "y")`,
		`Coalesce([a], [b], "c")`, `IIF([a] <> "x", ToLower([b], ), "2")`, `IIF(IsPresent([a]), Left([a], "4"), )`, `BitAnd([a], "2")`, `FormatDateTime([a], , "yyyy", "MM")`, `Guid()`,
	} {
		parsed, err := mapping.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var m rawjson.Object
		if err := json.Unmarshal(rawjson.Marshal(mapping.Stored(parsed)), &m); err != nil {
			t.Fatal(err)
		}
		bare := rawjson.Clone(m)
		strip(bare)
		if err := (SchemaCheck{}).source(bare); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(bare, m) {
			t.Errorf("%s became %s", rawjson.Marshal(m), rawjson.Marshal(bare))
		}
	}
	for _, wrong := range []string{
		`{"type":"Function","name":"NoSuch","parameters":[]}`,
		`{"type":"Function","name":"Not","parameters":[{"key":"x","value":{"type":"Constant","name":"1"}}]}`,
		`{"type":"Function","name":"Not","parameters":[{"key":"source"}]}`, `{"name":"x"}`, `{"type":"Attribute"}`, `{}`,
		`{"type":"Other","expression":"[a]"}`,
	} {
		var m rawjson.Object
		if err := json.Unmarshal([]byte(wrong), &m); err != nil {
			t.Fatal(err)
		}
		if (SchemaCheck{}).source(m) == nil {
			t.Errorf("%s was accepted", wrong)
		}
	}
}

// strip takes the texts out of a source, as a client that has only parts would send it.
func strip(m rawjson.Object) {
	delete(m, "expression")
	for _, p := range rawjson.Objects(m["parameters"]) {
		strip(p["value"].(rawjson.Object))
	}
}
