package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// call is one request on its way to its handler: one of HTTP, or one item of a $batch.
type call struct {
	ctx       context.Context
	method    string
	base      string // https://host, as the client knows it
	path      string // as it was sent
	query     *query
	header    http.Header
	body      []byte
	params    []string // what stood in the route's {…}
	route     *route
	inBatch   bool
	remote    string // the client's address
	requestID string
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

// The content types of most answers.
const (
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

// json answers with a body of JSON.
func (c *call) json(status int, body []byte) *answer {
	return &answer{status: status, contentType: plainJSON, body: body}
}

// encode answers with a value of our own types.
func (c *call) encode(status int, v any) *answer { return c.json(status, rawjson.Marshal(v)) }

func noContent() *answer { return &answer{status: http.StatusNoContent} }

func (c *call) param(i int) string { return c.params[i] }

// writes says whether the request may change something.
func (c *call) writes() bool { return c.method != http.MethodGet && c.method != http.MethodHead }

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

func (c *call) clientRequestID() string {
	if id := c.header.Get("client-request-id"); id != "" {
		return id
	}
	return c.requestID
}

// bend is a next link as the faults of this request make it.
func (c *call) bend(next string) string {
	at := c.base + c.path + "?"
	switch {
	case c.effects.nextLoop: // the query in a form that stays the same from then on
		return at + c.query.replaced("loop", "1")
	case c.effects.nextEndless:
		n, _ := strconv.Atoi(c.query.value("loop"))
		return at + c.query.replaced("loop", strconv.Itoa(n+1))
	case c.effects.nextHost != "":
		if next == "" {
			next = c.base + c.path
		}
		return "https://" + c.effects.nextHost + strings.TrimPrefix(next, c.base)
	}
	return next
}

// unreadable is the message for a body that isn't JSON.
const unreadable = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."

// changes says whether the request may change what a service holds.
func (c *call) changes() bool { return c.route != nil && c.route.service.Changes(c) }

// decode reads the request's body; an unknown member is an error.
func (c *call) decode(into any) error {
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("the body isn't what was expected: %w", err)
	}
	return nil
}
