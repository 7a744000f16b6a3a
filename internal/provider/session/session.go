package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/scim"
)

// Where a reading comes from.
const (
	SourceLive     = "live"
	SourceCache    = "cache"
	SourceSnapshot = "snapshot"
	SourceDeclared = "declared"
)

// Setup is what a session reads from: the provider's configuration, resolved.
type Setup struct {
	// Entra makes the client of the tenant; an error says what is missing.
	Entra func() (*entra.Client, error)
	// Organizations make the clients of the Atlassian organizations, by key.
	Organizations map[string]func() (*atlassian.Client, error)
	// Application makes the client of a SCIM application whose users are compared; nil
	// for none.
	Application func() (*scim.Client, error)
	// KeysExpireOn are dates (YYYY-MM-DD) on which API keys expire, by the
	// organization's key.
	KeysExpireOn map[string]string
	// Declared are organizations without an API key, by key.
	Declared map[string]Declared
	// SnapshotFile is read instead of the services, or written beside them
	// where Record is set; "" for neither.
	SnapshotFile string
	Record       bool
	// CacheDir is the folder in which the tenant is kept between plans; "" for
	// none.
	CacheDir string
	// MaxAge is how old a snapshot may be that is read; 0 for any age.
	MaxAge time.Duration
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
// asks for it [CONTRIBUTING: Rules of speed], and forgotten when the provider changed something.
// It is safe for concurrent use.
type Session struct {
	setup Setup
	// recording is nil where nothing is recorded.
	recording *directory.Recording
	// toldOfRecording: somebody has been told which file is written.
	toldOfRecording atomic.Bool

	mu     sync.Mutex
	entra  *entra.Client
	locks  map[string]*sync.Mutex
	claims map[string]bool
	// changedUsers: this process has changed users of the tenant.
	changedUsers bool

	directories   shared[directoryWanted, readDirectory]
	organizations shared[organizationWanted, readOrganization]
	snapshots     shared[[]string, *directory.Snapshot] // by attributes
	jobs          shared[string, []directory.Job]
	schemas       shared[string, json.RawMessage]
	scims         shared[string, *directory.SCIMDirectory]
}

// New makes a session; it reads nothing yet.
func New(setup Setup) *Session {
	s := &Session{setup: setup}
	s.directories.serves = directoryWanted.serves
	s.organizations.serves = organizationWanted.serves
	s.snapshots.serves = containsAll
	s.jobs.serves, s.schemas.serves, s.scims.serves = same, same, same
	if setup.Record {
		s.recording = directory.NewRecording(setup.SnapshotFile, runOfCLI())
	}
	return s
}

// directoryWanted is the tenant, or what is below the groups, with attributes
// beyond those that decide.
type directoryWanted struct{ groups, attributes []string }

func (w directoryWanted) serves(o directoryWanted) bool {
	wide := w.groups == nil || o.groups != nil && slices.Equal(w.groups, o.groups)
	return wide && containsAll(w.attributes, o.attributes)
}

type readDirectory struct {
	*directory.Directory
	info Info
}

func containsAll(list, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(x string) bool { return !slices.Contains(list, x) })
}

// Info is what stands beside a reading.
type Info struct {
	// ReadAt is RFC 3339 in UTC; of a snapshot, what the file says.
	ReadAt string
	Source string
	// Warnings are what whoever uses the reading should know.
	Warnings []Warning
}

// Warning is one of a reading.
type Warning struct{ Summary, Detail string }

// Forget drops what was read: the provider changed something.
func (s *Session) Forget() {
	s.directories.forget()
	s.organizations.forget()
	s.jobs.forget()
	s.schemas.forget()
	s.scims.forget()
}

func (s *Session) offline() bool { return s.setup.SnapshotFile != "" && !s.setup.Record }

