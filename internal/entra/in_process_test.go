package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// inProcess carries requests to a simulated tenant without a network, after a
// time, so that a test can read it on a clock of its own.
type inProcess struct {
	handler   http.Handler
	latency   time.Duration
	observers []func(int, http.Header)
}

func (p *inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	wait := p.latency
	for {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		in := r.Clone(r.Context())
		in.Host, in.RemoteAddr, in.Body = r.URL.Host, "in process", io.NopCloser(bytes.NewReader(body))
		in.Header.Del("Accept-Encoding")
		out := httptest.NewRecorder()
		p.handler.ServeHTTP(out, in)
		resp := out.Result()
		resp.Request = r
		for _, observe := range p.observers {
			observe(resp.StatusCode, resp.Header)
		}
		// As the client's own transport does.
		asked := graph.Response{Header: resp.Header}.RetryAfter()
		if resp.StatusCode == http.StatusTooManyRequests && asked > 0 {
			wait = asked + p.latency
			continue
		}
		return resp, nil
	}
}

const inProcessBase = "https://graph.example"

// staticToken is a credential that has its token.
type staticToken string

func (t staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(t), ExpiresOn: time.Now().Add(100 * time.Hour)}, nil
}

// tokenOf gets a token of the default application.
func tokenOf(t testing.TB, handler http.Handler, base, tenantID string) string {
	t.Helper()
	form := url.Values{
		"client_id": {simulator.DefaultClientID}, "client_secret": {simulator.DefaultClientSecret},
		"grant_type": {"client_credentials"}, "scope": {base + "/.default"},
	}
	r := httptest.NewRequest(http.MethodPost, base+"/"+tenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out := httptest.NewRecorder()
	handler.ServeHTTP(out, r)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(out.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		t.Fatal(out.Body)
	}
	return token.AccessToken
}

// inProcessClient speaks to a tenant without a network.
func inProcessClient(
	t testing.TB, s *simulator.Server, latency time.Duration, wait Wait, observers ...func(int, http.Header),
) *Client {
	t.Helper()
	carrier := &inProcess{handler: s.Handler(), latency: latency, observers: observers}
	g, err := graph.New(Config{
		TenantID: s.TenantID(), ClientID: simulator.DefaultClientID, ClientSecret: "x",
		GraphEndpoint: inProcessBase, AuthorityHost: inProcessBase,
	}, graph.Options{
		Wait: wait, Transport: carrier, Credential: staticToken(tokenOf(t, s.Handler(), inProcessBase, s.TenantID())),
	})
	if err != nil {
		t.Fatal(err)
	}
	carrier.observers = append(carrier.observers, g.Concurrency().Observe)
	return newClient(g)
}

// timed reads a tenant at 200 milliseconds for each request, on a clock that
// waits for nobody else, and gives how long it took.
func timed(t *testing.T, s *simulator.Server, top string, sequential bool) (took time.Duration, reading string) {
	t.Helper()
	var read *directory.Directory
	synctest.Test(t, func(t *testing.T) {
		c := inProcessClient(t, s, 200*time.Millisecond, nil)
		c.pageSize, c.sequential = top, sequential
		began := time.Now()
		d, err := c.ReadDirectory(t.Context(), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		took, read = time.Since(began), d
	})
	return took, encoded(t, read)
}
