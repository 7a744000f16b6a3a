// Package kernel is what the simulated services stand on: requests and answers, the table of operations, and the way of
// a request through counts, hooks, faults and its operation.
package kernel

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

// MaxBody is more than any request of Graph's may hold (4 MB), less than what would hurt.
const MaxBody = 32 << 20

// Kernel is what all services stand on: it reads requests, finds their operation, counts, delays, misbehaves if it is
// their turn, and writes answers.
type Kernel struct {
	Routes Routes
	SameAs map[string]string // first segments of paths that are found as others: beta as v1.0
	*faults.Counters
	*faults.Schedule
	*faults.Hooks
	Latency latency
	Sleep   func(context.Context, time.Duration)

	// whose headers answers have that no route gives
	Otherwise   service
	Before      func(*Call)                                                // called before a request is carried out
	Unreadable  func(c *Call, text string) *Response                       // answers what can't be read
	UnknownPath map[string]func(c *Call, path, allowed []string) *Response // by the first segment; "": any other
}

// NewKernel is a kernel without operations.
func NewKernel() *Kernel {
	return &Kernel{
		Counters: faults.NewCounters(), Schedule: faults.NewSchedule(1), Hooks: &faults.Hooks{}, Sleep: env.SleepFor,
		UnknownPath: map[string]func(*Call, []string, []string) *Response{},
	}
}

// ServeHTTP answers one HTTP request: count, delay, misbehave if it is its turn, else do as asked.
func (k *Kernel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &Call{
		Context: r.Context(), Method: r.Method, Base: "https://" + r.Host, Path: r.URL.EscapedPath(),
		Header: r.Header, RequestID: uuid.NewString(), Query: &Query{}, Remote: r.RemoteAddr,
	}
	path, wellFormed := SplitPath(c.Path)
	var allowed []string
	if wellFormed {
		c.Route, c.Params, allowed = k.find(r.Method, path)
	}
	name := k.count(c)
	problem := k.readQuery(c, r.URL.RawQuery)
	if problem == nil {
		problem = k.readBody(c, w, r)
	}
	after := k.announce(c, name)
	if d := k.Latency.of(r.Method, strings.TrimPrefix(name, r.Method+" ")); d > 0 && !c.control() {
		k.Sleep(r.Context(), d)
	}
	hit := k.Schedule.Next(name, c.faultable())
	a := k.misbehave(c, hit)
	switch {
	case a != nil:
	case problem != nil:
		a = problem
	case c.Route == nil:
		a = k.noRoute(c, path, allowed)
	default:
		a = k.carryOut(c, name)
	}
	after()
	k.write(w, r, c, k.afterwards(c, hit, a), hit)
}

// BatchItem answers an item of a $batch, whose query and path are given; problem is the answer for what can't be read.
func (k *Kernel) BatchItem(c *Call, raw string) *Response {
	problem := k.readQuery(c, raw)
	path, _ := SplitPath(c.Path)
	var allowed []string
	c.Route, c.Params, allowed = k.find(c.Method, path)
	name := k.count(c)
	defer k.announce(c, name)()
	hit := k.Schedule.Next(name, c.faultable())
	if a := k.misbehave(c, hit); a != nil {
		return a
	}
	switch {
	case problem != nil:
		return problem
	case c.Route == nil:
		return k.noRoute(c, path, allowed)
	}
	return k.afterwards(c, hit, k.carryOut(c, name))
}

// find finds an operation; the first segment of a path may be another's name.
func (k *Kernel) find(method string, path []string) (*Route, []string, []string) {
	if as, ok := k.SameAs[path[0]]; ok {
		path[0] = as
	}
	return k.Routes.Find(method, path)
}

// control says whether the request is one to the control plane, which nothing is to disturb.
func (c *Call) control() bool {
	return c.Route != nil && c.Route.Service.Matching() == faults.MatchNever
}

// faultable says whether a fault that names no route may hit the request.
func (c *Call) faultable() faults.Matching {
	if c.Route == nil {
		return faults.MatchNever
	}
	return c.Route.Service.Matching()
}

// count registers the request under its method and route template.
func (k *Kernel) count(c *Call) string {
	if c.Route == nil {
		k.Counters.Add(c.Method+" (no such route)", false)
		return c.Method + " (no such route)"
	}
	name := c.Route.name()
	if !c.control() {
		k.Counters.Add(name, c.InBatch)
	}
	return name
}

func (k *Kernel) readQuery(c *Call, raw string) *Response {
	q, err := parseQuery(raw)
	if err != nil {
		return k.Unreadable(c, err.Error())
	}
	c.Query = q
	return nil
}

