package reading

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
)

// Where a reading comes from.
const (
	SourceLive     = "live"
	SourceCache    = "cache"
	SourceSnapshot = "snapshot"
)

// Setup is what a session reads from: the provider's configuration, resolved.
type Setup struct {
	// Entra makes the client of the tenant; an error says what is missing.
	Entra func() (*entra.Client, error)
	// Organizations make the clients of the Atlassian organisations, by key.
	Organizations map[string]func() (*atlassian.Client, error)
	// SnapshotFile is read instead of the services, or written beside them
	// where Record is set; "" for neither.
	SnapshotFile string
	Record       bool
	// CacheDir is the folder in which the tenant is kept between plans; "" for
	// none.
	CacheDir string
	// Unknown names arguments of the provider that aren't known yet.
	Unknown []string
	// Now is the clock of taken_at.
	Now func() time.Time
	// Interval is how long to wait before looking for the n-th time (from 1)
	// whether a write has arrived; nil for the default.
	Interval func(attempt int) time.Duration
	// Resolver asks DNS; nil for the machine's own.
	Resolver Resolver
}

// Session is one configured provider: what it reads is read once, whatever
// asks for it (design 5), and forgotten when the provider changed something.
// It is safe for concurrent use.
type Session struct {
	setup    Setup
	recorder *directory.Recorder

	mu            sync.Mutex
	entra         *entra.Client
	directories   []*flight[*directory.Directory]
	organizations []*flight[*directory.Organization]
	snapshots     []*flight[*directory.Snapshot]
	locks         map[string]*sync.Mutex
	taken         map[string]bool
	// changedUsers: this process has changed users of the tenant.
	changedUsers bool

	jobs    shared[[]directory.Job]
	schemas shared[json.RawMessage]
	scims   shared[*directory.SCIMDirectory]
}

// NewSession makes a session; it reads nothing yet.
func NewSession(s Setup) *Session {
	out := &Session{setup: s}
	if s.Record {
		out.recorder = directory.NewRecorder(s.SnapshotFile)
	}
	return out
}

// flight is one read, under way or done.
type flight[T any] struct {
	groups, attributes []string
	key                string
	accounts           bool
	done               chan struct{}
	value              T
	info               Info
	err                error
}

// Info is what stands beside a reading.
type Info struct {
	// TakenAt is RFC 3339 in UTC; of a snapshot, what the file says.
	TakenAt string
	Source  string
	// Warning says why the cache wasn't used though it was asked for, "" where
	// there is nothing to say.
	Warning string
}

// Forget drops what was read: the provider changed something.
func (s *Session) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.directories, s.organizations = nil, nil
	s.jobs.forget()
	s.schemas.forget()
	s.scims.forget()
}

func (s *Session) offline() bool { return s.setup.SnapshotFile != "" && !s.setup.Record }

func (s *Session) known() error {
	if len(s.setup.Unknown) == 0 {
		return nil
	}
	return &diagnose.NotConfiguredError{
		Problem: "These arguments of the provider aren't known yet: " + strings.Join(s.setup.Unknown, ", "),
		Advice:  "They depend on something that this run creates. Apply that first (-target), or give the provider values that are known.",
	}
}

// Directory reads the tenant, or what is below the named groups (nil: all of
// it), with attributes beyond those that decide.
func (s *Session) Directory(ctx context.Context, groups, attributes []string) (*directory.Directory, Info, error) {
	if err := s.known(); err != nil {
		return nil, Info{}, err
	}
	attributes = attributeNames(attributes)
	if s.offline() {
		return s.fromSnapshot(ctx, groups, attributes)
	}
	f, mine := s.join(groups, attributes)
	if mine {
		f.value, f.info, f.err = s.readDirectory(ctx, groups, attributes)
		f.info.TakenAt = s.setup.Now().UTC().Format(time.RFC3339)
		s.finish(f)
	}
	if err := wait(ctx, f.done); err != nil {
		return nil, Info{}, err
	}
	if f.err != nil {
		return nil, Info{}, f.err
	}
	d, err := narrow(f.value, f.groups != nil, groups, attributes)
	return d, f.info, err
}

