package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
	jsonserialization "github.com/microsoft/kiota-serialization-json-go"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Client sends requests to Graph as one application or person in one tenant. It
// is safe for concurrent use.
type Client struct {
	config      Config
	method      Method
	endpoint    *url.URL
	credential  azcore.TokenCredential
	adapter     *graphcore.GraphRequestAdapterBase
	wait        Wait
	log         Log
	concurrency *ConcurrencyLimit

	mu       sync.Mutex
	claims   claims
	signedIn bool
}

// Wait says how long to wait before attempt n (from 1), given what the service
// asked for (0 for nothing); nil for the default. Tests don't wait.
type Wait func(attempt int, asked time.Duration) time.Duration

// Log writes a line for debugging, never with a secret or a person's data; nil
// for none.
type Log func(ctx context.Context, message string, fields map[string]any)

// Options are what a client needs beside its configuration. The zero value is
// that of a provider.
type Options struct {
	Wait Wait
	Log  Log
	// Credential signs in instead of what the configuration says, and Transport
	// carries requests to Graph instead of the provider's own. Tests use them to
	// do without a network.
	Credential azcore.TokenCredential
	Transport  http.RoundTripper
}

// New makes a client without sending anything. An error is a *ConfigError.
func New(config Config, o Options) (*Client, error) {
	if config.Secrets == nil {
		config.Secrets = sanitize.New()
	}
	config.Secrets.Add(config.ClientSecret, config.Certificate, config.CertificatePassword)
	config.Secrets.Add(config.OIDCToken, config.OIDCRequestToken)
	endpoint, login, err := config.endpoints()
	if err != nil {
		return nil, err
	}
	method, err := config.Method()
	if err != nil {
		return nil, err
	}
	c := &Client{
		config:      config,
		method:      method,
		endpoint:    endpoint,
		credential:  o.Credential,
		wait:        o.Wait,
		log:         o.Log,
		concurrency: NewConcurrencyLimit(),
	}
	if c.log == nil {
		c.log = func(context.Context, string, map[string]any) {}
	}
	if c.credential == nil {
		if c.credential, err = config.credential(login, o.Wait); err != nil {
			return nil, err
		}
	}
	if err := c.connect(o.Transport); err != nil {
		return nil, err
	}
	return c, nil
}

// connect makes the SDK's adapter, over the provider's transport unless a test
// gives another.
func (c *Client) connect(next http.RoundTripper) error {
	auth, err := azureauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		c.credential, []string{c.scope()}, []string{c.endpoint.Hostname()})
	if err != nil {
		return fmt.Errorf("preparing to sign in: %w", err)
	}
	client := &http.Client{Transport: next}
	if next == nil {
		client = transport.New(transport.Options{
			Host:    c.endpoint.Host,
			Roots:   c.config.Roots,
			Wait:    c.wait,
			Observe: c.concurrency.Observe,
		})
	}
	c.adapter, err = graphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth, graphcore.GraphClientOptions{GraphServiceVersion: "v1.0"}, jsonserialization.NewJsonParseNodeFactory(),
		jsonserialization.NewJsonSerializationWriterFactory(), client)
	if err != nil {
		return fmt.Errorf("preparing Graph's client: %w", err)
	}
	c.adapter.SetBaseUrl(c.BaseURL())
	return nil
}

// BaseURL is the address of Graph's version, without a slash at the end.
func (c *Client) BaseURL() string { return c.endpoint.String() + "/v1.0" }

// scope is what tokens are asked for.
func (c *Client) scope() string { return c.endpoint.Scheme + "://" + c.endpoint.Host + "/.default" }

// Secrets are what must not show in an error or a log.
func (c *Client) Secrets() *sanitize.Secrets { return c.config.Secrets }

// Concurrency bounds the requests of bulk reads that are under way at once.
func (c *Client) Concurrency() *ConcurrencyLimit { return c.concurrency }

// Request is one request to Graph.
type Request struct {
	// Info is a request that a builder of the SDK describes; nil for one by
	// Method, URL and Body.
	Info   *abstractions.RequestInformation
	Method string
	// URL is absolute, or relative to the version's address.
	URL  string
	Body []byte
	// Operation says what is asked for, as errors tell it; Need which permissions
	// allow it.
	Operation string
	Need      Need
	// Idempotent marks a POST or PATCH that may be sent again.
	Idempotent bool
	// Advise replaces the advice of a refusal where it has other; nil for that
	// of every request.
	Advise Advise
	// Limit is the rate limit of the request's kind; nil for none of its own.
	Limit *RateLimiter
	// Hide are values of the body that a refusal must not show.
	Hide []string
}

