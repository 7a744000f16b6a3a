package graph

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"strings"

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
	// AKSWorkloadIdentity allows OIDC with the token that Azure Kubernetes Service
	// mounts into a pod; OIDCTokenFile is that file's name unless another is set.
	AKSWorkloadIdentity bool
	UseMSI, UseCLI      bool
	// MSIEndpoint stands in place of the instance metadata service's address of
	// tokens, "" for that itself.
	MSIEndpoint string
	// Environment is one of Clouds, by name or alias.
	Environment string
	// MetadataHost is where azuread would ask which cloud is meant. It isn't asked:
	// where nothing else names the cloud, it is refused.
	MetadataHost string
	// GraphEndpoint and AuthorityHost override the cloud's.
	GraphEndpoint, AuthorityHost string
	// Roots are trusted beside the system's certificate authorities.
	Roots *x509.CertPool
	// Secrets learns what must not show in an error or a log: the credentials
	// above, and the tokens that they give. nil for a set of the client's own.
	Secrets *sanitize.Secrets
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
	if c.MetadataHost != "" && c.Environment == "" && (c.GraphEndpoint == "" || c.AuthorityHost == "") {
		return nil, nil, &ConfigError{"environment", fmt.Sprintf("ARM_METADATA_HOSTNAME names %q, which this "+
			"provider doesn't ask for the cloud's addresses. Name the cloud by environment (or ARM_ENVIRONMENT): %s. "+
			"A cloud that isn't one of these needs graph_endpoint and authority_host",
			c.MetadataHost, strings.Join(CloudNames(), ", "))}
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
		err = &ConfigError{"tenant_id",
			"the tenant isn't set (argument tenant_id, or ARM_TENANT_ID or AZURE_TENANT_ID)"}
	}
	return m, err
}

func (c Config) firstMethod() (m Method, err error) {
	switch {
	case c.Certificate != "" || c.CertificatePath != "":
		m = ByCertificate
	case c.ClientSecret != "":
		m = BySecret
	case c.UseOIDC || c.AKSWorkloadIdentity:
		m = ByOIDC
		if !c.UseOIDC && c.OIDCTokenFile == "" && c.OIDCToken == "" {
			return "", &ConfigError{"use_aks_workload_identity", "there is no workload identity here: " +
				"AZURE_FEDERATED_TOKEN_FILE isn't set. AKS sets it in pods that have the label " +
				"azure.workload.identity/use: \"true\" and a service account with the annotation " +
				"azure.workload.identity/client-id. Elsewhere set use_oidc with a token"}
		}
		if c.OIDCToken == "" && c.OIDCTokenFile == "" && c.OIDCRequestURL == "" {
			return "", &ConfigError{"use_oidc", "OIDC is asked for, but there is no token: set oidc_token, " +
				"oidc_token_file_path, or oidc_request_url with oidc_request_token"}
		}
		if c.OIDCToken == "" && c.OIDCTokenFile == "" && c.OIDCRequestToken == "" {
			return "", &ConfigError{"oidc_request_url", "oidc_request_url needs oidc_request_token"}
		}
	case c.UseMSI:
		return ByMSI, nil
	case c.UseCLI:
		return ByCLI, nil
	default:
		return "", &ConfigError{"", "no way to sign in is set: give client_secret, client_certificate or " +
			"client_certificate_path, use_oidc with a token, use_msi, or use_cli"}
	}
	if c.ClientID == "" {
		return "", &ConfigError{"client_id",
			fmt.Sprintf("signing in with a %s needs client_id (or ARM_CLIENT_ID or AZURE_CLIENT_ID)", m)}
	}
	return m, nil
}
