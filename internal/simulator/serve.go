package simulator

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

// maxBody is more than any request of Graph's may hold (4 MB), less than what would hurt.
const maxBody = 32 << 20

// kernel is what all services stand on: it reads requests, finds their operation, counts, delays, misbehaves if it is
// their turn, and writes answers.
type kernel struct {
	routes routeTable
	*faults.Counters
	*faults.Schedule
	*faults.Hooks
	latency latency
	sleep   func(context.Context, time.Duration)

	otherwise   service                                                  // whose headers answers have that no route gives
	before      func(*call)                                              // called before a request is carried out
	unreadable  func(c *call, text string) *answer                       // answers what can't be read
	unknownPath map[string]func(c *call, path, allowed []string) *answer // by the first segment; "": any other
}

func newKernel() *kernel {
	return &kernel{
		Counters: faults.NewCounters(), Schedule: faults.NewSchedule(1), Hooks: &faults.Hooks{}, sleep: env.SleepFor,
		unknownPath: map[string]func(*call, []string, []string) *answer{},
	}
}

// ServeHTTP answers one HTTP request: count, delay, misbehave if it is its turn, else do as asked.
func (k *kernel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{
		ctx: r.Context(), method: r.Method, base: "https://" + r.Host, path: r.URL.EscapedPath(),
		header: r.Header, requestID: uuid.NewString(), query: &query{}, remote: r.RemoteAddr,
	}
	path, wellFormed := splitPath(c.path)
	var allowed []string
	if wellFormed {
		c.route, c.params, allowed = k.routes.find(r.Method, path)
	}
	name := k.count(c)
	problem := k.readQuery(c, r.URL.RawQuery)
	if problem == nil {
		problem = k.readBody(c, w, r)
	}
	after := k.announce(c, name)
	if d := k.latency.of(r.Method, strings.TrimPrefix(name, r.Method+" ")); d > 0 && !c.control() {
		k.sleep(r.Context(), d)
	}
	hit := k.Schedule.Next(name, c.faultable())
	a := k.misbehave(c, hit)
	switch {
	case a != nil:
	case problem != nil:
		a = problem
	case c.route == nil:
		a = k.noRoute(c, path, allowed)
	default:
		a = k.carryOut(c, name)
	}
	after()
	k.write(w, r, c, k.afterwards(c, hit, a), hit)
}

// item answers an item of a $batch, whose query and path are given; problem is the answer for what can't be read.
func (k *kernel) item(c *call, raw string) *answer {
	problem := k.readQuery(c, raw)
	path, _ := splitPath(c.path)
	var allowed []string
	c.route, c.params, allowed = k.routes.find(c.method, path)
	name := k.count(c)
	defer k.announce(c, name)()
	hit := k.Schedule.Next(name, c.faultable())
	if a := k.misbehave(c, hit); a != nil {
		return a
	}
	switch {
	case problem != nil:
		return problem
	case c.route == nil:
		return k.noRoute(c, path, allowed)
	}
	return k.afterwards(c, hit, k.carryOut(c, name))
}

// control says whether the request is one to the control plane, which nothing is to disturb.
func (c *call) control() bool {
	return c.route != nil && c.route.service.Matching() == faults.MatchNever
}

// faultable says whether a fault that names no route may hit the request.
func (c *call) faultable() faults.Matching {
	if c.route == nil {
		return faults.MatchNever
	}
	return c.route.service.Matching()
}

// count registers the request under its method and route template.
func (k *kernel) count(c *call) string {
	if c.route == nil {
		k.Counters.Add(c.method+" (no such route)", false)
		return c.method + " (no such route)"
	}
	name := c.route.name()
	if !c.control() {
		k.Counters.Add(name, c.inBatch)
	}
	return name
}

func (k *kernel) readQuery(c *call, raw string) *answer {
	q, err := parseQuery(raw)
	if err != nil {
		return k.unreadable(c, err.Error())
	}
	c.query = q
	return nil
}

func (k *kernel) readBody(c *call, w http.ResponseWriter, r *http.Request) *answer {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	var in io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" { // the SDK compresses what it sends
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return k.unreadable(c, unreadable)
		}
		in = io.LimitReader(unzipped, maxBody)
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return k.unreadable(c, unreadable)
	}
	c.body = body
	return nil
}

// noRoute answers an unknown path as the service that it belongs to does.
func (k *kernel) noRoute(c *call, path, allowed []string) *answer {
	if len(path) > 0 {
		if answer := k.unknownPath[path[0]]; answer != nil {
			return answer(c, path, allowed)
		}
	}
	return k.unknownPath[""](c, path, allowed)
}

// write sends an answer with the headers of its service.
func (k *kernel) write(w http.ResponseWriter, r *http.Request, c *call, a *answer, hit *faults.Fault) {
	h := w.Header()
	k.dress(c, h, a)
	body := a.body
	if len(body) > 1024 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = compress(body)
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if hit != nil && hit.Kind == faults.Cut {
		_, _ = w.Write(body[:hit.CutAt(len(body))])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler) // net/http's way to cut the connection without a word
	}
	_, _ = w.Write(body)
}

// dress sets an answer's headers.
func (k *kernel) dress(c *call, h http.Header, a *answer) {
	for name, values := range a.header {
		h[name] = values
	}
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	}
	var by any = k.otherwise
	if c.route != nil {
		by = c.route.service
	}
	if s, ok := by.(headers); ok {
		s.Headers(c, h)
	}
}

var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a valid one
	return z
}}

// compress is a gzip of a body.
func compress(body []byte) []byte {
	out := make(sink, 0, len(body)/4)
	z := zippers.Get().(*gzip.Writer)
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
func (k *kernel) announce(c *call, name string) (after func()) {
	nothing := func() {}
	list := k.Hooks.All()
	if len(list) == 0 || c.control() {
		return nothing
	}
	r := faults.Request{Method: c.method, Route: name, Path: c.path, InBatch: c.inBatch, Writes: c.changes(), RemoteAddr: c.remote}
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
func (k *kernel) silence(c *call, f *faults.Fault) {
	if f.Kind == faults.Hang {
		k.sleep(c.ctx, time.Duration(f.Latency))
	}
	if conn, ok := c.ctx.Value(connectionKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
	faults.DropConnection()
}

// afterwards is what becomes of the answer to a request that was carried out.
func (k *kernel) afterwards(c *call, f *faults.Fault, a *answer) *answer {
	if f == nil || !f.CarriedOut {
		return a
	}
	switch f.Kind {
	case faults.Status:
		return k.faulty(c, f)
	case faults.Drop, faults.Hang:
		k.silence(c, f)
	}
	return a
}

// carryOut runs a request, and counts it if it changed something.
func (k *kernel) carryOut(c *call, name string) *answer {
	k.before(c)
	a := c.route.handle(c)
	if a.status < http.StatusBadRequest && !c.batch() && c.changes() {
		k.Counters.Done(name)
	}
	return a
}

// batch says whether the request is a $batch, whose items count by themselves.
func (c *call) batch() bool { return strings.HasSuffix(c.route.template, "/$batch") }

type connectionKey struct{}

// withConnection lets a request know its connection, so that a fault can end it: with HTTP/2, net/http
// itself would end the one stream alone.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}
