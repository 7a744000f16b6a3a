package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// misbehave applies a fault: the answer it puts in the right one's place, or nil with c changed.
func (s *Server) misbehave(c *call, f *Fault) *answer {
	if f == nil || f.CarriedOut {
		return nil
	}
	switch f.Kind {
	case FaultStatus:
		return c.faulty(f)
	case FaultDrop, FaultHang:
		c.silence(f)
	case FaultLatency:
		s.sleep(c.ctx, time.Duration(f.Latency))
	case FaultStale:
		c.effects.staleReads = f.Reads
	case FaultNextLoop:
		c.effects.nextLoop = true
	case FaultNextEndless:
		c.effects.nextEndless = true
	case FaultNextForeign:
		c.effects.nextHost = f.Host
	}
	return nil
}

// faulty is an error answer in the form of the API that was asked.
func (c *call) faulty(f *Fault) *answer {
	var a *answer
	switch c.route.api {
	case apiAtlassian:
		a = c.faultyAdmin(f)
	case apiSCIM:
		a = c.failSCIM(scimError(f.Status, "", http.StatusText(f.Status)))
	case apiLogin, apiIdentity:
		a = c.loginError(f.Status, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
	default:
		a = c.faultyGraph(f)
	}
	if f.RetryAfter != "" {
		a.with("Retry-After", f.RetryAfter)
	}
	return a
}

// faultyGraph words an error as [graph 6] does.
func (c *call) faultyGraph(f *Fault) *answer {
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
	if token, err := c.srv.signer.read(strings.TrimPrefix(c.header.Get("Authorization"), "Bearer ")); err == nil && f.Status == http.StatusTooManyRequests {
		a.with("x-ms-throttle-scope", "Tenant_Application/ReadWrite/"+token.AppID+"/"+c.srv.tenantID)
		a.with("x-ms-throttle-information", "ResourceUnitLimitExceeded")
	}
	return a
}

// faultyAdmin words an error as [atlassian 3.2] does, with the headers of its rate limit.
func (c *call) faultyAdmin(f *Fault) *answer {
	code, title := fmt.Sprintf("ADMIN-%d-1", f.Status), http.StatusText(f.Status)
	if f.Code != "" {
		code = f.Code
	}
	a := c.failAdmin(f.Status, code, title)
	if f.Status == http.StatusTooManyRequests {
		wait := time.Second
		if seconds, err := strconv.ParseFloat(f.RetryAfter, 64); err == nil {
			wait = time.Duration(seconds * float64(time.Second))
		}
		a.with("X-RateLimit-Limit", "100").with("X-RateLimit-Remaining", "0")
		a.with("X-RateLimit-Reset", c.srv.clock.Now().Add(wait).Format("2006-01-02T15:04:05.000Z"))
	}
	return a
}
