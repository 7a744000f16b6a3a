package entra

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/usersync/terraform-provider-usersync/internal/safefile"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Config says how to sign in to which tenant of which cloud. Its text fields
// are already merged with the environment.
type Config struct {
	TenantID, ClientID, ClientSecret string
	// Certificate is a PKCS#12 bundle in base64; CertificatePath names a file
	// of one, or of PEM.
	Certificate, CertificatePath, CertificatePassword string
	// UseOIDC allows the OIDC ways: a token, a file of one, or a URL that gives
	// one, as GitHub and (with the service connection's id) Azure DevOps do.
	UseOIDC                                                    bool
	OIDCToken, OIDCTokenFile, OIDCRequestURL, OIDCRequestToken string
	ADOServiceConnectionID                                     string
	UseMSI, UseCLI                                             bool
	// Environment is one of Clouds, by name or alias.
	Environment string
	// GraphEndpoint and AuthorityHost override the cloud's.
	GraphEndpoint, AuthorityHost string
	// Roots are trusted beside the system's certificate authorities.
	Roots *x509.CertPool
	// Secrets learns what must not show in an error or a log: the credentials
	// above, and the tokens that they give. nil for a set of the client's own.
	Secrets *sanitize.Secrets
}

// Cloud is one of Microsoft's clouds [graph 6].
type Cloud struct {
	Name    string
	Aliases []string
	Graph   string
	Login   string
}

// Clouds are the clouds by the names that azuread gives them, and its aliases.
var Clouds = []Cloud{
	{"global", []string{"public"}, "https://graph.microsoft.com", "https://login.microsoftonline.com"},
	{"usgovernment", []string{"usgovernmentl4"}, "https://graph.microsoft.us", "https://login.microsoftonline.us"},
	{"usgovernmentdod", []string{"usgovernmentl5", "dod"}, "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"},
	{"china", nil, "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"},
}

// CloudNames are all names and aliases of clouds.
func CloudNames() []string {
	var names []string
	for _, c := range Clouds {
		names = append(append(names, c.Name), c.Aliases...)
	}
	return names
}

func cloudOf(name string) (Cloud, error) {
	if name == "" {
		return Clouds[0], nil
	}
	for _, c := range Clouds {
		for _, n := range append([]string{c.Name}, c.Aliases...) {
			if strings.EqualFold(n, name) {
				return c, nil
			}
		}
	}
	return Cloud{}, &ConfigError{"environment", fmt.Sprintf("%q is none of: %s", name, strings.Join(CloudNames(), ", "))}
}

// ConfigError is a wrong combination of arguments. Argument is the one it is
// about, "" for the block.
type ConfigError struct{ Argument, Problem string }

func (e *ConfigError) Error() string {
	if e.Argument == "" {
		return e.Problem
	}
	return e.Argument + ": " + e.Problem
}

// endpoints gives Graph's and the login service's addresses.
func (c Config) endpoints() (graph, login *url.URL, err error) {
	cl, err := cloudOf(c.Environment)
	if err != nil {
		return nil, nil, err
	}
	if graph, err = endpoint("graph_endpoint", c.GraphEndpoint, cl.Graph); err != nil {
		return nil, nil, err
	}
	login, err = endpoint("authority_host", c.AuthorityHost, cl.Login)
	return graph, login, err
}

func endpoint(argument, value, fallback string) (*url.URL, error) {
	if value == "" {
		value = fallback
	}
	u, err := url.Parse(strings.TrimRight(value, "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, &ConfigError{argument, fmt.Sprintf("%q is no address such as %s: it must begin with https:// "+
			"and name a host", transport.WithoutUser(value), fallback)}
	}
	return u, nil
}

// Method is a way to sign in.
type Method string

// The ways to sign in, in the order in which azuread tries them.
const (
	ByCertificate Method = "client certificate"
	BySecret      Method = "client secret"
	ByOIDC        Method = "OIDC token"
	ByMSI         Method = "managed identity"
	ByCLI         Method = "Azure CLI"
)

// Method is the way that the configuration asks for. Of several, the first in
// azuread's order is taken. The error is a *ConfigError.
func (c Config) Method() (Method, error) {
	m, err := c.firstMethod()
	if err == nil && c.TenantID == "" && m != ByCLI { // the Azure CLI knows a tenant of its own
		err = &ConfigError{"tenant_id", "the tenant isn't set (argument tenant_id, or ARM_TENANT_ID or AZURE_TENANT_ID)"}
	}
	return m, err
}

func (c Config) firstMethod() (m Method, err error) {
	switch {
	case c.Certificate != "" || c.CertificatePath != "":
		m = ByCertificate
	case c.ClientSecret != "":
		m = BySecret
	case c.UseOIDC:
		m = ByOIDC
		if c.OIDCToken == "" && c.OIDCTokenFile == "" && c.OIDCRequestURL == "" {
			return "", &ConfigError{"use_oidc", "OIDC is asked for, but there is no token: set oidc_token, oidc_token_file_path, or oidc_request_url with oidc_request_token"}
		}
		if c.OIDCToken == "" && c.OIDCTokenFile == "" && c.OIDCRequestToken == "" {
			return "", &ConfigError{"oidc_request_url", "oidc_request_url needs oidc_request_token"}
		}
	case c.UseMSI:
		return ByMSI, nil
	case c.UseCLI:
		return ByCLI, nil
	default:
		return "", &ConfigError{"", "no way to sign in is set: give client_secret, client_certificate or client_certificate_path, use_oidc with a token, use_msi, or use_cli"}
	}
	if c.ClientID == "" {
		return "", &ConfigError{"client_id", fmt.Sprintf("signing in with a %s needs client_id (or ARM_CLIENT_ID or AZURE_CLIENT_ID)", m)}
	}
	return m, nil
}

