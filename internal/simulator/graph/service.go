// Package graph is what the parts of Microsoft Graph share: who may ask, limits, batches, query options, answers and
// errors.
// The parts are packages below it.
package graph

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

// Service is Microsoft Graph: what its parts share.
type Service struct {
	kernel   *kernel.Kernel
	Store    *tenant.Store
	login    *login.Service
	Clock    *env.Clock
	Behavior *env.Behavior
	quota    quota
	units    units
	cursors  *odata.Cursors
	tick     atomic.Int64 // read requests so far
}

// NewService is Graph without operations.
func NewService(k *kernel.Kernel, st *tenant.Store, login *login.Service) *Service {
	return &Service{
		kernel: k, Store: st, login: login, Clock: st.Clock, Behavior: st.Behavior, cursors: odata.NewCursors(),
	}
}

// Call is a request to Graph.
type Call struct {
	*kernel.Call
	Service *Service
	Token   *login.Claims
	Tick    int64 // the read requests before it
}

// Operation is one operation of Graph.
type Operation struct {
	method   string
	template string   // as documented: /v1.0/users/{id}
	roles    []string // application permissions, of which one is needed
	Handle   func(*Call) *kernel.Response
}

// Register makes routes of operations.
func (s *Service) Register(operations []Operation) {
	for _, o := range operations {
		s.kernel.Routes.Add(kernel.Route{Service: s, Method: o.method, Template: o.template, Handle: func(
			k *kernel.Call,
		) *kernel.Response {
			return (&Call{Call: k, Service: s}).run(o)
		}})
	}
}

// run checks who asks, takes the request's cost from the limits, and does what is asked.
func (c *Call) run(o Operation) (a *kernel.Response) {
	if a := c.authorize(o.roles); a != nil {
		return a
	}
	if a := c.refuseBeta(); a != nil {
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
	c.Service.Store.ApplyDueRules()
	if c.Route.Template == batchTemplate || c.Writes() {
		c.Tick = c.Service.tick.Load()
	} else {
		c.Tick = c.Service.tick.Add(1)
	}
	return o.Handle(c)
}

// Matching implements [service].
func (s *Service) Matching() faults.Matching { return faults.MatchAll }

// Fault implements [service].
func (s *Service) Fault(k *kernel.Call, f *faults.Fault) *kernel.Response {
	return (&Call{Call: k, Service: s}).faultyGraph(f)
}

// Headers sets the headers that every answer of Graph has [graph 6].
func (s *Service) Headers(c *kernel.Call, h http.Header) {
	h.Set("request-id", c.RequestID)
	h.Set("client-request-id", c.ClientRequestID())
	h.Set("OData-Version", "4.0")
	h.Set(
		"x-ms-ags-diagnostic",
		`{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM"}}`,
	)
	h.Set("Cache-Control", "no-cache")
}

// asking are the routes whose POST changes nothing.
var asking = []string{"/validateCredentials", "/parseExpression", "/discover", "/checkMemberGroups"}

// Changes implements [service]: a question that comes by POST changes nothing, and a $batch does if an item of it does.
func (s *Service) Changes(c *kernel.Call) bool {
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

// Unreadable answers a request whose query or body can't be read.
func (s *Service) Unreadable(k *kernel.Call, text string) *kernel.Response {
	return (&Call{Call: k, Service: s}).Fail(odata.BadRequest("BadRequest", text))
}

// ContentType is the content type of Graph [graph 6].
const ContentType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// JSON answers with a body of JSON, in Graph's content type.
func (c *Call) JSON(status int, body []byte) *kernel.Response {
	return &kernel.Response{Status: status, ContentType: ContentType, Body: body}
}

// Encode answers with a value of our own types.
func (c *Call) Encode(status int, v any) *kernel.Response {
	return c.JSON(status, rawjson.Marshal(v))
}

// Lag is how long what this request writes stays unseen.
func (c *Call) Lag() tenant.Staleness {
	return tenant.Staleness{Tick: c.Tick, Reads: c.Effects.StaleReads}
}

// BodyFields is the members of a JSON object in the request's body.
func (c *Call) BodyFields() ([]rawjson.Field, *kernel.Response) {
	if len(strings.TrimSpace(string(c.Body))) == 0 {
		return nil, c.Fail(odata.BadRequest("BadRequest", "Empty Payload. JSON content expected."))
	}
	contentType := c.Header.Get("Content-Type")
	if !strings.HasPrefix(contentType, "application/json") || !json.Valid(c.Body) {
		return nil, c.Fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	list, err := rawjson.Fields(c.Body)
	if err != nil {
		return nil, c.Fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	return list, nil
}

// Get is an operation by GET.
func Get(template string, roles []string, handle func(*Call) *kernel.Response) Operation {
	return Operation{method: http.MethodGet, template: template, roles: roles, Handle: handle}
}

// Post is an operation by POST.
func Post(template string, roles []string, handle func(*Call) *kernel.Response) Operation {
	return Operation{method: http.MethodPost, template: template, roles: roles, Handle: handle}
}

// Patch is an operation by PATCH.
func Patch(template string, roles []string, handle func(*Call) *kernel.Response) Operation {
	return Operation{method: http.MethodPatch, template: template, roles: roles, Handle: handle}
}

// Put is an operation by PUT.
func Put(template string, roles []string, handle func(*Call) *kernel.Response) Operation {
	return Operation{method: http.MethodPut, template: template, roles: roles, Handle: handle}
}

// Delete is an operation by DELETE.
func Delete(template string, roles []string, handle func(*Call) *kernel.Response) Operation {
	return Operation{method: http.MethodDelete, template: template, roles: roles, Handle: handle}
}
