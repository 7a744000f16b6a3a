package graph

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

type innerError struct {
	Code            string `json:"code,omitempty"`
	Date            string `json:"date"`
	Message         string `json:"message,omitempty"`
	RequestID       string `json:"request-id"`
	ClientRequestID string `json:"client-request-id,omitempty"`
	Status          string `json:"status,omitempty"`
}

type errorBody struct {
	Error struct {
		Code    string              `json:"code"`
		Message string              `json:"message"`
		Target  string              `json:"target,omitempty"`
		Details []odata.ErrorDetail `json:"details,omitempty"`
		Inner   innerError          `json:"innerError"`
	} `json:"error"`
}

// Fail answers with an error body of Graph.
func (c *Call) Fail(e odata.Error) *kernel.Response {
	var b errorBody
	b.Error.Code, b.Error.Message = e.Code, e.Message
	b.Error.Target, b.Error.Details = e.Target, e.Details
	b.Error.Inner = innerError{
		Date: c.Service.Clock.Now().Format("2006-01-02T15:04:05"), RequestID: c.RequestID,
		ClientRequestID: c.ClientRequestID(),
	}
	if e.Status == http.StatusTooManyRequests {
		b.Error.Inner.Code, b.Error.Inner.Status, b.Error.Inner.Message = "429", "429", "Please retry after"
	}
	a := c.Encode(e.Status, b)
	a.ContentType = ContentType
	return a
}

// AnswerList answers one page of a collection of directory objects. The store is locked for reading.
func (c *Call) AnswerList(o *odata.Options, src odata.Source, set string) *kernel.Response {
	src.See = o.Filtered(src.See)
	cursor, a := c.cursor(o, &src)
	if a != nil {
		return a
	}
	found := make([]*tenant.Object, 0, min(o.Top, len(src.Refs)))
	var refs []int32
	place := cursor.Place
	for ; place < len(src.Refs); place++ {
		if src.Refs[place] < 0 {
			continue
		}
		obj := src.See(src.Refs[place])
		if obj == nil {
			continue
		}
		if len(found) == o.Top {
			break // one more is there, so there is a next page
		}
		found, refs = append(found, obj), append(refs, src.Refs[place])
	}
	p := odata.Page{Context: c.ContextURL(set, o.Selected), Count: -1, Room: len(found)}
	if o.Count && o.Skip == "" {
		p.Count = src.Size(o)
	}
	if place < len(src.Refs) {
		p.Next = c.Base + c.Path + "?" + c.Query.With("$skiptoken", cursor.Token(place))
	}
	p.Members = func(r *odata.Renderer) {
		for i, obj := range found {
			r.Object(obj, src.Shape(obj))
			if src.Expand != nil {
				src.Expand(refs[i]).Add(r)
			}
			r.Buf = append(r.Buf, ',')
		}
	}
	return c.AnswerPage(p, o.Selected)
}

// cursor finds where a page starts, and makes the list where it is sorted or flattened.
func (c *Call) cursor(o *odata.Options, src *odata.Source) (odata.Cursor, *kernel.Response) {
	at := odata.Cursor{}
	if o.Skip != "" {
		var ok bool
		if at, ok = odata.ParseCursor(o.Skip); !ok {
			return at, c.Fail(odata.BadRequest("Request_BadRequest", "Badly formed skip token."))
		}
	}
	if len(o.OrderBy) == 0 && src.Flatten == nil {
		return at, nil
	}
	if refs, ok := c.Service.cursors.Get(at.Sorted); ok {
		src.Refs = refs
		return at, nil
	}
	if src.Flatten != nil { // a first page, or a copy that was dropped meanwhile
		src.Refs = src.Flatten()
	}
	if len(o.OrderBy) > 0 {
		src.Refs = o.Sort(src)
	}
	if len(src.Refs) > o.Top {
		at.Sorted = c.Service.cursors.Put(src.Refs)
	}
	return at, nil
}

// eventual says whether the request carries ConsistencyLevel: eventual.
func (c *Call) eventual() bool {
	return strings.EqualFold(c.Header.Get("ConsistencyLevel"), "eventual")
}

// RefuseCount is /$count without the header [graph 1.4].
func (c *Call) RefuseCount() *kernel.Response {
	if c.eventual() {
		return nil
	}
	return c.Fail(odata.ErrCountUnsupported)
}

