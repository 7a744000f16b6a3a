package kernel

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

// Call is one request on its way to its handler: one of HTTP, or one item of a $batch.
type Call struct {
	Context   context.Context
	Method    string
	Base      string // https://host, as the client knows it
	Path      string // as it was sent
	Query     *Query
	Header    http.Header
	Body      []byte
	Params    []string // what stood in the route's {…}
	Route     *Route
	InBatch   bool
	Remote    string // the client's address
	RequestID string
	Effects   effects
}

// effects is what faults do to an answer that is otherwise right.
type effects struct {
	StaleReads  int
	NextLoop    bool
	NextEndless bool
	NextHost    string
}

// Response is what a handler says; the server adds the headers that every answer has.
type Response struct {
	Status      int
	header      http.Header
	ContentType string
	Body        []byte
}

// The content types of most answers.
const (
	PlainJSON = "application/json"
	PlainText = "text/plain"
)

// With sets a header of the answer.
func (a *Response) With(name, value string) *Response {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
	return a
}

// JSON answers with a body of JSON.
func (c *Call) JSON(status int, body []byte) *Response {
	return &Response{Status: status, ContentType: PlainJSON, Body: body}
}

// Encode answers with a value of our own types.
func (c *Call) Encode(status int, v any) *Response { return c.JSON(status, rawjson.Marshal(v)) }

// NoContent is 204.
func NoContent() *Response { return &Response{Status: http.StatusNoContent} }

// Param is what stood in the i-th place of the route's template.
func (c *Call) Param(i int) string { return c.Params[i] }

// Writes says whether the request may change something.
func (c *Call) Writes() bool { return c.Method != http.MethodGet && c.Method != http.MethodHead }

// Query is the options of a request. Unlike url.Values it keeps the order they came in, so that a
// nextLink can repeat them.
type Query struct {
	Names, Values []string
}

// parseQuery splits a raw query at & alone: filters may hold semicolons.
func parseQuery(raw string) (*Query, error) {
	q := &Query{}
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
		q.Names, q.Values = append(q.Names, n), append(q.Values, v)
	}
	return q, nil
}

// Get is the first option of a name.
func (q *Query) Get(name string) (string, bool) {
	for i, n := range q.Names {
		if n == name {
			return q.Values[i], true
		}
	}
	return "", false
}

// Value is the first option of a name, "" without one.
func (q *Query) Value(name string) string {
	v, _ := q.Get(name)
	return v
}

// With is the query as a string with one option set, at its end.
func (q *Query) With(name, value string) string {
	var b strings.Builder
	for i, n := range q.Names {
		if n != name {
			fmt.Fprintf(&b, "%s=%s&", escapeOption(n), url.QueryEscape(q.Values[i]))
		}
	}
	return b.String() + escapeOption(name) + "=" + url.QueryEscape(value)
}

// escapeOption leaves the $ of an option's name readable, as Graph's links do.
func escapeOption(name string) string {
	return strings.ReplaceAll(url.QueryEscape(name), "%24", "$")
}

// ClientRequestID is what the client calls the request, else the server's id.
func (c *Call) ClientRequestID() string {
	if id := c.Header.Get("client-request-id"); id != "" {
		return id
	}
	return c.RequestID
}

// NextLink is a next link as the faults of this request make it.
func (c *Call) NextLink(next string) string {
	at := c.Base + c.Path + "?"
	switch {
	case c.Effects.NextLoop: // the query in a form that stays the same from then on
		return at + c.Query.With("loop", "1")
	case c.Effects.NextEndless:
		n, _ := strconv.Atoi(c.Query.Value("loop"))
		return at + c.Query.With("loop", strconv.Itoa(n+1))
	case c.Effects.NextHost != "":
		if next == "" {
			next = c.Base + c.Path
		}
		return "https://" + c.Effects.NextHost + strings.TrimPrefix(next, c.Base)
	}
	return next
}

// UnreadableBody is the message for a body that isn't JSON.
const UnreadableBody = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is " +
	"of valid JSON format."

// Changes says whether the request may change what a service holds.
func (c *Call) Changes() bool { return c.Route != nil && c.Route.Service.Changes(c) }

// Decode reads the request's body; an unknown member is an error.
func (c *Call) Decode(into any) error {
	dec := json.NewDecoder(bytes.NewReader(c.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("the body isn't what was expected: %w", err)
	}
	return nil
}
