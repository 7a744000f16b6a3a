package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// page is one answer of a collection.
type page struct {
	Value []byte
	Next  string
}

// pages reads a collection and calls each with every object's JSON, valid
// only during the call.
func (c *Client) pages(ctx context.Context, first call, each func(raw []byte) error) error {
	return c.pagesWith(ctx, first, func(value []byte) error {
		_, err := directory.NewDecoder(nil).Array(value, each)
		return err
	})
}

// errEnough, from a page's array, ends the collection there.
var errEnough = errors.New("enough was read")

// pagesWith reads a collection and calls each with the array of every page.
func (c *Client) pagesWith(ctx context.Context, first call, each func(value []byte) error) error {
	var chain transport.Chain
	at := first
	for {
		a, err := c.do(ctx, at)
		if err != nil {
			return err
		}
		p, err := decodePage(a.body)
		if err == nil {
			err = each(p.Value)
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: Graph's answer has another shape than documented: %w", first.doing, err)
		}
		if p.Next == "" {
			return nil
		}
		if err := chain.Follow(p.Value, p.Next); err != nil {
			return fmt.Errorf("%s: %w", first.doing, err)
		}
		at.url = p.Next
	}
}

// decodePage takes a page apart in one pass; its value stays where it is.
func decodePage(body []byte) (p page, err error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if t, err := d.ReadToken(); err != nil {
		return p, fmt.Errorf("no JSON: %w", err)
	} else if t.Kind() != '{' {
		return p, errors.New("no JSON object")
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return p, fmt.Errorf("no JSON: %w", err)
		}
		key := name.String()
		v, err := d.ReadValue()
		if err != nil {
			return p, fmt.Errorf("no JSON: %w", err)
		}
		switch end := d.InputOffset(); key {
		case "value":
			p.Value = body[end-int64(len(v)) : end]
		case "@odata.nextLink":
			if err := json.Unmarshal(v, &p.Next); err != nil {
				return p, fmt.Errorf("@odata.nextLink: %w", err)
			}
		}
	}
	if p.Value == nil {
		return p, errors.New("there is no \"value\"")
	}
	return p, nil
}

// memberPage is a page of a group's members that is still to be read.
type memberPage struct {
	group string
	// url is absolute or relative to the version's address.
	url string
}

// A batch has at most 20 requests (graph.md part 6); some batches are under
// way at once.
const (
	batchSize       = 20
	batchesAtOnce   = 4
	maxBatchRetries = 8
)

// members reads direct members into the builder.
func (r *read) members(ctx context.Context, todo []memberPage) error {
	dec := directory.NewDecoder(nil)
	return r.membersWith(ctx, todo, func(group string, raw []byte) error {
		m, err := dec.Member(raw)
		if err != nil {
			return err
		}
		return r.b.AddMember(group, m)
	})
}

// membersWith reads pages of members, 20 to a request, and the pages that
// follow them, and calls each, one at a time, with every member.
func (r *read) membersWith(ctx context.Context, todo []memberPage, each func(group string, raw []byte) error) error {
	recorded := map[string][]json.RawMessage{}
	chains := map[string]*transport.Chain{}
	take := func(p memberPage, body []byte) (next string, err error) {
		pg, err := decodePage(body)
		if err != nil {
			return "", err
		}
		err = r.lock.hold(func() error {
			_, err := directory.NewDecoder(nil).Array(pg.Value, func(raw []byte) error {
				if r.o.Recorder != nil {
					recorded[p.group] = append(recorded[p.group], memberOnly(raw))
				}
				return each(p.group, raw)
			})
			if err != nil || pg.Next == "" {
				return err
			}
			if chains[p.group] == nil {
				chains[p.group] = &transport.Chain{}
			}
			return chains[p.group].Follow(pg.Value, pg.Next)
		})
		return pg.Next, err
	}
	withheld := func(group string) {
		if r.o.Recorder != nil {
			recorded[group] = append(recorded[group], json.RawMessage(unknownGroup))
		}
	}
	for len(todo) > 0 {
		next, err := r.round(ctx, todo, take, withheld)
		if err != nil {
			return err
		}
		todo = next
	}
	for group, list := range recorded {
		r.o.Recorder.Members(group, list)
	}
	return nil
}

// unknownGroup stands in a record for members that were withheld: a member
// group that isn't among the groups.
const unknownGroup = `{"@odata.type":"#microsoft.graph.group","id":"00000000-0000-0000-0000-000000000000"}`

// memberOnly keeps of a member what a snapshot's group holds.
func memberOnly(raw []byte) json.RawMessage {
	var m struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return slices.Clone(raw)
	}
	out, err := json.Marshal(map[string]string{"@odata.type": m.Type, "id": m.ID})
	if err != nil {
		return slices.Clone(raw)
	}
	return out
}

