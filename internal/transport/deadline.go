package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// The deadline for progress: an answer that brings less than minProgress in a
// window has stopped. It leaves a connection of 4 KiB a second, and ends what
// drips.
const (
	progressWindow = 30 * time.Second
	minProgress    = 128 << 10
)

// StalledError says that a service didn't answer in time, or stopped in the
// middle. It is no context.DeadlineExceeded: nobody set that time.
type StalledError struct{ Host, Problem string }

func (e *StalledError) Error() string { return e.Host + ": " + e.Problem }

// describeFailure says what net/http's errors don't: that a proxy can't be reached,
// which another attempt would only repeat, and that a time-out is its own and
// not that of the request's context.
func describeFailure(r *http.Request, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return &permanentError{fmt.Errorf("the proxy on the way to %s can't be reached (%w): check HTTPS_PROXY and "+
			"NO_PROXY",
			r.URL.Host, op.Err)}
	}
	var timeout net.Error
	if r.Context().Err() != nil || !errors.As(err, &timeout) || !timeout.Timeout() {
		return err
	}
	return &StalledError{r.URL.Host, "it didn't answer in time: " + err.Error()}
}

// errNoProgress ends the reading of an answer that has stopped.
var errNoProgress = errors.New("no progress")

// read reads an answer whole, up to one byte more than is allowed, as long as it
// makes progress.
func (g *guard) read(resp *http.Response) ([]byte, error) {
	body := resp.Body
	var got atomic.Int64
	stalled, done := make(chan struct{}), make(chan struct{})
	defer close(done)
	go func() {
		for before := int64(0); ; {
			select {
			case <-done:
				return
			case <-g.after(progressWindow):
			}
			now := got.Load()
			if now-before < minProgress {
				close(stalled)
				_ = body.Close() // which ends a read that waits
				return
			}
			before = now
		}
	}()
	raw, err := unpacked(resp, &got, g.maxBody+1)
	select {
	case <-stalled:
		// Whatever the closed body says, even that it ended.
		return nil, errNoProgress
	default:
		return raw, err
	}
}

// countingReader counts what is read.
type countingReader struct {
	io.Reader
	got *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.got.Add(int64(n))
	return n, err
}

// refusedByProxy names a proxy that doesn't let a connection through; net/http
// tells its status alone. What it refuses, it will refuse again.
func refusedByProxy(_ context.Context, proxy *url.URL, connect *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	err := fmt.Errorf("the proxy %s answered %s when it was asked for a connection to %s",
		proxy.Host, answer.Status, connect.URL.Host)
	if answer.StatusCode < http.StatusInternalServerError {
		return &permanentError{err}
	}
	return err
}
