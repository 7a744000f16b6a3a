package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

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
		ok = rawjson.Each(raw, func(element string) bool { return element[0] == '"' })
	case kindIdentities:
		ok = rawjson.Each(raw, func(element string) bool {
			list, err := rawjson.Split([]byte(element))
			return err == nil && !slices.ContainsFunc(list, func(f rawjson.Field) bool { return f.Raw[0] != '"' && f.Raw != "null" })
		})
	case kindExtensions:
		var set map[string]*string
		ok = raw[0] == '{' && json.Unmarshal([]byte(raw), &set) == nil
	case kindObject:
		ok = raw[0] == '{'
	case kindObjects:
		ok = raw[0] == '['
	case kindDateTime:
		_, err := time.Parse(time.RFC3339, rawjson.Unquote(raw))
		ok = err == nil
	default:
		ok = raw[0] == '"'
	}
	if !ok {
		return fmt.Errorf("expected %s, found %s", k.edm(), rawjson.TypeName(raw))
	}
	return nil
}
