package entra

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// The application and people of the synchronization tests.
const (
	app   = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	ann   = "11111111-1111-4111-8111-000000000001"
	ben   = "11111111-1111-4111-8111-000000000002"
	other = "00000000-0000-4000-8000-000000000009"
)

// syncTenant is a tenant with an application that has no job yet. Ann is
// assigned to it, Ben isn't.
func syncTenant(t testing.TB, logs string, options ...simulator.Option) *bench {
	t.Helper()
	s, err := simulator.New(
		strings.NewReader(`{"version":1,"entra":{"tenant_id":"`+simulator.DefaultTenantID+`","domains":[],
 "users":[{"id":"`+ann+`","userPrincipalName":"ann@x.example","displayName":"Ann","userType":"Member","accountEnabled":true},
  {"id":"`+ben+`","userPrincipalName":"ben@x.example","displayName":"Ben","userType":"Member","accountEnabled":true}],
 "groups":[],"synchronization":[{"service_principal_id":"`+app+`","display_name":"O'Brien's app","assigned":["`+ann+`"]}],
 "provisioning_logs":[`+logs+`]}}`),
		options...)
	return start(t, s, err)
}

// job makes a job in a new tenant.
func job(t testing.TB, options ...simulator.Option) (*bench, *Client, SynchronizationJob) {
	t.Helper()
	b := syncTenant(t, "", options...)
	c := b.client()
	j, err := c.CreateJob(context.Background(), app, "customappsso")
	if err != nil {
		t.Fatal(err)
	}
	return b, c, j
}

// canned answers requests to Graph by a test's own words, and notes them.
type canned struct {
	*bench
	client *Client

	mu sync.Mutex
	// asked are the requests: method, address and body.
	asked []string
}

// cannedTenant answers the nth request to Graph, from 0, by answer; the login
// is the simulator's.
func cannedTenant(t *testing.T, answer func(n int, r *http.Request) (status int, body string)) *canned {
	t.Helper()
	s := &canned{bench: syncTenant(t, "")}
	login := s.Handler()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1.0/") {
			login.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		n := len(s.asked)
		s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		s.mu.Unlock()
		status, text := answer(n, r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("request-id", "r-1")
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			io.WriteString(w, strings.ReplaceAll(text, "HOST", r.Host))
		}
	}))
	t.Cleanup(server.Close)
	s.roots.AddCert(server.Certificate())
	s.client = s.clientAt(server.URL)
	return s
}

// always answers each request alike.
func always(status int, body string) func(int, *http.Request) (int, string) {
	return func(int, *http.Request) (int, string) { return status, body }
}

// example is the answer of a documented example (internal/simulator/testdata/examples).
func example(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		Body json.RawMessage `json:"response_body"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	return string(e.Body)
}
