package simulator

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// maxBody is more than any request of Graph's may hold (4 MB), less than what would hurt.
const maxBody = 32 << 20

// serve answers one HTTP request: count, delay, misbehave if it is its turn, else do as asked.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{
		srv: s, ctx: r.Context(), method: r.Method, base: "https://" + r.Host, path: r.URL.EscapedPath(),
		header: r.Header, requestID: uuid.NewString(), query: &query{}, remote: r.RemoteAddr,
	}
	path, wellFormed := splitPath(c.path)
	var allowed []string
	if wellFormed {
		c.route, c.params, allowed = s.routes.find(r.Method, path)
	}
	name := s.count(c)
	var problem *answer
	if c.query, problem = c.readQuery(r.URL.RawQuery); problem == nil {
		problem = c.readBody(w, r)
	}
	after := c.announce(name)
	if d := s.latency.of(r.Method, strings.TrimPrefix(name, r.Method+" ")); d > 0 && !c.control() {
		s.sleep(r.Context(), d)
	}
	hit := s.faults.next(name, c.faultable())
	a := s.misbehave(c, hit)
	switch {
	case a != nil:
	case problem != nil:
		a = problem
	case c.route == nil:
		a = c.noRoute(path, allowed)
	default:
		a = c.carryOut(name)
	}
	after()
	s.write(w, r, c, c.afterwards(hit, a), hit)
}

func (c *call) control() bool { return c.route != nil && c.route.api == apiControl }

// faultable says whether a fault that names no route may hit the request: the service APIs, not the
// login, whose faults must be asked for, and never the control plane.
func (c *call) faultable() matching {
	switch {
	case c.route == nil:
		return matchNever
	case c.route.api == apiControl:
		return matchNever
	case c.route.api == apiLogin || c.route.api == apiIdentity:
		return matchByName
	}
	return matchAll
}

// count registers the request under its method and route template.
func (s *Server) count(c *call) string {
	if c.route == nil {
		s.counts.add(c.method+" (no such route)", false)
		return c.method + " (no such route)"
	}
	name := c.route.name()
	if c.route.api != apiControl {
		s.counts.add(name, c.inBatch)
	}
	return name
}

func (c *call) readQuery(raw string) (*query, *answer) {
	q, err := parseQuery(raw)
	if err != nil {
		return &query{}, c.fail(badRequest("BadRequest", err.Error()))
	}
	return q, nil
}

func (c *call) readBody(w http.ResponseWriter, r *http.Request) *answer {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	var in io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" { // the SDK compresses what it sends
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return c.fail(badRequest("BadRequest", unreadable))
		}
		in = io.LimitReader(unzipped, maxBody)
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return c.fail(badRequest("BadRequest", unreadable))
	}
	c.body = body
	return nil
}

// run checks who asks and hands over to the route.
func (c *call) run() (a *answer) {
	if c.route.api == apiSCIM { // of a cycle, maybe
		c.srv.settleClaims()
	} else {
		c.srv.settleNested()
	}
	switch c.route.api {
	case apiGraph:
		if a := c.authorize(); a != nil {
			return a
		}
		if a := c.overQuota(); a != nil {
			return a
		}
		share, refusal := c.pay()
		if refusal != nil {
			return c.meter(refusal, share)
		}
		defer func() { a = c.meter(a, share) }()
		c.srv.settleDue()
		if strings.Contains(c.route.template, "/synchronization") || strings.HasPrefix(c.route.template, "/v1.0/auditLogs") {
			c.srv.runDue()
		}
		if c.route.template == batchTemplate || c.writes() {
			c.tick = c.srv.tick.Load()
		} else {
			c.tick = c.srv.tick.Add(1)
		}
	case apiAtlassian:
		if a := c.authorizeKey(); a != nil {
			return a
		}
	case apiSCIM:
		if a := c.authorizeDirectory(); a != nil {
			return a
		}
	}
	return c.route.handle(c)
}

// noRoute answers an unknown path as the service that it belongs to does.
func (c *call) noRoute(path, allowed []string) *answer {
	if len(path) > 0 && path[0] == "admin" {
		if len(allowed) > 0 {
			return c.failAdmin(http.StatusMethodNotAllowed, "ADMIN-405-1", "Method not allowed")
		}
		return c.failAdmin(http.StatusNotFound, "ADMIN-404-1", "Not found")
	}
	if len(path) > 0 && path[0] == "scim" {
		return c.failSCIM(scimError(http.StatusNotFound, "", "Specified endpoint does not exist."))
	}
	if len(allowed) > 0 {
		return c.fail(graphError{
			status: http.StatusMethodNotAllowed, code: "Request_BadRequest",
			message: "Specified HTTP method is not allowed for the request target.",
		}).with("Allow", strings.Join(allowed, ", "))
	}
	if len(path) > 0 && path[0] == "beta" {
		return c.fail(notBuilt("the beta version of Graph"))
	}
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	return c.fail(badRequest("BadRequest", "Resource not found for the segment '"+last+"'."))
}

// write sends an answer with the headers of its service.
func (s *Server) write(w http.ResponseWriter, r *http.Request, c *call, a *answer, hit *Fault) {
	h := w.Header()
	c.dress(h, a)
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
	if hit != nil && hit.Kind == FaultCut {
		_, _ = w.Write(body[:hit.cutAt(len(body))])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler) // net/http's way to cut the connection without a word
	}
	_, _ = w.Write(body)
}

// dress sets the headers that every answer has [graph 6].
func (c *call) dress(h http.Header, a *answer) {
	for name, values := range a.header {
		h[name] = values
	}
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	}
	if c.route == nil || c.route.api == apiGraph {
		h.Set("request-id", c.requestID)
		h.Set("client-request-id", c.clientRequestID())
		h.Set("OData-Version", "4.0")
		h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM"}}`)
		h.Set("Cache-Control", "no-cache")
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
