package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

type batchItem struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
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
	out := make([]answer, len(items))
	err = batchAnswers(a.body, func(id string, one answer) error {
		i, err := strconv.Atoi(id)
		if err != nil || i < 1 || i > len(items) {
			return fmt.Errorf("it answers a request %q that wasn't in it", id)
		}
		out[i-1] = one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: the batch's answer: %w", doing, err)
	}
	for i := range out {
		if out[i].status == 0 {
			return nil, fmt.Errorf("%s: the batch left request %d unanswered", doing, i+1)
		}
	}
	return out, nil
}

// batchAnswers calls each with the answers of a batch. Their bodies are parts of
// raw: they are most of it, and are looked at once.
func batchAnswers(raw []byte, each func(id string, one answer) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	err := properties(d, func(name string) error {
		if name != "responses" || d.PeekKind() != '[' {
			return d.SkipValue()
		}
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		for d.PeekKind() != ']' {
			if err := batchAnswer(d, raw, each); err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	})
	if err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON")
	}
	return nil
}

func batchAnswer(d *jsontext.Decoder, raw []byte, each func(id string, one answer) error) error {
	var id string
	var headers map[string]string
	var one answer
	err := properties(d, func(name string) error {
		v, err := d.ReadValue()
		if err != nil {
			return err
		}
		switch end := d.InputOffset(); name {
		case "id":
			return json.Unmarshal(v, &id)
		case "status":
			return json.Unmarshal(v, &one.status)
		case "headers":
			return json.Unmarshal(v, &headers)
		case "body":
			one.body = raw[end-int64(len(v)) : end]
		}
		return nil
	})
	if err != nil {
		return err
	}
	one.header = http.Header{}
	for k, v := range headers {
		one.header.Set(k, v)
	}
	return each(id, one)
}

// properties calls each with the name of every property of the object that
// comes next; each reads its value.
func properties(d *jsontext.Decoder, each func(name string) error) error {
	t, err := d.ReadToken()
	if err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	if t.Kind() != '{' {
		return errors.New("no JSON object")
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("no JSON: %w", err)
		}
		if err := each(name.String()); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()
	return err
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
