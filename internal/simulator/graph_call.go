package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// graphService is Microsoft Graph: what its parts share.
type graphService struct {
	kernel   *kernel.Kernel
	store    *tenant.Store
	login    *login.Service
	clock    *env.Clock
	behavior *env.Behavior
	quota    quota
	units    units
	cursors  *odata.Cursors
	tick     atomic.Int64 // read requests so far
}

func newGraphService(k *kernel.Kernel, st *tenant.Store, login *login.Service) *graphService {
	return &graphService{kernel: k, store: st, login: login, clock: st.Clock, behavior: st.Behavior, cursors: odata.NewCursors()}
}

// graphCall is a request to Graph.
type graphCall struct {
	*kernel.Call
	srv   *graphService
	token *login.Claims
	tick  int64 // the read requests before it
}

// operation is one operation of Graph.
type operation struct {
	method   string
	template string   // as documented: /v1.0/users/{id}
	roles    []string // application permissions, of which one is needed
	handle   func(*graphCall) *kernel.Response
}

// register makes routes of operations.
func (s *graphService) register(operations []operation) {
	for _, o := range operations {
		s.kernel.Routes.Add(kernel.Route{Service: s, Method: o.method, Template: o.template, Handle: func(k *kernel.Call) *kernel.Response {
			return (&graphCall{Call: k, srv: s}).run(o)
		}})
	}
}

// run checks who asks, takes the request's price from the limits, and does what is asked.
func (c *graphCall) run(o operation) (a *kernel.Response) {
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
	c.srv.store.ApplyDueRules()
	if c.Route.Template == batchTemplate || c.Writes() {
		c.tick = c.srv.tick.Load()
	} else {
		c.tick = c.srv.tick.Add(1)
	}
	return o.handle(c)
}

// Matching implements [service].
func (s *graphService) Matching() faults.Matching { return faults.MatchAll }

// Fault implements [service].
func (s *graphService) Fault(k *kernel.Call, f *faults.Fault) *kernel.Response {
	return (&graphCall{Call: k, srv: s}).faultyGraph(f)
}

// Headers sets the headers that every answer of Graph has [graph 6].
func (s *graphService) Headers(c *kernel.Call, h http.Header) {
	h.Set("request-id", c.RequestID)
	h.Set("client-request-id", c.ClientRequestID())
	h.Set("OData-Version", "4.0")
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM"}}`)
	h.Set("Cache-Control", "no-cache")
}

// asking are the routes whose POST changes nothing.
var asking = []string{"/validateCredentials", "/parseExpression", "/discover", "/checkMemberGroups"}

// Changes implements [service]: a question that comes by POST changes nothing, and a $batch does if an item of it does.
func (s *graphService) Changes(c *kernel.Call) bool {
	if !c.Writes() {
		return false
	}
	for _, end := range asking {
		if strings.HasSuffix(c.Route.Template, end) {
			return false
		}
	}
	if c.Route.Template != batchTemplate {
		return true
	}
	for _, item := range batchItems(c.Body) {
		target, _, _ := strings.Cut(item.URL, "?")
		path, ok := kernel.SplitPath("/v1.0/" + strings.TrimPrefix(target, "/"))
		if !ok {
			continue
		}
		one := &kernel.Call{Method: strings.ToUpper(item.Method)}
		if one.Route, _, _ = s.kernel.Routes.Find(one.Method, path); one.Changes() {
			return true
		}
	}
	return false
}

// UnknownPath answers a path that no service has.
func (s *graphService) UnknownPath(k *kernel.Call, path, allowed []string) *kernel.Response {
	c := &graphCall{Call: k, srv: s}
	if len(allowed) > 0 {
		return c.fail(odata.Error{
			Status: http.StatusMethodNotAllowed, Code: "Request_BadRequest",
			Message: "Specified HTTP method is not allowed for the request target.",
		}).With("Allow", strings.Join(allowed, ", "))
	}
	if len(path) > 0 && path[0] == "beta" {
		return c.fail(odata.NotBuilt("the beta version of Graph"))
	}
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	return c.fail(odata.BadRequest("BadRequest", "Resource not found for the segment '"+last+"'."))
}

// Unreadable answers a request whose query or body can't be read.
func (s *graphService) Unreadable(k *kernel.Call, text string) *kernel.Response {
	return (&graphCall{Call: k, srv: s}).fail(odata.BadRequest("BadRequest", text))
}

// graphJSON is the content type of Graph [graph 6].
const graphJSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// json answers with a body of JSON, in Graph's content type.
func (c *graphCall) json(status int, body []byte) *kernel.Response {
	return &kernel.Response{Status: status, ContentType: graphJSON, Body: body}
}

// encode answers with a value of our own types.
func (c *graphCall) encode(status int, v any) *kernel.Response {
	return c.json(status, rawjson.Marshal(v))
}

// lag is how long what this request writes stays unseen.
func (c *graphCall) lag() tenant.Staleness {
	return tenant.Staleness{Tick: c.tick, Reads: c.Effects.StaleReads}
}

// object is the members of a JSON object in the request's body.
func (c *graphCall) object() ([]rawjson.Field, *kernel.Response) {
	if len(strings.TrimSpace(string(c.Body))) == 0 {
		return nil, c.fail(odata.BadRequest("BadRequest", "Empty Payload. JSON content expected."))
	}
	contentType := c.Header.Get("Content-Type")
	if !strings.HasPrefix(contentType, "application/json") || !json.Valid(c.Body) {
		return nil, c.fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	list, err := rawjson.Fields(c.Body)
	if err != nil {
		return nil, c.fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	return list, nil
}

// get, post and the like keep the route lists readable.
func get(template string, roles []string, handle func(*graphCall) *kernel.Response) operation {
	return operation{method: http.MethodGet, template: template, roles: roles, handle: handle}
}

func post(template string, roles []string, handle func(*graphCall) *kernel.Response) operation {
	return operation{method: http.MethodPost, template: template, roles: roles, handle: handle}
}

func patch(template string, roles []string, handle func(*graphCall) *kernel.Response) operation {
	return operation{method: http.MethodPatch, template: template, roles: roles, handle: handle}
}

func put(template string, roles []string, handle func(*graphCall) *kernel.Response) operation {
	return operation{method: http.MethodPut, template: template, roles: roles, handle: handle}
}

func del(template string, roles []string, handle func(*graphCall) *kernel.Response) operation {
	return operation{method: http.MethodDelete, template: template, roles: roles, handle: handle}
}
