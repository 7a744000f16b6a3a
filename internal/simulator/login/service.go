// Package login is login.microsoftonline.com and the endpoint of managed identities: who asks, and the tokens that they
// get.
package login

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Register adds what azidentity and MSAL ask of login.microsoftonline.com, the endpoint of managed
// identities, and two that hand out tokens as build systems do.
func (s *Service) Register(t *kernel.Routes) {
	r := func(method, template string, h func(*call) *kernel.Response) {
		t.Add(
			kernel.Route{
				Service: s, Method: method, Template: template,
				Handle: func(k *kernel.Call) *kernel.Response { return h(&call{Call: k, srv: s}) },
			},
		)
	}
	r(http.MethodGet, "/common/discovery/instance", discoverInstance)
	r(http.MethodGet, "/common/discovery/keys", discoverKeys)
	r(http.MethodGet, "/{tenant}/v2.0/.well-known/openid-configuration", openIDConfiguration)
	r(http.MethodPost, "/{tenant}/oauth2/v2.0/token", token)
	r(http.MethodGet, "/metadata/endpoints", cloudEndpoints)
	r(http.MethodGet, "/msi/token", managedIdentity)
	r(http.MethodGet, "/metadata/identity/oauth2/token", managedIdentity)
}

// loginError is the body of an error of the token endpoint.
func (c *call) loginError(status int, short string, number int, text string) *kernel.Response {
	now := c.srv.clock.Now()
	return c.Encode(status, map[string]any{
		"error": short,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
			number, text, c.RequestID, c.ClientRequestID(), now.Format("2006-01-02 15:04:05Z")),
		"error_codes": []int{number}, "timestamp": now.Format("2006-01-02 15:04:05Z"),
		"trace_id": c.RequestID, "correlation_id": c.ClientRequestID(),
		"error_uri": fmt.Sprintf("%s/error?code=%d", c.Base, number),
	})
}

// knownTenant takes the tenant by its id or by one of its verified domains.
func (c *call) knownTenant(name string) bool {
	if strings.EqualFold(name, c.srv.store.ID) {
		return true
	}
	st := c.srv.store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	return len(st.Domains.Keys) > 0 && st.Verified(name)
}

func (c *call) unknownTenant(name string) *kernel.Response {
	return c.loginError(http.StatusBadRequest, "invalid_tenant", 90002, fmt.Sprintf(
		"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct "+
			"cloud. Check with your subscription administrator, this may happen if there are no active subscriptions "+
			"for the tenant.",
		name))
}

func openIDConfiguration(c *call) *kernel.Response {
	if !c.knownTenant(c.Param(0)) {
		return c.unknownTenant(c.Param(0))
	}
	at, id := c.Base+"/"+c.Param(0), c.Base+"/"+c.srv.store.ID
	return c.Encode(http.StatusOK, map[string]any{
		"token_endpoint": at + "/oauth2/v2.0/token",
		"token_endpoint_auth_methods_supported": []string{
			"client_secret_post",
			"private_key_jwt",
			"client_secret_basic",
		},
		"jwks_uri":                              c.Base + "/common/discovery/keys",
		"issuer":                                id + "/v2.0",
		"authorization_endpoint":                at + "/oauth2/v2.0/authorize",
		"device_authorization_endpoint":         at + "/oauth2/v2.0/devicecode",
		"end_session_endpoint":                  at + "/oauth2/v2.0/logout",
		"response_types_supported":              []string{"code", "id_token", "token"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"tenant_region_scope":                   nil,
		"cloud_instance_name":                   strings.TrimPrefix(c.Base, "https://"),
	})
}

func discoverInstance(c *call) *kernel.Response {
	host := strings.TrimPrefix(c.Base, "https://")
	tenant := c.srv.store.ID
	if u, err := url.Parse(c.Query.Value("authorization_endpoint")); err == nil {
		if first, _, _ := strings.Cut(strings.Trim(u.Path, "/"), "/"); first != "" {
			tenant = first
		}
	}
	return c.Encode(http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": c.Base + "/" + tenant + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []any{
			map[string]any{"preferred_network": host, "preferred_cache": host, "aliases": []string{host}},
		},
	})
}

func discoverKeys(c *call) *kernel.Response {
	return c.Encode(http.StatusOK, map[string]any{"keys": []any{}})
}

// token is the client credentials grant: who asks, then for what.
func token(c *call) *kernel.Response {
	if !c.knownTenant(c.Param(0)) {
		return c.unknownTenant(c.Param(0))
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil || !strings.HasPrefix(c.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return c.loginError(
			http.StatusBadRequest, "invalid_request", 900144,
			"The request body must contain the following parameter: 'grant_type'.",
		)
	}
	if g := form.Get("grant_type"); g != "client_credentials" {
		return c.loginError(
			http.StatusBadRequest, "unsupported_grant_type", 70003,
			fmt.Sprintf("The app requested an unsupported grant type '%s'.", g),
		)
	}
	app, known := c.srv.apps.get(form.Get("client_id"))
	if !known {
		return c.loginError(http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf(
			"Application with identifier '%s' was not found in the directory '%s'. This can happen if the "+
				"application has not been installed by the administrator of the tenant or consented to by any user "+
				"in the tenant. You may have sent your authentication request to the wrong tenant.",
			form.Get("client_id"), c.srv.store.ID))
	}
	if a := c.proveApp(app, form); a != nil {
		return a
	}
	resource, a := c.resource(form.Get("scope"))
	if a != nil {
		return a
	}
	return c.Encode(http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": int(TokenLife.Seconds()), "ext_expires_in": int(TokenLife.Seconds()),
		"access_token": c.srv.Issue(c.Base, app, resource),
	})
}

