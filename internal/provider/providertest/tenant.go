package providertest

import (
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// Tenant starts a simulated tenant from a snapshot.
func Tenant(t *testing.T, snapshot string, options ...simulator.Option) *simulator.Server {
	t.Helper()
	s, err := simulator.New(strings.NewReader(snapshot), options...)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Session reads and writes a simulated tenant and its organizations. Nothing
// is waited for in real time: pauses take none.
func Session(s *simulator.Server, change ...func(*session.Setup)) *session.Session {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CAPEM())
	atOnce := func(int, time.Duration) time.Duration { return 0 }
	setup := session.Setup{
		Entra: func() (*entra.Client, error) {
			return entra.New(entra.Config{
				TenantID:      s.TenantID(),
				ClientID:      simulator.DefaultClientID,
				ClientSecret:  simulator.DefaultClientSecret,
				GraphEndpoint: s.URL(),
				AuthorityHost: s.URL(),
				Roots:         roots,
			}, atOnce, nil)
		},
		Organizations: map[string]func() (*atlassian.Client, error){},
		Now:           func() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) },
		Interval:      func(int) time.Duration { return 0 },
	}
	for _, o := range s.About().Organizations {
		setup.Organizations[o.Key] = func() (*atlassian.Client, error) {
			return atlassian.New(atlassian.Config{
				OrganizationID: o.ID, APIKey: o.APIKey, Endpoint: s.URL(), Roots: roots, Wait: atOnce,
			})
		}
	}
	for _, f := range change {
		f(&setup)
	}
	return session.New(setup)
}

// Reading is a simulated tenant as usersync_directory hands it to others.
func Reading(t *testing.T, s *simulator.Server, attributes ...string) string {
	t.Helper()
	return readingOf(t, Session(s), attributes)
}

// ReadingOf is a snapshot as usersync_directory hands it to others.
func ReadingOf(t *testing.T, snapshot string, attributes ...string) string {
	t.Helper()
	return readingOf(t, Offline(t, snapshot), attributes)
}

func readingOf(t *testing.T, session *session.Session, attributes []string) string {
	t.Helper()
	d, _, err := session.Directory(t.Context(), nil, attributes)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Offline reads a snapshot in place of the services.
func Offline(t *testing.T, snapshot string) *session.Session {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tenant.json")
	if err := os.WriteFile(file, []byte(snapshot), 0o600); err != nil {
		t.Fatal(err)
	}
	return session.New(session.Setup{SnapshotFile: file})
}

// Fault puts a fault on a tenant's schedule.
func Fault(t *testing.T, s *simulator.Server, f simulator.Fault) {
	t.Helper()
	if err := s.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// Fails lets requests fail from now on; more are Once, Second and their like.
func Fails(t *testing.T, s *simulator.Server, match string, status int, more ...func(*simulator.Fault)) {
	t.Helper()
	f := simulator.Fault{Kind: simulator.FaultStatus, Match: match, Status: status, Times: -1}
	for _, change := range more {
		change(&f)
	}
	Fault(t, s, f)
}

// Once is a fault that passes.
func Once(f *simulator.Fault) { f.Times = 1 }

// Second is a fault of the second request.
func Second(f *simulator.Fault) { f.Nth = 2 }

// deadline is a context whose time is over when a test says so.
type deadline struct {
	context.Context
	done chan struct{}
}

func (d *deadline) Done() <-chan struct{} { return d.done }

func (d *deadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return d.Context.Err()
	}
}

// Deadline is a context whose time is over with the n-th pause of a session,
// whatever a clock says: use hands the session that ends it over.
func Deadline(t *testing.T, n int) (ctx context.Context, use func(*session.Setup)) {
	d := &deadline{t.Context(), make(chan struct{})}
	var once sync.Once
	return d, func(setup *session.Setup) {
		setup.Interval = func(attempt int) time.Duration {
			if attempt < n {
				return 0
			}
			once.Do(func() { close(d.done) })
			return time.Hour
		}
	}
}
