package entra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Client speaks to one tenant. It is safe for concurrent use.
type Client struct {
	config  Config
	method  Method
	graph   *url.URL
	cred    azcore.TokenCredential
	adapter *graphcore.GraphRequestAdapterBase
	wait    Wait
	log     Log
	gate    *gate
	// top is the size of a page, alone says that collections are read as one
	// chain of pages, and patience is survey's; tests change them, and the clock.
	top      string
	alone    bool
	patience time.Duration
	now      func() time.Time

	mu     sync.Mutex
	claims claims
	signed bool

	logsPace, onDemandPace pace
}

// Wait says how long to wait before attempt n (from 1) given what the service
// asked for (0 for nothing); nil for the default. Tests don't wait.
type Wait func(attempt int, asked time.Duration) time.Duration

// Log writes a line for debugging, never with a secret or a person's data; nil
// for none.
type Log func(ctx context.Context, message string, fields map[string]any)

// New makes a client without speaking to anybody. An error is a *ConfigError.
func New(config Config, wait Wait, log Log) (*Client, error) {
	if config.Secrets == nil {
		config.Secrets = sanitize.New()
	}
	config.Secrets.Add(config.ClientSecret, config.Certificate, config.CertificatePassword)
	config.Secrets.Add(config.OIDCToken, config.OIDCRequestToken)
	graph, login, err := config.endpoints()
	if err != nil {
		return nil, err
	}
	method, err := config.Method()
	if err != nil {
		return nil, err
	}
	cred, err := config.credential(login, wait)
	if err != nil {
		return nil, err
	}
	scopes := []string{graph.Scheme + "://" + graph.Host + "/.default"}
	auth, err := azureauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(cred, scopes, []string{graph.Hostname()})
	if err != nil {
		return nil, fmt.Errorf("preparing to sign in: %w", err)
	}
	places := newGate()
	client := transport.New(transport.Options{Host: graph.Host, Roots: config.Roots, Wait: wait, Observe: places.hear})
	adapter, err := graphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth, graphcore.GraphClientOptions{GraphServiceVersion: "v1.0"}, nil, nil, client)
	if err != nil {
		return nil, fmt.Errorf("preparing Graph's client: %w", err)
	}
	if log == nil {
		log = func(context.Context, string, map[string]any) {}
	}
	return &Client{config: config, method: method, graph: graph, cred: cred, adapter: adapter, wait: wait, log: log, gate: places, top: pageSize, patience: patience, now: time.Now}, nil
}

// base is the address of Graph's version.
func (c *Client) base() string { return c.graph.String() + "/v1.0" }

// SignIn gets a token, and compares its permissions with what is needed: what
// is missing is a *MissingRolesError, a refusal a *SignInError.
func (c *Client) SignIn(ctx context.Context, needs ...Need) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.signed {
		noting, failure := noteFailure(ctx)
		token, err := c.cred.GetToken(noting, policy.TokenRequestOptions{
			// As the SDK asks, so that both share one token.
			EnableCAE: true, Scopes: []string{c.graph.Scheme + "://" + c.graph.Host + "/.default"},
		})
		if err != nil && *failure != nil && ctx.Err() == nil {
			return &SignInError{Method: c.method, Detail: c.config.Secrets.Line((*failure).Error()), Err: *failure}
		}
		if err != nil {
			return c.signInError(ctx, err)
		}
		c.claims, _ = readClaims(token.Token)
		c.signed = true
	}
	if len(c.claims.Roles) == 0 && c.claims.Scopes == "" && c.claims.TenantID == "" {
		return nil // not a token that we can read: the service will tell
	}
	return c.claims.missing(needs)
}

// TenantID is the tenant's object id, known after SignIn; before, and with a
// token that can't be read, what was configured.
func (c *Client) TenantID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claims.TenantID != "" {
		return strings.ToLower(c.claims.TenantID)
	}
	return strings.ToLower(c.config.TenantID)
}