// join finds a read, under way or done, that answers this one too, or starts
// one.
func (s *Session) join(groups, attributes []string) (f *flight[*directory.Directory], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.directories {
		wide := f.groups == nil || groups != nil && slices.Equal(f.groups, groups)
		if wide && !slices.ContainsFunc(attributes, func(a string) bool { return !slices.Contains(f.attributes, a) }) {
			return f, false
		}
	}
	f = &flight[*directory.Directory]{groups: groups, attributes: attributes, done: make(chan struct{})}
	s.directories = append(s.directories, f)
	return f, true
}

// finish ends a read; one that failed isn't kept for others.
func (s *Session) finish(f *flight[*directory.Directory]) {
	s.mu.Lock()
	if f.err != nil {
		s.directories = slices.DeleteFunc(s.directories, func(x *flight[*directory.Directory]) bool { return x == f })
	}
	s.mu.Unlock()
	close(f.done)
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// narrow cuts a wide reading to what was asked for, so that the bytes don't
// depend on what else was read.
func narrow(d *directory.Directory, limited bool, groups, attributes []string) (*directory.Directory, error) {
	var below []string
	if groups != nil {
		below = d.Below
		if !limited {
			var err error
			if below, err = directory.NewLookup(d).GroupIDs(groups); err != nil {
				return nil, err
			}
		}
	}
	return d.Project(below, attributes), nil
}

func (s *Session) readDirectory(ctx context.Context, groups, attributes []string) (*directory.Directory, Info, error) {
	c, err := s.client()
	if err != nil {
		return nil, Info{}, err
	}
	keep := s.record()
	if groups == nil && keep == nil {
		return s.readWhole(ctx, c, attributes)
	}
	info := Info{Source: SourceLive}
	d, err := c.ReadDirectory(ctx, entra.ReadOptions{Groups: groups, Attributes: attributes, Recorder: keep})
	if err != nil {
		return nil, info, err
	}
	return d, info, s.write(keep, d.TenantID)
}

// record gives what one read keeps its answers in; nil where nothing is
// recorded.
func (s *Session) record() *directory.Recorder {
	if s.recorder == nil {
		return nil
	}
	return directory.NewRecorder("")
}

// write adds what a read kept, now that it has succeeded, and writes the file.
func (s *Session) write(keep *directory.Recorder, tenant string) error {
	if keep == nil {
		return nil
	}
	keep.Start(tenant, s.setup.Now().UTC().Format(time.RFC3339))
	s.recorder.Merge(keep)
	return s.recorder.Write()
}

// client makes the tenant's client once.
func (s *Session) client() (*entra.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entra == nil {
		c, err := s.setup.Entra()
		if err != nil {
			return nil, err
		}
		s.entra = c
	}
	return s.entra, nil
}

// fromSnapshot reads the directory from the file.
func (s *Session) fromSnapshot(ctx context.Context, groups, attributes []string) (*directory.Directory, Info, error) {
	snap, err := s.snapshot(ctx, attributes)
	if err != nil {
		return nil, Info{}, err
	}
	d, err := snap.Directory()
	if err != nil {
		return nil, Info{}, err
	}
	d, err = narrow(d, false, groups, attributes)
	return d, Info{TakenAt: snap.TakenAt, Source: SourceSnapshot}, err
}

// snapshot reads the file once for each set of attributes.
func (s *Session) snapshot(ctx context.Context, attributes []string) (*directory.Snapshot, error) {
	s.mu.Lock()
	var f *flight[*directory.Snapshot]
	for _, x := range s.snapshots {
		if !slices.ContainsFunc(attributes, func(a string) bool { return !slices.Contains(x.attributes, a) }) {
			f = x
		}
	}
	mine := f == nil
	if mine {
		f = &flight[*directory.Snapshot]{attributes: attributes, done: make(chan struct{})}
		s.snapshots = append(s.snapshots, f)
	}
	s.mu.Unlock()
	if mine {
		f.value, f.err = directory.ReadSnapshot(s.setup.SnapshotFile, attributes)
		close(f.done)
	}
	if err := wait(ctx, f.done); err != nil {
		return nil, err
	}
	return f.value, f.err
}

// OrganizationKeys are the keys of all organisations, ascending.
func (s *Session) OrganizationKeys() ([]string, error) {
	if s.offline() {
		snap, err := s.snapshot(context.Background(), nil)
		if err != nil {
			return nil, err
		}
		return slices.Sorted(slices.Values(snap.OrganizationKeys())), nil
	}
	return slices.Sorted(maps.Keys(s.setup.Organizations)), nil
}

// OrganizationKey resolves the key of an organisation: "" is the only one.
func (s *Session) OrganizationKey(key string) (string, error) {
	keys, err := s.OrganizationKeys()
	if err != nil {
		return "", err
	}
	switch {
	case len(keys) == 0 && s.offline():
		return "", &diagnose.NotConfiguredError{Problem: "The snapshot " + s.setup.SnapshotFile + " has no organizations",
			Advice: "Record it with an organisation configured, or add one under \"organizations\"."}
	case len(keys) == 0:
		return "", &diagnose.NotConfiguredError{Problem: "No Atlassian organisation is configured",
			Advice: "Set organizations in the provider block, or the variables ATLASSIAN_ORGANIZATION_ID and ATLASSIAN_API_KEY."}
	case key == "" && len(keys) == 1:
		return keys[0], nil
	case key == "":
		return "", &diagnose.NotConfiguredError{Problem: "Several Atlassian organisations are configured, and \"organization\" doesn't say which is meant",
			Advice: "Set organization to one of: " + strings.Join(keys, ", ") + "."}
	case !slices.Contains(keys, key):
		return "", &diagnose.NotConfiguredError{Problem: fmt.Sprintf("There is no organisation %q", key), Advice: "The keys are: " + strings.Join(keys, ", ") + "."}
	}
	return key, nil
}

// Organization reads an organisation by its key, with accounts and groups
// where they are asked for.
func (s *Session) Organization(ctx context.Context, key string, accounts bool) (*directory.Organization, Info, error) {
	if err := s.known(); err != nil {
		return nil, Info{}, err
	}
	if s.offline() {
		snap, err := s.snapshot(ctx, nil)
		if err != nil {
			return nil, Info{}, err
		}
		o, err := snap.Organization(key, accounts)
		return o, Info{TakenAt: snap.TakenAt, Source: SourceSnapshot}, err
	}
	f, mine := s.joinOrganization(key, accounts)
	if mine {
		f.value, f.err = s.readOrganization(ctx, key, accounts)
		f.info = Info{TakenAt: s.setup.Now().UTC().Format(time.RFC3339), Source: SourceLive}
		s.mu.Lock()
		if f.err != nil {
			s.organizations = slices.DeleteFunc(s.organizations, func(x *flight[*directory.Organization]) bool { return x == f })
		}
		s.mu.Unlock()
		close(f.done)
	}
	if err := wait(ctx, f.done); err != nil {
		return nil, Info{}, err
	}
	if f.err != nil {
		return nil, Info{}, f.err
	}
	out := *f.value
	if !accounts {
		out.AccountsCovered, out.Accounts, out.Groups = false, nil, nil
	}
	return &out, f.info, nil
}

func (s *Session) joinOrganization(key string, accounts bool) (f *flight[*directory.Organization], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.organizations {
		if f.key == key && (f.accounts || !accounts) {
			return f, false
		}
	}
	f = &flight[*directory.Organization]{key: key, accounts: accounts, done: make(chan struct{})}
	s.organizations = append(s.organizations, f)
	return f, true
}

func (s *Session) readOrganization(ctx context.Context, key string, accounts bool) (*directory.Organization, error) {
	c, err := s.Atlassian(key)
	if err != nil {
		return nil, err
	}
	keep := s.record()
	o, err := c.ReadOrganization(ctx, accounts, keep)
	if err != nil {
		return nil, err
	}
	return o, s.write(keep, "")
}
