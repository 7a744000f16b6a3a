package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// SignIn gets a token, and compares its permissions with what is needed: what
// is missing is a *MissingRolesError, a refusal a *SignInError.
func (c *Client) SignIn(ctx context.Context, needs ...Need) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.signedIn {
		noted, failure := noteFailure(ctx)
		token, err := c.credential.GetToken(noted, policy.TokenRequestOptions{
			// As the SDK asks, so that both share one token.
			EnableCAE: true, Scopes: []string{c.scope()},
		})
		if err != nil && *failure != nil && ctx.Err() == nil {
			return &SignInError{
				Method: c.method, Detail: c.config.Secrets.Line((*failure).Error()), Err: *failure,
			}
		}
		if err != nil {
			return c.signInError(ctx, err)
		}
		c.claims, _ = readClaims(token.Token)
		c.signedIn = true
	}
	if len(c.claims.Roles) == 0 && c.claims.Scopes == "" && c.claims.TenantID == "" {
		return nil // not a token that we can read: the service decides
	}
	return c.claims.missing(needs)
}

// TenantID is the tenant's object id, known after SignIn; before that, and with a
// token that can't be read, what was configured.
func (c *Client) TenantID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claims.TenantID != "" {
		return strings.ToLower(c.claims.TenantID)
	}
	return strings.ToLower(c.config.TenantID)
}

// Identity tells apart clients that may see different things: tenant, cloud, and
// as whom and with which permissions they read. It is known after SignIn.
func (c *Client) Identity() string {
	c.mu.Lock()
	claims := c.claims
	c.mu.Unlock()
	app := claims.AppID
	if app == "" {
		app = c.config.ClientID
	}
	roles := append(slices.Clone(claims.Roles), strings.Fields(claims.Scopes)...)
	slices.Sort(roles)
	return strings.Join([]string{c.TenantID(), c.BaseURL(), app, claims.ObjectID, strings.Join(roles, " ")}, "\n")
}

// SignInError says that no token could be had.
type SignInError struct {
	Method Method
	// Code is the login service's (AADSTS…), "" where it gave none.
	Code   string
	Detail string
	Err    error
}

func (e *SignInError) Error() string {
	return fmt.Sprintf("signing in with the %s: %s", e.Method, e.Detail)
}

func (e *SignInError) Unwrap() error { return e.Err }

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

// loginClient repeats what fails: asking for a token is a POST, yet changes
// nothing. It notes the last failure in the context, for MSAL hands on its
// text alone.
type loginClient struct{ *http.Client }

func (c loginClient) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.Client.Do(r.WithContext(transport.Idempotent(r.Context())))
	if note, ok := r.Context().Value(failureKey{}).(*error); ok {
		*note = err
	}
	return resp, err
}

type failureKey struct{}

// noteFailure gives a context in which loginClient notes its last failure.
func noteFailure(ctx context.Context) (context.Context, *error) {
	note := new(error)
	return context.WithValue(ctx, failureKey{}, note), note
}

// loginAnswer reads the error body of the login service: the AADSTS code and
// the first line of the description.
func loginAnswer(body []byte, secrets *sanitize.Secrets) (code, detail string) {
	var a struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Codes       []int  `json:"error_codes"`
	}
	if json.Unmarshal(body, &a) != nil || a.Error == "" {
		return "", ""
	}
	detail = secrets.Line(firstLine(strings.ReplaceAll(a.Description, "\r", "")))
	if before, _, ok := strings.Cut(detail, ":"); ok && strings.HasPrefix(before, "AADSTS") {
		code = before
	}
	if detail == "" {
		detail = secrets.Line(a.Error)
	}
	return code, detail
}

// Advice says what to do about a refused sign-in. The codes are Microsoft's:
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func (e *SignInError) Advice() string {
	switch e.Code {
	case "AADSTS7000215":
		return "The client secret is wrong. Give the secret's value, not its id."
	case "AADSTS7000222":
		return "The client secret has expired. Make a new one at the application's registration, " +
			"under Certificates & secrets."
	case "AADSTS700016":
		return "The application isn't in this tenant. Check client_id and tenant_id, and that an administrator " +
			"of the tenant has consented."
	case "AADSTS90002", "AADSTS900023":
		return "The tenant wasn't found. Check tenant_id, and environment if the tenant is in another cloud."
	case "AADSTS700027", "AADSTS7000214":
		return "The certificate isn't registered at the application. Upload its public part there."
	case "AADSTS70021", "AADSTS700213", "AADSTS700211":
		return "No federated credential of the application fits the token's issuer, subject and audience."
	}
	switch e.Method {
	case ByCLI:
		return "Run \"az login --tenant …\" first, or give the provider a way to sign in: client_secret, " +
			"a certificate, use_oidc or use_msi."
	case ByMSI:
		return "Is this a machine in Azure with a managed identity? Several user-assigned ones need client_id."
	default:
		return "Check tenant_id, client_id and the credential, and that the login service can be reached from here " +
			"(authority_host, ca_file, proxy)."
	}
}