// AnswerNumber answers /$count.
func (c *Call) AnswerNumber(n int) *kernel.Response {
	return &kernel.Response{Status: http.StatusOK, ContentType: kernel.PlainText, Body: []byte(strconv.Itoa(n))}
}

// ContextURL is the value of @odata.context for a collection, with the selected properties
// [graph 1.1].
func (c *Call) ContextURL(set string, selected []string) string {
	s := c.Root() + "/$metadata#" + set
	if selected != nil {
		s += "(" + strings.Join(selected, ",") + ")"
	}
	return s
}

// AnswerObject answers a single object.
func (c *Call) AnswerObject(
	status int, o *tenant.Object, set string, selected []string, expanded ...odata.Expanded,
) *kernel.Response {
	r := odata.NewRenderer(selected, 1024)
	r.Object(o, odata.Plain)
	for _, x := range expanded {
		x.Add(r)
	}
	head := `{"@odata.context":` + rawjson.Quote(c.ContextURL(set, selected)+"/$entity") + ","
	return c.JSON(status, append([]byte(head), r.Buf[1:]...))
}

// AnswerPage writes a page. Graph puts the annotations in front of the values.
func (c *Call) AnswerPage(p odata.Page, selected []string) *kernel.Response {
	r := odata.NewRenderer(selected, p.Room*320+512)
	r.Buf = append(r.Buf, `{"@odata.context":`...)
	r.Buf = rawjson.AppendQuoted(r.Buf, p.Context)
	if p.Count >= 0 {
		r.Buf = append(r.Buf, `,"@odata.count":`...)
		r.Buf = strconv.AppendInt(r.Buf, int64(p.Count), 10)
	}
	next := c.NextLink(p.Next)
	if next != "" {
		r.Buf = append(r.Buf, `,"@odata.nextLink":`...)
		r.Buf = rawjson.AppendQuoted(r.Buf, next)
	}
	if p.Delta != "" && next == "" {
		r.Buf = append(r.Buf, `,"@odata.deltaLink":`...)
		r.Buf = rawjson.AppendQuoted(r.Buf, p.Delta)
	}
	r.Buf = append(r.Buf, `,"value":[`...)
	p.Members(r)
	if last := len(r.Buf) - 1; r.Buf[last] == ',' {
		r.Buf = r.Buf[:last]
	}
	r.Buf = append(r.Buf, ']', '}')
	return c.JSON(200, r.Buf)
}

// options reads the query options of the request.
func (c *Call) options() odata.Reader {
	b := c.Service.Behavior
	return odata.Reader{
		Query: c.Query, Eventual: c.eventual(), CountAlone: strings.HasSuffix(c.Route.Template, "/$count"),
		PageSize: b.PageSize, MaxPageSize: b.MaxPageSize, Expandable: c.expandable(),
	}
}

// expandable is the relationship that $expand takes here: of users the manager [graph 1.8, D].
func (c *Call) expandable() string {
	if strings.HasSuffix(c.Route.Template, "/users") || strings.HasSuffix(c.Route.Template, "/users/{id}") {
		return "manager"
	}
	return ""
}

// ExpandOne is what $expand asks for of one object, nil for nothing.
func (c *Call) ExpandOne() *odata.Expand { return c.options().Expanded() }

// failed is the answer for an error, nil for none.
func (c *Call) failed(err *odata.Error) *kernel.Response {
	if err == nil {
		return nil
	}
	return c.Fail(*err)
}

// ListOptions reads the query options of a collection.
func (c *Call) ListOptions(e *tenant.Entity) (*odata.Options, *kernel.Response) {
	o, err := c.options().List(e)
	if err == nil && !strings.HasSuffix(c.Route.Template, "/$count") {
		err = c.betaDefaults(o.Selected, e)
	}
	return o, c.failed(err)
}

// UnknownOptions refuses query options that aren't in a list.
func (c *Call) UnknownOptions(allowed []string) *kernel.Response {
	return c.failed(c.options().UnknownOptions(allowed))
}

func (c *Call) selected(entities ...*tenant.Entity) ([]string, *odata.Error) {
	return c.options().Selected(entities...)
}

// SelectOne reads $select for one object.
func (c *Call) SelectOne(e *tenant.Entity) ([]string, *kernel.Response) {
	names, err := c.options().Single(e)
	if err == nil {
		err = c.betaDefaults(names, e)
	}
	return names, c.failed(err)
}
