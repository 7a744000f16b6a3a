package tenant

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Check says whether a raw JSON value fits the kind; null fits every kind.
func (k Kind) Check(raw string) error {
	if raw == "null" {
		return nil
	}
	var ok bool
	switch k {
	case KindBool:
		ok = raw == "true" || raw == "false"
	case KindInt32:
		var n int32
		ok = json.Unmarshal([]byte(raw), &n) == nil
	case kindStrings:
		ok = rawjson.Each(raw, func(element string) bool { return element[0] == '"' })
	case KindIdentities:
		ok = rawjson.Each(raw, func(element string) bool {
			list, err := rawjson.Split([]byte(element))
			return err == nil && !slices.ContainsFunc(
				list, func(f rawjson.Field) bool { return f.Raw[0] != '"' && f.Raw != "null" },
			)
		})
	case KindExtensions:
		var set map[string]*string
		ok = raw[0] == '{' && json.Unmarshal([]byte(raw), &set) == nil
	case KindObject:
		ok = raw[0] == '{'
	case KindObjects:
		ok = raw[0] == '['
	case KindDateTime:
		_, err := time.Parse(time.RFC3339, rawjson.Unquote(raw))
		ok = err == nil
	default:
		ok = raw[0] == '"'
	}
	if !ok {
		return fmt.Errorf("expected %s, found %s", k.EDM(), rawjson.TypeName(raw))
	}
	return nil
}
