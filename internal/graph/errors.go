package graph

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// Error is an answer of Graph that refuses a request [graph 6]. Branch
// on Status and Code, never on Message.
type Error struct {
	Status int
	// Code and Message are the service's.
	Code, Message string
	// RequestID is for Microsoft's support.
	RequestID string
	// Operation says what was asked for.
	Operation string
	// Permissions are application permissions of which one allows it.
	Permissions []string

	advise Advise
}

// Advise gives the advice of a refusal; ok is false where it has none of its own,
// so that the one that fits every request is given.
type Advise func(e *Error) (advice string, ok bool)

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: Graph answered %d %s: %s", e.Operation, e.Status, e.Code, e.Message)
	if e.RequestID != "" {
		s += " (request id " + e.RequestID + ")"
	}
	return s
}

// Advice says what to do about the error.
func (e *Error) Advice() string {
	if e.advise != nil {
		if advice, ok := e.advise(e); ok {
			return advice
		}
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return "Graph doesn't accept the token. Check tenant_id, environment and graph_endpoint: a token of " +
			"one cloud isn't accepted in another."
	case http.StatusForbidden:
		return e.PermissionAdvice()
	case http.StatusTooManyRequests:
		return "The tenant is throttled: Graph asked to wait again and again, or for longer than the provider waits " +
			"(5 minutes). Run it again later, or at a quieter time."
	case http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "The service failed repeatedly. Run it again later; if it goes on, give Microsoft the request id."
	case http.StatusBadRequest:
		return "If the message names a property, it is one of \"attributes\": check its Graph name."
	}
	return ""
}

// PermissionAdvice says which permissions to ask for after a refusal.
func (e *Error) PermissionAdvice() string {
	return "Grant the application one of these permissions and have an administrator consent: " +
		strings.Join(e.Permissions, ", ") + ". Signed in as a person (use_cli), ask for a directory role that " +
		"includes one: Directory Readers for users, groups and domains, Application Administrator for provisioning."
}

// Refusal is the error of an answer within a batch.
func (c *Client) Refusal(a Response, operation string, need Need) *Error {
	return newError(a, operation, need, c.config.Secrets)
}

// ShapeError is the error of an answer that isn't what it should be.
func ShapeError(operation string, err error) error {
	return fmt.Errorf("%s: Graph's answer has another shape than documented: %w", operation, err)
}

// NotFound reports whether Graph answered that something isn't there.
func NotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

// Conflict reports whether Graph answered that something is there already.
func Conflict(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusConflict
}

// newError reads Graph's error body; another body (a proxy's page) gives the
// status alone. What the service says is sanitized here, before it is in any
// text of ours.
func newError(a Response, operation string, need Need, secrets *sanitize.Secrets) *Error {
	e := &Error{
		Status: a.Status, Code: http.StatusText(a.Status), RequestID: a.Header.Get("request-id"),
		Operation: operation, Permissions: need.AnyOf,
	}
	var answer struct {
		Error struct {
			Code       string `json:"code"`
			Message    string `json:"message"`
			InnerError struct {
				RequestID string `json:"request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	if json.Unmarshal(a.Body, &answer) == nil && (answer.Error.Code != "" || answer.Error.Message != "") {
		code, message := unwrapInner(answer.Error.Code, answer.Error.Message)
		e.Code, e.Message = cmp.Or(code, e.Code), message
		if e.RequestID == "" {
			e.RequestID = answer.Error.InnerError.RequestID
		}
	}
	e.Code, e.Message, e.RequestID = secrets.Line(e.Code), secrets.Line(e.Message), secrets.Line(e.RequestID)
	if e.Message == "" {
		e.Message = "no message that Graph would send; is something between here and Graph answering instead?"
	}
	return e
}

// MissingRolesError says that the token lacks permissions.
type MissingRolesError struct {
	// Missing are the operations, each with the permissions of which one
	// allows it.
	Missing []Need
	// Have are the token's roles.
	Have []string
}

func (e *MissingRolesError) Error() string {
	lines := make([]string, len(e.Missing))
	for i, n := range e.Missing {
		lines[i] = "to " + n.Operation + ": " + strings.Join(n.AnyOf, " or ")
	}
	have := "none"
	if len(e.Have) > 0 {
		have = strings.Join(e.Have, ", ")
	}
	return "the application lacks permissions of Microsoft Graph: " + strings.Join(lines, "; ") + ". It has: " + have
}

// NotSentError says that a request was given up before it was sent.
type NotSentError struct {
	Operation string
	Err       error
}

func (e *NotSentError) Error() string { return e.Operation + ": " + e.Err.Error() }

func (e *NotSentError) Unwrap() error { return e.Err }

// MayHaveArrived reports whether a failed write may have been carried out all
// the same.
func MayHaveArrived(err error) bool {
	var (
		refused *Error
		roles   *MissingRolesError
		signIn  *SignInError
		unsent  *NotSentError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Status >= http.StatusInternalServerError
	case errors.As(err, &roles), errors.As(err, &signIn), errors.As(err, &unsent):
		return false
	}
	return true
}
