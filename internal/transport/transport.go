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
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/net/http/httpguts"
)

// Limits. A page of 999 users with many properties has about a megabyte, a
// batch of 20 such pages as many; several answers are in memory at once.
const (
	maxBody     = 64 << 20
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
	// MaxBody is the size in bytes of the largest answer that is read; 0 for
	// the default.
	MaxBody int64
	// After is the clock of the deadlines; nil for time.After.
	After func(time.Duration) <-chan time.Time
	// Observe hears of every answer, those that are asked for again included;
	// nil for nobody.
	Observe func(status int, header http.Header)

	proxy func(*http.Request) (*url.URL, error) // a test's
}

// ErrOtherHost is a request to a host other than the configured one, or not
// over TLS. It isn't sent.
var ErrOtherHost = errors.New("refused: the request would leave the configured host or TLS")

// New makes a client with retries. Redirects aren't followed.
func New(o Options) *http.Client {
	if o.MaxBody == 0 {
		o.MaxBody = maxBody
	}
	base := cleanhttp.DefaultPooledTransport()
	base.MaxIdleConnsPerHost = 16
	base.DisableCompression = true // the guard asks for it
	base.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots}
	base.ForceAttemptHTTP2 = true
	base.ResponseHeaderTimeout = 2 * time.Minute
	base.OnProxyConnectResponse = refusedByProxy
	if o.proxy != nil {
		base.Proxy = o.proxy
	}
	if o.After == nil {
		o.After = time.After
	}
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.HTTPClient = &http.Client{
		Transport:     &guard{host: o.Host, maxBody: o.MaxBody, after: o.After, observe: o.Observe, next: base},
		CheckRedirect: noRedirect,
	}
	c.RetryMax = maxAttempts - 1
	c.CheckRetry = checkRetry
	c.Backoff = backoff(o.Wait)
	c.ErrorHandler = lastAnswer
	return &http.Client{Transport: attemptCounter{&retryablehttp.RoundTripper{Client: c}}, CheckRedirect: noRedirect}
}

// maxUnanswered is how often a host that refuses connections or doesn't answer is
// tried: somebody waits for a plan.
const maxUnanswered = 3

// attemptCounter gives each request a count of its attempts without an answer.
type attemptCounter struct{ next http.RoundTripper }

type unansweredKey struct{}

func (c attemptCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	return c.next.RoundTrip(r.WithContext(context.WithValue(r.Context(), unansweredKey{}, new(int))))
}

// tooManyUnanswered counts an attempt without an answer, and reports whether it was one
// too many.
func tooManyUnanswered(ctx context.Context, err error) bool {
	var op *net.OpError
	var stalled *StalledError
	n, counted := ctx.Value(unansweredKey{}).(*int)
	if !counted || !errors.As(err, &stalled) && (!errors.As(err, &op) || op.Op != "dial") {
		return false
	}
	*n++
	return *n >= maxUnanswered
}

