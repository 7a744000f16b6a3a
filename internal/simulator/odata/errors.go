package odata

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Error is what the body of an error of Graph says [graph 6].
type Error struct {
	Status  int
	Code    string
	Message string
	Target  string
	Details []ErrorDetail
}

// ErrorDetail is one of an error's details.
type ErrorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target,omitempty"`
}

// BadRequest is a 400.
func BadRequest(code, message string) Error {
	return Error{Status: http.StatusBadRequest, Code: code, Message: message}
}

// Invalid is Request_BadRequest, the code of a value that the directory refuses.
func Invalid(message string, args ...any) Error {
	return BadRequest("Request_BadRequest", fmt.Sprintf(message, args...))
}

// The four errors of [graph 1.4], word for word [D].
var (
	ErrCountUnsupported = BadRequest("Request_BadRequest", "$count is not currently supported.")
	errSearchHeader     = BadRequest(
		"Request_UnsupportedQuery",
		"Request with $search query parameter only works through MSGraph with a special request header: "+
			"'ConsistencyLevel: eventual'",
	)
	ErrUnsupported = BadRequest("Request_UnsupportedQuery", "Unsupported Query.")
	ErrNotIndexed  = BadRequest("Request_UnsupportedQuery", "The request uses a filter property that is not indexed")
)

// The wording for unmapped targets [graph 1.5, D], and for what this simulator hasn't learned:
// its own code, so that nobody takes it for the service's answer.
var errElsewhere = Error{
	Status: http.StatusNotImplemented, Code: "NotImplemented", Message: "This operation target is not yet supported.",
}

// NotBuilt is what the service has and the simulator hasn't.
func NotBuilt(what string) Error {
	return Error{
		Status:  http.StatusNotImplemented,
		Code:    "Simulator_NotBuilt",
		Message: "The simulator doesn't do this yet: " + what,
	}
}

// NotFound is the 404 of an object.
func NotFound(id string) Error {
	return Error{
		Status: http.StatusNotFound, Code: "Request_ResourceNotFound",
		Message: fmt.Sprintf(
			"Resource '%s' does not exist or one of its queried reference-property objects are not present.", id,
		),
	}
}

// ErrDenied is the 403 of a missing permission.
var ErrDenied = Error{
	Status: http.StatusForbidden, Code: "Authorization_RequestDenied",
	Message: "Insufficient privileges to complete the operation.",
}

// Unauthorized is the 401 of a bad token.
func Unauthorized(message string) Error {
	return Error{Status: http.StatusUnauthorized, Code: "InvalidAuthenticationToken", Message: message}
}

// NoProperty is OData's complaint about an unknown name; where is "" or the clause it stands in.
func NoProperty(where, name, entity string) Error {
	return BadRequest(
		"BadRequest",
		fmt.Sprintf("%sCould not find a property named '%s' on type 'microsoft.graph.%s'.", where, name, entity),
	)
}

// InSelect and InFilter begin the message on a mistake in a clause.
const (
	InSelect = "Parsing OData Select and Expand failed: "
	InFilter = "Invalid filter clause: "
)

// Conflict is a second object with a value that must be unique [graph 1], [graph 6]. Users and
// groups answer 400, policies 409.
func Conflict(status int, property string) Error {
	message := fmt.Sprintf("Another object with the same value for property %s already exists.", property)
	if status == http.StatusConflict {
		return Error{
			Status: status, Code: "Request_MultipleObjectsWithSameKeyValue",
			Message: "A conflicting object with one or more of the specified property values is present in the " +
				"directory.",
			Details: []ErrorDetail{{Code: "ConflictingObjects", Message: message}},
		}
	}
	return Error{
		Status: status, Code: "Request_BadRequest", Message: message,
		Details: []ErrorDetail{{Code: "ObjectConflict", Message: message, Target: strings.TrimSpace(property)}},
	}
}

// UnknownProperty is OData's complaint about a name that a type hasn't, or that the simulator hasn't.
func UnknownProperty(where, name string, e *tenant.Entity) Error {
	if e.Unbuilt(name) {
		return NotBuilt("the property " + name + " of a " + e.Name)
	}
	return NoProperty(where, name, e.Name)
}
