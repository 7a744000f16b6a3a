package atlassian

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// ConfigError is a wrong argument.
type ConfigError struct{ Argument, Problem string }

func (e *ConfigError) Error() string { return e.Argument + ": " + e.Problem }

// Error is an answer that refuses a request.
type Error struct {
	Status int
	// Code is the service's (ADMIN-…), "" where it gave none.
	Code, Message string
	TraceID       string
	Doing         string
	// Scope is the scope that the API key needs.
	Scope string
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: Atlassian answered %d %s", e.Doing, e.Status, e.Code)
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.TraceID != "" {
		s += " (trace id " + e.TraceID + ")"
	}
	return s
}

// Advice says what to do about the error.
func (e *Error) Advice() string {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		if e.Scope == scopeSCIM {
			return "The SCIM directory takes only its own key, which is made with the directory and shown once: set " +
				"scim_token to it, and scim_directory_id to that directory's id."
		}
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return "The API key is wrong or has expired (the default lifetime is a week). Make a new one in the " +
			"organization's settings, under API keys."
	case http.StatusForbidden:
		return "The API key lacks the scope " + e.Scope + ", or isn't of this organization. Make one with that " +
			"scope, or without scopes."
	case http.StatusNotFound:
		return "Check organization_id: it stands in the address of the organization's page at admin.atlassian.com."
	case http.StatusTooManyRequests:
		return "Atlassian asked to wait again and again, or for longer than the provider waits (5 minutes). Run it " +
			"again later."
	}
	if e.Status >= 500 {
		return "The service failed repeatedly. Run it again later; if it goes on, give Atlassian's support the trace " +
			"id."
	}
	return ""
}

// refusal reads Atlassian's error body. What the service says is sanitized
// here, before it is in any text of ours.
func (c *Client) refusal(resp *http.Response, body []byte, operation, scope string) *Error {
	e := readRefusal(resp, body)
	e.Doing, e.Scope = operation, scope
	hide := c.config.Secrets
	e.Code, e.Message, e.TraceID = hide.Line(e.Code), hide.Line(e.Message), hide.Line(e.TraceID)
	return e
}

func readRefusal(resp *http.Response, body []byte) *Error {
	e := &Error{
		Status: resp.StatusCode, Code: http.StatusText(resp.StatusCode),
		TraceID: cmp.Or(resp.Header.Get("X-Request-Id"), resp.Header.Get("Atl-Traceid")),
	}
	var a struct {
		// Message is what the gateway before the API says, Detail what SCIM does
		// [atlassian 2.5].
		Message string `json:"message"`
		Detail  string `json:"detail"`
		Errors  []struct {
			ID     string `json:"id"`
			Code   string `json:"code"`
			Title  string `json:"title"`
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &a) != nil {
		return e
	}
	e.Message = cmp.Or(a.Message, a.Detail)
	if len(a.Errors) > 0 {
		x := a.Errors[0]
		if x.Code != "" {
			e.Code = x.Code
		}
		e.Message = strings.Trim(x.Title+": "+x.Detail, ": ")
		if e.TraceID == "" {
			e.TraceID = x.ID
		}
	}
	return e
}