// proveApp checks the secret or the assertion.
func (c *call) proveApp(app App, form url.Values) *kernel.Response {
	if form.Get("client_assertion") != "" {
		return c.proveByAssertion(app, form)
	}
	secret := form.Get("client_secret")
	switch {
	case secret == "":
		return c.loginError(
			http.StatusUnauthorized, "invalid_client", 7000218,
			"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
		)
	case secret != app.Secret:
		return c.loginError(http.StatusUnauthorized, "invalid_client", 7000215, fmt.Sprintf(
			"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "+
				"not the client secret ID, for a secret added to app '%s'.",
			app.ClientID))
	case !app.SecretExpires.IsZero() && c.srv.clock.Now().After(app.SecretExpires):
		return c.loginError(http.StatusUnauthorized, "invalid_client", 7000222, fmt.Sprintf(
			"The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for "+
				"your app, or consider using certificate credentials for added security.",
			app.ClientID))
	}
	return nil
}

// clouds are the resources of the real Graph: tokens for them are issued, as Entra would, but this
// server's Graph refuses them, for tokens of one cloud don't work in another [graph 6].
var clouds = []string{
	"https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us",
	"https://microsoftgraph.chinacloudapi.cn",
}

// resource is the host that a scope {host}/.default is for.
func (c *call) resource(scope string) (string, *kernel.Response) {
	var named string
	for _, s := range strings.Fields(scope) {
		if s != "openid" && s != "profile" && s != "offline_access" { // MSAL adds these
			named = s
		}
	}
	resource, ok := strings.CutSuffix(named, "/.default")
	if !ok {
		return "", c.loginError(http.StatusBadRequest, "invalid_scope", 1002012, fmt.Sprintf(
			"The provided value for scope %s is not valid. Client credential flows must have a scope value with "+
				"/.default suffixed to the resource identifier (application ID URI).",
			scope))
	}
	resource = strings.TrimSuffix(resource, "/")
	if !c.srv.ServesAudience(c.Base, resource) && !slices.Contains(clouds, resource) {
		return "", c.loginError(http.StatusBadRequest, "invalid_resource", 500011, fmt.Sprintf(
			"The resource principal named %s was not found in the tenant named %s.", resource, c.srv.store.ID))
	}
	return resource, nil
}

// ServesAudience says whether a resource is the Graph of this server, which a client knows by an address.
func (s *Service) ServesAudience(base, resource string) bool {
	return strings.EqualFold(resource, base) || slices.Contains(s.Audiences, resource)
}

// TokenLife is the usual life of an access token.
const TokenLife = 3599 * time.Second

// Issue makes an access token of an app for a resource.
func (s *Service) Issue(base string, app App, resource string) string {
	now := s.clock.Now()
	roles := app.Roles
	if roles == nil {
		roles = []string{}
	}
	return s.Signer.Sign(Claims{
		Audience: resource,
		Issuer:   base + "/" + s.store.ID + "/v2.0",
		IssuedAt: now.Unix(),
		NotUntil: now.Unix(),
		Expires:  now.Add(TokenLife).Unix(),
		AppID:    app.ClientID,
		ObjectID: naming.StableID("service principal of " + app.ClientID),
		Subject: naming.StableID(
			"service principal of " + app.ClientID,
		),
		TenantID: s.store.ID,
		Roles:    roles,
		Version:  "1.0",
	})
}

// Service is login.microsoftonline.com and the endpoint of managed identities.
type Service struct {
	apps      *appRegistry
	people    people
	Signer    *signer
	store     *tenant.Store
	clock     *env.Clock
	Audiences []string // beside the server's own address
}

// NewService is the login of a tenant.
func NewService(st *tenant.Store) *Service {
	return &Service{
		apps:   newAppRegistry(),
		people: people{may: map[string][]string{}},
		Signer: newSigner(),
		store:  st,
		clock:  st.Clock,
	}
}

// call is a request to sign in.
type call struct {
	*kernel.Call
	srv *Service
}

// Matching implements [service]: a fault must name the login.
func (s *Service) Matching() faults.Matching { return faults.MatchByName }

// Changes implements [service].
func (s *Service) Changes(*kernel.Call) bool { return false }

// Fault implements [service].
func (s *Service) Fault(k *kernel.Call, f *faults.Fault) *kernel.Response {
	return (&call{Call: k, srv: s}).loginError(
		f.Status, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.",
	)
}

// cloudEndpoints is what tools of Azure Resource Manager ask a cloud for
// (learn.microsoft.com/azure/azure-resource-manager
// [?]: the shape is that of management.azure.com/metadata/endpoints).
func cloudEndpoints(c *call) *kernel.Response {
	if c.Query.Value("api-version") == "" {
		return c.Encode(http.StatusBadRequest, map[string]any{"error": map[string]string{
			"code":    "MissingApiVersionParameter",
			"message": "The api-version query parameter (?api-version=) is required for all requests.",
		}})
	}
	at := c.Base + "/"
	return c.Encode(http.StatusOK, map[string]any{
		"name": "Simulator", "portal": at, "resourceManager": at, "graph": at, "graphAudience": at,
		"microsoftGraphResourceId": at,
		"authentication": map[string]any{
			"loginEndpoint": at, "audiences": []string{at}, "tenant": "common", "identityProvider": "AAD",
		},
		"suffixes": map[string]string{},
	})
}
