package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

// The objects of testdata/tenant.json.
const (
	testTenant     = "11111111-aaaa-4aaa-8aaa-111111111111"
	oscar          = "a0000000-0000-4000-8000-000000000001"
	ada            = "a0000000-0000-4000-8000-000000000002"
	gus            = "a0000000-0000-4000-8000-000000000003"
	mia            = "a0000000-0000-4000-8000-000000000004"
	maryam         = "a0000000-0000-4000-8000-000000000005"
	groupAtlassian = "b0000000-0000-4000-8000-000000000001"
	groupPartners  = "b0000000-0000-4000-8000-000000000002"
	groupDynamic   = "b0000000-0000-4000-8000-000000000003"
	groupSecret    = "b0000000-0000-4000-8000-000000000004"
	orgMain        = "e0000000-0000-4000-8000-000000000001"
)

// client asks a server without a network in between.
type client struct {
	t      *testing.T
	server *Server
	bearer string
}

// reply is an answer, decoded.
type reply struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

const testBase = "https://graph.test"

func newClient(t *testing.T, options ...Option) *client {
	t.Helper()
	file, err := os.Open("testdata/tenant.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	server, err := New(file, options...)
	if err != nil {
		t.Fatal(err)
	}
	return &client{
		t: t, server: server,
		bearer: server.IssueToken(testBase, login.App{ClientID: DefaultClientID, Roles: login.AllRoles()}, testBase),
	}
}

// as is a client with other roles.
func (c *client) as(roles ...string) *client {
	other := *c
	other.bearer = c.server.IssueToken(testBase, login.App{ClientID: "other", Roles: roles}, testBase)
	return &other
}

func (c *client) do(method, target, body string, headers ...string) reply {
	c.t.Helper()
	r := httptest.NewRequest(method, testBase+escape(target), strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+c.bearer)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.server.Handler().ServeHTTP(w, r)
	return decodeReply(c.t, w.Result())
}

func decodeReply(t *testing.T, r *http.Response) reply {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{status: r.StatusCode, header: r.Header, raw: raw}
	if len(raw) > 0 && r.Header.Get("Content-Encoding") == "" &&
		strings.Contains(r.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &out.body); err != nil && !bytes.HasPrefix(raw, []byte("[")) {
			t.Fatalf("not JSON: %v\n%s", err, raw)
		}
	}
	return out
}

// escape lets tests write queries as people read them.
func escape(target string) string {
	path, query, ok := strings.Cut(target, "?")
	path = strings.ReplaceAll(path, "#", "%23")
	if !ok {
		return path
	}
	var parts []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if v, err := url.QueryUnescape(value); err == nil && strings.Contains(value, "%") {
			value = v
		}
		parts = append(parts, name+"="+url.QueryEscape(value))
	}
	return path + "?" + strings.Join(parts, "&")
}

func (c *client) get(target string, headers ...string) reply {
	c.t.Helper()
	return c.do("GET", target, "", headers...)
}

// advanced is a GET with the header of advanced queries.
func (c *client) advanced(target string) reply {
	c.t.Helper()
	return c.get(target, "ConsistencyLevel", "eventual")
}

// follow is a GET of a link of the server's.
func (c *client) follow(link string, headers ...string) reply {
	c.t.Helper()
	if !strings.HasPrefix(link, testBase+"/") {
		c.t.Fatalf("the link %q leads elsewhere", link)
	}
	return c.get(strings.TrimPrefix(link, testBase), headers...)
}

func (r reply) values() []map[string]any {
	var out []map[string]any
	list, _ := r.body["value"].([]any)
	for _, v := range list {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// column is one property of each value, as text.
func (r reply) column(name string) string {
	var out []string
	for _, v := range r.values() {
		s, _ := v[name].(string)
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func (r reply) code() string {
	e, _ := r.body["error"].(map[string]any)
	s, _ := e["code"].(string)
	return s
}

func (r reply) message() string {
	e, _ := r.body["error"].(map[string]any)
	s, _ := e["message"].(string)
	return s
}

func (r reply) text(name string) string {
	s, _ := r.body[name].(string)
	return s
}

// want fails the test unless the answer has a status and, where given, a code.
func (r reply) want(t *testing.T, status int, code ...string) reply {
	t.Helper()
	if r.status != status || len(code) > 0 && r.code() != code[0] {
		t.Fatalf("got %d %s, want %d %v\n%s", r.status, r.code(), status, code, r.raw)
	}
	return r
}

// frozen is a clock that stands still.
func frozen() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) }
