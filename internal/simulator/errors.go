package simulator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// graphError is what the body of an error of Graph says [graph 6].
type graphError struct {
	status  int
	code    string
	message string
	target  string
	details []errorDetail
}

type errorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target,omitempty"`
}

type innerError struct {
	Code            string `json:"code,omitempty"`
	Date            string `json:"date"`
	Message         string `json:"message,omitempty"`
	RequestID       string `json:"request-id"`
	ClientRequestID string `json:"client-request-id,omitempty"`
	Status          string `json:"status,omitempty"`
}

type errorBody struct {
	Error struct {
		Code    string        `json:"code"`
		Message string        `json:"message"`
		Target  string        `json:"target,omitempty"`
		Details []errorDetail `json:"details,omitempty"`
		Inner   innerError    `json:"innerError"`
	} `json:"error"`
}

// fail answers with an error body of Graph.
func (c *graphCall) fail(e graphError) *kernel.Response {
	var b errorBody
	b.Error.Code, b.Error.Message = e.code, e.message
	b.Error.Target, b.Error.Details = e.target, e.details
	b.Error.Inner = innerError{
		Date: c.srv.clock.Now().Format("2006-01-02T15:04:05"), RequestID: c.RequestID,
		ClientRequestID: c.ClientRequestID(),
	}
	if e.status == http.StatusTooManyRequests {
		b.Error.Inner.Code, b.Error.Inner.Status, b.Error.Inner.Message = "429", "429", "Please retry after"
	}
	a := c.encode(e.status, b)
	a.ContentType = graphJSON
	return a
}

func badRequest(code, message string) graphError {
	return graphError{status: http.StatusBadRequest, code: code, message: message}
}

// invalid is Request_BadRequest, the code of a value that the directory refuses.
func invalid(message string, args ...any) graphError {
	return badRequest("Request_BadRequest", fmt.Sprintf(message, args...))
}

// The four errors of [graph 1.4], word for word [D].
var (
	errCountUnsupported = badRequest("Request_BadRequest", "$count is not currently supported.")
	errSearchHeader     = badRequest("Request_UnsupportedQuery", "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
	errUnsupported      = badRequest("Request_UnsupportedQuery", "Unsupported Query.")
	errNotIndexed       = badRequest("Request_UnsupportedQuery", "The request uses a filter property that is not indexed")
)

// The wording for unmapped targets [graph 1.5, D], and for what this simulator hasn't learned:
// its own code, so that nobody takes it for the service's answer.
var errElsewhere = graphError{status: http.StatusNotImplemented, code: "NotImplemented", message: "This operation target is not yet supported."}

func notBuilt(what string) graphError {
	return graphError{status: http.StatusNotImplemented, code: "Simulator_NotBuilt", message: "The simulator doesn't do this yet: " + what}
}

func notFound(id string) graphError {
	return graphError{
		status: http.StatusNotFound, code: "Request_ResourceNotFound",
		message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id),
	}
}

var errDenied = graphError{
	status: http.StatusForbidden, code: "Authorization_RequestDenied",
	message: "Insufficient privileges to complete the operation.",
}

func unauthorized(message string) graphError {
	return graphError{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: message}
}

// noProperty is OData's complaint about an unknown name; where is "" or the clause it stands in.
func noProperty(where, name, entity string) graphError {
	return badRequest("BadRequest", fmt.Sprintf("%sCould not find a property named '%s' on type 'microsoft.graph.%s'.", where, name, entity))
}

const (
	inSelect = "Parsing OData Select and Expand failed: "
	inFilter = "Invalid filter clause: "
)

// conflict is a second object with a value that must be unique [graph 1], [graph 6]. Users and
// groups answer 400, policies 409.
func conflict(status int, property string) graphError {
	message := fmt.Sprintf("Another object with the same value for property %s already exists.", property)
	if status == http.StatusConflict {
		return graphError{
			status: status, code: "Request_MultipleObjectsWithSameKeyValue",
			message: "A conflicting object with one or more of the specified property values is present in the directory.",
			details: []errorDetail{{Code: "ConflictingObjects", Message: message}},
		}
	}
	return graphError{
		status: status, code: "Request_BadRequest", message: message,
		details: []errorDetail{{Code: "ObjectConflict", Message: message, Target: strings.TrimSpace(property)}},
	}
}
