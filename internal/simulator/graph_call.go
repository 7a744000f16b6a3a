package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// graphService is Microsoft Graph: what its parts share.
type graphService struct {
	kernel   *kernel
	store    *store
	login    *loginService
	clock    *env.Clock
	behavior *env.Behavior
	quota    quota
	units    units
	cursors  *cursorCache
	tick     atomic.Int64 // read requests so far
}

func newGraphService(k *kernel, st *store, login *loginService) *graphService {
	return &graphService{kernel: k, store: st, login: login, clock: st.clock, behavior: st.behavior, cursors: newCursorCache()}
}

// graphCall is a request to Graph.
type graphCall struct {
	*call
	srv   *graphService
	token *claims
	tick  int64 // the read requests before it
}

// operation is one operation of Graph.
type operation struct {
	method   string
	template string   // as documented: /v1.0/users/{id}
	roles    []string // application permissions, of which one is needed
	handle   func(*graphCall) *answer
}

// register makes routes of operations.
func (s *graphService) register(operations []operation) {
	for _, o := range operations {
		s.kernel.routes.add(route{service: s, method: o.method, template: o.template, handle: func(k *call) *answer {
			return (&graphCall{call: k, srv: s}).run(o)
		}})
	}
}

// run checks who asks, takes the request's price from the limits, and does what is asked.
func (c *graphCall) run(o operation) (a *answer) {
	if a := c.authorize(o.roles); a != nil {
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
	c.srv.store.settleDue()
	if c.route.template == batchTemplate || c.writes() {
		c.tick = c.srv.tick.Load()
	} else {
		c.tick = c.srv.tick.Add(1)
	}
	return o.handle(c)
}

// Matching implements [service].
func (s *graphService) Matching() faults.Matching { return faults.MatchAll }

// Fault implements [service].
func (s *graphService) Fault(k *call, f *faults.Fault) *answer {
	return (&graphCall{call: k, srv: s}).faultyGraph(f)
}

// Headers sets the headers that every answer of Graph has [graph 6].
func (s *graphService) Headers(c *call, h http.Header) {
	h.Set("request-id", c.requestID)
	h.Set("client-request-id", c.clientRequestID())
	h.Set("OData-Version", "4.0")
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM"}}`)
	h.Set("Cache-Control", "no-cache")
}

// asking are the routes whose POST changes nothing.
var asking = []string{"/validateCredentials", "/parseExpression", "/discover", "/checkMemberGroups"}

// Changes implements [service]: a question that comes by POST changes nothing, and a $batch does if an item of it does.
func (s *graphService) Changes(c *call) bool {
	if !c.writes() {
		return false
	}
	for _, end := range asking {
		if strings.HasSuffix(c.route.template, end) {
			return false
		}
	}
	if c.route.template != batchTemplate {
		return true
	}
	for _, item := range batchItems(c.body) {
		target, _, _ := strings.Cut(item.URL, "?")
		path, ok := splitPath("/v1.0/" + strings.TrimPrefix(target, "/"))
		if !ok {
			continue
		}
		one := &call{method: strings.ToUpper(item.Method)}
		if one.route, _, _ = s.kernel.routes.find(one.method, path); one.changes() {
			return true
		}
	}
	return false
}

// UnknownPath answers a path that no service has.
func (s *graphService) UnknownPath(k *call, path, allowed []string) *answer {
	c := &graphCall{call: k, srv: s}
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

// Unreadable answers a request whose query or body can't be read.
func (s *graphService) Unreadable(k *call, text string) *answer {
	return (&graphCall{call: k, srv: s}).fail(badRequest("BadRequest", text))
}

// graphJSON is the content type of Graph [graph 6].
const graphJSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// json answers with a body of JSON, in Graph's content type.
func (c *graphCall) json(status int, body []byte) *answer {
	return &answer{status: status, contentType: graphJSON, body: body}
}

// encode answers with a value of our own types.
func (c *graphCall) encode(status int, v any) *answer { return c.json(status, rawjson.Marshal(v)) }

// lag is how long what this request writes stays unseen.
func (c *graphCall) lag() staleness { return staleness{tick: c.tick, reads: c.effects.staleReads} }

// object is the members of a JSON object in the request's body.
func (c *graphCall) object() ([]rawjson.Field, *answer) {
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

// get, post and the like keep the route lists readable.
func get(template string, roles []string, handle func(*graphCall) *answer) operation {
	return operation{method: http.MethodGet, template: template, roles: roles, handle: handle}
}

func post(template string, roles []string, handle func(*graphCall) *answer) operation {
	return operation{method: http.MethodPost, template: template, roles: roles, handle: handle}
}

func patch(template string, roles []string, handle func(*graphCall) *answer) operation {
	return operation{method: http.MethodPatch, template: template, roles: roles, handle: handle}
}

func put(template string, roles []string, handle func(*graphCall) *answer) operation {
	return operation{method: http.MethodPut, template: template, roles: roles, handle: handle}
}

func del(template string, roles []string, handle func(*graphCall) *answer) operation {
	return operation{method: http.MethodDelete, template: template, roles: roles, handle: handle}
}
