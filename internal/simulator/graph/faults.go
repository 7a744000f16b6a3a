package graph

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
)

// faultyGraph words an error as [graph 6] does.
func (c *Call) faultyGraph(f *faults.Fault) *kernel.Response {
	e := odata.Error{Status: f.Status, Code: f.Code}
	var code string
	switch f.Status {
	case http.StatusTooManyRequests:
		code, e.Message = "TooManyRequests", "Please retry again later."
	case http.StatusServiceUnavailable:
		code, e.Message = "ServiceUnavailable", "The service is temporarily unavailable."
	case http.StatusGatewayTimeout:
		code, e.Message = "GatewayTimeout", "The server timed out."
	case http.StatusInternalServerError:
		code, e.Message = "InternalServerError", "An internal server error occurred."
	case http.StatusForbidden:
		code, e.Message = odata.ErrDenied.Code, odata.ErrDenied.Message
	case http.StatusUnauthorized:
		code, e.Message = "InvalidAuthenticationToken", "Access token has expired or is not yet valid."
	default:
		code, e.Message = "UnknownError", "An unknown error has occurred."
	}
	if e.Code == "" {
		e.Code = code
	}
	a := c.Fail(e)
	if token, err := c.Service.login.Signer.Read(
		strings.TrimPrefix(c.Header.Get("Authorization"), "Bearer "),
	); err == nil && f.Status == http.StatusTooManyRequests {
		a.With("x-ms-throttle-scope", "Tenant_Application/ReadWrite/"+token.AppID+"/"+c.Service.Store.ID)
		a.With("x-ms-throttle-information", "ResourceUnitLimitExceeded")
	}
	return a
}
