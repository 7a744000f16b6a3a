package entra

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

const (
	listUsers   = "GET /v1.0/users"
	listGroups  = "GET /v1.0/groups"
	listMembers = "GET /v1.0/groups/{id}/members"
	sendBatch   = "POST /v1.0/$batch"
)

func paged(t *testing.T) *bench {
	s, err := simulator.NewSynthetic(simulator.Synthetic{Users: 2100, Groups: 45})
	return start(t, s, err)
}

// Faults that pass: the reading is the same as without them.
func TestFaultsThatPass(t *testing.T) {
	b := paged(t)
	want := encoded(t, b.mustRead(ReadOptions{}))
	for name, f := range map[string]simulator.Fault{
		"429 with Retry-After":    {Match: listUsers, RetryAfter: "7"},
		"429 fractional":          {Match: listUsers, Nth: 2, RetryAfter: "2.128"},
		"429 without":             {Match: listGroups, Times: 3},
		"503":                     {Match: listUsers, Status: 503, Times: 2},
		"500 in the middle":       {Match: listUsers, Status: 500, Nth: 3},
		"cut page":                {Kind: simulator.FaultCut, Match: listUsers, Nth: 2},
		"cut at once":             {Kind: simulator.FaultCut, Match: listGroups, AfterBytes: 1},
		"cut batch":               {Kind: simulator.FaultCut, Match: sendBatch},
		"503 for a batch":         {Match: sendBatch, Status: 503},
		"429 for a batch":         {Match: sendBatch, RetryAfter: "1"},
		"429 for items":           {Match: listMembers, Nth: 5, Times: 9, RetryAfter: "3.5"},
		"503 for items":           {Match: listMembers, Nth: 2, Times: 30, Status: 503},
		"429 for one, again":      {Match: listMembers, Times: graph.MaxBatchAttempts - 1},
		"everything, now and now": {Probability: 0.2, Status: 503, Times: 15},
	} {
		t.Run(name, func(t *testing.T) {
			b.ClearFaults()
			b.waits = nil
			if f.Kind == "" {
				f.Kind = simulator.FaultStatus
			}
			b.fault(f)
			if encoded(t, b.mustRead(ReadOptions{})) != want {
				t.Error("another reading")
			}
			if len(b.waits) == 0 {
				t.Error("nothing was repeated")
			}
			for _, w := range b.waits {
				if f.RetryAfter != "" && w != 0 && fmt.Sprint(w.Seconds()) != f.RetryAfter {
					t.Errorf("waited %v", w)
				}
			}
		})
	}
}

// Only the items that were throttled are sent again.
func TestThrottledItems(t *testing.T) {
	b := companyTenant(t)
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: listMembers, Nth: 4, Times: 3, RetryAfter: "0.25"})
	b.mustRead(ReadOptions{})
	asked := b.asked()
	if asked["batch "+listMembers] != 17+3 || asked[sendBatch] != 2 {
		t.Error(asked)
	}
	if len(b.waits) != 1 || b.waits[0] != 250*time.Millisecond {
		t.Error(b.waits)
	}
}

