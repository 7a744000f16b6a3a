package entra

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

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
		return "The client secret has expired. Make a new one at the application's registration, under Certificates & secrets."
	case "AADSTS700016":
		return "The application isn't in this tenant. Check client_id and tenant_id, and that an administrator of the tenant has consented."
	case "AADSTS90002", "AADSTS900023":
		return "The tenant wasn't found. Check tenant_id, and environment if the tenant is in another cloud."
	case "AADSTS700027", "AADSTS7000214":
		return "The certificate isn't registered at the application. Upload its public part there."
	case "AADSTS70021", "AADSTS700213", "AADSTS700211":
		return "No federated credential of the application fits the token's issuer, subject and audience."
	}
	switch e.Method {
	case ByCLI:
		return "Run \"az login --tenant …\" first, or give the provider a way to sign in: client_secret, a certificate, use_oidc or use_msi."
	case ByMSI:
		return "Is this a machine in Azure with a managed identity? Several user-assigned ones need client_id."
	}
	return "Check tenant_id, client_id and the credential, and that the login service can be reached from here (authority_host, ca_file, proxy)."
}
