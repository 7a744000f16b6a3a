package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// concurrent is how many requests are under way at once: as many as the provider's.
const concurrent = 20

// asked is a request that a reading sent.
type asked struct {
	Method, Path string
	Header       http.Header
	Body         []byte
}

// recorder stands before a simulated tenant and notes what it is asked for.
type recorder struct {
	*httptest.Server
	mu   sync.Mutex
	list []asked
}

func newRecorder(next http.Handler) *recorder {
	r := &recorder{}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		q.Body = io.NopCloser(bytes.NewReader(body))
		r.mu.Lock()
		r.list = append(r.list, asked{q.Method, q.URL.RequestURI(), q.Header.Clone(), body})
		r.mu.Unlock()
		next.ServeHTTP(w, q)
	}))
	r.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that end in the middle
	r.StartTLS()
	return r
}

// take gives what was asked for since the last time.
func (r *recorder) take() []asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.list
	r.list = nil
	return list
}

func (r *recorder) writeCA(file string) error {
	return os.WriteFile(
		file,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw}),
		0o600,
	)
}

// trusted are the roots of a file.
func trusted(file string) (*x509.CertPool, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(raw) {
		return nil, errors.New(file + " has no certificate")
	}
	return roots, nil
}

// bare fetches what a reading fetched, unpacks it and throws it away: the least
// that any client must do.
func (w *work) bare(ctx context.Context) (report, error) {
	roots, err := trusted(w.ca)
	if err != nil {
		return report{}, err
	}
	raw, err := os.ReadFile(w.file)
	if err != nil {
		return report{}, err
	}
	var list []asked
	if err := json.Unmarshal(raw, &list); err != nil {
		return report{}, err
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ForceAttemptHTTP2:   true,
		DisableCompression:  true,
		MaxIdleConnsPerHost: concurrent,
	}}
	work := make(chan asked)
	g, ctx := errgroup.WithContext(ctx)
	for range concurrent {
		g.Go(func() error {
			z := new(gzip.Reader)
			for a := range work {
				if err := discard(ctx, client, w.url, a, z); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(work)
		for _, a := range list {
			select {
			case work <- a:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return report{Users: w.users}, g.Wait()
}

func discard(ctx context.Context, client *http.Client, base string, a asked, z *gzip.Reader) error {
	r, err := http.NewRequestWithContext(ctx, a.Method, base+a.Path, bytes.NewReader(a.Body))
	if err != nil {
		return err
	}
	r.Header = a.Header.Clone()
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusBadRequest {
		return errors.New(a.Path + ": " + resp.Status)
	}
	var in io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if err := z.Reset(resp.Body); err != nil {
			return err
		}
		in = z
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// readCPU names the CPU of a live read.
const readCPU = "live read"

// besideBare measures the CPU of a reading, and of a client that fetches and
// unpacks the same and throws it away.
func (b *bench) besideBare(ctx context.Context, t *tenant) error {
	front := newRecorder(t.Handler())
	defer front.Close()
	ca, list := filepath.Join(t.dir, "front.pem"), filepath.Join(t.dir, "requests.json")
	if err := front.writeCA(ca); err != nil {
		return err
	}
	runs := b.runsOf(t.users)
	var ours, theirs measured
	for range runs { // in turn, so that what else the machine does is both's
		front.take()
		m, err := works(ctx, t.users, 1, "-work=live", "-url="+front.URL, "-tenant="+t.TenantID(), "-ca="+ca,
			"-profile="+b.profile)
		if err != nil {
			return err
		}
		ours.merge(m)
		raw, err := json.Marshal(front.take())
		if err != nil {
			return err
		}
		if err := os.WriteFile(list, raw, 0o600); err != nil {
			return err
		}
		m, err = works(ctx, t.users, 1, "-work=bare", "-url="+front.URL, "-ca="+ca, "-file="+list,
			"-of="+strconv.Itoa(t.users))
		if err != nil {
			return err
		}
		theirs.merge(m)
	}
	b.ratio(t.users, readCPU, "a bare client", ours, theirs)
	return nil
}
