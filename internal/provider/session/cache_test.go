package session

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// tenant is a simulated tenant and a folder of what is kept of it.
type tenant struct {
	*simulator.Server
	t      *testing.T
	folder string
	now    time.Time
}

func newTenant(t *testing.T, options ...simulator.Option) *tenant {
	t.Helper()
	f, err := os.Open("../../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := simulator.New(f, options...)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &tenant{s, t, filepath.Join(t.TempDir(), "cache"), time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
}

// session is another plan.
func (n *tenant) session(change ...func(*Setup, *entra.Config)) *Session {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.CAPEM())
	config := entra.Config{
		TenantID:      n.TenantID(),
		ClientID:      simulator.DefaultClientID,
		ClientSecret:  simulator.DefaultClientSecret,
		GraphEndpoint: n.URL(),
		AuthorityHost: n.URL(),
		Roots:         roots,
	}
	setup := Setup{CacheDir: n.folder, Now: func() time.Time { return n.now }}
	for _, f := range change {
		f(&setup, &config)
	}
	setup.Entra = func() (*entra.Client, error) {
		return entra.New(config, func(int, time.Duration) time.Duration { return 0 }, nil)
	}
	return New(setup)
}

// read reads in a plan of its own, compares with a plan without a cache, and
// checks where the reading came from.
func (n *tenant) read(s *Session, want string, groups []string, attributes ...string) Info {
	n.t.Helper()
	d, info, err := s.Directory(context.Background(), groups, attributes)
	if err != nil {
		n.t.Fatal(err)
	}
	if info.Source != want {
		n.t.Errorf("it came from %s, not %s", info.Source, want)
	}
	live, _, err := n.session(func(s *Setup, _ *entra.Config) { s.CacheDir = "" }).
		Directory(context.Background(), groups, attributes)
	if err != nil {
		n.t.Fatal(err)
	}
	if encode(n.t, d) != encode(n.t, live) {
		n.t.Error("another reading")
	}
	return info
}

