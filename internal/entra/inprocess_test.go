package entra

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go/authentication"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// inProcess carries requests to a simulated tenant without a network, after a
// time, so that a test can read it on a clock of its own.
type inProcess struct {
	handler http.Handler
	bearer  string
	latency time.Duration
	hear    []func(int, http.Header)
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
		in.Header.Set("Authorization", "Bearer "+p.bearer)
		in.Header.Del("Accept-Encoding")
		out := httptest.NewRecorder()
		p.handler.ServeHTTP(out, in)
		resp := out.Result()
		resp.Request = r
		for _, hear := range p.hear {
			hear(resp.StatusCode, resp.Header)
		}
		// As the client's own transport does.
		if asked := retryAfter(resp.Header); resp.StatusCode == http.StatusTooManyRequests && asked > 0 {
			wait = asked + p.latency
			continue
		}
		return resp, nil
	}
}

const inProcessBase = "https://graph.example"

// inProcessClient speaks to a tenant without a network.
func inProcessClient(t testing.TB, s *simulator.Server, latency time.Duration, hear ...func(int, http.Header)) *Client {
	t.Helper()
	form := url.Values{"client_id": {simulator.DefaultClientID}, "client_secret": {simulator.DefaultClientSecret}, "grant_type": {"client_credentials"}, "scope": {inProcessBase + "/.default"}}
	r := httptest.NewRequest(http.MethodPost, inProcessBase+"/"+s.TenantID()+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out := httptest.NewRecorder()
	s.Handler().ServeHTTP(out, r)
	raw, _ := io.ReadAll(out.Body)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(raw, &token); err != nil || token.AccessToken == "" {
		t.Fatal(string(raw))
	}
	c, err := New(Config{TenantID: s.TenantID(), ClientID: simulator.DefaultClientID, ClientSecret: "x", GraphEndpoint: inProcessBase, AuthorityHost: inProcessBase}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.claims, _ = readClaims(token.AccessToken)
	c.signed = true
	client := &http.Client{Transport: &inProcess{s.Handler(), token.AccessToken, latency, append(hear, c.gate.hear)}}
	c.adapter, err = graphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		&abstractions.AnonymousAuthenticationProvider{}, graphcore.GraphClientOptions{GraphServiceVersion: "v1.0"}, nil, nil, client)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// timed reads a tenant at 200 milliseconds for each request, on a clock that
// waits for nobody else, and gives how long it took.
func timed(t *testing.T, s *simulator.Server, top string, alone bool) (took time.Duration, reading string) {
	t.Helper()
	var read *directory.Directory
	synctest.Test(t, func(t *testing.T) {
		c := inProcessClient(t, s, 200*time.Millisecond)
		c.top, c.alone = top, alone
		began := time.Now()
		d, err := c.ReadDirectory(t.Context(), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		took, read = time.Since(began), d
	})
	return took, encoded(t, read)
}
