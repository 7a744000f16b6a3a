package graph

import (
	"cmp"
	"encoding/json"
	"strings"
)

// unwrapInner takes the text of the service behind out of Graph's message, which
// may hold it as JSON [graph 3.9]: {"Message":"…"}, with a Code or without,
// or an error of Graph's own shape. The inner code says more than Graph's
// UnknownError.
func unwrapInner(code, message string) (innerCode, innerMessage string) {
	for range 3 {
		if !strings.HasPrefix(strings.TrimSpace(message), "{") {
			break
		}
		inner := decodeInner([]byte(message))
		if inner.Message == "" {
			break
		}
		message, code = inner.Message, cmp.Or(string(inner.Code), code)
	}
	return code, message
}

// innerError is a code and message; their names are matched without case.
type innerError struct {
	Code    LooseString
	Message string
}

func decodeInner(raw []byte) innerError {
	var s innerError
	var nested struct{ Error json.RawMessage }
	if json.Unmarshal(raw, &s) == nil && s.Message != "" {
		return s
	}
	s = innerError{}
	if json.Unmarshal(raw, &nested) != nil || json.Unmarshal(nested.Error, &s) != nil {
		return innerError{}
	}
	return s
}
