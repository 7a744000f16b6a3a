package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// atOnce is a clock whose every wait is over.
func atOnce(time.Duration) <-chan time.Time {
	c := make(chan time.Time)
	close(c)
	return c
}

// An answer that drips ends, after as many attempts as a host that doesn't
// answer gets, by an error that names host and status, and isn't told as a
// deadline that somebody set.
func TestDrip(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, "{")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	w := &waits{}
	c := New(Options{Host: s.host(), Roots: s.roots(), Wait: w.wait, After: atOnce})
	_, _, err := send(t, t.Context(), c, "GET", s.URL, "")
	var stalled *StalledError
	if !errors.As(err, &stalled) || errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), s.host()+": it answered 200 OK, and then sent less than 128 KiB") {
		t.Errorf("got %v", err)
	}
	if n := s.requests.Load(); n != maxUnanswered {
		t.Errorf("%d requests", n)
	}
	if _, _, err := send(
		t,
		t.Context(),
		c,
		"POST",
		s.URL,
		"x",
	); !errors.As(err, &stalled) ||
		s.requests.Load() != maxUnanswered+1 {
		t.Errorf("a write was repeated, or gives %v", err)
	}
}

// One that is slow, but makes progress in each window, is read to its end.
func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name string
		part int
		want error
	}{{"fast enough", minProgress, nil}, {"too slow", minProgress - 2, errNoProgress}} {
		t.Run(c.name, func(t *testing.T) {
			clock, asked := make(chan time.Time), make(chan struct{}, 1)
			g := &guard{maxBody: maxBody, after: func(d time.Duration) <-chan time.Time {
				if d != progressWindow {
					t.Errorf("it looks after %s", d)
				}
				asked <- struct{}{}
				return clock
			}}
			out, in := io.Pipe()
			go func() {
				defer in.Close()
				for range 3 {
					select {
					case <-asked: // the last window was judged
					case <-t.Context().Done():
						return
					}
					// The second write begins when what the first brought was counted.
					in.Write(bytes.Repeat([]byte("x"), c.part))
					if _, err := in.Write([]byte("x")); err != nil {
						return
					}
					clock <- time.Time{}
				}
			}()
			raw, err := g.read(&http.Response{Body: out})
			if !errors.Is(err, c.want) || err == nil && len(raw) != 3*(c.part+1) {
				t.Errorf("%d bytes, %v", len(raw), err)
			}
		})
	}
}

// A proxy that is dead, or refuses, is told as such: at once, where another
// attempt would only repeat it.
func TestProxies(t *testing.T) {
	s := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	status := 0
	refusing := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }),
	)
	defer refusing.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	for _, c := range []struct {
		name, proxy string
		status      int
		waits       int
		says        []string
	}{
		{"dead", dead.URL, 0, 0, []string{"the proxy on the way to " + s.host() + " can't be reached", "refused", "HTTPS_PROXY"}},
		{"wants a password", refusing.URL, 407, 0, []string{"the proxy ", "407 Proxy Authentication Required", s.host()}},
		{"fails", refusing.URL, 502, maxAttempts - 1, []string{"the proxy ", "502 Bad Gateway", s.host()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status = c.status
			w := &waits{}
			at, err := url.Parse(c.proxy)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = send(
				t,
				t.Context(),
				New(Options{Host: s.host(), Roots: s.roots(), Wait: w.wait, proxy: http.ProxyURL(at)}),
				"GET",
				s.URL,
				"",
			)
			if err == nil || len(*w) != c.waits {
				t.Fatalf("%d waits: %v", len(*w), err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q isn't in %v", part, err)
				}
			}
		})
	}
}

// A time-out of net/http's own is the service's fault, and isn't taken for one
// that somebody set.
func TestTimeoutsAreNobodys(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "https://x.example/", nil)
	slow := &net.OpError{Op: "read", Err: context.DeadlineExceeded}
	var stalled *StalledError
	if err := describeFailure(
		r,
		slow,
	); !errors.As(err, &stalled) || errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), "x.example") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if err := describeFailure(r.WithContext(ctx), slow); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the context's deadline became %v", err)
	}
}