// signInError shortens azidentity's text, which quotes whole HTTP answers.
func (c *Client) signInError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &SignInError{Method: c.method, Err: err}
	var failed *azidentity.AuthenticationFailedError
	if errors.As(err, &failed) && failed.RawResponse != nil {
		body, readErr := io.ReadAll(failed.RawResponse.Body)
		if readErr == nil {
			e.Code, e.Detail = loginAnswer(body, c.config.Secrets)
		}
		if e.Detail == "" {
			e.Detail = "the login service answered " + failed.RawResponse.Status
		}
		return e
	}
	e.Detail = c.config.Secrets.Line(firstLine(err.Error()))
	return e
}

// firstLine is the first line of a text.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// call is one request to Graph.
type call struct {
	method string
	// url is absolute, or relative to the version's address.
	url     string
	body    []byte
	headers map[string]string
	// doing says what is asked for, needs which permissions allow it.
	doing string
	need  Need
	// idempotent marks a POST that may be repeated.
	idempotent bool
	// sync marks a request to the synchronization service or its logs, whose
	// errors ask for other advice.
	sync bool
	// pace is the limit of the request's kind; nil for none of its own.
	pace *pace
	// hide are values of the body that a refusal must not show.
	hide []string
}

// answer is what came back; its status is one of success.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request through the SDK's adapter. A refusal is an *Error.
func (c *Client) do(ctx context.Context, r call) (answer, error) {
	if r.idempotent {
		ctx = transport.Idempotent(ctx)
	}
	full := r.url
	if strings.HasPrefix(full, "/") {
		full = c.base() + full
	}
	u, err := url.Parse(full)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", r.doing, err)
	}
	if u.Scheme != "https" || !strings.EqualFold(u.Host, c.graph.Host) {
		return answer{}, fmt.Errorf("%s: %w: %s://%s instead of %s", r.doing, transport.ErrOtherHost, u.Scheme, u.Host, c.graph.Host)
	}
	info := abstractions.NewRequestInformation()
	info.Method = methods[r.method]
	info.SetUri(*u)
	if r.body != nil {
		info.SetStreamContentAndContentType(r.body, "application/json")
	}
	for k, v := range r.headers {
		info.Headers.Add(k, v)
	}
	if err := c.paced(ctx, r.pace); err != nil {
		return answer{}, &NotSentError{r.doing, err}
	}
	out, err := c.send(ctx, info)
	if err != nil {
		return answer{}, c.sendError(ctx, r.doing, err)
	}
	c.log(ctx, "Graph request", map[string]any{"method": r.method, "path": u.Path, "status": out.status, "bytes": len(out.body), "request_id": out.header.Get("request-id")})
	if out.status < 200 || out.status > 299 {
		e := graphError(out, r.doing, r.need.AnyOf, c.config.Secrets.With(r.hide...))
		e.sync = r.sync
		return answer{}, e
	}
	return out, nil
}

var methods = map[string]abstractions.HttpMethod{
	http.MethodGet: abstractions.GET, http.MethodPost: abstractions.POST, http.MethodPatch: abstractions.PATCH,
	http.MethodPut: abstractions.PUT, http.MethodDelete: abstractions.DELETE,
}

// send takes the answer as it is: the typed models cost ten times as much
// [CONTRIBUTING: Dependencies, and why], and the adapter drops what an error's headers say.
func (c *Client) send(ctx context.Context, info *abstractions.RequestInformation) (out answer, err error) {
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
		out = answer{resp.StatusCode, resp.Header, body}
		return nil, err
	})
	info.AddRequestOptions([]abstractions.RequestOption{option})
	_, err = c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
	if err == nil && !handled {
		err = errors.New("the SDK's adapter gave no answer")
	}
	return out, err
}

// sendError tells a failed sign-in (a token was needed anew) from a failed
// request.
func (c *Client) sendError(ctx context.Context, doing string, err error) error {
	var failed *azidentity.AuthenticationFailedError
	if errors.As(err, &failed) {
		return c.signInError(ctx, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
