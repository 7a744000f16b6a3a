package atlassian

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

const (
	orgID   = "9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90"
	domains = "GET /admin/v1/orgs/{orgId}/domains"
	planted = "PLANTED-5ecret"
)

type bench struct {
	*simulator.Server
	t     *testing.T
	file  string
	roots *x509.CertPool
	waits []time.Duration
}

// start is an organization with many domains, accounts and groups.
func start(t *testing.T, options ...simulator.Option) *bench {
	t.Helper()
	var claims, accounts, groups, members []string
	for i := range 230 {
		status := []string{"verified", "missing_token", "unverified", "superseded", "brand_new"}[i%5]
		claims = append(
			claims,
			fmt.Sprintf(
				`{"id":"d%d","type":"domains","attributes":{"name":"D%d.example","claim":{"type":%q,"status":%q}}}`,
				i,
				i,
				[]string{"dns", "http", "entra"}[i%3],
				status,
			),
		)
		accounts = append(
			accounts,
			fmt.Sprintf(
				`{"accountId":"a%03d","email":"u%d@d1.example","claimStatus":"managed","accountStatus":"active","membershipStatus":"active","status":"active"}`,
				i,
				i,
			),
		)
		members = append(members, fmt.Sprintf(`"a%03d"`, 229-i))
	}
	groups = append(
		groups,
		`{"id":"g1","name":"All \"of\" them","externalSynced":true,"members":[`+strings.Join(members, ",")+`]}`,
		`{"id":"g2","name":"Empty","externalSynced":false,"members":[]}`,
	)
	for i := range 120 {
		groups = append(groups, fmt.Sprintf(`{"id":"h%03d","name":"h%d","members":["a000"]}`, i, i))
	}
	file := fmt.Sprintf(
		`{"version":1,"organizations":{"main":{"organization_id":%q,"domains":[%s],"accounts":[%s],"groups":[%s]}}}`,
		orgID,
		strings.Join(claims, ","),
		strings.Join(accounts, ","),
		strings.Join(groups, ","),
	)
	return serve(t, file, options...)
}

