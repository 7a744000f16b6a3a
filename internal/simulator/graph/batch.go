package graph

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// maxBatch is the number of requests in a $batch [graph 6, D].
const maxBatch = 20

// batch answers up to 20 requests, each by itself, in no particular order: the last one first here,
// so that a client which counts on the order is found out. An item whose dependency failed gets 424.
func batch(c *Call) *kernel.Response {
	var in batchBody
	if !strings.HasPrefix(c.Header.Get("Content-Type"), "application/json") || json.Unmarshal(c.Body, &in) != nil {
		return c.Fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	if err := in.check(); err != nil {
		return c.Fail(*err)
	}
	done := map[string]BatchResponse{}
	for _, item := range in.order() {
		done[item.ID] = c.item(item, done)
	}
	out := []byte(`{"responses":[`)
	for i, item := range slices.Backward(in.Requests) {
		out = done[item.ID].append(out)
		if i > 0 {
			out = append(out, ',')
		}
	}
	return &kernel.Response{Status: http.StatusOK, ContentType: kernel.PlainJSON, Body: append(out, ']', '}')}
}

// append writes an answer; its body, which may be large, as it is.
func (a BatchResponse) append(out []byte) []byte {
	body := a.Body
	a.Body = nil
	out = append(out, rawjson.Marshal(a)...)
	if body == nil {
		return out
	}
	out = append(out[:len(out)-1], `,"body":`...)
	return append(append(out, body...), '}')
}

// check refuses a malformed batch as a whole.
func (b *batchBody) check() *odata.Error {
	fail := func(text string, args ...any) *odata.Error {
		e := odata.BadRequest("BadRequest", fmt.Sprintf(text, args...))
		return &e
	}
	switch {
	case len(b.Requests) == 0:
		return fail("Invalid batch payload format.")
	case len(b.Requests) > maxBatch:
		return fail("Number of batch request steps exceeds the maximum value of %d.", maxBatch)
	}
	seen := map[string]bool{}
	for _, r := range b.Requests {
		switch {
		case r.ID == "":
			return fail("Required property 'id' in batch request step is missing.")
		case seen[r.ID]:
			return fail("Request Id '%s' has to be unique in a batch.", r.ID)
		case r.Method == "" || r.URL == "":
			return fail("Invalid batch payload format.")
		case strings.Contains(r.URL, "$batch"):
			return fail("A batch can't hold a batch.")
		case len(r.Body) > 0 && string(r.Body) != "null" && header(r.Headers, "Content-Type") == "":
			return fail("Write request id : %s does not contain Content-Type header or body.", r.ID)
		}
		seen[r.ID] = true
	}
	for _, r := range b.Requests {
		for _, d := range r.DependsOn {
			if !seen[d] || d == r.ID {
				return fail("Request Id '%s' has an invalid dependency '%s'.", r.ID, d)
			}
		}
	}
	if len(b.order()) != len(b.Requests) {
		return fail("The dependencies of the batch form a cycle.")
	}
	return nil
}

// order puts items behind what they depend on; those in a cycle are left out.
func (b *batchBody) order() []batchItem {
	var out []batchItem
	placed := map[string]bool{}
	for progress := true; progress; {
		progress = false
		for _, r := range b.Requests {
			ready := !placed[r.ID] && !slices.ContainsFunc(r.DependsOn, func(d string) bool { return !placed[d] })
			if ready {
				placed[r.ID], progress = true, true
				out = append(out, r)
			}
		}
	}
	return out
}

func header(h map[string]string, name string) string {
	for k, v := range h {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// item runs one request of a batch under the token of the whole.
func (c *Call) item(in batchItem, done map[string]BatchResponse) BatchResponse {
	one := &Call{Service: c.Service, Call: &kernel.Call{
		Context:   c.Context,
		Base:      c.Base,
		InBatch:   true,
		Method:    strings.ToUpper(in.Method),
		RequestID: uuid.NewString(),
		Header:    http.Header{},
		Query:     &kernel.Query{},
		Body:      in.Body,
		Remote:    c.Remote,
	}}
	for k, v := range in.Headers {
		one.Header.Set(k, v)
	}
	one.Header.Set("Authorization", c.Header.Get("Authorization"))
	one.Header.Set("client-request-id", c.ClientRequestID())
	if string(in.Body) == "null" {
		one.Body = nil
	}
	for _, d := range in.DependsOn {
		if done[d].Status >= 400 {
			return one.batched(in.ID, one.Fail(odata.Error{
				Status: http.StatusFailedDependency, Code: "FailedDependency",
				Message: fmt.Sprintf("Request Id '%s' failed, which this request depends on.", d),
			}))
		}
	}
	return one.batched(in.ID, one.dispatch(strings.TrimPrefix(c.Root(), c.Base)+"/", in.URL))
}

// dispatch answers an item by its URL, which is relative to the version.
func (c *Call) dispatch(version, target string) *kernel.Response {
	var raw string
	c.Path, raw, _ = strings.Cut(target, "?")
	c.Path = version + strings.TrimPrefix(c.Path, "/")
	if u, err := url.Parse(target); err != nil || u.IsAbs() {
		return c.Fail(odata.BadRequest("BadRequest", "The url of a request in a batch is relative to the version."))
	}
	return c.Service.kernel.BatchItem(c.Call, raw)
}

// batched puts an answer into the form of a batch's item.
func (c *Call) batched(id string, a *kernel.Response) BatchResponse {
	out := BatchResponse{ID: id, Status: a.Status, Headers: map[string]string{}}
	h := http.Header{}
	c.Service.kernel.SetHeaders(c.Call, h, a)
	for name := range h {
		if name != "X-Ms-Ags-Diagnostic" {
			out.Headers[name] = h.Get(name)
		}
	}
	switch {
	case len(a.Body) == 0:
	case strings.HasPrefix(a.ContentType, kernel.PlainJSON):
		out.Body = a.Body
	default:
		out.Body = json.RawMessage(rawjson.Quote(base64.StdEncoding.EncodeToString(a.Body)))
	}
	return out
}

// batchItems are the items of a $batch as far as its body can be read.
func batchItems(body []byte) []batchItem {
	var in batchBody
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	return in.Requests
}

const batchTemplate = "/v1.0/$batch"

// The parts of a $batch [graph 6].
type batchBody struct {
	Requests []batchItem `json:"requests"`
}

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// BatchResponse is the answer of an item of a $batch.
type BatchResponse struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}
