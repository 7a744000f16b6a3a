package graph

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestRefusedSignIn(t *testing.T) {
	app := func(id, secret string, expires time.Time, roles ...string) simulator.Option {
		return simulator.WithApp(simulator.App{ClientID: id, Secret: secret, SecretExpires: expires, Roles: roles})
	}
	b := companyTenant(t,
		app("expired", planted, time.Now().Add(-time.Hour), simulator.AllRoles()...),
		app("good", planted, time.Time{}, simulator.AllRoles()...))
	for name, c := range map[string]struct {
		change func(*Config)
		code   string
		advice string
	}{
		"wrong secret":   {func(c *Config) { c.ClientSecret = planted }, "AADSTS7000215", "secret is wrong"},
		"expired secret": {func(c *Config) { c.ClientID, c.ClientSecret = "expired", planted }, "AADSTS7000222", "has expired"},
		"unknown app":    {func(c *Config) { c.ClientID, c.ClientSecret = "nobody", planted }, "AADSTS700016", "isn't in this tenant"},
		"unknown tenant": {func(c *Config) { c.TenantID, c.ClientSecret = "00000000-0000-4000-8000-000000000000", planted }, "", "tenant"},
		"federated":      {func(c *Config) { c.UseOIDC, c.ClientSecret, c.OIDCToken = true, "", foreignToken(b, "repo:other") }, "AADSTS700213", "No federated credential"},
	} {
		t.Run(name, func(t *testing.T) {
			err := b.signIn(c.change)
			var e *SignInError
			if !errors.As(err, &e) || c.code != "" && e.Code != c.code || !strings.Contains(e.Advice(), c.advice) ||
				strings.Contains(e.Error(), "\n") {
				t.Errorf("%v (code %q), advice %q", err, e.Code, e.Advice())
			}
			noSecret(t, err)
		})
	}
	if err := b.signIn(func(c *Config) { c.ClientID, c.ClientSecret = "good", planted }); err != nil {
		t.Error(err)
	}
}

// The login service fails and comes back; fails for good; answers HTML.
func TestLoginService(t *testing.T) {
	const login = "POST /{tenant}/oauth2/v2.0/token"
	b := companyTenant(t)
	for _, f := range []simulator.Fault{
		{Kind: simulator.FaultStatus, Match: login, Status: 503, Times: 2}, {Kind: simulator.FaultStatus, Match: login, RetryAfter: "2"}, {Kind: simulator.FaultCut, Match: login},
	} {
		b.ClearFaults()
		b.fault(f)
		if err := b.signIn(func(*Config) {}); err != nil {
			t.Errorf("%v: %v", f, err)
		}
	}
	b.ClearFaults()
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: login, Status: 503, Times: -1})
	var e *SignInError
	if err := b.signIn(func(*Config) {}); !errors.As(err, &e) {
		t.Error(err)
	}
	b.ClearFaults()
	for _, status := range []int{200, 403, 502} {
		s := b.front(func(r *http.Request) (int, string, string) {
			if !strings.HasSuffix(r.URL.Path, "/token") {
				return 0, "", ""
			}
			form, _ := io.ReadAll(r.Body)
			return status, "text/html", "<html>who are you? " + string(form) + planted + "</html>"
		})
		err := b.signIn(func(c *Config) { c.AuthorityHost = s.URL })
		if !errors.As(err, &e) || strings.Contains(e.Error(), "\n") || strings.Contains(e.Error(), planted) {
			t.Errorf("%d: %v", status, err)
		}
	}
	s := httptest.NewTLSServer(nil)
	b.roots.AddCert(s.Certificate())
	s.Close()
	if err := b.signIn(func(c *Config) { c.AuthorityHost = s.URL }); !errors.As(err, &e) {
		t.Error(err)
	}
	if err := b.signIn(
		func(c *Config) { c.Roots = x509.NewCertPool() },
	); !errors.As(err, &e) ||
		!strings.Contains(e.Error(), "certificate") {
		t.Error(err)
	}
}

