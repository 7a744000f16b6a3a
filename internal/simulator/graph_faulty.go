package simulator

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// faultyGraph words an error as [graph 6] does.
func (c *graphCall) faultyGraph(f *faults.Fault) *kernel.Response {
	e := graphError{status: f.Status, code: f.Code}
	var code string
	switch f.Status {
	case http.StatusTooManyRequests:
		code, e.message = "TooManyRequests", "Please retry again later."
	case http.StatusServiceUnavailable:
		code, e.message = "ServiceUnavailable", "The service is temporarily unavailable."
	case http.StatusGatewayTimeout:
		code, e.message = "GatewayTimeout", "The server timed out."
	case http.StatusInternalServerError:
		code, e.message = "InternalServerError", "An internal server error occurred."
	case http.StatusForbidden:
		code, e.message = errDenied.code, errDenied.message
	case http.StatusUnauthorized:
		code, e.message = "InvalidAuthenticationToken", "Access token has expired or is not yet valid."
	default:
		code, e.message = "UnknownError", "An unknown error has occurred."
	}
	if e.code == "" {
		e.code = code
	}
	a := c.fail(e)
	if token, err := c.srv.login.signer.read(strings.TrimPrefix(c.Header.Get("Authorization"), "Bearer ")); err == nil && f.Status == http.StatusTooManyRequests {
		a.With("x-ms-throttle-scope", "Tenant_Application/ReadWrite/"+token.AppID+"/"+c.srv.store.ID)
		a.With("x-ms-throttle-information", "ResourceUnitLimitExceeded")
	}
	return a
}