func (s *Session) known() error {
	if len(s.setup.Unknown) == 0 {
		return nil
	}
	return &tfutil.NotConfiguredError{
		Problem: "These arguments of the provider aren't known yet: " + strings.Join(s.setup.Unknown, ", "),
		Advice: "They depend on something that this run creates. Apply that first (-target), or give the provider " +
			"values that are known.",
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
	f, err := s.directories.get(ctx, directoryWanted{groups, attributes},
		func(ctx context.Context) (readDirectory, error) {
			d, info, err := s.readDirectory(ctx, groups, attributes)
			return readDirectory{d, info}, err
		})
	if err != nil {
		return nil, Info{}, err
	}
	d := Project(f.value.Directory, f.want.groups != nil, groups, attributes)
	return d, f.value.info.with(MissingGroups(d, groups)), nil
}

// Project cuts a wide reading to what was asked for, so that the bytes don't
// depend on what else was read. limited says that it is one of groups already.
func Project(d *directory.Directory, limited bool, groups, attributes []string) *directory.Directory {
	var below []string
	if groups != nil {
		below = d.Below
		if !limited {
			below = directory.NewLookup(d).GroupIDs(groups)
		}
	}
	return d.Project(below, attributes)
}

// MissingGroups is a warning that names the groups that nothing in the tenant is
// called: what would be below them is an empty part. There is none where all are
// found.
func MissingGroups(d *directory.Directory, groups []string) []Warning {
	var missing []string
	l := directory.NewLookup(d)
	for _, name := range groups {
		if len(l.GroupIDs([]string{name})) == 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return []Warning{{
		Summary: "Groups not found",
		Detail: "groups: no group of the tenant has this displayName (exact, upper and lower case matter) or object " +
			"id: " +
			tfutil.Names(missing) + ". The reading has nothing of them.",
	}}
}

func (i Info) with(more []Warning) Info {
	i.Warnings = slices.Concat(i.Warnings, more)
	return i
}

func (s *Session) readDirectory(ctx context.Context, groups, attributes []string) (*directory.Directory, Info, error) {
	c, err := s.client()
	if err != nil {
		return nil, Info{}, err
	}
	recorder := s.recorder()
	if groups == nil && recorder == nil {
		d, info, err := s.readWhole(ctx, c, attributes)
		info.ReadAt = s.now()
		return d, info, err
	}
	d, err := c.ReadDirectory(ctx, entra.ReadOptions{Groups: groups, Attributes: attributes, Recorder: recorder})
	if err != nil {
		return nil, Info{}, err
	}
	info := Info{Source: SourceLive, ReadAt: s.now()}
	return d, info, s.record(ctx, recorder, d.TenantID, info.ReadAt)
}

// Now is the session's clock, for Read and data sources: a plan knows none.
func (s *Session) Now() time.Time {
	if s.setup.Now == nil {
		return time.Now()
	}
	return s.setup.Now()
}

func (s *Session) now() string { return s.Now().UTC().Format(time.RFC3339) }

// recorder gives what one read keeps its answers in; nil where nothing is
// recorded.
func (s *Session) recorder() *directory.Recorder {
	if s.recording == nil {
		return nil
	}
	return directory.NewRecorder()
}

// record adds what a read kept, now that it has succeeded.
func (s *Session) record(ctx context.Context, recorder *directory.Recorder, tenant, claimedAt string) error {
	if recorder == nil {
		return nil
	}
	return s.recording.Add(ctx, recorder, tenant, claimedAt)
}

// RecordedFile names the snapshot that reads of this session are written to, once: a plan that writes a
// file says so in one place. It is "" where nothing is recorded.
func (s *Session) RecordedFile() string {
	if s.recording == nil || s.toldOfRecording.Swap(true) {
		return ""
	}
	return s.setup.SnapshotFile
}

// tenantID is the tenant's id, "" where it isn't known: there is none, or the
// configuration names it by a domain and nothing was read of it yet.
func (s *Session) tenantID() string {
	c, err := s.client()
	if err != nil || uuid.Validate(c.TenantID()) != nil {
		return ""
	}
	return c.TenantID()
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
	info := Info{ReadAt: snap.DirectoryTakenAt(), Source: SourceSnapshot}
	if err := s.fresh(info.ReadAt); err != nil {
		return nil, Info{}, err
	}
	if w := snap.Warning(); w != "" {
		info.Warnings = []Warning{{"The snapshot may be incomplete", w}}
	}
	d = Project(d, false, groups, attributes)
	return d, info.with(MissingGroups(d, groups)), nil
}

// fresh refuses a part of a snapshot that is older than max_age.
func (s *Session) fresh(claimedAt string) error {
	if s.setup.MaxAge == 0 {
		return nil
	}
	at, err := time.Parse(time.RFC3339, claimedAt)
	if err != nil {
		return &directory.SnapshotError{
			File: s.setup.SnapshotFile,
			Path: "/taken_at",
			Problem: "the file doesn't say when it was taken, and max_age of the provider's snapshot limits how old " +
				"it may be; record it again, or leave max_age out",
		}
	}
	if age := s.Now().Sub(at); age > s.setup.MaxAge {
		return &directory.SnapshotError{
			File: s.setup.SnapshotFile,
			Path: "/taken_at",
			Problem: fmt.Sprintf("it was taken at %s, %s ago, and max_age of the provider's snapshot is %s; record "+
				"it again, or raise max_age", claimedAt, age.Round(time.Minute), s.setup.MaxAge),
		}
	}
	return nil
}

// snapshot reads the file once for each set of attributes.
func (s *Session) snapshot(ctx context.Context, attributes []string) (*directory.Snapshot, error) {
	return s.snapshots.once(ctx, attributes, func(context.Context) (*directory.Snapshot, error) {
		return directory.ReadSnapshot(s.setup.SnapshotFile, attributes)
	})
}
