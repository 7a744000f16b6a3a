package graph

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// planted stands in every secret of these tests, and may stand in no error.
const planted = "PLANTED-5ecret"

func noSecret(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), planted) {
			t.Errorf("a secret is in the error: %v", e)
		}
	}
}

// What the tests sign in for.
var (
	needUsers  = Need{"read users", []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All"}}
	needGroups = Need{
		"read groups and their members",
		[]string{"GroupMember.Read.All", "Group.ReadWrite.All", "Directory.Read.All"},
	}
	needDomains = Need{"read domains", []string{"Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"}}
)

// tenant is a simulated tenant and how to reach it.
type tenant struct {
	*simulator.Server
	t     testing.TB
	roots *x509.CertPool
	mu    sync.Mutex
	waits []time.Duration
}

// companyTenant is the example tenant.
func companyTenant(t testing.TB, options ...simulator.Option) *tenant {
	t.Helper()
	raw, err := os.ReadFile("../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(bytes.NewReader(raw), options...)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b := &tenant{Server: s, t: t, roots: x509.NewCertPool()}
	b.roots.AppendCertsFromPEM(s.CAPEM())
	return b
}

func (b *tenant) config() Config {
	return Config{
		TenantID: b.TenantID(), ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		GraphEndpoint: b.URL(), AuthorityHost: b.URL(), Roots: b.roots,
	}
}

// wait notes what was asked and doesn't wait.
func (b *tenant) wait(_ int, asked time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = append(b.waits, asked)
	return 0
}

func (b *tenant) client(change ...func(*Config)) *Client {
	b.t.Helper()
	config := b.config()
	for _, f := range change {
		f(&config)
	}
	c, err := New(config, Options{Wait: b.wait})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// signIn signs in, and reads domains.
func (b *tenant) signIn(change func(*Config)) error {
	b.t.Helper()
	config := b.config()
	change(&config)
	c, err := New(config, Options{Wait: b.wait})
	if err != nil {
		return err
	}
	if err := c.SignIn(context.Background(), needUsers, needGroups, needDomains); err != nil {
		return err
	}
	if c.TenantID() != b.TenantID() {
		b.t.Errorf("the tenant is %q", c.TenantID())
	}
	return b.readDomains(c)
}

func (b *tenant) readDomains(c *Client) error {
	r := Request{Method: http.MethodGet, URL: "/domains", Operation: "reading domains", Need: needDomains}
	return c.Pages(context.Background(), r, func([]byte) error { return nil })
}

func (b *tenant) fault(f simulator.Fault) {
	b.t.Helper()
	if err := b.AddFault(f); err != nil {
		b.t.Fatal(err)
	}
}

// front passes requests on to the simulator, and lets a test change answers.
func (b *tenant) front(change func(r *http.Request) (status int, contentType, body string)) *httptest.Server {
	b.t.Helper()
	handler := b.Handler()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		rec := httptest.NewRecorder()
		sent, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		handler.ServeHTTP(rec, r)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		status, contentType, body := change(r)
		if status == 0 {
			status, contentType, body = rec.Code, rec.Header().Get("Content-Type"), rec.Body.String()
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	b.t.Cleanup(s.Close)
	b.roots.AddCert(s.Certificate())
	return s
}
