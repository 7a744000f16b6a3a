package entra

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const company = "../../examples/tenant/company.json"

// planted stands in every secret of these tests, and may stand in no error.
const planted = "PLANTED-5ecret"

func noSecret(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), planted) {
			t.Errorf("a secret is in the error: %v", e)
		}
	}
}

// bench is a simulated tenant and how to reach it.
type bench struct {
	*simulator.Server
	t     testing.TB
	roots *x509.CertPool
	mu    sync.Mutex
	waits []time.Duration
	log   Log // of the clients made here; nil for none
}

func start(t testing.TB, s *simulator.Server, err error) *bench {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b := &bench{Server: s, t: t, roots: x509.NewCertPool()}
	b.roots.AppendCertsFromPEM(s.CAPEM())
	return b
}

// companyTenant is the example tenant.
func companyTenant(t testing.TB, options ...simulator.Option) *bench {
	t.Helper()
	raw, err := os.ReadFile(company)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(bytes.NewReader(raw), options...)
	return start(t, s, err)
}

// tenantOf is a tenant of a few users and groups, as JSON.
func tenantOf(t testing.TB, users, groups string, options ...simulator.Option) *bench {
	t.Helper()
	s, err := simulator.New(strings.NewReader(fmt.Sprintf(
		`{"version":1,"entra":{"tenant_id":%q,"domains":[{"id":"x.example","isVerified":true,"isInitial":true,"isDefault":true}],"users":[%s],"groups":[%s]}}`,
		simulator.DefaultTenantID,
		users,
		groups,
	)), options...)
	return start(t, s, err)
}

func (b *bench) config() Config {
	return Config{
		TenantID: b.TenantID(), ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		GraphEndpoint: b.URL(), AuthorityHost: b.URL(), Roots: b.roots,
	}
}

// wait notes what was asked and doesn't wait.
func (b *bench) wait(_ int, asked time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = append(b.waits, asked)
	return 0
}

func (b *bench) client(change ...func(*Config)) *Client {
	b.t.Helper()
	config := b.config()
	for _, f := range change {
		f(&config)
	}
	c, err := New(config, b.wait, func(ctx context.Context, message string, fields map[string]any) {
		if b.log != nil {
			b.log(ctx, message, fields)
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) read(o ReadOptions) (*directory.Directory, error) {
	return b.client().ReadDirectory(context.Background(), o)
}

func (b *bench) mustRead(o ReadOptions) *directory.Directory {
	b.t.Helper()
	d, err := b.read(o)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *bench) fault(f simulator.Fault) {
	b.t.Helper()
	if err := b.AddFault(f); err != nil {
		b.t.Fatal(err)
	}
}

// seed is the tenant as a snapshot reads it.
func (b *bench) seed(attributes ...string) *directory.Directory {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "seed.json")
	f, err := os.Create(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Snapshot(f); err != nil {
		b.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.t.Fatal(err)
	}
	return fromFile(b.t, path, attributes)
}

func fromFile(t testing.TB, path string, attributes []string) *directory.Directory {
	t.Helper()
	s, err := directory.ReadSnapshot(path, attributes)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Directory()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func encoded(t testing.TB, d *directory.Directory) string {
	t.Helper()
	text, err := d.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sameReading compares two directories by their readings' bytes.
func sameReading(t testing.TB, got, want *directory.Directory) {
	t.Helper()
	if encoded(t, got) == encoded(t, want) {
		return
	}
	t.Errorf(
		"the readings differ: %d and %d users, %d and %d groups",
		len(got.Users),
		len(want.Users),
		len(got.Groups),
		len(want.Groups),
	)
	for i := range min(len(got.Users), len(want.Users)) {
		if a, b := fmt.Sprintf("%+v", got.Users[i]), fmt.Sprintf("%+v", want.Users[i]); a != b {
			t.Errorf("got  %s\nwant %s", a, b)
		}
	}
	for i := range min(len(got.Groups), len(want.Groups)) {
		if a, b := fmt.Sprintf("%+v", got.Groups[i]), fmt.Sprintf("%+v", want.Groups[i]); a != b {
			t.Errorf("got  %s\nwant %s", a, b)
		}
	}
	for i := range min(len(got.Columns), len(want.Columns)) {
		for j := range min(len(got.Columns[i]), len(want.Columns[i])) {
			if a, b := got.Columns[i][j], want.Columns[i][j]; a != b {
				t.Errorf("%s of user %d: got %s, want %s", got.Attributes[i], j, a, b)
			}
		}
	}
}

// asked are the requests of a read, items of batches under "batch ".
func (b *bench) asked() map[string]int {
	c := b.Requests()
	out := maps.Clone(c.Routes)
	for k, v := range c.Batch {
		out["batch "+k] = v
	}
	return out
}
