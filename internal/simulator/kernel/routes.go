package kernel

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

// service is one of the services behind the listener.
type service interface {
	// Matching says which faults may hit its requests.
	Matching() faults.Matching
	// Fault words the error of a fault.
	Fault(c *Call, f *faults.Fault) *Response
	// Changes says whether a request may change what the service holds.
	Changes(c *Call) bool
}

// headers are set by services whose answers all have some.
type headers interface{ Headers(c *Call, h http.Header) }

// Route is one operation.
type Route struct {
	Service  service
	Method   string
	Template string // as documented: /v1.0/users/{id}
	Handle   func(*Call) *Response

	segments []string
}

// name is how requests are counted and faults matched: the method and the template.
func (r *Route) name() string { return r.Method + " " + r.Template }

// Routes is every operation. Literal segments stand before parameters.
type Routes struct{ routes []*Route }

// Add puts an operation behind those that are there.
func (t *Routes) Add(r Route) {
	r.segments = strings.Split(strings.Trim(r.Template, "/"), "/")
	t.routes = append(t.routes, &r)
}

// Find matches a path. With no route, allowed says which methods the path knows.
func (t *Routes) Find(method string, path []string) (found *Route, params []string, allowed []string) {
	for _, r := range t.routes {
		if len(r.segments) != len(path) {
			continue
		}
		if !r.matches(path) {
			continue
		}
		if r.Method == method {
			return r, r.params(path), nil
		}
		allowed = append(allowed, r.Method)
	}
	return nil, nil, allowed
}

func (r *Route) matches(path []string) bool {
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

func (r *Route) params(path []string) []string {
	var out []string
	for i, want := range r.segments {
		if want[0] == '{' {
			out = append(out, path[i])
		}
	}
	return out
}

// SplitPath is the decoded segments of an escaped path. Graph's ways of writing a key, users('id'),
// and a function, delta(), become plain segments; so does the short form of a cast.
func SplitPath(escaped string) ([]string, bool) {
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
