package entra

import (
	"cmp"
	"encoding/json"
	"strings"
)

// unwrapped takes the text of the service behind out of Graph's message, which
// may hold it as JSON [graph 3.9]: {"Message":"…"}, with a Code or without,
// or an error of Graph's own shape. The inner code says more than Graph's
// UnknownError.
func unwrapped(code, message string) (innerCode, innerMessage string) {
	for range 3 {
		if !strings.HasPrefix(strings.TrimSpace(message), "{") {
			break
		}
		inner := saidIn([]byte(message))
		if inner.Message == "" {
			break
		}
		message, code = inner.Message, cmp.Or(string(inner.Code), code)
	}
	return code, message
}

// said is a code and message; their names are matched without case.
type said struct {
	Code    loose
	Message string
}

func saidIn(raw []byte) said {
	var s said
	var nested struct{ Error json.RawMessage }
	if json.Unmarshal(raw, &s) == nil && s.Message != "" {
		return s
	}
	s = said{}
	if json.Unmarshal(raw, &nested) != nil || json.Unmarshal(nested.Error, &s) != nil {
		return said{}
	}
	return s
}