// Faults that don't pass: each ends, and its error says what it was.
func TestFaultsThatStay(t *testing.T) {
	for name, c := range map[string]struct {
		fault   simulator.Fault
		status  int
		text    string
		advice  string
		endless bool
	}{
		"429": {simulator.Fault{Match: listUsers}, 429, "reading users: Graph answered 429 " +
			"TooManyRequests", "throttled", false},
		"429 for items": {simulator.Fault{Match: listMembers}, 429, "reading members of groups: Graph answered " +
			"429", "throttled", false},
		"429 long": {simulator.Fault{Match: listUsers, RetryAfter: "100000"}, 429, "429", "throttled", false},
		"503":      {simulator.Fault{Match: listGroups, Status: 503}, 503, "reading groups: Graph answered 503", "request id", false},
		"503 for items": {simulator.Fault{Match: listMembers, Status: 503}, 503, "reading members of groups: " +
			"Graph answered 503", "request id", false},
		"501 for items": {simulator.Fault{Match: listMembers, Status: 501}, 501, "501", "", false},
		"401": {simulator.Fault{Match: listUsers, Status: 401}, 401, "reading users: Graph answered " +
			"401 InvalidAuthenticationToken", "doesn't accept the token", false},
		"401 for items":     {simulator.Fault{Match: listMembers, Status: 401}, 401, "401", "doesn't accept the token", false},
		"403 users":         {simulator.Fault{Match: listUsers, Status: 403}, 403, "403 Authorization_RequestDenied", "User.Read.All", false},
		"403 groups":        {simulator.Fault{Match: listGroups, Status: 403}, 403, "403", "GroupMember.Read.All", false},
		"403 domains":       {simulator.Fault{Match: "GET /v1.0/domains", Status: 403}, 403, "reading domains", "Domain.Read.All", false},
		"403 batch":         {simulator.Fault{Match: sendBatch, Status: 403}, 403, "403", "GroupMember.Read.All", false},
		"cut":               {simulator.Fault{Kind: simulator.FaultCut, Match: listUsers}, 0, "reading users: ", "", false},
		"loop":              {simulator.Fault{Kind: simulator.FaultNextLoop, Match: listUsers}, 0, "reading users", "", true},
		"endless":           {simulator.Fault{Kind: simulator.FaultNextEndless, Match: listUsers}, 0, "reading users", "", true},
		"loop of groups":    {simulator.Fault{Kind: simulator.FaultNextLoop, Match: listGroups}, 0, "reading groups", "", true},
		"loop of members":   {simulator.Fault{Kind: simulator.FaultNextLoop, Match: listMembers}, 0, "reading members", "", true},
		"endless of member": {simulator.Fault{Kind: simulator.FaultNextEndless, Match: listMembers}, 0, "reading members", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := paged(t)
			if c.fault.Kind == "" {
				c.fault.Kind = simulator.FaultStatus
			}
			c.fault.Times = -1
			b.fault(c.fault)
			_, err := b.read(ReadOptions{})
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Fatal(err)
			}
			var e *Error
			if c.status != 0 &&
				(!errors.As(err, &e) || e.Status != c.status || e.RequestID == "" || !strings.Contains(e.Advice(), c.advice)) {
				t.Errorf("%#v", err)
			}
			if errors.Is(err, transport.ErrEndless) != c.endless {
				t.Error(err)
			}
			if n := b.Requests().Total; n > 100 {
				t.Errorf("%d requests", n)
			}
			if strings.HasPrefix(name, "403") && len(b.waits) != 0 {
				t.Errorf("a 403 was repeated: %v", b.asked())
			}
		})
	}
}

// stranger is another service that the client would trust; nothing may reach
// it.
type stranger struct {
	*httptest.Server
	requests atomic.Int32
}