// Response is what came back.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

var methods = map[string]abstractions.HttpMethod{
	http.MethodGet:    abstractions.GET,
	http.MethodPost:   abstractions.POST,
	http.MethodPatch:  abstractions.PATCH,
	http.MethodPut:    abstractions.PUT,
	http.MethodDelete: abstractions.DELETE,
}

// Do sends a request through the SDK's adapter. The response has a status of
// success; a refusal is an *Error.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	info, path, err := c.describe(r)
	if err != nil {
		return Response{}, fmt.Errorf("%s: %w", r.Operation, err)
	}
	if r.Idempotent {
		ctx = transport.Idempotent(ctx)
	}
	if err := c.waitForTurn(ctx, r.Limit); err != nil {
		return Response{}, &NotSentError{r.Operation, err}
	}
	out, err := c.exchange(ctx, info)
	if err != nil {
		return Response{}, c.sendError(ctx, r.Operation, err)
	}
	c.log(ctx, "Graph request", map[string]any{
		"method":     info.Method.String(),
		"path":       path,
		"status":     out.Status,
		"bytes":      len(out.Body),
		"request_id": out.Header.Get("request-id"),
	})
	if out.Status < 200 || out.Status > 299 {
		e := newError(out, r.Operation, r.Need, c.config.Secrets.With(r.Hide...))
		e.advise = r.Advise
		return Response{}, e
	}
	return out, nil
}

// describe makes the SDK's description of a request, and checks where it goes.
func (c *Client) describe(r Request) (info *abstractions.RequestInformation, path string, err error) {
	var u *url.URL
	if info = r.Info; info != nil {
		u, err = info.GetUri()
	} else {
		full := r.URL
		if strings.HasPrefix(full, "/") {
			full = c.BaseURL() + full
		}
		u, err = url.Parse(full)
	}
	if err != nil {
		return nil, "", err
	}
	if u.Scheme != "https" || !strings.EqualFold(u.Host, c.endpoint.Host) {
		return nil, "", fmt.Errorf("%w: %s://%s instead of %s",
			transport.ErrOtherHost, u.Scheme, u.Host, c.endpoint.Host)
	}
	if info != nil {
		return info, u.Path, nil
	}
	info = abstractions.NewRequestInformation()
	info.Method = methods[r.Method]
	info.SetUri(*u)
	if r.Body != nil {
		info.SetStreamContentAndContentType(r.Body, "application/json")
	}
	return info, u.Path, nil
}

// exchange takes the answer as it is: the adapter would drop what an error's
// headers say.
func (c *Client) exchange(ctx context.Context, info *abstractions.RequestInformation) (out Response, err error) {
	handled := false
	option := abstractions.NewRequestHandlerOption()
	option.SetResponseHandler(func(response any, _ abstractions.ErrorMappings) (any, error) {
		resp, ok := response.(*http.Response)
		if !ok {
			return nil, fmt.Errorf("the SDK's adapter gave a %T instead of an answer", response)
		}
		handled = true
		defer func() { _ = resp.Body.Close() }()
		body, err := transport.Body(resp)
		out = Response{resp.StatusCode, resp.Header, body}
		return nil, err
	})
	info.AddRequestOptions([]abstractions.RequestOption{option})
	_, err = c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
	if err == nil && !handled {
		err = errors.New("the SDK's adapter gave no answer")
	}
	return out, err
}

// sendError tells a failed sign-in (a new token was needed) from a failed
// request.
func (c *Client) sendError(ctx context.Context, operation string, err error) error {
	var failed *azidentity.AuthenticationFailedError
	if errors.As(err, &failed) {
		return c.signInError(ctx, err)
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// RequireHere refuses a link that isn't the whole address of something on this
// client's Graph.
func (c *Client) RequireHere(link string) error {
	if strings.HasPrefix(link, "/") {
		return fmt.Errorf("%w: it names no host", transport.ErrOtherHost)
	}
	_, err := c.relative(link)
	return err
}

// relative makes an address relative to the version, as items of batches need
// it. A nextLink to another host is refused.
func (c *Client) relative(link string) (string, error) {
	if strings.HasPrefix(link, "/") {
		return link, nil
	}
	rest, ok := strings.CutPrefix(link, c.BaseURL()+"/")
	if !ok {
		u, err := url.Parse(link)
		if err != nil {
			return "", fmt.Errorf("a nextLink that is no address: %w", err)
		}
		return "", fmt.Errorf("%w: a nextLink leaves %s for %s://%s",
			transport.ErrOtherHost, c.BaseURL(), u.Scheme, u.Host)
	}
	return "/" + rest, nil
}