func encode(t *testing.T, d *directory.Directory) string {
	t.Helper()
	text, err := d.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// files are those of the cache, without locks.
func (n *tenant) files() []string {
	list, _ := filepath.Glob(filepath.Join(n.folder, "*.cache"))
	return list
}

func TestCacheDir(t *testing.T) {
	n := newTenant(t)
	n.read(n.session(), SourceLive, nil, "department")
	n.read(n.session(), SourceCache, nil, "department")
	if _, err := n.PutUser(
		[]byte(`{"userPrincipalName":"new@company.com","userType":"Member","accountEnabled":true,"department":"New"}`),
	); err != nil {
		t.Fatal(err)
	}
	n.ResetRequests()
	info := n.read(n.session(), SourceCache, nil, "department")
	if info.ReadAt != "2026-11-20T08:00:00Z" || len(info.Warnings) > 0 {
		t.Error(info)
	}
	n.read(n.session(), SourceLive, nil) // of other attributes
	n.read(n.session(), SourceCache, nil)
	n.read(n.session(), SourceLive, []string{"Atlassian users"})
	n.now = n.now.Add(8 * 24 * time.Hour)
	n.read(n.session(), SourceLive, nil)
	n.read(n.session(), SourceCache, nil)
	if len(n.files()) != 2 {
		t.Error(n.files())
	}
}

// An unchanged plan costs three requests to Graph.
func TestCache_ThreeRequests(t *testing.T) {
	n := newTenant(t)
	n.read(n.session(), SourceLive, nil)
	n.ResetRequests()
	if _, info, err := n.session().Directory(context.Background(), nil, nil); err != nil || info.Source != SourceCache {
		t.Fatal(info, err)
	}
	got := map[string]int{}
	for route, count := range n.Requests().Routes {
		if strings.Contains(route, "/v1.0") {
			got[route] = count
		}
	}
	want := map[string]int{"GET /v1.0/domains": 1, "GET /v1.0/groups/delta": 1, "GET /v1.0/users/delta": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is there and can't be used is read anew, and replaced.
func TestUnusableCache(t *testing.T) {
	for name, spoil := range map[string]func(n *tenant, file string, raw []byte) error{
		"cut": func(_ *tenant, file string, raw []byte) error { return os.WriteFile(file, raw[:len(raw)/2], 0o600) },
		"changed": func(_ *tenant, file string, raw []byte) error {
			raw[len(raw)-9] ^= 1
			return os.WriteFile(file, raw, 0o600)
		},
		"empty":   func(_ *tenant, file string, _ []byte) error { return os.WriteFile(file, nil, 0o600) },
		"older":   func(_ *tenant, file string, raw []byte) error { raw[15] = 0; return os.WriteFile(file, raw, 0o600) },
		"for all": func(_ *tenant, file string, _ []byte) error { return os.Chmod(file, 0o644) },
		"lost":    func(_ *tenant, file string, _ []byte) error { return os.Remove(file) },
		"expired": func(n *tenant, _ string, _ []byte) error { n.ExpireDeltaTokens("gone"); return nil },
		"no delta": func(n *tenant, _ string, _ []byte) error {
			return n.AddFault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/users/delta", Status: 404})
		},
		"half-written": func(_ *tenant, file string, raw []byte) error {
			return os.WriteFile(filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".usersync-part"), raw[:9], 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newTenant(t)
			n.read(n.session(), SourceLive, nil)
			raw, err := os.ReadFile(n.files()[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := spoil(n, n.files()[0], raw); err != nil {
				t.Fatal(err)
			}
			want := SourceLive
			if name == "half-written" {
				want = SourceCache
			}
			n.read(n.session(), want, nil)
			n.read(n.session(), SourceCache, nil)
		})
	}
}

// What isn't a file is nothing of ours: it stays, and the tenant is read live.
func TestCacheIsAFolder(t *testing.T) {
	n := newTenant(t)
	n.read(n.session(), SourceLive, nil)
	file := n.files()[0]
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	info := n.read(n.session(), SourceLive, nil)
	if len(info.Warnings) != 1 || !strings.Contains(info.Warnings[0].Detail, "is a folder, not a regular file") {
		t.Errorf("it isn't said: %v", info)
	}
	if info, err := os.Stat(file); err != nil || !info.IsDir() {
		t.Errorf("the folder is gone: %v", err)
	}
}

// Another application, or other permissions, see another tenant.
func TestCacheOfAnotherApplication(t *testing.T) {
	n := newTenant(
		t,
		simulator.WithApp(
			simulator.App{
				ClientID: "few",
				Secret:   "x",
				Roles:    []string{"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
			},
		),
	)
	n.read(n.session(), SourceLive, nil)
	few := func(_ *Setup, c *entra.Config) { c.ClientID, c.ClientSecret = "few", "x" }
	n.read(n.session(few), SourceLive, nil)
	n.read(n.session(few), SourceCache, nil)
	n.read(n.session(), SourceCache, nil)
}

// Plans at once: one has the cache, the others read live, all read the same.
func TestPlansAtOnce(t *testing.T) {
	n := newTenant(t)
	n.read(n.session(), SourceLive, nil)
	var all sync.WaitGroup
	readings := make([]string, 8)
	for i := range readings {
		all.Go(func() {
			d, info, err := n.session().Directory(context.Background(), nil, nil)
			if err != nil || len(info.Warnings) > 0 {
				t.Error(info, err)
				return
			}
			readings[i], _ = d.EncodeReading()
		})
	}
	all.Wait()
	for _, r := range readings {
		if r != readings[0] {
			t.Error("another reading")
		}
	}
	n.read(n.session(), SourceCache, nil)
}

// After a change of users by this provider the tenant is read live, here and in
// the next plan.
func TestForgetUsers(t *testing.T) {
	n := newTenant(t)
	n.read(n.session(), SourceLive, nil)
	s := n.session()
	n.read(s, SourceCache, nil)
	s.ForgetUsers()
	if len(n.files()) != 0 {
		t.Error("what was kept is still there")
	}
	n.read(s, SourceLive, nil)
	n.read(n.session(), SourceLive, nil)
	n.read(n.session(), SourceCache, nil)
	s = n.session()
	n.read(s, SourceCache, nil)
	s.Forget() // of something else
	n.read(s, SourceCache, nil)
}

// A record holds what the service answered.
func TestRecordIsLive(t *testing.T) {
	n := newTenant(t)
	n.read(n.session(), SourceLive, nil)
	file := filepath.Join(t.TempDir(), "record.json")
	n.read(n.session(func(s *Setup, _ *entra.Config) { s.SnapshotFile, s.Record = file, true }), SourceLive, nil)
	snap, err := directory.ReadSnapshot(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := snap.Directory(); err != nil || len(d.Users) == 0 {
		t.Error(err)
	}
}

// A folder that can't be used is a warning, and a live reading.
func TestNoFolderForTheCache(t *testing.T) {
	n := newTenant(t)
	if err := os.WriteFile(n.folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if info := n.read(
		n.session(),
		SourceLive,
		nil,
	); len(info.Warnings) != 1 ||
		!strings.Contains(info.Warnings[0].Detail, "without cache_dir") {
		t.Error(info)
	}
}

// Neither the application's secret nor a bearer token is kept, and nobody else
// can read the files.
func TestNoSecretsInTheCache(t *testing.T) {
	n := newTenant(t)
	s := n.session()
	n.read(s, SourceLive, nil, "department")
	_ = filepath.Walk(n.folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Error(path, info.Mode(), err)
		}
		return nil
	})
	c, err := s.client()
	if err != nil {
		t.Fatal(err)
	}
	scope, err := c.Scope(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	entry, err := s.entry(c, scope, []string{"department"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = entry.Release() }()
	content := string(entry.Load())
	if !strings.Contains(content, "company.com") {
		t.Error("this isn't what was kept")
	}
	for _, secret := range []string{simulator.DefaultClientSecret, "Bearer", "eyJhbGci"} {
		if strings.Contains(content, secret) {
			t.Errorf("%s is in the cache", secret)
		}
	}
}