func (b *bench) stranger() *stranger {
	b.t.Helper()
	s := &stranger{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		fmt.Fprint(w, `{"value":[]}`)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	b.roots.AddCert(s.Certificate())
	b.t.Cleanup(func() {
		s.Close()
		if n := s.requests.Load(); n != 0 {
			b.t.Errorf("%d requests reached another host", n)
		}
	})
	return s
}

func TestForeignNextLinks(t *testing.T) {
	for _, match := range []string{listUsers, listGroups, listMembers, "GET /v1.0/domains"} {
		t.Run(match, func(t *testing.T) {
			b := paged(t)
			b.fault(
				simulator.Fault{
					Kind:  simulator.FaultNextForeign,
					Match: match,
					Host:  strings.TrimPrefix(b.stranger().URL, "https://"),
				},
			)
			if _, err := b.read(ReadOptions{}); !errors.Is(err, transport.ErrOtherHost) {
				t.Error(err)
			}
		})
	}
}

// front passes requests on to the simulator, and lets a test change answers.
func (b *bench) front(
	change func(r *http.Request, body []byte) (status int, contentType string, answer []byte),
) *httptest.Server {
	b.t.Helper()
	handler := b.Handler()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		rec := httptest.NewRecorder()
		sent, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		handler.ServeHTTP(rec, r)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		status, contentType, body := change(r, rec.Body.Bytes())
		if body == nil {
			status, contentType, body = rec.Code, rec.Header().Get("Content-Type"), rec.Body.Bytes()
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write(body)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	b.t.Cleanup(s.Close)
	b.roots.AddCert(s.Certificate())
	return s
}

// Answers that no Graph gives.
func TestStrangeAnswers(t *testing.T) {
	const page = `<html><body>Please sign in to the proxy</body></html>`
	for name, c := range map[string]struct {
		path   string
		status int
		body   string
		want   string
	}{
		"HTML with 200": {"/v1.0/users", 200, page, "reading users: Graph's answer has another shape than " +
			"documented: no JSON"},
		"HTML with 403": {"/v1.0/users", 403, page, "Graph answered 403 Forbidden: no message that Graph would " +
			"send; is something between here and Graph"},
		"HTML with 407":       {"/v1.0/users", 407, page, "407 Proxy Authentication Required"},
		"redirect":            {"/v1.0/users", 302, page, "Graph answered 302 Found"},
		"no content":          {"/v1.0/users", 200, ``, "no JSON"},
		"no value":            {"/v1.0/users", 200, `{}`, `there is no "value"`},
		"value twice":         {"/v1.0/users", 200, `{"value":[{"id":"a"}],"value":[{"id":"b"}]}`, `"value" stands there twice`},
		"value is null":       {"/v1.0/users", 200, `{"value":null}`, "expected an array, found null"},
		"value is an object":  {"/v1.0/groups", 200, `{"value":{}}`, "expected an array, found an object"},
		"user without id":     {"/v1.0/users", 200, `{"value":[{"userType":"Member"}]}`, "at /0: a user has no id"},
		"user of numbers":     {"/v1.0/users", 200, `{"value":[{"id":"a","mail":1}]}`, "at /0/mail: expected a string, found a number"},
		"next is a number":    {"/v1.0/users", 200, `{"value":[],"@odata.nextLink":1}`, "another shape"},
		"next is plain HTTP":  {"/v1.0/users", 200, `{"value":[],"@odata.nextLink":"http://HOST/v1.0/users"}`, "refused"},
		"next has no scheme":  {"/v1.0/users", 200, `{"value":[],"@odata.nextLink":"users?x"}`, "refused"},
		"next is a user":      {"/v1.0/users", 200, `{"value":[],"@odata.nextLink":"https://HOST@evil.example/v1.0"}`, "refused"},
		"next has bad bytes":  {"/v1.0/users", 200, `{"value":[],"@odata.nextLink":"https://HOST/%zz"}`, "invalid URL escape"},
		"batch is HTML":       {"/v1.0/$batch", 200, page, "the batch's answer: no JSON"},
		"batch and more":      {"/v1.0/$batch", 200, `{"responses":[]} {}`, "something follows the JSON"},
		"batch without items": {"/v1.0/$batch", 200, `{"responses":[]}`, "left request 1 unanswered"},
		"batch of others":     {"/v1.0/$batch", 200, `{"responses":[{"id":"99","status":200}]}`, `answers a request "99" that wasn't in it`},
		"batch twice":         {"/v1.0/$batch", 200, `{"responses":[{"id":"1","status":200,"body":{"value":[]}},{"id":"1","status":200,"body":{"value":[]}}]}`, `answers the request "1" twice`},
		"batch, late status":  {"/v1.0/$batch", 200, `{"responses":[{"id":"1","body":{"value":[{"id":1}]},"status":200}]}`, `unanswered`},
		"batch of no pages":   {"/v1.0/$batch", 200, `{"responses":[{"id":"1","status":200,"body":{"value":[{"id":1}]}}]}`, `unanswered`},
		"batch of no numbers": {"/v1.0/$batch", 200, `{"responses":[{"id":"x","status":200}]}`, `answers a request "x"`},
		"item without body":   {"/v1.0/$batch", 200, `{"responses":[{"id":"1","status":200}]}`, "left request 2 unanswered"},
		"domain is no name":   {"/v1.0/domains", 200, `{"value":[{"id":"a b"}]}`, `"a b" is no domain name`},
	} {
		t.Run(name, func(t *testing.T) {
			b := companyTenant(t)
			s := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
				if r.URL.Path != c.path {
					return 0, "", nil
				}
				return c.status, "text/html", append([]byte{}, strings.ReplaceAll(c.body, "HOST", r.Host)...)
			})
			_, err := b.clientAt(s.URL).ReadDirectory(context.Background(), ReadOptions{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
}

func (b *bench) clientAt(address string) *Client {
	return b.client(func(c *Config) { c.GraphEndpoint, c.AuthorityHost = address, address })
}

// Between the list of users and a group's members, one is deleted and one is
// new: their facts aren't known.
func TestMovingTenant(t *testing.T) {
	const id = "11111111-0000-4000-8000-000000000001"
	b := tenantOf(t, ``, `{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"All","members":[]}`)
	s := b.front(func(r *http.Request, body []byte) (int, string, []byte) {
		if r.URL.Path != "/v1.0/$batch" {
			return 0, "", nil
		}
		return 200, "application/json", []byte(
			`{"responses":[{"id":"1","status":200,"body":{"value":[{"@odata.type":"#microsoft.graph.user","id":"` + id + `"}]}}]}`,
		)
	})
	d, err := b.clientAt(s.URL).ReadDirectory(context.Background(), ReadOptions{})
	if err != nil || len(d.Groups[0].Unreadable) != 1 {
		t.Error(d, err)
	}
}

// Users and groups that pages repeat count once.
func TestRepeatedObjects(t *testing.T) {
	b := tenantOf(t, ``, ``)
	s := b.front(func(r *http.Request, body []byte) (int, string, []byte) {
		base := "https://" + r.Host
		switch r.URL.Path + r.URL.RawQuery[:min(2, len(r.URL.RawQuery))] {
		case "/v1.0/users%2", "/v1.0/users$s", "/v1.0/users$t":
			return 200, "application/json", []byte(
				`{"value":[{"id":"U1","userType":"Member","accountEnabled":true}],"@odata.nextLink":"` + base + `/v1.0/users?p2"}`,
			)
		case "/v1.0/usersp2":
			return 200, "application/json", []byte(
				`{"value":[{"id":"u1","userType":"Guest","accountEnabled":true},{"id":"u2"}]}`,
			)
		case "/v1.0/groups$s", "/v1.0/groups%2", "/v1.0/groups$t":
			return 200, "application/json", []byte(
				`{"value":[{"id":"G1","displayName":"A"},{"id":"g1","displayName":"A"}]}`,
			)
		case "/v1.0/$batch":
			return 200, "application/json", []byte(
				`{"responses":[{"id":"1","status":200,"body":{"value":[{"@odata.type":"#microsoft.graph.user","id":"U2"},{"@odata.type":"#microsoft.graph.user","id":"u2"}]}}]}`,
			)
		}
		return 0, "", nil
	})
	d, err := b.clientAt(s.URL).ReadDirectory(context.Background(), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Users) != 2 || d.Users[0].UserType != "Guest" || len(d.Groups) != 1 || len(d.Groups[0].Users) != 1 {
		t.Errorf("%+v %+v", d.Users, d.Groups)
	}
}

func TestUnknownAttribute(t *testing.T) {
	_, err := companyTenant(t).read(ReadOptions{Attributes: []string{"departmant"}})
	var e *Error
	if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message, "departmant") ||
		!strings.Contains(e.Advice(), "attributes") {
		t.Error(err)
	}
}

func TestCanceledRead(t *testing.T) {
	b := paged(t)
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: listMembers, Times: -1})
	ctx, cancel := context.WithCancel(context.Background())
	c, err := New(b.config(), func(int, time.Duration) time.Duration { cancel(); return time.Hour }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadDirectory(ctx, ReadOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := b.client().ReadDirectory(ctx, ReadOptions{}); !errors.Is(err, context.Canceled) {
		t.Error("before the first request:", err)
	}
}

// One client, several reads at once.
func TestSideBySide(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	want := encoded(t, b.mustRead(ReadOptions{}))
	done := make(chan error, 4)
	for range 4 {
		go func() {
			d, err := c.ReadDirectory(context.Background(), ReadOptions{})
			if err == nil {
				var text string
				if text, err = d.EncodeReading(); err == nil && text != want {
					err = errors.New("another reading")
				}
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestLog(t *testing.T) {
	b := companyTenant(t)
	lines := make(chan string, 1000)
	c, err := New(b.config(), b.wait, func(_ context.Context, message string, fields map[string]any) {
		lines <- fmt.Sprint(message, fields)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadDirectory(context.Background(), ReadOptions{Groups: []string{"Facilities"}}); err != nil {
		t.Fatal(err)
	}
	close(lines)
	n := 0
	for line := range lines {
		n++
		for _, never := range []string{simulator.DefaultClientSecret, "Bearer", "eyJ", "company.com", "Facilities"} {
			if strings.Contains(line, never) {
				t.Errorf("%s is in the log: %s", never, line)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d lines", n)
	}
}