func TestMissingRoles(t *testing.T) {
	roles := map[string][]string{
		"none":  nil,
		"users": {"User.Read.All"},
		"wide":  {"Directory.Read.All", "Domain.Read.All"},
		"least": {"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
		"odd":   {"Mail.Read", "Domain.ReadWrite.All"},
	}
	var options []simulator.Option
	for name, r := range roles {
		options = append(options, simulator.WithApp(simulator.App{ClientID: name, Secret: planted, Roles: r}))
	}
	b := companyTenant(t, options...)
	for name, want := range map[string][]string{
		"none": {"users", "groups and", "domains"}, "users": {"groups and", "domains"}, "wide": nil, "least": nil, "odd": {"users", "groups and"},
	} {
		err := b.signIn(func(c *Config) { c.ClientID, c.ClientSecret = name, planted })
		if want == nil {
			if err != nil {
				t.Error(name, err)
			}
			continue
		}
		var e *MissingRolesError
		if !errors.As(err, &e) || len(e.Missing) != len(want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), "to read "+w) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(roles[name]) == 0 && !strings.HasSuffix(err.Error(), "It has: none") ||
			len(roles[name]) > 0 && !strings.Contains(err.Error(), roles[name][0]) {
			t.Errorf("%s: %v", name, err)
		}
		noSecret(t, err)
	}
}

func TestClaims(t *testing.T) {
	jwt := func(payload string) string {
		return "h." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".s"
	}
	c, ok := readClaims(jwt(`{"tid":"T","scp":"User.Read.All Domain.Read.All"}`))
	if !ok || c.missing([]Need{needUsers, needGroups, needDomains}) != nil {
		t.Error("a person's token is refused for its scopes")
	}
	for _, text := range []string{"", "opaque", "a.b", "a.!.c", jwt("["), jwt(`{"roles":5}`)} {
		if _, ok := readClaims(text); ok {
			t.Errorf("%q was read", text)
		}
	}
}

