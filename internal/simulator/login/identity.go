package login

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// managedIdentity answers as App Service does at IDENTITY_ENDPOINT (header X-IDENTITY-HEADER, any
// value) and as a virtual machine does at 169.254.169.254 (header Metadata: true). It speaks for the
// app registered as managed.
func managedIdentity(c *call) *kernel.Response {
	fail := func(status int, short, text string) *kernel.Response {
		return c.Encode(status, map[string]any{
			"error": short, "error_description": text, "statusCode": status, "message": text,
		})
	}
	imds := strings.HasPrefix(c.Path, "/metadata")
	if imds && !strings.EqualFold(c.Header.Get("Metadata"), "true") {
		return fail(http.StatusBadRequest, "invalid_request", "Required metadata header not specified")
	}
	if !imds && c.Header.Get("X-IDENTITY-HEADER") == "" {
		return fail(http.StatusUnauthorized, "unauthorized", "X-IDENTITY-HEADER is missing")
	}
	app, ok := c.srv.apps.managed(c.Query.Value("client_id"))
	if !ok {
		return fail(http.StatusBadRequest, "invalid_request", "Identity not found")
	}
	resource := strings.TrimSuffix(c.Query.Value("resource"), "/")
	if !c.srv.ServesAudience(c.Base, resource) {
		return fail(http.StatusBadRequest, "invalid_resource", fmt.Sprintf(
			"AADSTS500011: The resource principal named %s was not found in the tenant named %s.",
			resource,
			c.srv.store.ID,
		))
	}
	expires := c.srv.clock.Now().Add(TokenLife)
	return c.Encode(http.StatusOK, map[string]string{
		"access_token": c.srv.Issue(c.Base, app, resource), "resource": resource, "token_type": "Bearer",
		"expires_on": strconv.FormatInt(expires.Unix(), 10), "expires_in": strconv.Itoa(int(TokenLife.Seconds())),
		"client_id": app.ClientID,
	})
}
