package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// call is one request on its way to its handler: one of HTTP, or one item of a $batch.
type call struct {
	srv     *Server
	ctx     context.Context
	method  string
	base    string // https://host, as the client knows it
	path    string // as it was sent
	query   *query
	header  http.Header
	body    []byte
	params  []string // what stood in the route's {…}
	route   *route
	token   *claims       // of Graph requests
	org     *organization // of Atlassian requests
	inBatch bool
	remote  string // the client's address

	requestID string
	tick      int64
	effects   effects
}

// effects is what faults do to an answer that is otherwise right.
type effects struct {
	staleReads  int
	nextLoop    bool
	nextEndless bool
	nextHost    string
}

// answer is what a handler says; the server adds the headers that every answer has.
type answer struct {
	status      int
	header      http.Header
	contentType string
	body        []byte
}

// The content types of Graph [graph 6] and of everything else.
const (
	graphJSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
	plainJSON = "application/json"
	plainText = "text/plain"
)

func (a *answer) with(name, value string) *answer {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
	return a
}

func (c *call) json(status int, body []byte) *answer {
	contentType := plainJSON
	if c.route != nil && c.route.api == apiGraph {
		contentType = graphJSON
	}
	return &answer{status: status, contentType: contentType, body: body}
}

// encode answers with a value of our own types.
func (c *call) encode(status int, v any) *answer { return c.json(status, rawjson.Marshal(v)) }

func noContent() *answer { return &answer{status: http.StatusNoContent} }

func (c *call) param(i int) string { return c.params[i] }

// writes says whether the request may change something.
func (c *call) writes() bool { return c.method != http.MethodGet && c.method != http.MethodHead }

// lag is how long what this request writes stays unseen.
func (c *call) lag() staleness { return staleness{tick: c.tick, reads: c.effects.staleReads} }

// query is the options of a request. Unlike url.Values it keeps the order they came in, so that a
// nextLink can repeat them.
type query struct {
	names, values []string
}

// parseQuery splits a raw query at & alone: filters may hold semicolons.
func parseQuery(raw string) (*query, error) {
	q := &query{}
	for _, part := range strings.Split(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		if err != nil {
			return nil, fmt.Errorf("the query option %q isn't escaped well", name)
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			return nil, fmt.Errorf("the value of query option %q isn't escaped well", n)
		}
		q.names, q.values = append(q.names, n), append(q.values, v)
	}
	return q, nil
}

func (q *query) get(name string) (string, bool) {
	for i, n := range q.names {
		if n == name {
			return q.values[i], true
		}
	}
	return "", false
}

func (q *query) value(name string) string {
	v, _ := q.get(name)
	return v
}

// replaced is the query as a string with one option set, at its end.
func (q *query) replaced(name, value string) string {
	var b strings.Builder
	for i, n := range q.names {
		if n != name {
			fmt.Fprintf(&b, "%s=%s&", escapeOption(n), url.QueryEscape(q.values[i]))
		}
	}
	return b.String() + escapeOption(name) + "=" + url.QueryEscape(value)
}

// escapeOption leaves the $ of an option's name readable, as Graph's links do.
func escapeOption(name string) string {
	return strings.ReplaceAll(url.QueryEscape(name), "%24", "$")
}

// object is the members of a JSON object in the request's body.
func (c *call) object() ([]rawjson.Field, *answer) {
	if len(strings.TrimSpace(string(c.body))) == 0 {
		return nil, c.fail(badRequest("BadRequest", "Empty Payload. JSON content expected."))
	}
	contentType := c.header.Get("Content-Type")
	if !strings.HasPrefix(contentType, "application/json") || !json.Valid(c.body) {
		return nil, c.fail(badRequest("BadRequest", unreadable))
	}
	list, err := rawjson.Fields(c.body)
	if err != nil {
		return nil, c.fail(badRequest("BadRequest", unreadable))
	}
	return list, nil
}

const unreadable = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
