package entra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// The SDK's builders of requests to a service principal's synchronization, and to one
// of its jobs.
type (
	synchronizationBuilder = serviceprincipals.ItemSynchronizationRequestBuilder
	jobBuilder             = serviceprincipals.ItemSynchronizationJobsSynchronizationJobItemRequestBuilder
)

// synchronization signs in and gives the builder of requests to a service
// principal's synchronization.
func (c *Client) synchronization(
	ctx context.Context, need graph.Need, operation, servicePrincipalID string,
) (*synchronizationBuilder, error) {
	if !isPathSegment(servicePrincipalID) {
		return nil, fmt.Errorf("%s: %q is no id", operation, servicePrincipalID)
	}
	if err := c.SignIn(ctx, need); err != nil {
		return nil, &graph.NotSentError{Operation: operation, Err: err}
	}
	all := serviceprincipals.NewServicePrincipalsRequestBuilderInternal(c.graph.Builder())
	return all.ByServicePrincipalId(servicePrincipalID).Synchronization(), nil
}

// job signs in and gives the builder of requests to a job.
func (c *Client) job(
	ctx context.Context, need graph.Need, operation, servicePrincipalID, jobID string,
) (*jobBuilder, error) {
	if !isPathSegment(jobID) {
		return nil, fmt.Errorf("%s: %q is no id", operation, jobID)
	}
	s, err := c.synchronization(ctx, need, operation, servicePrincipalID)
	if err != nil {
		return nil, err
	}
	return s.Jobs().BySynchronizationJobId(jobID), nil
}

// synchronizationRequest is a request that a builder of the SDK describes.
func synchronizationRequest(info *abstractions.RequestInformation, operation string, need graph.Need) graph.Request {
	return graph.Request{Info: info, Operation: operation, Need: need, Advise: synchronizationAdvice}
}

// rawSynchronizationRequest signs in and prepares a request under a service
// principal's synchronization whose body or answer the SDK's models would change;
// path is what follows, unescaped.
func (c *Client) rawSynchronizationRequest(
	ctx context.Context, need graph.Need, method, operation, servicePrincipalID string, path ...string,
) (graph.Request, error) {
	at := "/servicePrincipals"
	for _, segment := range append([]string{servicePrincipalID, "synchronization"}, path...) {
		if !isPathSegment(segment) {
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