func (k *Kernel) readBody(c *Call, w http.ResponseWriter, r *http.Request) *Response {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	var in io.Reader = http.MaxBytesReader(w, r.Body, MaxBody)
	if r.Header.Get("Content-Encoding") == "gzip" { // the SDK compresses what it sends
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return k.Unreadable(c, UnreadableBody)
		}
		in = io.LimitReader(unzipped, MaxBody)
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return k.Unreadable(c, UnreadableBody)
	}
	c.Body = body
	return nil
}

// noRoute answers an unknown path as the service that it belongs to does.
func (k *Kernel) noRoute(c *Call, path, allowed []string) *Response {
	if len(path) > 0 {
		if answer := k.UnknownPath[path[0]]; answer != nil {
			return answer(c, path, allowed)
		}
	}
	return k.UnknownPath[""](c, path, allowed)
}

// write sends an answer with the headers of its service.
func (k *Kernel) write(w http.ResponseWriter, r *http.Request, c *Call, a *Response, hit *faults.Fault) {
	h := w.Header()
	k.SetHeaders(c, h, a)
	body := a.Body
	if len(body) > 1024 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = compress(body)
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
	}
	if a.Status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.Status)
	if hit != nil && hit.Kind == faults.Cut {
		_, _ = w.Write(body[:hit.CutAt(len(body))])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler) // net/http's way to cut the connection without a word
	}
	_, _ = w.Write(body)
}

// SetHeaders sets an answer's headers.
func (k *Kernel) SetHeaders(c *Call, h http.Header, a *Response) {
	for name, values := range a.header {
		h[name] = values
	}
	if a.ContentType != "" {
		h.Set("Content-Type", a.ContentType)
	}
	var by any = k.Otherwise
	if c.Route != nil {
		by = c.Route.Service
	}
	if s, ok := by.(headers); ok {
		s.Headers(c, h)
	}
}

var zippers sync.Pool

func getZipper() *gzip.Writer {
	if z, ok := zippers.Get().(*gzip.Writer); ok {
		return z
	}
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a valid one
	return z
}

// compress is a gzip of a body.
func compress(body []byte) []byte {
	out := make(sink, 0, len(body)/4)
	z := getZipper()
	defer zippers.Put(z)
	z.Reset(&out)
	_, _ = z.Write(body)
	_ = z.Close()
	return out
}

type sink []byte

func (s *sink) Write(p []byte) (int, error) {
	*s = append(*s, p...)
	return len(p), nil
}

// announce shows a request to the hooks, does what they want done before, and answers what they want done
// when it is over.
func (k *Kernel) announce(c *Call, name string) (after func()) {
	nothing := func() {}
	list := k.Hooks.All()
	if len(list) == 0 || c.control() {
		return nothing
	}
	r := faults.Request{
		Method: c.Method, Route: name, Path: c.Path, InBatch: c.InBatch, Writes: c.Changes(), RemoteAddr: c.Remote,
	}
	var later []func()
	for _, h := range list {
		before, after := h(r)
		if before != nil {
			before()
		}
		if after != nil {
			later = append(later, after)
		}
	}
	return func() {
		for _, f := range later {
			f()
		}
	}
}

// silence ends the connection without an answer: at once, or when the client or the fault has had enough
// of waiting. It doesn't return.
func (k *Kernel) silence(c *Call, f *faults.Fault) {
	if f.Kind == faults.Hang {
		k.Sleep(c.Context, time.Duration(f.Latency))
	}
	if conn, ok := c.Context.Value(connectionKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
	faults.DropConnection()
}

// afterwards is what becomes of the answer to a request that was carried out.
func (k *Kernel) afterwards(c *Call, f *faults.Fault, a *Response) *Response {
	if f == nil || !f.CarriedOut {
		return a
	}
	switch f.Kind {
	case faults.Status:
		return k.faulty(c, f)
	case faults.Drop, faults.Hang:
		k.silence(c, f)
	default: // the other kinds leave the answer as it is
	}
	return a
}

// carryOut runs a request, and counts it if it changed something.
func (k *Kernel) carryOut(c *Call, name string) *Response {
	k.Before(c)
	a := c.Route.Handle(c)
	if a.Status < http.StatusBadRequest && !c.batch() && c.Changes() {
		k.Counters.Done(name)
	}
	return a
}

// batch says whether the request is a $batch, whose items count by themselves.
func (c *Call) batch() bool { return strings.HasSuffix(c.Route.Template, "/$batch") }

type connectionKey struct{}

// WithConnection lets a request know its connection, so that a fault can end it: with HTTP/2, net/http
// itself would end the one stream alone.
func WithConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}
