package transport

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// service is a server with TLS that counts requests and answers each by its
// number, from 1.
type service struct {
	*httptest.Server
	requests atomic.Int32
}

func serve(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(s.requests.Add(1)), w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *service) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func (s *service) host() string { return strings.TrimPrefix(s.URL, "https://") }

// waits are what a client was asked to wait before each attempt.
type waits []time.Duration

func (w *waits) wait(_ int, asked time.Duration) time.Duration {
	*w = append(*w, asked)
	return 0
}

func (s *service) client(w *waits) *http.Client {
	return New(Options{Host: s.host(), Roots: s.roots(), Wait: w.wait})
}

func send(
	t *testing.T,
	ctx context.Context,
	c *http.Client,
	method, address, body string,
) (status int, answer string, err error) {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, in)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw), err
}

func TestOneHostOverTLS(t *testing.T) {
	other := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "stolen") })
	plain := httptest.NewServer(other.Config.Handler)
	defer plain.Close()
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	pool := s.roots()
	pool.AddCert(other.Certificate())
	name, port, _ := strings.Cut(s.host(), ":")
	for _, address := range []string{
		other.URL, plain.URL, "http://" + s.host(), "https://" + name, "https://" + name + ":1", "https://localhost:" + port,
		"https://" + s.host() + "@" + other.host() + "/", "https://evil.example/" + s.host(),
	} {
		w := &waits{}
		_, _, err := send(
			t,
			context.Background(),
			New(Options{Host: s.host(), Roots: pool, Wait: w.wait}),
			"GET",
			address,
			"",
		)
		if !errors.Is(err, ErrOtherHost) || len(*w) != 0 {
			t.Errorf("%s: %v, after %d waits", address, err, len(*w))
		}
	}
	if n := other.requests.Load() + s.requests.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if _, body, err := send(
		t,
		context.Background(),
		s.client(&waits{}),
		"GET",
		strings.ToUpper(s.URL[:8])+s.URL[8:],
		"",
	); err != nil ||
		body != "hello" {
		t.Error(body, err)
	}
	// Without a host any will do, over TLS.
	anywhere := New(Options{Roots: pool})
	if _, body, err := send(t, context.Background(), anywhere, "GET", other.URL, ""); err != nil || body != "stolen" {
		t.Error(body, err)
	}
	if _, _, err := send(t, context.Background(), anywhere, "GET", plain.URL, ""); !errors.Is(err, ErrOtherHost) {
		t.Error(err)
	}
}

func TestRedirectsAreAnswers(t *testing.T) {
	other := serve(t, func(_ int, _ http.ResponseWriter, _ *http.Request) {})
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		target := other.URL
		if n%2 == 0 {
			target = "/elsewhere"
		}
		http.Redirect(w, r, target, []int{301, 302, 303, 307, 308}[n%5])
	})
	for range 10 {
		status, _, err := send(t, context.Background(), s.client(&waits{}), "GET", s.URL, "")
		if err != nil || status < 300 || status > 399 {
			t.Error(status, err)
		}
	}
	if other.requests.Load() != 0 || s.requests.Load() != 10 {
		t.Errorf("%d and %d requests", other.requests.Load(), s.requests.Load())
	}
}

func TestRetryAfter(t *testing.T) {
	date := "Fri, 20 Nov 2026 08:00:00 GMT"
	for name, c := range map[string]struct {
		header map[string]string
		want   time.Duration
	}{
		"nothing":       {nil, 0},
		"seconds":       {map[string]string{"Retry-After": "7"}, 7 * time.Second},
		"fractional":    {map[string]string{"Retry-After": "2.128"}, 2128 * time.Millisecond},
		"zero":          {map[string]string{"Retry-After": "0"}, 0},
		"negative":      {map[string]string{"Retry-After": "-5"}, 0},
		"not a number":  {map[string]string{"Retry-After": "NaN"}, 0},
		"words":         {map[string]string{"Retry-After": "soon"}, 0},
		"date":          {map[string]string{"Retry-After": "Fri, 20 Nov 2026 08:00:42 GMT"}, 42 * time.Second},
		"past":          {map[string]string{"Retry-After": "Fri, 20 Nov 2026 07:00:00 GMT"}, 0},
		"Atlassian's":   {map[string]string{"X-RateLimit-Reset": "2026-11-20T08:00:09.500Z"}, 9500 * time.Millisecond},
		"both":          {map[string]string{"X-RateLimit-Reset": "2026-11-20T08:00:09Z", "Retry-After": "3"}, 3 * time.Second},
		"broken reset":  {map[string]string{"X-RateLimit-Reset": "9"}, 0},
		"reset in past": {map[string]string{"X-RateLimit-Reset": "2026-11-20T07:59:59Z"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
				if n > 1 {
					return
				}
				w.Header().Set("Date", date)
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(http.StatusTooManyRequests)
			})
			w := &waits{}
			if status, _, err := send(
				t,
				context.Background(),
				s.client(w),
				"GET",
				s.URL,
				"",
			); err != nil ||
				status != 200 {
				t.Fatal(status, err)
			}
			if len(*w) != 1 || (*w)[0] != c.want {
				t.Errorf("waited %v, want %v", *w, c.want)
			}
		})
	}
}

