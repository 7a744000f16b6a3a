package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// BatchSize is how many requests a batch has at most [graph 6]. MaxBatchAttempts
// is how often one of them is sent.
const (
	BatchSize        = 20
	MaxBatchAttempts = 8
)

// BatchItem is one request of a batch. Its URL is relative to the version's
// address, or one of Graph's own links.
type BatchItem struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// SendBatch numbers the requests and gives the answers in their order; the
// service may answer in any. All of them must be fit to be sent twice. The answers are
// parts of whole, which may be recycled when they aren't needed any longer. take, where it
// isn't nil, is called with what begins with the body of the i-th answer, of those that
// succeeded, and answers where the body ends, or !ok: a large body is then looked at once.
func (c *Client) SendBatch(
	ctx context.Context, items []BatchItem, operation string, need Need,
	take func(i int, rest []byte) (end int, ok bool),
) (answers []Response, whole []byte, err error) {
	for i := range items {
		u, err := c.relative(items[i].URL)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", operation, err)
		}
		items[i].ID, items[i].URL = strconv.Itoa(i+1), u
	}
	body, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", operation, err)
	}
	a, err := c.Do(ctx, Request{
		Method: http.MethodPost, URL: "/$batch", Body: body, Operation: operation, Need: need, Idempotent: true,
	})
	if err != nil {
		return nil, nil, err
	}
	out := make([]Response, len(items))
	place := func(id string) (i int, ok bool) {
		i, err := strconv.Atoi(id)
		return i - 1, err == nil && i >= 1 && i <= len(items)
	}
	err = batchAnswers(a.Body, func(id string, rest []byte) (end int, ok bool) {
		i, ok := place(id)
		if take == nil || !ok || out[i].Status != 0 {
			return 0, false
		}
		return take(i, rest)
	}, func(id string, one Response) error {
		i, ok := place(id)
		if !ok {
			return fmt.Errorf("it answers a request %q that wasn't in it", id)
		}
		if out[i].Status != 0 {
			return fmt.Errorf("it answers the request %q twice", id)
		}
		out[i] = one
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: the batch's answer: %w", operation, err)
	}
	for i := range out {
		if out[i].Status == 0 {
			return nil, nil, fmt.Errorf("%s: the batch left request %d unanswered", operation, i+1)
		}
	}
	return out, a.Body, nil
}

// EachOfBatches sends requests twenty at a time, one batch after another, and
// those that are throttled or fail on the service's side again. take gets each
// answer once, by the place of its request.
func (c *Client) EachOfBatches(
	ctx context.Context, items []BatchItem, operation string, need Need, take func(i int, a Response) error,
) error {
	pending := make([]int, len(items))
	for i := range pending {
		pending[i] = i
	}
	for len(pending) > 0 {
		part := pending[:min(BatchSize, len(pending))]
		pending = pending[len(part):]
		for attempt := 1; len(part) > 0; attempt++ {
			again, wait, err := c.oneBatch(ctx, items, part, attempt, operation, need, take)
			if err != nil {
				return err
			}
			if part = again; len(part) > 0 {
				if err := c.Pause(ctx, attempt, wait); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// oneBatch sends the requests at some places once, and gives those that are to be
// sent again and after which time.
func (c *Client) oneBatch(
	ctx context.Context, items []BatchItem, part []int, attempt int, operation string, need Need,
	take func(i int, a Response) error,
) (again []int, wait time.Duration, err error) {
	send := make([]BatchItem, len(part))
	for k, i := range part {
		send[k] = items[i]
	}
	answers, _, err := c.SendBatch(ctx, send, operation, need, nil)
	if err != nil {
		return nil, 0, err
	}
	for k, a := range answers {
		switch {
		case a.MayPass() && attempt >= MaxBatchAttempts:
			return nil, 0, c.Refusal(a, operation, need)
		case a.MayPass():
			again, wait = append(again, part[k]), max(wait, a.RetryAfter())
		default:
			if err := take(part[k], a); err != nil {
				return nil, 0, err
			}
		}
	}
	return again, wait, nil
}

// taker takes the body of an answer that succeeded, and answers where it ends, or !ok.
type taker func(id string, rest []byte) (end int, ok bool)

// batchAnswers calls each with the answers of a batch. Their bodies are parts of
// raw: they are most of it, and are looked at once.
func batchAnswers(raw []byte, take taker, each func(id string, one Response) error) error {
	end, err := walk(raw, func(name string, rest []byte) (end int, err error) {
		if name != "responses" || len(rest) == 0 || rest[0] != '[' {
			return passOver(rest)
		}
		for first := true; ; first = false {
			at, done, ok := jsonscan.Element(rest, end, first)
			if done {
				return at, nil
			}
			if !ok {
				return 0, errNotJSON
			}
			length, err := batchAnswer(rest[at:], take, each)
			if err != nil {
				return 0, err
			}
			end = at + length
		}
	})
	if err == nil && jsonscan.Space(raw, end) < len(raw) {
		err = errors.New("something follows the JSON")
	}
	return err
}

func batchAnswer(answer []byte, take taker, each func(id string, one Response) error) (end int, err error) {
	var id string
	var headers map[string]string
	var one Response
	taken := false
	end, err = walk(answer, func(name string, rest []byte) (end int, err error) {
		if taken && (name == "id" || name == "status" || name == "body") {
			return 0, fmt.Errorf("its answer to the request %q says %q twice", id, name)
		}
		if name == "body" && id != "" && one.Status >= http.StatusOK && one.Status < http.StatusMultipleChoices {
			if end, ok := take(id, rest); ok {
				one.Body, taken = rest[:end], true
				return end, nil
			}
		}
		if end, err = passOver(rest); err != nil {
			return 0, err
		}
		switch v := rest[:end]; name {
		case "id":
			err = json.Unmarshal(v, &id)
		case "status":
			err = json.Unmarshal(v, &one.Status)
		case "headers":
			err = json.Unmarshal(v, &headers)
		case "body":
			one.Body = v
		}
		return end, err
	})
	if err != nil {
		return 0, err
	}
	one.Header = http.Header{}
	for k, v := range headers {
		one.Header.Set(k, v)
	}
	return end, each(id, one)
}

// RetryAfter is how long the service asked to wait before the request is sent
// again; 0 where it didn't say.
func (r Response) RetryAfter() time.Duration {
	s, err := strconv.ParseFloat(r.Header.Get("Retry-After"), 64)
	if err != nil || s <= 0 {
		return 0
	}
	return time.Duration(min(s, 300) * float64(time.Second))
}

// MayPass reports a refusal that may pass: throttling, and failures on the
// service's side.
func (r Response) MayPass() bool {
	return r.Status == http.StatusTooManyRequests || r.Status >= 500 && r.Status != http.StatusNotImplemented
}

// Pause waits before refused items of a batch are sent again.
func (c *Client) Pause(ctx context.Context, attempt int, asked time.Duration) error {
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