func serve(t *testing.T, file string, options ...simulator.Option) *bench {
	t.Helper()
	s, err := simulator.New(strings.NewReader(file), options...)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b := &bench{Server: s, t: t, roots: x509.NewCertPool(), file: filepath.Join(t.TempDir(), "seed.json")}
	b.roots.AppendCertsFromPEM(s.CAPEM())
	if err := os.WriteFile(b.file, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) client(change ...func(*Config)) *Client {
	b.t.Helper()
	config := Config{
		Key:            "main",
		OrganizationID: orgID,
		APIKey:         simulator.DefaultAPIKey,
		Endpoint:       b.URL(),
		Roots:          b.roots,
		Wait:           b.wait,
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) wait(_ int, asked time.Duration) time.Duration {
	b.waits = append(b.waits, asked)
	return 0
}

func (b *bench) read(accounts bool, change ...func(*Config)) (*directory.Organization, error) {
	return b.client(change...).ReadOrganization(context.Background(), accounts, nil)
}

func encoded(t *testing.T, o *directory.Organization, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := o.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func fromFile(t *testing.T, path string, accounts bool) *directory.Organization {
	t.Helper()
	s, err := directory.ReadSnapshot(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Organization("main", accounts)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestReadIsTheSnapshot(t *testing.T) {
	b := start(t)
	for _, accounts := range []bool{false, true} {
		o, err := b.read(accounts)
		want := fromFile(t, b.file, accounts)
		if encoded(t, o, err) != encoded(t, want, nil) {
			t.Error(cmp.Diff(want, o))
		}
	}
	o, err := b.read(true)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Domains) != 230 || len(o.Accounts) != 230 || len(o.Groups) != 122 || len(o.Groups[0].Members) != 230 {
		t.Errorf("%d domains, %d accounts, %d groups", len(o.Domains), len(o.Accounts), len(o.Groups))
	}
	kinds := map[string]bool{}
	for _, c := range o.Domains {
		kinds[c.Type+" "+c.Status] = true
	}
	if !kinds["entra brand_new"] {
		t.Error("unknown claims aren't kept")
	}
	// What docs/guides/performance.md says of requests; how many domains a page has, is the
	// simulator's.
	pages := func(n int) int { return max(1, (n+99)/100) }
	want := pages(len(o.Domains)) + pages(len(o.Accounts)) + pages(len(o.Groups))
	for i := range o.Groups {
		want += pages(len(o.Groups[i].Members))
	}
	b.ResetRequests()
	if _, err := b.read(true); err != nil || b.Requests().Total != want {
		t.Errorf("%d requests, want %d: %v", b.Requests().Total, want, err)
	}
	b.ResetRequests()
	encoded(t, o, err)
	if _, err := b.read(false); err != nil || b.Requests().Total != 3 {
		t.Error(b.Requests(), err)
	}
}

func written(t *testing.T, path string, r *directory.Recorder) {
	t.Helper()
	if err := directory.NewRecording(path, "run").Add(t.Context(), r, "", "2026-11-20T08:00:00Z"); err != nil {
		t.Fatal(err)
	}
}

func TestRecordedReadsTheSame(t *testing.T) {
	for _, accounts := range []bool{false, true} {
		b := start(t)
		path := filepath.Join(t.TempDir(), "record.json")
		r := directory.NewRecorder()
		o, err := b.client().ReadOrganization(context.Background(), accounts, r)
		want := encoded(t, o, err)
		written(t, path, r)
		if encoded(t, fromFile(t, path, accounts), nil) != want {
			t.Error("another reading")
		}
		s, err := directory.ReadSnapshot(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Organization("main", true); (err == nil) != accounts {
			t.Error(err)
		}
		if raw, err := os.ReadFile(path); err != nil || bytes.Contains(raw, []byte(simulator.DefaultAPIKey)) {
			t.Error("the key is in the file", err)
		}
	}
}

// A domain that is listed with two claims keeps both, in a record too.
func TestTwoClaims(t *testing.T) {
	b := answering(t, func(*http.Request) (int, string) {
		return 200, `{"data":[{"attributes":{"name":"a.example","claim":{"type":"http","status":"superseded"}}},{"attributes":{"name":"A.example.","claim":{"type":"dns","status":"verified"}}},{"attributes":{"name":"not a domain"}}],"links":{}}`
	})
	path := filepath.Join(t.TempDir(), "record.json")
	r := directory.NewRecorder()
	o, err := b.client().ReadOrganization(context.Background(), false, r)
	if err != nil || len(o.Domains) != 2 {
		t.Fatal(o, err)
	}
	written(t, path, r)
	if encoded(t, fromFile(t, path, false), nil) != encoded(t, o, nil) {
		t.Error("another reading")
	}
}

func TestFaultsThatPass(t *testing.T) {
	b := start(t)
	o, err := b.read(true)
	want := encoded(t, o, err)
	for name, f := range map[string]simulator.Fault{
		"429":                 {Match: domains, RetryAfter: "0.5"},
		"429 without":         {Match: domains, Nth: 2},
		"503":                 {Match: domains, Status: 503, Times: 3},
		"cut":                 {Kind: simulator.FaultCut, Match: domains, Nth: 3},
		"search 429":          {Match: "POST *", Nth: 3},
		"search 503":          {Match: "POST *", Nth: 5, Status: 503, Times: 2},
		"search cut":          {Kind: simulator.FaultCut, Match: "POST *", Nth: 2},
		"anything now and so": {Status: 500, Probability: 0.1, Times: 6},
	} {
		t.Run(name, func(t *testing.T) {
			b.ClearFaults()
			b.waits = nil
			if f.Kind == "" {
				f.Kind = simulator.FaultStatus
			}
			if err := b.AddFault(f); err != nil {
				t.Fatal(err)
			}
			o, err := b.read(true)
			if encoded(t, o, err) != want || len(b.waits) == 0 {
				t.Errorf("another reading, or nothing was repeated: %v", b.waits)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		fault  simulator.Fault
		change func(*Config)
		status int
		text   string
		advice string
	}{
		"wrong key":          {simulator.Fault{}, func(c *Config) { c.APIKey = planted }, 401, "reading the organization's domains: Atlassian answered 401", "wrong or has expired"},
		"wrong organization": {simulator.Fault{}, func(c *Config) { c.OrganizationID = "0/../1?x" }, 404, "404", "organization_id"},
		"403":                {simulator.Fault{Match: domains, Status: 403}, nil, 403, "403 ADMIN-403-1", "read:domains:admin"},
		"403 accounts":       {simulator.Fault{Match: "POST *users/search", Status: 403}, nil, 403, "reading accounts", "read:directories:admin"},
		"403 groups":         {simulator.Fault{Match: "POST *groups/search", Status: 403}, nil, 403, "reading groups", "read:groups:admin"},
		"403 members":        {simulator.Fault{Match: "POST *users/search", Status: 403, Nth: 5}, nil, 403, "reading members of groups", "read:directories:admin"},
		"429":                {simulator.Fault{Match: domains}, nil, 429, "429 ADMIN-429-1: Too Many Requests", "longer than the provider waits"},
		"429 for hours":      {simulator.Fault{Match: domains, RetryAfter: "7200"}, nil, 429, "429", "longer than the provider waits"},
		"500":                {simulator.Fault{Match: domains, Status: 500}, nil, 500, "500", "failed repeatedly"},
		"400":                {simulator.Fault{Match: domains, Status: 400}, nil, 400, "400", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			if c.fault.Match != "" {
				c.fault.Kind, c.fault.Times = simulator.FaultStatus, -1
				if err := b.AddFault(c.fault); err != nil {
					t.Fatal(err)
				}
			}
			if c.change == nil {
				c.change = func(*Config) {}
			}
			_, err := b.read(true, c.change)
			var e *Error
			if !errors.As(err, &e) || e.Status != c.status || !strings.Contains(err.Error(), c.text) ||
				!strings.Contains(e.Advice(), c.advice) {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), planted) {
				t.Error("the key is in the error")
			}
			if c.status == 403 && len(b.waits) > 0 {
				t.Error("a 403 was repeated")
			}
		})
	}
}

// stranger is another service that the client would trust; nothing may reach
// it.
func (b *bench) stranger() (host string) {
	b.t.Helper()
	var n atomic.Int32
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { n.Add(1) }))
	b.roots.AddCert(s.Certificate())
	b.t.Cleanup(func() {
		s.Close()
		if n.Load() != 0 {
			b.t.Errorf("%d requests reached another host", n.Load())
		}
	})
	return strings.TrimPrefix(s.URL, "https://")
}

func TestNextLinks(t *testing.T) {
	for _, match := range []string{domains, "POST *users/search", "POST *groups/search"} {
		for _, kind := range []simulator.FaultKind{simulator.FaultNextLoop, simulator.FaultNextEndless, simulator.FaultNextForeign} {
			t.Run(fmt.Sprint(match, kind), func(t *testing.T) {
				b := start(t)
				if err := b.AddFault(
					simulator.Fault{Kind: kind, Match: match, Nth: 2, Times: -1, Host: b.stranger()},
				); err != nil {
					t.Fatal(err)
				}
				want := transport.ErrEndless
				if kind == simulator.FaultNextForeign {
					want = transport.ErrOtherHost
				}
				if _, err := b.read(true); !errors.Is(err, want) {
					t.Error(err)
				}
				if n := b.Requests().Total; n > 20 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

// answering is an organization whose answers a test writes.
func answering(t *testing.T, answer func(r *http.Request) (status int, body string)) *answers {
	t.Helper()
	a := &answers{t: t, roots: x509.NewCertPool()}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.paths = append(a.paths, r.URL.RequestURI())
		status, body := answer(r)
		w.Header().Set("Atl-Traceid", "trace")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	a.Config.ErrorLog = log.New(io.Discard, "", 0)
	a.StartTLS()
	t.Cleanup(a.Close)
	a.roots.AddCert(a.Certificate())
	return a
}

type answers struct {
	*httptest.Server
	t     *testing.T
	roots *x509.CertPool
	paths []string
}

func (a *answers) client() *Client {
	a.t.Helper()
	c, err := New(
		Config{
			Key:            "main",
			OrganizationID: orgID,
			APIKey:         "an-api-key",
			Endpoint:       a.URL + "/",
			Roots:          a.roots,
			Wait:           func(int, time.Duration) time.Duration { return 0 },
		},
	)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func TestCursors(t *testing.T) {
	const page = `{"data":[{"attributes":{"name":"%d.example"}}],"links":{"next":%q}}`
	for name, c := range map[string]struct {
		next, want string
	}{
		"bare":     {"a+b/=&c", "cursor=a%2Bb%2F%3D%26c"},
		"full":     {"https://HOST/admin/v1/orgs/x/domains?cursor=a%2Bb&limit=5", "cursor=a%2Bb"},
		"relative": {"/admin/v1/orgs/x/domains?cursor=abc", "cursor=abc"},
		"upper":    {"HTTPS://HOST/?cursor=abc", "cursor=abc"},
		"none":     {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			a := answering(t, func(r *http.Request) (int, string) {
				if n++; n == 1 {
					return 200, fmt.Sprintf(page, n, strings.ReplaceAll(c.next, "HOST", r.Host))
				}
				return 200, fmt.Sprintf(page, n, "")
			})
			o, err := a.client().ReadOrganization(context.Background(), false, nil)
			if err != nil || len(o.Domains) != n {
				t.Fatal(o, err)
			}
			if c.want == "" && n == 1 {
				return
			}
			if want := "/admin/v1/orgs/" + orgID + "/domains?" + c.want; len(a.paths) != 2 || a.paths[1] != want {
				t.Errorf("%v, want %s", a.paths, want)
			}
		})
	}
	for next, want := range map[string]string{
		"http://HOST/?cursor=a":               "refused",
		"https://other.example/?cursor=a":     "refused",
		"https://HOST@evil.example/?cursor=a": "refused",
		"//evil.example/?cursor=a":            "refused",
		"https://HOST/":                       "no cursor",
		"https://%zz":                         "no address",
	} {
		a := answering(t, func(r *http.Request) (int, string) {
			return 200, fmt.Sprintf(page, 1, strings.ReplaceAll(next, "HOST", r.Host))
		})
		if _, err := a.client().
			ReadOrganization(context.Background(), false, nil); err == nil || !strings.Contains(err.Error(), want) ||
			len(a.paths) != 1 {
			t.Errorf("%s: %v", next, err)
		}
	}
}

func TestStrangeAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"HTML":              {200, "<html>", "Atlassian's answer is no JSON"},
		"HTML error":        {502, "<html>", "Atlassian answered 502 Bad Gateway (trace id trace)"},
		"redirect":          {302, "", "Atlassian answered 302 Found"},
		"nothing":           {200, "", "no JSON"},
		"another object":    {200, "{}", `there is no "data"`},
		"data is null":      {200, `{"data":null}`, "expected an array, found null"},
		"data is text":      {200, `{"data":"x"}`, "expected an array, found a string"},
		"a claim is text":   {200, `{"data":[{"attributes":{"name":"a.b","claim":"x"}}]}`, "at /0/attributes/claim: expected an object, found a string"},
		"next is a number":  {200, `{"data":[],"links":{"next":5}}`, "no JSON"},
		"a gateway's words": {401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "401 Unauthorized: Unauthorized; scope does not match"},
		"details":           {400, `{"errors":[{"id":"i","code":"ADMIN-400-1","title":"","detail":"bad cursor"}]}`, "400 ADMIN-400-1: bad cursor"},
		"title and detail":  {400, `{"errors":[{"code":"","title":"Bad","detail":"cursor"}]}`, "400 Bad Request: Bad: cursor"},
		"errors is text":    {400, `{"errors":"x"}`, "400 Bad Request"},
	} {
		t.Run(name, func(t *testing.T) {
			a := answering(t, func(*http.Request) (int, string) { return c.status, c.body })
			if _, err := a.client().
				ReadOrganization(context.Background(), false, nil); err == nil ||
				!strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	full := Config{OrganizationID: "o", APIKey: planted}
	for name, c := range map[string]struct {
		change   func(*Config)
		argument string
	}{
		"no organization": {func(c *Config) { c.OrganizationID = "" }, "organization_id"},
		"no key":          {func(c *Config) { c.APIKey = "" }, "api_key"},
		"line break":      {func(c *Config) { c.APIKey += "\n" }, "api_key"},
		"plain HTTP":      {func(c *Config) { c.Endpoint = "http://api.example" }, "endpoint"},
		"no host":         {func(c *Config) { c.Endpoint = "https:///x" }, "endpoint"},
		"no scheme":       {func(c *Config) { c.Endpoint = "api.example" }, "endpoint"},
		"query":           {func(c *Config) { c.Endpoint = "https://api.example?a=b" }, "endpoint"},
		"user":            {func(c *Config) { c.Endpoint = "https://u:" + planted + "@api.example" }, "endpoint"},
		"broken":          {func(c *Config) { c.Endpoint = "https://%zz" }, "endpoint"},
	} {
		config := full
		c.change(&config)
		_, err := New(config)
		var e *ConfigError
		if !errors.As(err, &e) || e.Argument != c.argument || strings.Contains(err.Error(), planted) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := New(full)
	if err != nil || c.base.String() != DefaultEndpoint || c.OrganizationID() != "o" {
		t.Error(c, err)
	}
	full.Endpoint = "https://proxy.example/atlassian///"
	if c, err = New(full); err != nil || c.base.String() != "https://proxy.example/atlassian" {
		t.Error(c.base, err)
	}
}

func TestTrailingSlash(t *testing.T) {
	b := start(t)
	o, err := b.read(false, func(c *Config) { c.Endpoint += "//" })
	if err != nil || len(o.Domains) != 230 {
		t.Error(err)
	}
}

func TestUntrusted(t *testing.T) {
	b := start(t)
	_, err := b.read(false, func(c *Config) { c.Roots = nil })
	if err == nil || !strings.Contains(err.Error(), "certificate") || len(b.waits) != 0 {
		t.Error(err)
	}
}

func TestLogAndCancel(t *testing.T) {
	b := start(t)
	var lines []string
	c := b.client(func(c *Config) {
		c.Log = func(_ context.Context, m string, f map[string]any) { lines = append(lines, fmt.Sprint(m, f)) }
	})
	if _, err := c.ReadOrganization(context.Background(), false, nil); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 3 || strings.Contains(strings.Join(lines, ""), simulator.DefaultAPIKey) {
		t.Error(lines)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.ReadOrganization(ctx, true, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What Atlassian echoes is bounded, escaped and without the key.
func TestEchoedKey(t *testing.T) {
	a := answering(t, func(r *http.Request) (int, string) {
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		said, err := json.Marshal("you sent " + key + "\x1b[2J\nError: forged " + strings.Repeat("long ", 1<<19) + key)
		if err != nil {
			t.Error(err)
		}
		return 400, `{"errors":[{"id":"` + key + `","code":"` + key + `","title":` + string(said) + `,"detail":"d"}]}`
	})
	_, err := a.client().ReadOrganization(t.Context(), false, nil)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "(redacted)") {
		t.Fatalf("%.500v", err)
	}
	for _, bad := range []string{a.client().config.APIKey, "\x1b", "\n"} {
		if strings.Contains(err.Error(), bad) {
			t.Errorf("%q is in %.700q", bad, err.Error())
		}
	}
	if len(err.Error()) > 2000 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}
