package graph

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
		if c.MSIEndpoint != "" {
			if o.Transport, err = newMetadataEndpoint(c.MSIEndpoint); err != nil {
				return nil, err
			}
		}
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
	return notedCredential{cred, c.Secrets}, nil
}

// notedCredential is a credential whose tokens are secrets too: a service that refuses
// one may echo it.
type notedCredential struct {
	azcore.TokenCredential
	secrets *sanitize.Secrets
}

// signInTimeout is how long signing in may take, the transport's attempts with
// a service that is down included. Without a deadline, MSAL gives half a minute:
// less than these take, so that what the service answered would be lost.
const signInTimeout = 5 * time.Minute

func (n notedCredential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	ctx, cancel := context.WithTimeout(ctx, signInTimeout)
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
		return nil, nil, &ConfigError{argument, "no certificate with its private key can be read from it " +
			"(PKCS#12 or PEM; is client_certificate_password right?): " + firstLine(err.Error())}
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