// certificate makes a key with its certificate, and registers it.
func (b *tenant) certificate() (bundle []byte) {
	b.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "app"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		b.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := b.AddApp(
		simulator.App{ClientID: "certified", Certificate: string(public), Roles: simulator.AllRoles()},
	); err != nil {
		b.t.Fatal(err)
	}
	return append(public, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
}

func TestCertificate(t *testing.T) {
	b := companyTenant(t)
	bundle := b.certificate()
	path := filepath.Join(t.TempDir(), "app.pem")
	if err := os.WriteFile(path, bundle, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"file":   func(c *Config) { c.CertificatePath = path },
		"base64": func(c *Config) { c.Certificate = base64.StdEncoding.EncodeToString(bundle) + "\n" },
	} {
		if err := b.signIn(
			func(c *Config) { c.ClientID, c.ClientSecret = "certified", planted; change(c) },
		); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The certificate of another application.
	if err := b.AddApp(simulator.App{ClientID: "bare", Roles: simulator.AllRoles()}); err != nil {
		t.Fatal(err)
	}
	var refused *SignInError
	if err := b.signIn(
		func(c *Config) { c.ClientID, c.ClientSecret, c.CertificatePath = "bare", "", path },
	); !errors.As(err, &refused) || refused.Code != "AADSTS700027" ||
		!strings.Contains(refused.Advice(), "certificate isn't registered") {
		t.Error(err)
	}
	garbage := filepath.Join(t.TempDir(), "garbage.pfx")
	if err := os.WriteFile(garbage, []byte(planted), 0o600); err != nil {
		t.Fatal(err)
	}
	for argument, change := range map[string]func(*Config){
		"client_certificate":       func(c *Config) { c.Certificate = planted + "!" },
		"client_certificate ":      func(c *Config) { c.Certificate = base64.StdEncoding.EncodeToString([]byte(planted)) },
		"client_certificate_path":  func(c *Config) { c.CertificatePath = garbage },
		"client_certificate_path ": func(c *Config) { c.CertificatePath = filepath.Join(t.TempDir(), "absent.pfx") },
	} {
		err := b.signIn(func(c *Config) { c.CertificatePassword = planted; change(c) })
		var e *ConfigError
		if !errors.As(err, &e) || e.Argument != strings.TrimSpace(argument) {
			t.Errorf("%s: %v", argument, err)
		}
		noSecret(t, err)
	}
}

// foreignToken is an identity token of a build system that the simulator
// plays.
func foreignToken(b *tenant, subject string) string {
	b.t.Helper()
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, b.URL()+"/_simulator/oidc/token?subject="+url.QueryEscape(subject), nil)
	b.Handler().ServeHTTP(rec, r)
	var answer struct{ Value string }
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || answer.Value == "" {
		b.t.Fatal(err, rec.Body)
	}
	return answer.Value
}

func (b *tenant) federate() {
	b.t.Helper()
	if err := b.AddApp(
		simulator.App{
			ClientID:  "federated",
			Roles:     simulator.AllRoles(),
			Federated: []simulator.Trust{{Issuer: b.URL() + "/_simulator/oidc", Subject: "repo:x"}},
		},
	); err != nil {
		b.t.Fatal(err)
	}
}

func TestOIDC(t *testing.T) {
	b := companyTenant(t)
	b.federate()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(foreignToken(b, "repo:x")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	request := b.URL() + "/_simulator/oidc/token?subject=repo:x"
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"value":  {func(c *Config) { c.OIDCToken = foreignToken(b, "repo:x") }, ""},
		"file":   {func(c *Config) { c.OIDCTokenFile = path }, ""},
		"GitHub": {func(c *Config) { c.OIDCRequestURL, c.OIDCRequestToken = request, planted }, ""},
		"Azure DevOps": {func(c *Config) {
			c.OIDCRequestURL, c.OIDCRequestToken, c.ADOServiceConnectionID = request, planted, "sc"
		}, ""},
		"audience":     {func(c *Config) { c.OIDCRequestURL, c.OIDCRequestToken = request+"&audience=mine", planted }, "AADSTS700212"},
		"no file":      {func(c *Config) { c.OIDCTokenFile = path + ".absent" }, "oidc_token_file_path"},
		"empty file":   {func(c *Config) { c.OIDCTokenFile = empty }, "is empty"},
		"not found":    {func(c *Config) { c.OIDCRequestURL, c.OIDCRequestToken = b.URL()+"/nowhere", planted }, "without a token"},
		"plain HTTP":   {func(c *Config) { c.OIDCRequestURL, c.OIDCRequestToken = "http://127.0.0.1:1/", planted }, "must be an https address"},
		"no address":   {func(c *Config) { c.OIDCRequestURL, c.OIDCRequestToken = "https://%zz", planted }, "must be an https address"},
		"broken token": {func(c *Config) { c.OIDCRequestURL, c.OIDCRequestToken = request, planted+"\n" }, "control character"},
		"not a token":  {func(c *Config) { c.OIDCToken = planted }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := b.signIn(func(cfg *Config) {
				cfg.ClientID, cfg.ClientSecret, cfg.UseOIDC = "federated", "", true
				c.change(cfg)
			})
			if ok := c.want == "" &&
				name != "not a token"; ok != (err == nil) ||
				err != nil && !strings.Contains(fmt.Sprint(err), c.want) {
				t.Error(err)
			}
			noSecret(t, err)
		})
	}
}

// What the build service is asked.
func TestOIDCRequests(t *testing.T) {
	var got *http.Request
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	b := companyTenant(t)
	b.roots.AddCert(s.Certificate())
	for _, c := range []struct{ connection, method, query string }{
		{"", "GET", "api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange"},
		{"sc 1", "POST", "api-version=7.1&serviceConnectionId=sc+1"},
	} {
		err := b.signIn(func(cfg *Config) {
			cfg.ClientSecret, cfg.UseOIDC, cfg.ADOServiceConnectionID = "", true, c.connection
			cfg.OIDCRequestURL, cfg.OIDCRequestToken = s.URL+"/token?api-version=2.0", planted
		})
		if err == nil || !strings.Contains(err.Error(), "307") {
			t.Error(err)
		}
		if got.Method != c.method || got.URL.RawQuery != c.query ||
			got.Header.Get("Authorization") != "Bearer "+planted {
			t.Errorf("%s %s", got.Method, got.URL)
		}
		noSecret(t, err)
	}
}