// A wait that nobody would sit through isn't begun.
func TestTooLongAWait(t *testing.T) {
	for _, after := range []string{"301", "1e300", "99999999999999999999"} {
		s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		w := &waits{}
		if status, _, err := send(
			t,
			context.Background(),
			s.client(w),
			"GET",
			s.URL,
			"",
		); err != nil || status != 429 ||
			len(*w) != 0 {
			t.Errorf("%s: %d, %v, waits %v", after, status, err, *w)
		}
	}
}

func TestDefaultBackoff(t *testing.T) {
	b := backoff(nil)
	last := time.Duration(0)
	for i := range 100 {
		d := b(0, 0, i, nil)
		if d <= 0 || d > longestStep || d < last {
			t.Fatalf("attempt %d waits %v after %v", i, d, last)
		}
		last = d
	}
	if d := b(0, 0, 0, &http.Response{Header: http.Header{"Retry-After": {"12"}}}); d != 12*time.Second {
		t.Error(d)
	}
}

// What is repeated, and how often in all.
func TestRepetition(t *testing.T) {
	marked := Idempotent(context.Background())
	for _, c := range []struct {
		ctx    context.Context
		method string
		status int // 0 cuts the connection
		want   int
	}{
		{nil, "GET", 429, maxAttempts}, {nil, "POST", 429, maxAttempts}, {nil, "PATCH", 429, maxAttempts},
		{nil, "GET", 503, maxAttempts}, {nil, "GET", 500, maxAttempts}, {nil, "GET", 502, maxAttempts}, {nil, "GET", 504, maxAttempts},
		{nil, "PUT", 503, maxAttempts}, {nil, "DELETE", 503, maxAttempts},
		{nil, "POST", 503, 1}, {nil, "PATCH", 503, 1}, {nil, "POST", 0, 1}, {nil, "PATCH", 0, 1},
		{marked, "POST", 503, maxAttempts}, {marked, "POST", 0, maxAttempts},
		{nil, "GET", 0, maxAttempts},
		{nil, "GET", 403, 1}, {marked, "POST", 403, 1}, {nil, "GET", 401, 1}, {nil, "GET", 400, 1}, {nil, "GET", 404, 1}, {nil, "GET", 501, 1}, {nil, "GET", 200, 1},
	} {
		t.Run(fmt.Sprint(c.method, c.status, c.ctx != nil), func(t *testing.T) {
			s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); r.Method == http.MethodPost && string(body) != "the body" {
					t.Errorf("attempt %d has the body %q", n, body)
				}
				if c.status == 0 {
					w.Header().Set("Content-Length", "100")
					fmt.Fprint(w, "half an ans")
					w.(http.Flusher).Flush()
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(c.status)
				fmt.Fprint(w, "why")
			})
			ctx := c.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			body := ""
			if c.method == "POST" {
				body = "the body"
			}
			w := &waits{}
			status, text, err := send(t, ctx, s.client(w), c.method, s.URL, body)
			if n := int(s.requests.Load()); n != c.want || len(*w) != c.want-1 {
				t.Errorf("%d requests, %d waits, want %d", n, len(*w), c.want)
			}
			if c.status == 0 && (err == nil || !strings.Contains(err.Error(), "broke in the middle")) {
				t.Error(err)
			}
			if c.status != 0 && (status != c.status || text != "why" || err != nil) {
				t.Errorf("the last answer is lost: %d %q %v", status, text, err)
			}
		})
	}
}

func TestCutOnce(t *testing.T) {
	s := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "11")
		if n == 1 {
			fmt.Fprint(w, "hello")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "hello world")
	})
	_, body, err := send(t, context.Background(), s.client(&waits{}), "GET", s.URL, "")
	if err != nil || body != "hello world" {
		t.Error(body, err)
	}
}

func TestHugeAnswers(t *testing.T) {
	for _, header := range []bool{true, false} {
		s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("n"))
			if header {
				w.Header().Set("Content-Length", strconv.Itoa(n))
			}
			w.Write(bytes.Repeat([]byte("x"), n))
		})
		w := &waits{}
		c := New(Options{Host: s.host(), Roots: s.roots(), Wait: w.wait, MaxBody: 2 << 20})
		if _, body, err := send(
			t,
			context.Background(),
			c,
			"GET",
			s.URL+"?n="+strconv.Itoa(2<<20),
			"",
		); err != nil ||
			len(body) != 2<<20 {
			t.Error(len(body), err)
		}
		if _, _, err := send(
			t,
			context.Background(),
			c,
			"GET",
			s.URL+"?n="+strconv.Itoa(2<<20+1),
			"",
		); err == nil || !strings.Contains(err.Error(), "more than 2 MiB") ||
			len(*w) != 0 {
			t.Error(err, *w)
		}
	}
}

