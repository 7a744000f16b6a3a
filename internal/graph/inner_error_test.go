package graph

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Graph's message holds the text of the service behind [graph 3.9].
func TestUnwrapInner(t *testing.T) {
	for name, c := range map[string]struct{ code, message, wantCode, want string }{
		"documented":       {"UnknownError", `{"Message":"No HTTP resource was found that matches the request URI 'https://x/api'."}`, "UnknownError", "No HTTP resource was found that matches the request URI 'https://x/api'."},
		"with a code":      {"UnknownError", `{"Code":"InvalidCredentials","Message":"m"}`, "InvalidCredentials", "m"},
		"lower case":       {"UnknownError", ` {"code":"c","message":"m"} `, "c", "m"},
		"a number":         {"UnknownError", `{"code":400,"message":"m"}`, "400", "m"},
		"Graph's own":      {"UnknownError", `{"error":{"code":"c","message":"m"}}`, "c", "m"},
		"error is a text":  {"UnknownError", `{"error":"x","message":"m"}`, "UnknownError", "m"},
		"twice":            {"UnknownError", `{"Message":"{\"Code\":\"c\",\"Message\":\"m\"}"}`, "c", "m"},
		"plain":            {"Request_BadRequest", "m", "Request_BadRequest", "m"},
		"no message in it": {"BadRequest", `{"a":1}`, "BadRequest", `{"a":1}`},
		"nothing in it":    {"BadRequest", `{}`, "BadRequest", `{}`},
		"no JSON":          {"BadRequest", `{x} is wrong`, "BadRequest", `{x} is wrong`},
		"a list":           {"BadRequest", `[1]`, "BadRequest", `[1]`},
		"error of numbers": {"BadRequest", `{"error":{"message":1}}`, "BadRequest", `{"error":{"message":1}}`},
		"empty": {"BadRequest", ``, "BadRequest", "no message that Graph would send; is something between " +
			"here and Graph answering instead?"},
		"no code":    {"", "m", "Not Found", "m"},
		"bottomless": {"c", `{"Message":"{\"Message\":\"{\\\"Message\\\":\\\"{\\\\\\\"Message\\\\\\\":\\\\\\\"m\\\\\\\"}\\\"}\"}"}`, "c", `{"Message":"m"}`},
	} {
		body, err := json.Marshal(
			map[string]any{
				"error": map[string]any{
					"code":       c.code,
					"message":    c.message,
					"innerError": map[string]string{"request-id": "inner"},
				},
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		e := newError(Response{404, http.Header{}, body}, "x", Need{}, nil)
		if e.Status != 404 || e.Code != c.wantCode || e.Message != c.want || e.RequestID != "inner" {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
