// Package odata is the query options of Graph: $select, $filter, $search, $orderby and paging over the tenant's
// objects, and
// the errors and the JSON that answers are made of.
package odata

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Options is the OData query options of a request for a collection.
type Options struct {
	Selected []string // nil: the default properties
	Filter   *filter
	IDs      []string // of a filter on ids of directory objects, in lower case
	search   *search
	OrderBy  []sorting
	Top      int
	Skip     string // $skiptoken
	Count    bool   // answer @odata.count
	Advanced bool   // ConsistencyLevel: eventual with $count=true [graph 1.4]
	Expand   *Expand
}

type sorting struct {
	property   string
	descending bool
}

// Known are the options that a collection of directory objects takes.
var Known = []string{
	"$select", "$filter", "$search", "$orderby", "$top", "$skiptoken", "$count", "$expand", "$format", "$deltatoken",
}

// List reads and checks the options against the type of the collection.
func (c Reader) List(e *tenant.Entity) (*Options, *Error) {
	o := &Options{Top: c.PageSize, Skip: c.Query.Value("$skiptoken")}
	if a := c.UnknownOptions(Known); a != nil {
		return nil, a
	}
	o.Expand = c.Expanded()
	o.Count = c.Query.Value("$count") == "true" && c.Eventual // without the header it is ignored
	o.Advanced = o.Count || c.Eventual && c.CountAlone
	for _, read := range []func(*Options, *tenant.Entity) *Error{
		c.ReadTop, c.readSelect, c.readFilter, c.readSearch, c.readOrder,
	} {
		if err := read(o, e); err != nil {
			return nil, err
		}
	}
	if o.Expand != nil {
		for _, name := range o.Expand.Selected {
			if _, ok := e.Find(name); !ok {
				g := UnknownProperty(InSelect, name, e)
				return nil, &g
			}
		}
		o.Top = min(o.Top, MaxExpanded)
	}
	return o, nil
}

// UnknownOptions refuses an option with $ that isn't in the list; others are ignored.
func (c Reader) UnknownOptions(allowed []string) *Error {
	for i, name := range c.Query.Names {
		if !strings.HasPrefix(name, "$") {
			continue
		}
		if name == "$skip" {
			e := BadRequest("Request_BadRequest", "'$skip' is not supported by the service.")
			return &e
		}
		if !slices.Contains(allowed, name) {
			e := BadRequest("BadRequest", fmt.Sprintf("The query parameter '%s' is not supported.", name))
			return &e
		}
		if slices.Contains(c.Query.Names[:i], name) {
			e := BadRequest(
				"BadRequest",
				fmt.Sprintf("Query option '%s' was specified more than once, but it must be specified at most "+
					"once.", name),
			)
			return &e
		}
	}
	if v := c.Query.Value("$expand"); v != "" && c.Expanded() == nil {
		e := NotBuilt("$expand=" + v)
		return &e
	}
	return nil
}

// ReadTop takes $top, 1 to 999 ([graph 1.1]; the words of the refusal are [?]).
func (c Reader) ReadTop(o *Options, _ *tenant.Entity) *Error {
	text, ok := c.Query.Get("$top")
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		e := BadRequest(
			"BadRequest",
			fmt.Sprintf(
				"Invalid value '%s' for $top query option found. The $top query option requires a non-negative "+
					"integer value.",
				text,
			),
		)
		return &e
	}
	if n < 1 || n > c.MaxPageSize {
		e := BadRequest(
			"Request_UnsupportedQuery",
			fmt.Sprintf("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", n, c.MaxPageSize),
		)
		return &e
	}
	o.Top = n
	return nil
}

func (c Reader) readSelect(o *Options, e *tenant.Entity) *Error {
	var err *Error
	o.Selected, err = c.Selected(e)
	return err
}

// Selected is the names in $select, nil without it.
func (c Reader) Selected(entities ...*tenant.Entity) ([]string, *Error) {
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
			e := UnknownProperty(InSelect, name, entities[0])
			if len(entities) > 1 && e.Status == http.StatusBadRequest {
				e = NoProperty(InSelect, name, "directoryObject")
			}
			return nil, &e
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

func (c Reader) readFilter(o *Options, e *tenant.Entity) *Error {
	text, ok := c.Query.Get("$filter")
	if !ok {
		return nil
	}
	f, err := ParseFilter(text)
	if err != nil {
		g := BadRequest("BadRequest", InFilter+err.Error())
		return &g
	}
	if g := f.check(e, o.Advanced); g != nil {
		return g
	}
	o.Filter = f
	return nil
}

func (c Reader) readSearch(o *Options, e *tenant.Entity) *Error {
	text, ok := c.Query.Get("$search")
	if !ok {
		return nil
	}
	if !c.Eventual {
		return &errSearchHeader
	}
	s, err := parseSearch(text, e)
	if err != nil {
		g := BadRequest("BadRequest", "Syntax error: "+err.Error())
		return &g
	}
	o.search = s
	return nil
}

// readOrder takes $orderby. Beside a filter it is an advanced query [graph 1.4].
func (c Reader) readOrder(o *Options, e *tenant.Entity) *Error {
	text, ok := c.Query.Get("$orderby")
	if !ok {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || (len(words) == 2 && words[1] != "asc" && words[1] != "desc") {
			g := BadRequest("BadRequest", "Syntax error in '$orderby="+text+"'.")
			return &g
		}
		if _, ok := e.Find(words[0]); !ok {
			g := UnknownProperty("", words[0], e)
			return &g
		}
		if !slices.Contains(e.OrderBy, words[0]) {
			g := BadRequest("Request_UnsupportedQuery", "Sorting not supported for current query.")
			return &g
		}
		o.OrderBy = append(o.OrderBy, sorting{words[0], len(words) == 2 && words[1] == "desc"})
	}
	if o.Filter != nil && !o.Advanced {
		return &ErrUnsupported
	}
	return nil
}

// Single reads $select for one object.
func (c Reader) Single(e *tenant.Entity) ([]string, *Error) {
	if a := c.UnknownOptions([]string{"$select", "$expand", "$format"}); a != nil {
		return nil, a
	}
	names, err := c.Selected(e)
	if err != nil {
		return nil, err
	}
	return names, nil
}

// Reader reads the query options of a request.
type Reader struct {
	Query                 *kernel.Query
	Eventual              bool // ConsistencyLevel: eventual
	CountAlone            bool // the request is for /$count
	PageSize, MaxPageSize int
	Expandable            string // the one relationship that $expand takes here, "" for none
}