func TestManagedIdentity(t *testing.T) {
	b := companyTenant(
		t,
		simulator.WithApp(simulator.App{ClientID: "machine", Roles: simulator.AllRoles(), Managed: true}),
	)
	host := strings.TrimPrefix(b.URL(), "https://")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = host
		b.Handler().ServeHTTP(w, r)
	}))
	defer s.Close()
	t.Setenv("IDENTITY_ENDPOINT", s.URL+"/msi/token")
	t.Setenv("IDENTITY_HEADER", planted)
	if err := b.signIn(func(c *Config) { c.ClientID, c.ClientSecret, c.UseMSI = "", "", true }); err != nil {
		t.Error(err)
	}
	t.Setenv("IDENTITY_ENDPOINT", s.URL+"/nowhere")
	err := b.signIn(func(c *Config) { c.ClientID, c.ClientSecret, c.UseMSI = "machine", "", true })
	var e *SignInError
	if !errors.As(err, &e) || !strings.Contains(e.Advice(), "managed identity") {
		t.Error(err)
	}
	noSecret(t, err)
}

// Another address than the instance metadata service's is asked what that would be.
func TestManagedIdentity_endpoint(t *testing.T) {
	for _, name := range []string{
		"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET", "IMDS_ENDPOINT",
	} {
		t.Setenv(name, "")
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	b := companyTenant(t)
	token := ""
	if err := b.signIn(func(c *Config) {
		cred, err := c.credential(must(url.Parse(b.URL())), b.wait)
		if err != nil {
			t.Fatal(err)
		}
		got, err := cred.GetToken(
			context.Background(),
			policy.TokenRequestOptions{Scopes: []string{b.URL() + "/.default"}},
		)
		if err != nil {
			t.Fatal(err)
		}
		token = got.Token
	}); err != nil {
		t.Fatal(err)
	}
	var asked []string
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(
			asked,
			r.Method+" "+r.URL.Path+" "+r.Header.Get("Metadata")+" "+r.URL.Query().Get("resource")+" "+
				r.URL.Query().Get("client_id")+" "+r.URL.Query().Get("pool"),
		)
		if status != http.StatusOK {
			http.Redirect(w, r, "/elsewhere", status)
			return
		}
		_ = json.NewEncoder(w).
			Encode(map[string]any{"access_token": token, "expires_on": "4102444800", "token_type": "Bearer"})
	}))
	defer s.Close()
	sign := func(client, address string) error { // tokens are kept by the client's id
		asked = nil
		return b.signIn(func(c *Config) {
			c.ClientID, c.ClientSecret, c.UseMSI, c.MSIEndpoint = client, "", true, address
		})
	}
	err := sign("machine", s.URL+"/tokens?pool=a")
	if want := []string{"GET /tokens true " + b.URL() + " machine a"}; err != nil || !slices.Equal(asked, want) {
		t.Errorf("asked %q, %v; want %q", asked, err, want)
	}
	status = http.StatusTemporaryRedirect
	if err := sign("other", s.URL+"/tokens"); err == nil || len(asked) != 1 {
		t.Errorf("a redirect: asked %q, %v", asked, err)
	}
	for _, address := range []string{"localhost:50342", "ftp://x.example", "http://", "http://u:" + planted + "@x.example"} {
		var e *ConfigError
		if err := sign("machine", address); !errors.As(err, &e) || e.Argument != "msi_endpoint" {
			t.Errorf("%s: %v", address, err)
		} else {
			noSecret(t, err)
		}
	}
}

