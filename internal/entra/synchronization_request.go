package entra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// synchronizationRequest signs in and prepares a request under a service
// principal's synchronization; path is what follows, unescaped.
func (c *Client) synchronizationRequest(
	ctx context.Context, need graph.Need, method, operation, servicePrincipalID string, path ...string,
) (graph.Request, error) {
	at := "/servicePrincipals"
	for _, segment := range append([]string{servicePrincipalID, "synchronization"}, path...) {
		// An empty id would turn a request for one object into one for all.
		if segment == "" || segment == "." || segment == ".." {
			return graph.Request{}, fmt.Errorf("%s: %q is no id", operation, segment)
		}
		at += "/" + url.PathEscape(segment)
	}
	if err := c.SignIn(ctx, need); err != nil {
		return graph.Request{}, &graph.NotSentError{Operation: operation, Err: err}
	}
	return graph.Request{
		Method: method, URL: at, Operation: operation, Need: need, Advise: synchronizationAdvice,
	}, nil
}

// synchronizationAdvice is where the synchronization service asks for other
// advice; a new service principal is refused for a while [graph 3.9].
func synchronizationAdvice(e *graph.Error) (advice string, ok bool) {
	const young = "If the service principal was made moments ago, wait a minute and run it again; " +
		"if it or its job was deleted since the plan, plan again."
	switch e.Status {
	case http.StatusForbidden:
		return e.PermissionAdvice() + " " + young, true
	case http.StatusNotFound, http.StatusConflict:
		return young, true
	}
	return "", e.Status == http.StatusBadRequest
}
