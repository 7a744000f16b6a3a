// Package transport is how the provider speaks HTTP: over TLS alone, to one
// host alone, with retries that never repeat what isn't idempotent, and with
// answers of bounded size that are read whole before they count as answers.
package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
)

// Limits. A page of 999 users with many properties has about a megabyte.
const (
	maxBody     = 256 << 20
	maxAttempts = 8
	maxWait     = 5 * time.Minute
	firstWait   = 500 * time.Millisecond
	longestStep = 30 * time.Second
)

// Options configure a client.
type Options struct {
	// Host is the only host, with its port, that requests may go to; "" lets
	// any host through (the login services redirect between theirs), over TLS
	// all the same.
	Host string
	// Roots are trusted beside the system's; nil for the system's alone.
	Roots *x509.CertPool
	// Wait says how long to wait before attempt n (from 1) given what the
	// service asked for (0 for nothing); nil for the default.
	Wait func(attempt int, asked time.Duration) time.Duration
}

// ErrOtherHost is a request to a host other than the configured one, or not
// over TLS. It isn't sent.
var ErrOtherHost = errors.New("refused: the request would leave the configured host or TLS")

// New makes a client with retries. Redirects aren't followed.
func New(o Options) *http.Client {
	base := cleanhttp.DefaultPooledTransport()
	base.MaxIdleConnsPerHost = 16
	base.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots}
	base.ForceAttemptHTTP2 = true
	base.ResponseHeaderTimeout = 2 * time.Minute
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.HTTPClient = &http.Client{Transport: &guard{host: o.Host, next: base}, CheckRedirect: noRedirect}
	c.RetryMax = maxAttempts - 1
	c.CheckRetry = checkRetry
	c.Backoff = backoff(o.Wait)
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return &http.Client{Transport: &retryablehttp.RoundTripper{Client: c}, CheckRedirect: noRedirect}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// guard lets requests through to one host over TLS, and reads answers whole,
// so that a connection cut in the middle is an error that can be retried.
type guard struct {
	host string
	next http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.allow(r.URL); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	closeErr := resp.Body.Close()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the connection broke in the middle of the answer: %w", err)
	case closeErr != nil:
		return nil, fmt.Errorf("reading the answer: %w", closeErr)
	case len(body) > maxBody:
		return nil, &permanentError{fmt.Errorf("the answer has more than %d MiB", maxBody>>20)}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}

func (g *guard) allow(u *url.URL) error {
	if u.Scheme != "https" || g.host != "" && !strings.EqualFold(u.Host, g.host) {
		return &permanentError{fmt.Errorf("%w: %s://%s", ErrOtherHost, u.Scheme, u.Host)}
	}
	return nil
}

// permanentError isn't worth another attempt.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

type idempotentKey struct{}

// Idempotent marks the requests of a context as safe to repeat although their
// method (POST) doesn't say so: searches, and batches of reads.
func Idempotent(ctx context.Context) context.Context {
	return context.WithValue(ctx, idempotentKey{}, true)
}

// checkRetry repeats what the service refused before acting on it (429), and
// what failed otherwise where the request is idempotent. Other answers,
// 403 above all, are final.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	var permanent *permanentError
	if errors.As(err, &permanent) {
		return false, err
	}
	if err != nil {
		var certificate *tls.CertificateVerificationError
		if errors.As(err, &certificate) {
			return false, err
		}
		return idempotent(ctx, methodOf(err)), nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return asked(resp) <= maxWait, nil
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return idempotent(ctx, resp.Request.Method) && asked(resp) <= maxWait, nil
	}
	return false, nil
}

// methodOf reads the method off the error of an http.Client.
func methodOf(err error) string {
	var e *url.Error
	if errors.As(err, &e) {
		return strings.ToUpper(e.Op)
	}
	return ""
}

func idempotent(ctx context.Context, method string) bool {
	if marked, _ := ctx.Value(idempotentKey{}).(bool); marked {
		return true
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// backoff obeys Retry-After, which may be fractional (graph.md part 6), and
// doubles without it.
func backoff(wait func(int, time.Duration) time.Duration) retryablehttp.Backoff {
	return func(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
		want := time.Duration(0)
		if resp != nil {
			want = asked(resp)
		}
		if wait != nil {
			return wait(attempt+1, want)
		}
		if want > 0 {
			return want
		}
		return min(longestStep, firstWait<<min(attempt, 10))
	}
}

// asked is how long the service asked to wait; 0 where it didn't say.
func asked(resp *http.Response) time.Duration {
	h := resp.Header.Get("Retry-After")
	if h == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(h, 64); err == nil && s >= 0 && !math.IsInf(s, 0) && !math.IsNaN(s) {
		return time.Duration(min(s, 1e9) * float64(time.Second))
	}
	date, err := http.ParseTime(h)
	if err != nil {
		return 0
	}
	// Both times are the service's, so that a clock that is off doesn't matter.
	if now, err := http.ParseTime(resp.Header.Get("Date")); err == nil && date.After(now) {
		return date.Sub(now)
	}
	return 0
}