// credential makes the credential of the configured method.
func (c Config) credential(login *url.URL, wait Wait) (azcore.TokenCredential, error) {
	method, err := c.Method()
	if err != nil {
		return nil, err
	}
	client := transport.New(transport.Options{Roots: c.Roots, Wait: wait})
	opts := policy.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: login.String()},
		Transport: loginClient{client},
		// The transport retries already.
		Retry: policy.RetryOptions{MaxRetries: -1},
	}
	// Instance discovery asks the public cloud's login host about an authority
	// that it can't know.
	custom := c.AuthorityHost != ""
	var cred azcore.TokenCredential
	switch method {
	case ByCertificate:
		certs, key, e := c.certificate()
		if e != nil {
			return nil, e
		}
		cred, err = azidentity.NewClientCertificateCredential(c.TenantID, c.ClientID, certs, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: custom})
	case BySecret:
		cred, err = azidentity.NewClientSecretCredential(c.TenantID, c.ClientID, c.ClientSecret,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: custom})
	case ByOIDC:
		cred, err = azidentity.NewClientAssertionCredential(c.TenantID, c.ClientID, c.assertion(client),
			&azidentity.ClientAssertionCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: custom})
	case ByMSI:
		// The identity endpoint is on the machine and speaks plain HTTP, so the
		// guarded transport isn't for it.
		o := &azidentity.ManagedIdentityCredentialOptions{}
		if c.ClientID != "" {
			o.ID = azidentity.ClientID(c.ClientID)
		}
		cred, err = azidentity.NewManagedIdentityCredential(o)
	case ByCLI:
		cred, err = azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: c.TenantID})
	}
	if err != nil {
		return nil, &ConfigError{"", fmt.Sprintf("signing in with the %s: %v", method, err)}
	}
	return noting{cred, c.Secrets}, nil
}

// noting is a credential whose tokens are secrets too: a service that refuses
// one may echo it.
type noting struct {
	azcore.TokenCredential
	secrets *sanitize.Secrets
}

// signInPatience is how long signing in may take, the transport's attempts with
// a service that is down included. Without a deadline, MSAL gives half a minute:
// less than these take, so that what the service answered would be lost.
const signInPatience = 5 * time.Minute

func (n noting) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	ctx, cancel := context.WithTimeout(ctx, signInPatience)
	defer cancel()
	t, err := n.TokenCredential.GetToken(ctx, o)
	n.secrets.Add(t.Token)
	return t, err
}

func (c Config) certificate() ([]*x509.Certificate, crypto.PrivateKey, error) {
	argument := "client_certificate"
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c.Certificate))
	if err != nil {
		return nil, nil, &ConfigError{argument, "it isn't base64; give the PKCS#12 bundle (.pfx) encoded in base64"}
	}
	if c.Certificate == "" {
		argument = "client_certificate_path"
		if raw, err = safefile.ReadFile(c.CertificatePath); err != nil {
			return nil, nil, &ConfigError{argument, "the file can't be read: " + err.Error()}
		}
	}
	certs, key, err := azidentity.ParseCertificates(raw, []byte(c.CertificatePassword))
	if err != nil {
		return nil, nil, &ConfigError{argument, "no certificate with its private key can be read from it (PKCS#12 or PEM; is client_certificate_password right?): " + firstLine(err.Error())}
	}
	return certs, key, nil
}

// assertion gives the token that proves who is calling: the value, the file's
// content at each use (it is renewed there), or the CI service's.
func (c Config) assertion(client *http.Client) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		switch {
		case c.OIDCToken != "":
			return c.OIDCToken, nil
		case c.OIDCTokenFile != "":
			raw, err := safefile.ReadFile(c.OIDCTokenFile)
			if err != nil {
				return "", fmt.Errorf("oidc_token_file_path: %w", err)
			}
			if token := strings.TrimSpace(string(raw)); token != "" {
				c.Secrets.Add(token)
				return token, nil
			}
			return "", fmt.Errorf("oidc_token_file_path: the file %s is empty", c.OIDCTokenFile)
		}
		return c.requestToken(ctx, client)
	}
}

// requestToken asks the CI service for a token: GitHub answers a GET with
// "value"; Azure DevOps a POST, which names the service connection, with
// "oidcToken".
func (c Config) requestToken(ctx context.Context, client *http.Client) (string, error) {
	u, err := url.Parse(c.OIDCRequestURL)
	if err != nil || u.Scheme != "https" {
		return "", errors.New("oidc_request_url must be an https address")
	}
	method, q := http.MethodGet, u.Query()
	if c.ADOServiceConnectionID != "" {
		method = http.MethodPost
		q.Set("api-version", "7.1")
		q.Set("serviceConnectionId", c.ADOServiceConnectionID)
	} else if q.Get("audience") == "" {
		q.Set("audience", "api://AzureADTokenExchange")
	}
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(transport.Idempotent(ctx), method, u.String(), nil)
	if err != nil {
		return "", fmt.Errorf("oidc_request_url: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.OIDCRequestToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("asking for an OIDC token: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", fmt.Errorf("asking for an OIDC token: %w", err)
	}
	var answer struct{ Value, OIDCToken string }
	if resp.StatusCode != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.Value+answer.OIDCToken == "" {
		return "", fmt.Errorf("asking %s for an OIDC token: it answered %s without a token", u.Host, resp.Status)
	}
	c.Secrets.Add(answer.Value, answer.OIDCToken)
	if answer.Value != "" {
		return answer.Value, nil
	}
	return answer.OIDCToken, nil
}
