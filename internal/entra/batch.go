package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

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