// round reads one page of each group, in batches side by side, and gives the
// pages that follow.
func (r *read) round(ctx context.Context, todo []memberPage, take func(memberPage, []byte) (string, error), withheld func(group string)) ([]memberPage, error) {
	refused := func(group string, status int) bool { return r.refused(group, status, withheld) }
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(batchesAtOnce)
	// One place for each batch, made before they start.
	results := make([][]memberPage, (len(todo)+batchSize-1)/batchSize)
	at := 0
	for part := range slices.Chunk(todo, batchSize) {
		result := &results[at]
		at++
		g.Go(func() (err error) {
			*result, err = r.c.batch(ctx, part, refused, take)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(results...), nil
}

// refused is a group whose members Graph won't list: 403 means that its
// membership is withheld, 404 that it is gone since the groups were read.
func (r *read) refused(group string, status int, withheld func(group string)) bool {
	switch status {
	case http.StatusForbidden:
		// A member group that can't be found hides members just so.
		return r.lock.hold(func() error {
			withheld(group)
			return r.b.AddMember(group, directory.GraphMember{Type: "group"})
		}) == nil
	case http.StatusNotFound:
		return true
	}
	return false
}

type batchItem struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

type batchAnswer struct {
	Responses []struct {
		ID      string            `json:"id"`
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"responses"`
}

// batch sends up to 20 reads in one request. Each is throttled by itself, so
// only those refused are sent again (graph.md part 6).
func (c *Client) batch(ctx context.Context, part []memberPage, refused func(group string, status int) bool, take func(memberPage, []byte) (string, error)) ([]memberPage, error) {
	const doing = "reading members of groups"
	var next []memberPage
	left := part
	for attempt := 1; len(left) > 0; attempt++ {
		answers, err := c.memberBatch(ctx, left, doing)
		if err != nil {
			return nil, err
		}
		var again []memberPage
		var wait time.Duration
		var last *Error
		for i, p := range left {
			a := answers[i]
			switch {
			case a.status < 300:
				follow, err := take(p, a.body)
				if errors.Is(err, transport.ErrEndless) {
					return nil, fmt.Errorf("%s: %w", doing, err)
				}
				if err != nil {
					return nil, fmt.Errorf("%s: Graph's answer has another shape than documented: %w", doing, err)
				}
				if follow != "" {
					next = append(next, memberPage{p.group, follow})
				}
			case passes(a.status):
				again = append(again, p)
				wait = max(wait, retryAfter(a.header))
				last = graphError(a.status, a.header, a.body, doing, NeedGroups.AnyOf)
			case refused(p.group, a.status):
			default:
				return nil, graphError(a.status, a.header, a.body, doing, NeedGroups.AnyOf)
			}
		}
		if left = again; len(left) > 0 {
			if attempt >= maxBatchRetries {
				return nil, last
			}
			if err := c.pause(ctx, attempt, wait); err != nil {
				return nil, err
			}
		}
	}
	return next, nil
}

// memberBatch asks for pages of members.
func (c *Client) memberBatch(ctx context.Context, part []memberPage, doing string) ([]answer, error) {
	items := make([]batchItem, len(part))
	for i, p := range part {
		u, err := c.relative(p.url)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
		items[i] = batchItem{Method: http.MethodGet, URL: u}
	}
	return c.sendBatch(ctx, items, doing, NeedGroups)
}

// sendBatch numbers the requests and gives the answers in their order; the
// service may answer in any. All of them must be fit to be sent twice.
func (c *Client) sendBatch(ctx context.Context, items []batchItem, doing string, need Need) ([]answer, error) {
	for i := range items {
		items[i].ID = strconv.Itoa(i + 1)
	}
	body, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	a, err := c.do(ctx, call{method: http.MethodPost, url: "/$batch", body: body, doing: doing, need: need, idempotent: true})
	if err != nil {
		return nil, err
	}
	var b batchAnswer
	if err := json.Unmarshal(a.body, &b); err != nil {
		return nil, fmt.Errorf("%s: the batch's answer is no JSON: %w", doing, err)
	}
	out := make([]answer, len(items))
	for _, x := range b.Responses {
		i, err := strconv.Atoi(x.ID)
		if err != nil || i < 1 || i > len(items) {
			return nil, fmt.Errorf("%s: the batch answers a request %q that wasn't in it", doing, x.ID)
		}
		h := http.Header{}
		for k, v := range x.Headers {
			h.Set(k, v)
		}
		out[i-1] = answer{x.Status, h, x.Body}
	}
	for i := range out {
		if out[i].status == 0 {
			return nil, fmt.Errorf("%s: the batch left request %d unanswered", doing, i+1)
		}
	}
	return out, nil
}

// relative makes a batch item's url: relative to the version. A nextLink to
// another host is refused.
func (c *Client) relative(link string) (string, error) {
	if strings.HasPrefix(link, "/") {
		return link, nil
	}
	rest, ok := strings.CutPrefix(link, c.base()+"/")
	if !ok {
		u, err := url.Parse(link)
		if err != nil {
			return "", fmt.Errorf("a nextLink that is no address: %w", err)
		}
		return "", fmt.Errorf("%w: a nextLink leaves %s for %s://%s", transport.ErrOtherHost, c.base(), u.Scheme, u.Host)
	}
	return "/" + rest, nil
}

func retryAfter(h http.Header) time.Duration {
	s, err := strconv.ParseFloat(h.Get("Retry-After"), 64)
	if err != nil || s <= 0 {
		return 0
	}
	return time.Duration(min(s, 300) * float64(time.Second))
}

// pause waits before a batch's refused items are sent again.
func (c *Client) pause(ctx context.Context, attempt int, asked time.Duration) error {
	d := asked
	if c.wait != nil {
		d = c.wait(attempt, asked)
	} else if d == 0 {
		d = min(30*time.Second, 500*time.Millisecond<<attempt)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
