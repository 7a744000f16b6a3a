package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// listOptions is the OData query options of a request for a collection.
type listOptions struct {
	selected []string // nil: the default properties
	filter   *filter
	search   *search
	orderBy  []sorting
	top      int
	skip     string // $skiptoken
	count    bool   // answer @odata.count
	advanced bool   // ConsistencyLevel: eventual with $count=true [graph 1.4]
}

type sorting struct {
	property   string
	descending bool
}

// known are the options that a collection of directory objects takes.
var known = []string{"$select", "$filter", "$search", "$orderby", "$top", "$skiptoken", "$count", "$expand", "$format", "$deltatoken"}

// eventual says whether the request carries ConsistencyLevel: eventual.
func (c *graphCall) eventual() bool {
	return strings.EqualFold(c.Header.Get("ConsistencyLevel"), "eventual")
}

// listOptions reads and checks the options against the type of the collection.
func (c *graphCall) listOptions(e *tenant.Entity) (*listOptions, *kernel.Response) {
	o := &listOptions{top: c.srv.behavior.PageSize, skip: c.Query.Value("$skiptoken")}
	if a := c.unknownOptions(known); a != nil {
		return nil, a
	}
	o.count = c.Query.Value("$count") == "true" && c.eventual() // without the header it is ignored
	o.advanced = o.count || c.eventual() && strings.HasSuffix(c.Route.Template, "/$count")
	for _, read := range []func(*listOptions, *tenant.Entity) *graphError{c.readTop, c.readSelect, c.readFilter, c.readSearch, c.readOrder} {
		if err := read(o, e); err != nil {
			return nil, c.fail(*err)
		}
	}
	return o, nil
}

// unknownOptions refuses an option with $ that isn't in the list; others are ignored.
func (c *graphCall) unknownOptions(allowed []string) *kernel.Response {
	for i, name := range c.Query.Names {
		if !strings.HasPrefix(name, "$") {
			continue
		}
		if name == "$skip" {
			return c.fail(badRequest("Request_BadRequest", "'$skip' is not supported by the service."))
		}
		if !slices.Contains(allowed, name) {
			return c.fail(badRequest("BadRequest", fmt.Sprintf("The query parameter '%s' is not supported.", name)))
		}
		if slices.Contains(c.Query.Names[:i], name) {
			return c.fail(badRequest("BadRequest", fmt.Sprintf("Query option '%s' was specified more than once, but it must be specified at most once.", name)))
		}
	}
	if v := c.Query.Value("$expand"); v != "" {
		return c.fail(notBuilt("$expand=" + v))
	}
	return nil
}

// readTop takes $top, 1 to 999 ([graph 1.1]; the words of the refusal are [?]).
func (c *graphCall) readTop(o *listOptions, _ *tenant.Entity) *graphError {
	text, ok := c.Query.Get("$top")
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		e := badRequest("BadRequest", fmt.Sprintf("Invalid value '%s' for $top query option found. The $top query option requires a non-negative integer value.", text))
		return &e
	}
	if n < 1 || n > c.srv.behavior.MaxPageSize {
		e := badRequest("Request_UnsupportedQuery", fmt.Sprintf("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", n, c.srv.behavior.MaxPageSize))
		return &e
	}
	o.top = n
	return nil
}

func (c *graphCall) readSelect(o *listOptions, e *tenant.Entity) *graphError {
	var err *graphError
	o.selected, err = c.selected(e)
	return err
}

// selected is the names in $select, nil without it.
func (c *graphCall) selected(entities ...*tenant.Entity) ([]string, *graphError) {
	text, ok := c.Query.Get("$select")
	if !ok || strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var out []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if !slices.ContainsFunc(entities, func(e *tenant.Entity) bool { _, ok := e.Find(name); return ok }) {
			if entities[0].Name == "user" && tenant.OtherService[name] {
				return nil, &errElsewhere
			}
			e := noProperty(inSelect, name, entities[0].Name)
			if len(entities) > 1 {
				e = noProperty(inSelect, name, "directoryObject")
			}
			return nil, &e
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

func (c *graphCall) readFilter(o *listOptions, e *tenant.Entity) *graphError {
	text, ok := c.Query.Get("$filter")
	if !ok {
		return nil
	}
	f, err := parseFilter(text)
	if err != nil {
		g := badRequest("BadRequest", inFilter+err.Error())
		return &g
	}
	if g := f.check(e, o.advanced); g != nil {
		return g
	}
	o.filter = f
	return nil
}

func (c *graphCall) readSearch(o *listOptions, e *tenant.Entity) *graphError {
	text, ok := c.Query.Get("$search")
	if !ok {
		return nil
	}
	if !c.eventual() {
		return &errSearchHeader
	}
	s, err := parseSearch(text, e)
	if err != nil {
		g := badRequest("BadRequest", "Syntax error: "+err.Error())
		return &g
	}
	o.search = s
	return nil
}

// readOrder takes $orderby. Beside a filter it is an advanced query [graph 1.4].
func (c *graphCall) readOrder(o *listOptions, e *tenant.Entity) *graphError {
	text, ok := c.Query.Get("$orderby")
	if !ok {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || (len(words) == 2 && words[1] != "asc" && words[1] != "desc") {
			g := badRequest("BadRequest", "Syntax error in '$orderby="+text+"'.")
			return &g
		}
		if _, ok := e.Find(words[0]); !ok {
			g := noProperty("", words[0], e.Name)
			return &g
		}
		if !slices.Contains(e.OrderBy, words[0]) {
			g := badRequest("Request_UnsupportedQuery", "Sorting not supported for current query.")
			return &g
		}
		o.orderBy = append(o.orderBy, sorting{words[0], len(words) == 2 && words[1] == "desc"})
	}
	if o.filter != nil && !o.advanced {
		return &errUnsupported
	}
	return nil
}

// single reads $select for one object.
func (c *graphCall) single(e *tenant.Entity) ([]string, *kernel.Response) {
	if a := c.unknownOptions([]string{"$select", "$expand", "$format"}); a != nil {
		return nil, a
	}
	names, err := c.selected(e)
	if err != nil {
		return nil, c.fail(*err)
	}
	return names, nil
}

// refuseCount is /$count without the header [graph 1.4].
func (c *graphCall) refuseCount() *kernel.Response {
	if c.eventual() {
		return nil
	}
	return c.fail(errCountUnsupported)
}

func (c *graphCall) number(n int) *kernel.Response {
	return &kernel.Response{Status: http.StatusOK, ContentType: kernel.PlainText, Body: []byte(strconv.Itoa(n))}
}