// A pod's workload identity is an OIDC token in a file.
func TestAKSWorkloadIdentity(t *testing.T) {
	b := companyTenant(t)
	b.federate()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(foreignToken(b, "repo:x")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.signIn(func(c *Config) {
		c.ClientID, c.ClientSecret, c.AKSWorkloadIdentity, c.OIDCTokenFile = "federated", "", true, path
	}); err != nil {
		t.Error(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAzureCLI(t *testing.T) {
	b := companyTenant(t)
	token, err := b.client().credential.GetToken(
		context.Background(),
		policy.TokenRequestOptions{Scopes: []string{b.URL() + "/.default"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	answer := fmt.Sprintf(
		`{"accessToken":%q,"expiresOn":"2099-01-01 00:00:00.000000","expires_on":4070908800}`,
		token.Token,
	)
	if err := os.WriteFile(filepath.Join(dir, "az"), []byte("#!/bin/sh\necho '"+answer+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	cli := func(c *Config) { c.ClientID, c.ClientSecret, c.UseCLI = "", "", true }
	if err := b.signIn(cli); err != nil {
		t.Error(err)
	}
	t.Setenv("PATH", t.TempDir())
	var e *SignInError
	if err := b.signIn(cli); !errors.As(err, &e) || !strings.Contains(e.Advice(), "az login") {
		t.Error(err)
	}
}

// A token that runs out in the middle is asked for anew; one that can't be had
// anew is a failed sign-in.
func TestTokenRunsOut(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	if err := c.SignIn(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.Advance(2 * time.Hour)
	err := b.readDomains(c)
	var e *Error
	if !errors.As(err, &e) || e.Status != 401 { // our own clock hasn't moved
		t.Error(err)
	}
}

func TestConfigErrors(t *testing.T) {
	full := Config{TenantID: "t", ClientID: "c", ClientSecret: planted}
	for name, c := range map[string]struct {
		change   func(*Config)
		argument string
	}{
		"no tenant":        {func(c *Config) { c.TenantID = "" }, "tenant_id"},
		"no client":        {func(c *Config) { c.ClientID = "" }, "client_id"},
		"no credential":    {func(c *Config) { c.ClientSecret = "" }, ""},
		"cloud":            {func(c *Config) { c.Environment = "germany" }, "environment"},
		"plain Graph":      {func(c *Config) { c.GraphEndpoint = "http://graph.example" }, "graph_endpoint"},
		"Graph's query":    {func(c *Config) { c.GraphEndpoint = "https://graph.example?x=1" }, "graph_endpoint"},
		"Graph's user":     {func(c *Config) { c.GraphEndpoint = "https://u:" + planted + "@graph.example" }, "graph_endpoint"},
		"Graph's fragment": {func(c *Config) { c.GraphEndpoint = "https://graph.example#x" }, "graph_endpoint"},
		"Graph's host":     {func(c *Config) { c.GraphEndpoint = "https://" }, "graph_endpoint"},
		"no URL":           {func(c *Config) { c.AuthorityHost = "login.example" }, "authority_host"},
		"broken URL":       {func(c *Config) { c.AuthorityHost = "https://%zz" }, "authority_host"},
		"no OIDC token":    {func(c *Config) { c.ClientSecret, c.UseOIDC = "", true }, "use_oidc"},
		"no pod":           {func(c *Config) { c.ClientSecret, c.AKSWorkloadIdentity = "", true }, "use_aks_workload_identity"},
		"metadata host":    {func(c *Config) { c.MetadataHost = "management.example" }, "environment"},
		"no request token": {func(c *Config) { c.ClientSecret, c.UseOIDC, c.OIDCRequestURL = "", true, "https://x.example" }, "oidc_request_url"},
		"certificate":      {func(c *Config) { c.Certificate = "***" }, "client_certificate"},
		"tenant's form":    {func(c *Config) { c.TenantID = "a b/c" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			config := full
			c.change(&config)
			_, err := New(config, Options{})
			var e *ConfigError
			if !errors.As(err, &e) || e.Argument != c.argument {
				t.Errorf("%v", err)
			}
			noSecret(t, err)
		})
	}
}

func TestMethods(t *testing.T) {
	all := Config{
		TenantID:        "t",
		ClientID:        "c",
		CertificatePath: "x",
		ClientSecret:    "s",
		UseOIDC:         true,
		OIDCToken:       "o",
		UseMSI:          true,
		UseCLI:          true,
	}
	for _, c := range []struct {
		want Method
		then func()
	}{
		{ByCertificate, func() { all.CertificatePath = "" }}, {BySecret, func() { all.ClientSecret = "" }}, {ByOIDC, func() { all.UseOIDC = false }},
		{ByMSI, func() { all.UseMSI = false }}, {ByCLI, func() {}},
	} {
		if m, err := all.Method(); m != c.want || err != nil {
			t.Errorf("got %q, %v, want %q", m, err, c.want)
		}
		c.then()
	}
}

func TestClouds(t *testing.T) {
	for name, want := range map[string][2]string{
		"":                {"https://graph.microsoft.com", "https://login.microsoftonline.com"},
		"global":          {"https://graph.microsoft.com", "https://login.microsoftonline.com"},
		"Public":          {"https://graph.microsoft.com", "https://login.microsoftonline.com"},
		"usgovernment":    {"https://graph.microsoft.us", "https://login.microsoftonline.us"},
		"usgovernmentl4":  {"https://graph.microsoft.us", "https://login.microsoftonline.us"},
		"usgovernmentdod": {"https://dod-graph.microsoft.us", "https://login.microsoftonline.us"},
		"usgovernmentl5":  {"https://dod-graph.microsoft.us", "https://login.microsoftonline.us"},
		"DOD":             {"https://dod-graph.microsoft.us", "https://login.microsoftonline.us"},
		"china":           {"https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"},
	} {
		graph, login, err := Config{Environment: name}.endpoints()
		if err != nil || graph.String() != want[0] || login.String() != want[1] {
			t.Errorf("%q: %v %v %v", name, graph, login, err)
		}
		c, err := New(Config{TenantID: "t", ClientID: "c", ClientSecret: "s", Environment: name}, Options{})
		if err != nil || c.BaseURL() != want[0]+"/v1.0" || c.TenantID() != "t" {
			t.Error(err)
		}
	}
	graph, login, err := Config{
		Environment:   "china",
		GraphEndpoint: "https://g.example:8443/",
		AuthorityHost: "https://l.example/",
	}.endpoints()
	if err != nil || graph.String() != "https://g.example:8443" || login.String() != "https://l.example" {
		t.Error(graph, login, err)
	}
	if !slices.Contains(CloudNames(), "dod") || len(CloudNames()) != 8 {
		t.Error(CloudNames())
	}
}

// A token of another cloud isn't accepted.
func TestTokenOfAnotherCloud(t *testing.T) {
	e := newError(
		Response{
			401,
			http.Header{"Request-Id": {"r"}},
			[]byte(`{"error":{"code":"InvalidAuthenticationToken","message":"m","innererror":{"request-id":"inner"}}}`),
		},
		"reading users",
		Need{},
		nil,
	)
	if e.Error() != "reading users: Graph answered 401 InvalidAuthenticationToken: m (request id r)" ||
		!strings.Contains(e.Advice(), "one cloud") {
		t.Error(e)
	}
	e = newError(
		Response{
			400,
			http.Header{},
			[]byte(`{"error":{"code":"Request_BadRequest","message":"m","innererror":{"request-id":"inner"}}}`),
		},
		"x",
		Need{},
		nil,
	)
	if e.RequestID != "inner" {
		t.Error(e)
	}
}

// deadline is a credential that notes how long it is given.
type deadline struct{ left time.Duration }

func (d *deadline) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if until, ok := ctx.Deadline(); ok {
		d.left = time.Until(until)
	}
	return azcore.AccessToken{Token: planted}, nil
}

// A login service that is down is told by its status, not as a time-out that
// nobody set: MSAL ends a request without a deadline before the attempts end.
func TestLoginServiceIsDown(t *testing.T) {
	b := companyTenant(t)
	s := b.front(func(r *http.Request) (int, string, string) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			return 502, "text/html", "<html>Bad Gateway</html>"
		}
		return 0, "", ""
	})
	var refused *SignInError
	if err := b.signIn(
		func(c *Config) { c.AuthorityHost = s.URL },
	); !errors.As(err, &refused) ||
		!strings.Contains(err.Error(), "the login service answered 502") {
		t.Errorf("got %v", err)
	}
	d, secrets := &deadline{}, sanitize.New()
	if _, err := (notedCredential{d, secrets}).GetToken(
		t.Context(),
		policy.TokenRequestOptions{},
	); err != nil ||
		d.left < time.Minute {
		t.Errorf("it is given %s, less than the attempts take (%v)", d.left, err)
	}
	if got := secrets.Hide(planted); got != sanitize.Redacted {
		t.Errorf("the token isn't noted: %s", got)
	}
}
