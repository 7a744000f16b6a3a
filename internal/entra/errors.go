package entra

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
	// Doing says what was asked for.
	Doing string
	// Permissions are application permissions of which one allows it.
	Permissions []string

	sync bool // of the synchronization service
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: Graph answered %d %s: %s", e.Doing, e.Status, e.Code, e.Message)
	if e.RequestID != "" {
		s += " (request id " + e.RequestID + ")"
	}
	return s
}

// Advice says what to do about the error.
func (e *Error) Advice() string {
	if advice, ok := e.syncAdvice(); ok {
		return advice
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return "Graph doesn't accept the token. Check tenant_id, environment and graph_endpoint: a token of one cloud isn't accepted in another."
	case http.StatusForbidden:
		return e.grant()
	case http.StatusTooManyRequests:
		return "The tenant is throttled: Graph asked to wait again and again, or for longer than the provider waits (5 minutes). Run it again later, or at a quieter time."
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "The service failed repeatedly. Run it again later; if it goes on, give Microsoft the request id."
	case http.StatusBadRequest:
		return "If the message names a property, it is one of \"attributes\": check its Graph name."
	}
	return ""
}

// grant says what to ask for after a refusal.
func (e *Error) grant() string {
	return "Grant the application one of these permissions and have an administrator consent: " + strings.Join(e.Permissions, ", ") +
		". Signed in as a person (use_cli), ask for a directory role that includes one: Directory Readers for users, groups and " +
		"domains, Application Administrator for provisioning."
}

// syncAdvice is where the synchronization service asks for other advice; a new
// service principal is refused for a while [graph 3.9].
func (e *Error) syncAdvice() (advice string, ok bool) {
	const young = "If the service principal was made moments ago, wait a minute and run it again; if it or its job was deleted since the plan, plan again."
	switch {
	case !e.sync:
		return "", false
	case e.Status == http.StatusForbidden:
		return e.grant() + " " + young, true
	case e.Status == http.StatusNotFound, e.Status == http.StatusConflict:
		return young, true
	}
	return "", e.Status == http.StatusBadRequest
}

// graphError reads Graph's error body; another body (a proxy's page) gives the
// status alone. What the service says is sanitized here, before it is in any
// text of ours.
func graphError(a answer, doing string, permissions []string, secrets *sanitize.Secrets) *Error {
	e := &Error{
		Status: a.status, Code: http.StatusText(a.status), RequestID: a.header.Get("request-id"),
		Doing: doing, Permissions: permissions,
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
	if json.Unmarshal(a.body, &answer) == nil && (answer.Error.Code != "" || answer.Error.Message != "") {
		code, message := unwrapped(answer.Error.Code, answer.Error.Message)
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

// SignInError says that no token could be had.
type SignInError struct {
	Method Method
	// Code is the login service's (AADSTS…), "" where it gave none.
	Code   string
	Detail string
	Err    error
}

func (e *SignInError) Error() string {
	return fmt.Sprintf("signing in with the %s: %s", e.Method, e.Detail)
}

func (e *SignInError) Unwrap() error { return e.Err }

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
		lines[i] = "to " + n.Doing + ": " + strings.Join(n.AnyOf, " or ")
	}
	have := "none"
	if len(e.Have) > 0 {
		have = strings.Join(e.Have, ", ")
	}
	return "the application lacks permissions of Microsoft Graph: " + strings.Join(lines, "; ") + ". It has: " + have
}

// NotSentError says that a request was given up before it was sent.
type NotSentError struct {
	Doing string
	Err   error
}

func (e *NotSentError) Error() string { return e.Doing + ": " + e.Err.Error() }

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
