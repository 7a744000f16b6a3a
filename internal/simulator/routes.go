package simulator

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// api is one of the services behind the listener.
type api uint8

const (
	apiLogin api = iota
	apiGraph
	apiAtlassian
	apiControl
	apiSCIM
	apiIdentity // the endpoint of managed identities
)

// route is one operation.
type route struct {
	api      api
	method   string
	template string   // as documented: /v1.0/users/{id}
	roles    []string // one of them is needed; of Graph alone
	handle   func(*call) *answer

	segments []string
}

// name is how requests are counted and faults matched: the method and the template.
func (r *route) name() string { return r.method + " " + r.template }

type routeTable struct{ routes []*route }

// newRouteTable lists every operation. Literal segments stand before parameters.
func newRouteTable() *routeTable {
	t := &routeTable{}
	for _, list := range [][]route{
		loginRoutes(), userRoutes(), groupRoutes(), tenantRoutes(), domainRoutes(), partnerRoutes(), synchronizationRoutes(), applicationRoutes(), atlassianRoutes(), scimRoutes(), controlRoutes(),
	} {
		for _, r := range list {
			r.segments = strings.Split(strings.Trim(r.template, "/"), "/")
			t.routes = append(t.routes, &r)
		}
	}
	return t
}

// find matches a path. With no route, allowed says which methods the path knows.
func (t *routeTable) find(method string, path []string) (found *route, params []string, allowed []string) {
	for _, r := range t.routes {
		if len(r.segments) != len(path) {
			continue
		}
		if !r.matches(path) {
			continue
		}
		if r.method == method {
			return r, r.params(path), nil
		}
		allowed = append(allowed, r.method)
	}
	return nil, nil, allowed
}

func (r *route) matches(path []string) bool {
	for i, want := range r.segments {
		if want[0] != '{' && want != path[i] {
			return false
		}
		if want[0] == '{' && (path[i] == "" || strings.HasPrefix(path[i], "$")) {
			return false
		}
	}
	return true
}

func (r *route) params(path []string) []string {
	var out []string
	for i, want := range r.segments {
		if want[0] == '{' {
			out = append(out, path[i])
		}
	}
	return out
}

// splitPath is the decoded segments of an escaped path. Graph's ways of writing a key, users('id'),
// and a function, delta(), become plain segments; so does the short form of a cast.
func splitPath(escaped string) ([]string, bool) {
	var out []string
	for _, part := range strings.Split(strings.Trim(escaped, "/"), "/") {
		s, err := url.PathUnescape(part)
		if err != nil {
			return nil, false
		}
		switch {
		case s == "delta()" || s == "microsoft.graph.delta()" || s == "microsoft.graph.delta":
			s = "delta"
		case strings.HasPrefix(s, "graph."):
			s = "microsoft." + s
		case strings.HasSuffix(s, "')") && namedArgument.MatchString(s): // a function of one argument
			m := namedArgument.FindStringSubmatch(s)
			out = append(out, strings.TrimPrefix(m[1], "microsoft.graph."))
			s = strings.ReplaceAll(m[2], "''", "'")
		case strings.HasSuffix(s, "')") && strings.Contains(s, "('"):
			name, key, _ := strings.Cut(strings.TrimSuffix(s, "')"), "('")
			out = append(out, name)
			s = strings.ReplaceAll(key, "''", "'")
		}
		out = append(out, s)
	}
	return out, true
}

var namedArgument = regexp.MustCompile(`^([\w.]+)\(\w+='(.*)'\)$`)

// get, post and the like keep the route lists readable.
func get(template string, roles []string, handle func(*call) *answer) route {
	return route{api: apiGraph, method: http.MethodGet, template: template, roles: roles, handle: handle}
}

func post(template string, roles []string, handle func(*call) *answer) route {
	return route{api: apiGraph, method: http.MethodPost, template: template, roles: roles, handle: handle}
}

func patch(template string, roles []string, handle func(*call) *answer) route {
	return route{api: apiGraph, method: http.MethodPatch, template: template, roles: roles, handle: handle}
}

func put(template string, roles []string, handle func(*call) *answer) route {
	return route{api: apiGraph, method: http.MethodPut, template: template, roles: roles, handle: handle}
}

func del(template string, roles []string, handle func(*call) *answer) route {
	return route{api: apiGraph, method: http.MethodDelete, template: template, roles: roles, handle: handle}
}
