package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// managedIdentity answers as App Service does at IDENTITY_ENDPOINT (header X-IDENTITY-HEADER, any
// value) and as a virtual machine does at 169.254.169.254 (header Metadata: true). It speaks for the
// app registered as managed.
func managedIdentity(c *loginCall) *answer {
	fail := func(status int, short, text string) *answer {
		return c.encode(status, map[string]any{
			"error": short, "error_description": text, "statusCode": status, "message": text,
		})
	}
	imds := strings.HasPrefix(c.path, "/metadata")
	if imds && !strings.EqualFold(c.header.Get("Metadata"), "true") {
		return fail(http.StatusBadRequest, "invalid_request", "Required metadata header not specified")
	}
	if !imds && c.header.Get("X-IDENTITY-HEADER") == "" {
		return fail(http.StatusUnauthorized, "unauthorized", "X-IDENTITY-HEADER is missing")
	}
	app, ok := c.srv.apps.managed(c.query.value("client_id"))
	if !ok {
		return fail(http.StatusBadRequest, "invalid_request", "Identity not found")
	}
	resource := strings.TrimSuffix(c.query.value("resource"), "/")
	if !c.srv.servesAudience(c.base, resource) {
		return fail(http.StatusBadRequest, "invalid_resource", fmt.Sprintf(
			"AADSTS500011: The resource principal named %s was not found in the tenant named %s.", resource, c.srv.store.id))
	}
	expires := c.srv.clock.Now().Add(tokenLife)
	return c.encode(http.StatusOK, map[string]string{
		"access_token": c.srv.issue(c.base, app, resource), "resource": resource, "token_type": "Bearer",
		"expires_on": strconv.FormatInt(expires.Unix(), 10), "expires_in": strconv.Itoa(int(tokenLife.Seconds())),
		"client_id": app.ClientID,
	})
}
