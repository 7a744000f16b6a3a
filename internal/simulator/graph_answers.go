package simulator

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

// fail answers with an error body of Graph.
func (c *graphCall) fail(e odata.Error) *kernel.Response {
	var b errorBody
	b.Error.Code, b.Error.Message = e.Code, e.Message
	b.Error.Target, b.Error.Details = e.Target, e.Details
	b.Error.Inner = innerError{
		Date: c.srv.clock.Now().Format("2006-01-02T15:04:05"), RequestID: c.RequestID,
		ClientRequestID: c.ClientRequestID(),
	}
	if e.Status == http.StatusTooManyRequests {
		b.Error.Inner.Code, b.Error.Inner.Status, b.Error.Inner.Message = "429", "429", "Please retry after"
	}
	a := c.encode(e.Status, b)
	a.ContentType = graphJSON
	return a
}

// list answers one page of a collection of directory objects. The store is locked for reading.
func (c *graphCall) list(o *odata.Options, src odata.Source, set string) *kernel.Response {
	src.See = o.Filtered(src.See)
	cursor, a := c.cursor(o, &src)
	if a != nil {
		return a
	}
	found := make([]*tenant.Object, 0, min(o.Top, len(src.Refs)))
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
		found = append(found, obj)
	}
	p := odata.Page{Context: c.context(set, o.Selected), Count: -1, Room: len(found)}
	if o.Count && o.Skip == "" {
		p.Count = src.Size(o)
	}
	if place < len(src.Refs) {
		p.Next = c.Base + c.Path + "?" + c.Query.With("$skiptoken", cursor.Token(place))
	}
	p.Members = func(r *odata.Renderer) {
		for _, obj := range found {
			r.Object(obj, src.Shape(obj))
			r.Buf = append(r.Buf, ',')
		}
	}
	return c.answerPage(p, o.Selected)
}

// cursor finds where a page starts, and makes the list where it is sorted or flattened.
func (c *graphCall) cursor(o *odata.Options, src *odata.Source) (odata.Cursor, *kernel.Response) {
	at := odata.Cursor{}
	if o.Skip != "" {
		var ok bool
		if at, ok = odata.ParseCursor(o.Skip); !ok {
			return at, c.fail(odata.BadRequest("Request_BadRequest", "Badly formed skip token."))
		}
	}
	if len(o.OrderBy) == 0 && src.Flatten == nil {
		return at, nil
	}
	if refs, ok := c.srv.cursors.Get(at.Sorted); ok {
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
		at.Sorted = c.srv.cursors.Put(src.Refs)
	}
	return at, nil
}

// eventual says whether the request carries ConsistencyLevel: eventual.
func (c *graphCall) eventual() bool {
	return strings.EqualFold(c.Header.Get("ConsistencyLevel"), "eventual")
}

// refuseCount is /$count without the header [graph 1.4].
func (c *graphCall) refuseCount() *kernel.Response {
	if c.eventual() {
		return nil
	}
	return c.fail(odata.ErrCountUnsupported)
}

func (c *graphCall) number(n int) *kernel.Response {
	return &kernel.Response{Status: http.StatusOK, ContentType: kernel.PlainText, Body: []byte(strconv.Itoa(n))}
}

// context is the value of @odata.context for a collection, with the selected properties
// [graph 1.1].
func (c *graphCall) context(set string, selected []string) string {
	s := c.Base + "/v1.0/$metadata#" + set
	if selected != nil {
		s += "(" + strings.Join(selected, ",") + ")"
	}
	return s
}

// one answers a single object.
func (c *graphCall) one(status int, o *tenant.Object, set string, selected []string) *kernel.Response {
	r := odata.NewRenderer(selected, 1024)
	r.Object(o, odata.Plain)
	head := `{"@odata.context":` + rawjson.Quote(c.context(set, selected)+"/$entity") + ","
	return c.json(status, append([]byte(head), r.Buf[1:]...))
}

// answerPage writes a page. Graph puts the annotations in front of the values.
func (c *graphCall) answerPage(p odata.Page, selected []string) *kernel.Response {
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
	return c.json(200, r.Buf)
}

// options reads the query options of the request.
func (c *graphCall) options() odata.Reader {
	b := c.srv.behavior
	return odata.Reader{
		Query: c.Query, Eventual: c.eventual(), CountAlone: strings.HasSuffix(c.Route.Template, "/$count"),
		PageSize: b.PageSize, MaxPageSize: b.MaxPageSize,
	}
}

// failed is the answer for an error, nil for none.
func (c *graphCall) failed(err *odata.Error) *kernel.Response {
	if err == nil {
		return nil
	}
	return c.fail(*err)
}

func (c *graphCall) listOptions(e *tenant.Entity) (*odata.Options, *kernel.Response) {
	o, err := c.options().List(e)
	return o, c.failed(err)
}

func (c *graphCall) unknownOptions(allowed []string) *kernel.Response {
	return c.failed(c.options().UnknownOptions(allowed))
}

func (c *graphCall) selected(entities ...*tenant.Entity) ([]string, *odata.Error) {
	return c.options().Selected(entities...)
}

// single reads $select for one object.
func (c *graphCall) single(e *tenant.Entity) ([]string, *kernel.Response) {
	names, err := c.options().Single(e)
	return names, c.failed(err)
}