// lastAnswer hands on what the last attempt gave: an answer or an error.
// net/http complains in the log about both at once.
func lastAnswer(resp *http.Response, err error, _ int) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// guard lets requests through to one host over TLS, and reads answers whole,
// so that a connection cut in the middle is an error that can be retried.
type guard struct {
	host    string
	maxBody int64
	after   func(time.Duration) <-chan time.Time
	observe func(int, http.Header)
	next    http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := errors.Join(g.allow(r.URL), wellFormed(r.Header)); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(acceptingGzip(r))
	if err != nil {
		return nil, describeFailure(r, err)
	}
	if g.observe != nil {
		g.observe(resp.StatusCode, resp.Header)
	}
	body, err := g.read(resp)
	closeErr := resp.Body.Close()
	switch {
	case errors.Is(err, errNoProgress):
		return nil, &StalledError{r.URL.Host, fmt.Sprintf("it answered %s, and then sent less than %d KiB of the "+
			"answer within %s",
			resp.Status, minProgress>>10, progressWindow)}
	case err != nil:
		return nil, fmt.Errorf("the connection broke in the middle of the answer: %w", err)
	case closeErr != nil:
		return nil, fmt.Errorf("reading the answer: %w", closeErr)
	case int64(len(body)) > g.maxBody:
		return nil, &permanentError{fmt.Errorf("the answer has more than %d MiB", g.maxBody>>20)}
	}
	resp.Body = &bufferedBody{*bytes.NewReader(body), body}
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// bufferedBody is a body that was read already.
type bufferedBody struct {
	bytes.Reader
	text []byte
}

func (*bufferedBody) Close() error { return nil }

// Body is the whole body of an answer, without another copy where the answer
// is one of ours. The caller closes it.
func Body(resp *http.Response) ([]byte, error) {
	if w, ok := resp.Body.(*bufferedBody); ok && w.Len() == len(w.text) {
		return w.text, nil
	}
	return io.ReadAll(resp.Body)
}

func (g *guard) allow(u *url.URL) error {
	if u.Scheme != "https" || g.host != "" && !strings.EqualFold(u.Host, g.host) {
		return &permanentError{fmt.Errorf("%w: %s://%s", ErrOtherHost, u.Scheme, u.Host)}
	}
	return nil
}

// WithoutUser hides what may be a password in a mistaken address.
func WithoutUser(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "…" + address[i:]
	}
	return address
}

// wellFormed refuses a header that can't be sent, such as a secret that ends
// in a line break. It doesn't repeat the value.
func wellFormed(h http.Header) error {
	for name, values := range h {
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return &permanentError{fmt.Errorf(
					"the header %s has a line break or another control character in it", name)}
			}
		}
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
	if err != nil {
		if isPermanent(err) || tooManyUnanswered(ctx, err) {
			return false, err
		}
		return idempotent(ctx, methodOf(err)), nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return retryAfter(resp) <= maxWait, nil
	case http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return idempotent(ctx, resp.Request.Method) && retryAfter(resp) <= maxWait, nil
	}
	return false, nil
}

// isPermanent reports failures that another attempt would only repeat: those that
// we raise, a certificate that isn't trusted, a host that doesn't exist or
// doesn't speak TLS.
func isPermanent(err error) bool {
	var permanent *permanentError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	return errors.As(err, &permanent) || errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &dns) && dns.IsNotFound
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

// backoff obeys Retry-After, which may be fractional [graph 6], and
// doubles without it.
func backoff(wait func(int, time.Duration) time.Duration) retryablehttp.Backoff {
	return func(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
		want := time.Duration(0)
		if resp != nil {
			want = retryAfter(resp)
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

// retryAfter is how long the service asked to wait; 0 where it didn't say.
func retryAfter(resp *http.Response) time.Duration {
	h := resp.Header.Get("Retry-After")
	if h == "" {
		return untilReset(resp)
	}
	if s, err := strconv.ParseFloat(h, 64); err == nil && s >= 0 && !math.IsInf(s, 0) && !math.IsNaN(s) {
		return time.Duration(min(s, 1e9) * float64(time.Second))
	}
	date, err := http.ParseTime(h)
	if err != nil {
		return 0
	}
	return until(date, resp)
}

// untilReset is what Atlassian says in place of Retry-After [atlassian 3.2].
func untilReset(resp *http.Response) time.Duration {
	reset, err := time.Parse(time.RFC3339, resp.Header.Get("X-RateLimit-Reset"))
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		return 0
	}
	return until(reset, resp)
}

// until is the time from the answer to a moment that it names. Both are the
// service's, so that a clock that is off doesn't matter.
func until(moment time.Time, resp *http.Response) time.Duration {
	if now, err := http.ParseTime(resp.Header.Get("Date")); err == nil && moment.After(now) {
		return moment.Sub(now)
	}
	return 0
}
