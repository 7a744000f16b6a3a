package simulator

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

// startClient starts a server and makes an HTTP client that trusts it alone.
func startClient(t *testing.T, s *Server) *http.Client {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CAPEM()) {
		t.Fatal("no certificate authority")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// azure is the options with which azidentity finds the server.
func azure(s *Server, c *http.Client) azcore.ClientOptions {
	return azcore.ClientOptions{
		Transport: c, Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: s.URL()},
		Retry: policy.RetryOptions{MaxRetries: -1},
	}
}

// tokenWorks asks for a token and reads a page of users with it.
func tokenWorks(t *testing.T, s *Server, c *http.Client, cred azcore.TokenCredential) {
	t.Helper()
	token, err := cred.GetToken(
		context.Background(),
		policy.TokenRequestOptions{Scopes: []string{s.URL() + "/.default"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodGet, s.URL()+"/v1.0/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token.Token)
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(answer.Body)
		t.Fatalf("%d %s", answer.StatusCode, raw)
	}
}

func TestSecretThroughAzidentity(t *testing.T) {
	server := newClient(t).server
	c := startClient(t, server)
	options := &azidentity.ClientSecretCredentialOptions{
		ClientOptions:            azure(server, c),
		DisableInstanceDiscovery: true,
	}
	for _, name := range []string{testTenant, "company.com"} {
		cred, err := azidentity.NewClientSecretCredential(name, DefaultClientID, DefaultClientSecret, options)
		if err != nil {
			t.Fatal(err)
		}
		tokenWorks(t, server, c, cred)
	}
	cred, err := azidentity.NewClientSecretCredential(testTenant, DefaultClientID, "wrong", options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cred.GetToken(
		context.Background(),
		policy.TokenRequestOptions{Scopes: []string{server.URL() + "/.default"}},
	)
	var failed *azidentity.AuthenticationFailedError
	if !errors.As(err, &failed) || failed.RawResponse.StatusCode != http.StatusUnauthorized || !strings.Contains(
		err.Error(), "AADSTS7000215",
	) {
		t.Error(err)
	}
}

func TestCertificateThroughAzidentity(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	app := login.App{
		ClientID: "certified", Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		Roles: login.AllRoles(),
	}
	server := newClient(t, WithApp(app), WithApp(login.App{ClientID: "bare", Roles: login.AllRoles()})).server
	c := startClient(t, server)
	options := &azidentity.ClientCertificateCredentialOptions{
		ClientOptions: azure(server, c), DisableInstanceDiscovery: true,
	}
	cred, err := azidentity.NewClientCertificateCredential(
		testTenant, "certified", []*x509.Certificate{cert}, key, options,
	)
	if err != nil {
		t.Fatal(err)
	}
	tokenWorks(t, server, c, cred)
	cred, err = azidentity.NewClientCertificateCredential(testTenant, "bare", []*x509.Certificate{cert}, key, options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cred.GetToken(
		context.Background(),
		policy.TokenRequestOptions{Scopes: []string{server.URL() + "/.default"}},
	)
	if err == nil || !strings.Contains(err.Error(), "AADSTS700027") {
		t.Error(err)
	}
}

func TestFederationThroughAzidentity(t *testing.T) {
	server := newClient(t).server
	c := startClient(t, server)
	if err := server.AddApp(
		login.App{
			ClientID: "federated", Roles: login.AllRoles(),
			Federated: []login.Trust{{Issuer: server.URL() + "/_simulator/oidc", Subject: "repo:x"}},
		},
	); err != nil {
		t.Fatal(err)
	}
	assertion := func(subject string) func(context.Context) (string, error) {
		return func(context.Context) (string, error) {
			r, err := c.Get(server.URL() + "/_simulator/oidc/token?subject=" + url.QueryEscape(subject))
			if err != nil {
				return "", err
			}
			defer r.Body.Close()
			var body struct{ Value string }
			err = json.NewDecoder(r.Body).Decode(&body)
			return body.Value, err
		}
	}
	options := &azidentity.ClientAssertionCredentialOptions{
		ClientOptions: azure(server, c), DisableInstanceDiscovery: true,
	}
	cred, err := azidentity.NewClientAssertionCredential(testTenant, "federated", assertion("repo:x"), options)
	if err != nil {
		t.Fatal(err)
	}
	tokenWorks(t, server, c, cred)
	cred, err = azidentity.NewClientAssertionCredential(testTenant, "federated", assertion("repo:y"), options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cred.GetToken(
		context.Background(),
		policy.TokenRequestOptions{Scopes: []string{server.URL() + "/.default"}},
	)
	if err == nil || !strings.Contains(err.Error(), "AADSTS700213") {
		t.Error(err)
	}
}

func TestManagedIdentityThroughAzidentity(t *testing.T) {
	server := newClient(t, WithApp(login.App{ClientID: "managed", Managed: true, Roles: login.AllRoles()})).server
	c := startClient(t, server)
	t.Setenv("IDENTITY_ENDPOINT", server.URL()+"/msi/token")
	t.Setenv("IDENTITY_HEADER", "anything")
	cred, err := azidentity.NewManagedIdentityCredential(
		&azidentity.ManagedIdentityCredentialOptions{ClientOptions: azure(server, c)},
	)
	if err != nil {
		t.Fatal(err)
	}
	tokenWorks(t, server, c, cred)
}

// askToken posts to the token endpoint and answers the number of the error, 0 for a token.
func askToken(t *testing.T, c *client, tenant string, set map[string]string) (int, reply) {
	t.Helper()
	values := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {DefaultClientID}, "client_secret": {DefaultClientSecret},
		"scope": {testBase + "/.default"},
	}
	for k, v := range set {
		values.Set(k, v)
	}
	r := c.do(
		"POST", "/"+tenant+"/oauth2/v2.0/token", values.Encode(), "Content-Type", "application/x-www-form-urlencoded",
	)
	codes, _ := r.body["error_codes"].([]any)
	if len(codes) == 0 {
		return 0, r
	}
	return int(codes[0].(float64)), r
}

func TestTokenErrors(t *testing.T) {
	c := newClient(
		t,
		WithClock(frozen),
		WithApp(login.App{ClientID: "expired", Secret: "s", SecretExpires: frozen().Add(-time.Hour)}),
	)
	for _, test := range []struct {
		tenant string
		set    map[string]string
		code   int
		status int
		short  string
	}{
		{testTenant, nil, 0, 200, ""},
		{testTenant, map[string]string{"client_secret": "wrong"}, 7000215, 401, "invalid_client"},
		{testTenant, map[string]string{"client_secret": ""}, 7000218, 401, "invalid_client"},
		{testTenant, map[string]string{"client_id": "nobody"}, 700016, 400, "unauthorized_client"},
		{testTenant, map[string]string{"client_id": "expired", "client_secret": "s"}, 7000222, 401, "invalid_client"},
		{"00000000-0000-4000-8000-000000000000", nil, 90002, 400, "invalid_tenant"},
		{"unverified.com", nil, 90002, 400, "invalid_tenant"},
		{testTenant, map[string]string{"scope": testBase}, 1002012, 400, "invalid_scope"},
		{testTenant, map[string]string{"scope": "https://other.example/.default"}, 500011, 400, "invalid_resource"},
		{testTenant, map[string]string{"scope": "https://graph.microsoft.com/.default"}, 0, 200, ""},
		{testTenant, map[string]string{"grant_type": "password"}, 70003, 400, "unsupported_grant_type"},
	} {
		code, r := askToken(t, c, test.tenant, test.set)
		if code != test.code || r.status != test.status || r.text("error") != test.short {
			t.Errorf("%v: got %d %d %s", test, code, r.status, r.raw)
		}
	}
	c.get("/nowhere.example/v2.0/.well-known/openid-configuration").want(t, 400)
	r := c.get(
		"/common/discovery/instance?api-version=1.1&authorization_endpoint="+testBase+"/"+testTenant+"/oauth2/v2.0/authorize",
	).want(t, 200)
	assert.Equal(
		t, "discovery", r.text("tenant_discovery_endpoint"),
		testBase+"/"+testTenant+"/v2.0/.well-known/openid-configuration",
	)
	_, r = askToken(t, c, testTenant, nil)
	token, err := c.server.Login.Signer.Read(r.text("access_token"))
	if err != nil {
		t.Fatal(err)
	}
	if token.TenantID != testTenant || token.AppID != DefaultClientID || token.Audience != testBase ||
		token.Expires != frozen().Add(login.TokenLife).Unix() || len(
		token.Roles,
	) == 0 {
		t.Errorf("%+v", token)
	}
}

func TestCompressedAnswers(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/users", "Accept-Encoding", "gzip").want(t, 200)
	assert.Equal(t, "Content-Encoding", r.header.Get("Content-Encoding"), "gzip")
	if bytes.HasPrefix(r.raw, []byte("{")) {
		t.Error("it isn't compressed")
	}
}