// What another attempt would only repeat is said at once.
func TestHopeless(t *testing.T) {
	s := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	plain := httptest.NewServer(s.Config.Handler)
	defer plain.Close()
	for name, c := range map[string]struct {
		options Options
		address string
	}{
		"untrusted":         {Options{}, s.URL},
		"another's name":    {Options{Roots: s.roots()}, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)},
		"no TLS":            {Options{}, strings.Replace(plain.URL, "http:", "https:", 1)},
		"no such host":      {Options{}, "https://nowhere.invalid"},
		"plain HTTP":        {Options{}, plain.URL},
		"header line break": {Options{Roots: s.roots()}, s.URL + "/header"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &waits{}
			c.options.Wait = w.wait
			r, err := http.NewRequest(http.MethodGet, c.address, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.URL.Path == "/header" {
				r.Header.Set("Authorization", "Bearer s3cret\n")
			}
			resp, err := New(c.options).Do(r)
			if err == nil {
				resp.Body.Close()
				t.Fatal("an answer")
			}
			var dns interface{ Temporary() bool }
			if name == "no such host" && errors.As(err, &dns) && dns.Temporary() {
				t.Skip("this machine's resolver doesn't answer")
			}
			if len(*w) != 0 || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%d waits: %v", len(*w), err)
			}
		})
	}
	if n := s.requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestRefusedConnectionIsRetried(t *testing.T) {
	s := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	c, address := New(
		Options{Host: s.host(), Roots: s.roots(), Wait: func(int, time.Duration) time.Duration { return 0 }},
	), s.URL
	s.Close()
	if _, _, err := send(
		t,
		context.Background(),
		c,
		"GET",
		address,
		"",
	); err == nil ||
		strings.Count(err.Error(), address) != 1 {
		t.Errorf("the address should be named once: %v", err)
	}
}

func TestCancel(t *testing.T) {
	var said bytes.Buffer
	log.SetOutput(&said) // where net/http complains
	defer func() {
		log.SetOutput(os.Stderr)
		if said.Len() > 0 {
			t.Errorf("in the log: %s", &said)
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	c := New(Options{Host: s.host(), Roots: s.roots(), Wait: func(int, time.Duration) time.Duration {
		cancel() // while waiting for an hour
		return time.Hour
	}})
	if _, _, err := send(t, ctx, c, "GET", s.URL, ""); !errors.Is(err, context.Canceled) || s.requests.Load() != 1 {
		t.Errorf("%v after %d requests", err, s.requests.Load())
	}
	arrived := make(chan struct{})
	slow := serve(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel = context.WithCancel(context.Background())
	go func() { <-arrived; cancel() }()
	if _, _, err := send(
		t,
		ctx,
		slow.client(&waits{}),
		"GET",
		slow.URL,
		"",
	); !errors.Is(err, context.Canceled) ||
		slow.requests.Load() != 1 {
		t.Errorf("%v after %d requests", err, slow.requests.Load())
	}
}

func TestPagination(t *testing.T) {
	follow := func(steps ...[2]string) error {
		var c Pagination
		for _, s := range steps {
			if err := c.Next([]byte(s[0]), s[1]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := follow(
		[2]string{`[{"id":"1"}]`, "a"},
		[2]string{`[]`, "b"},
		[2]string{`[]`, "c"},
		[2]string{`[{"id":"2"}]`, "d"},
	); err != nil {
		t.Error(err)
	}
	for _, steps := range [][][2]string{
		{{`[{"id":"1"}]`, "a"}, {`[{"id":"2"}]`, "a"}},
		{{`[{"id":"1"}]`, "a"}, {`[{"id":"1"}]`, "b"}},
		{{`[{"id":"1"}]`, "a"}, {`[{"id":"2"}]`, "b"}, {`[{"id":"3"}]`, "a"}},
		{{`[{"id":"1"}]`, "a"}, {`[{"id":"2"}]`, "b"}, {`[{"id":"1"}]`, "c"}},
	} {
		if err := follow(steps...); !errors.Is(err, ErrEndless) {
			t.Errorf("%v: %v", steps, err)
		}
	}
	for name, c := range map[string]struct {
		pages Pagination
		page  func(i int) string
		most  int
	}{
		"pages": {Pagination{}, func(i int) string { return `[{"id":"` + strconv.Itoa(i) + `"}]` }, MaxPages},
		"empty": {Pagination{}, func(int) string { return "[]" }, maxIdle},
		"again": {Pagination{Repeats: true}, func(int) string { return `[{"id":"1"}]` }, maxIdle + 1},
	} {
		for i := range c.most {
			if err := c.pages.Next([]byte(c.page(i)), strconv.Itoa(i)); err != nil {
				t.Fatal(name, i, err)
			}
		}
		if err := c.pages.Next([]byte(c.page(c.most)), "one more"); !errors.Is(err, ErrEndless) {
			t.Error(name, err)
		}
	}
}

func TestMethodOf(t *testing.T) {
	if m := methodOf(fmt.Errorf("x: %w", &url.Error{Op: "Post", Err: io.EOF})); m != "POST" {
		t.Error(m)
	}
	if m := methodOf(io.EOF); m != "" {
		t.Error(m)
	}
}
