package directory

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

// SnapshotVersion is the version of the snapshot file that is read and
// written.
const SnapshotVersion = 1

// Snapshot is what a snapshot file holds. A part that the file
// lacks is not covered: asking for it is an error that names it.
type Snapshot struct {
	Path     string
	TenantID string

	// takenAt is RFC 3339, "" where the file has none; takenAtOf are those of
	// its parts, by JSON pointer.
	takenAt   string
	takenAtOf map[string]string
	covered   map[string]bool
	// partly are properties that some users carry and others don't.
	partly    partly
	builder   *Builder
	noMembers string
	once      sync.Once
	directory *Directory
	jobs      []Job
	// below limits the file to what is below some groups; nil for the tenant.
	below         []string
	organizations map[string]*snapshotOrganization
}

type snapshotOrganization struct {
	scim SCIMDirectory
	Organization
	covered map[string]bool
}

// SnapshotError says what is wrong with a snapshot file, and where.
type SnapshotError struct {
	File string
	// Path is a JSON pointer, Line counts from 1; "" and 0 where they don't
	// apply.
	Path string
	Line int
	// Problem says what was found and what was expected.
	Problem string
	Err     error
}

func (e *SnapshotError) Error() string {
	where := e.File
	if e.Line > 0 {
		where += fmt.Sprintf(", line %d", e.Line)
	}
	if e.Path != "" {
		where += ", at " + e.Path
	}
	return where + ": " + e.Problem
}

func (e *SnapshotError) Unwrap() error { return e.Err }

// ReadSnapshot reads a snapshot file as a stream, with the named attributes of
// each user. Every failure is a *SnapshotError.
func ReadSnapshot(path string, attributes []string) (*Snapshot, error) {
	return readSnapshot(path, attributes, func(r io.Reader) io.Reader { return r })
}

// ReadPinned reads a snapshot whose bytes have the given SHA-256, in lower-case
// hex, in one pass: what was hashed is what was read.
func ReadPinned(path, sum string, attributes []string) (*Snapshot, error) {
	h := sha256.New()
	s, err := readSnapshot(path, attributes, func(r io.Reader) io.Reader { return io.TeeReader(r, h) })
	if err != nil {
		return nil, err
	}
	if found := hex.EncodeToString(h.Sum(nil)); found != sum {
		return nil, &SnapshotError{
			File: path,
			Problem: "its SHA-256 is " + found + ", and " + sum + " was pinned: it isn't the file that was reviewed. " +
				"Review it and pin the new one, or put the old file back",
		}
	}
	return s, nil
}

func readSnapshot(path string, attributes []string, through func(io.Reader) io.Reader) (*Snapshot, error) {
	f, err := safefile.Open(path)
	if err != nil {
		problem := err.Error()
		var kind *safefile.KindError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problem = "the file doesn't exist. Relative paths start at the folder in which the CLI runs, not at the " +
				"module"
		case errors.As(err, &kind):
			problem = "this is " + kind.Kind + "; a snapshot is a regular file. Name one"
		}
		return nil, &SnapshotError{File: path, Problem: problem, Err: err}
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(asUTF8(through(f)), 1<<20)
	s, err := decodeSnapshot(r, attributes)
	if err != nil {
		return nil, locate(f, path, err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // white space, for a hash of the whole
		return nil, &SnapshotError{File: path, Problem: err.Error(), Err: err}
	}
	s.Path = path
	return s, nil
}

// asUTF8 reads what a byte order mark says is UTF-16, as Windows PowerShell
// writes files, or UTF-8 with a mark; without one it is UTF-8.
func asUTF8(r io.Reader) io.Reader {
	return transform.NewReader(r, unicode.BOMOverride(transform.Nop))
}

// locate adds file and line to an error that has an offset.
func locate(f io.ReadSeeker, path string, err error) error {
	out := &SnapshotError{File: path, Problem: err.Error(), Err: err}
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return out
	}
	out.Path, out.Problem = syntax.Path, syntax.Problem
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return out
	}
	counter := &lineCounter{line: 1}
	if _, err := io.CopyN(counter, asUTF8(f), syntax.Offset); err == nil || errors.Is(err, io.EOF) {
		out.Line = counter.line
	}
	return out
}

type lineCounter struct{ line int }

func (c *lineCounter) Write(b []byte) (int, error) {
	for _, x := range b {
		if x == '\n' {
			c.line++
		}
	}
	return len(b), nil
}

// DirectoryTakenAt says when the users were read (RFC 3339), "" where the file
// doesn't.
func (s *Snapshot) DirectoryTakenAt() string { return s.partTakenAt(entraPart("users")) }

// OrganizationTakenAt says when an organization was read, as DirectoryTakenAt.
func (s *Snapshot) OrganizationTakenAt(key string) string {
	return s.partTakenAt(organizationPart(key, "domains"))
}

func (s *Snapshot) partTakenAt(part string) string {
	if at, ok := s.takenAtOf[part]; ok {
		return at
	}
	return s.takenAt
}

// Directory gives the tenant's directory. It is safe for concurrent use.
func (s *Snapshot) Directory() (*Directory, error) {
	for _, part := range []string{"/entra", "/entra/tenant_id", "/entra/users", "/entra/groups", "/entra/domains"} {
		if !s.covered[part] {
			return nil, s.missing(part)
		}
	}
	if s.TenantID == "" {
		return nil, s.missing("/entra/tenant_id")
	}
	if s.noMembers != "" {
		return nil, &SnapshotError{File: s.Path, Path: "/entra/groups", Problem: fmt.Sprintf(
			"the group %q has no \"members\", so its membership isn't covered; write [] where it has "+
				"none", s.noMembers)}
	}
	if lacking := s.builder.Lacking(); lacking != 0 {
		return nil, &SnapshotError{
			File: s.Path,
			Path: "/entra/users",
			Problem: "no user carries " + strings.Join(lacking.Names(), " or ") +
				", null included, so who syncs can't be told. Graph gives these properties only when they are named " +
				"in $select",
		}
	}
	s.once.Do(func() { s.directory = s.withoutUnread(s.builder.Build(s.TenantID, s.below)) })
	return s.directory, nil
}

// Jobs gives the synchronization jobs of service principals, named by
// displayName or object id.
func (s *Snapshot) Jobs(names []string) ([]Job, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if !s.covered["/entra/synchronization"] {
		return nil, s.missing("/entra/synchronization")
	}
	return SelectJobs(s.jobs, names)
}

// OrganizationKeys are the keys of the organizations that the file holds.
func (s *Snapshot) OrganizationKeys() []string {
	keys := make([]string, 0, len(s.organizations))
	for k := range s.organizations {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Organization gives an organization by its key, with accounts and groups
// where they are asked for.
func (s *Snapshot) Organization(key string, accounts bool) (*Organization, error) {
	o, ok := s.organizations[key]
	if !ok {
		return nil, &SnapshotError{File: s.Path, Path: "/organizations", Problem: fmt.Sprintf(
			"the snapshot has no organization %q; it has: %s", key, strings.Join(s.OrganizationKeys(), ", "))}
	}
	parts := []string{"organization_id", "domains"}
	if accounts {
		parts = append(parts, "accounts", "groups")
	}
	for _, p := range parts {
		if !o.covered[p] || p == "organization_id" && o.ID == "" {
			return nil, s.missing("/organizations/" + pointer(key) + "/" + p)
		}
	}
	out := o.Organization
	if !accounts {
		out.Accounts, out.Groups = nil, nil
	}
	out.AccountsCovered = accounts
	return &out, nil
}

// SCIM gives the SCIM directory of an organization that the file has.
func (s *Snapshot) SCIM(key string) (*SCIMDirectory, error) {
	o, ok := s.organizations[key]
	for _, part := range []string{"scim/users", "scim/groups"} {
		if !ok || !o.covered[part] {
			return nil, s.missing("/organizations/" + pointer(key) + "/" + part)
		}
	}
	return &o.scim, nil
}

// CoversSCIM reports whether the file has an organization's SCIM directory.
func (s *Snapshot) CoversSCIM(key string) bool {
	o, ok := s.organizations[key]
	return ok && o.covered["scim/users"] && o.covered["scim/groups"]
}

func (s *Snapshot) missing(path string) error {
	problem := "this part is missing, so it isn't covered; record the snapshot again, or write [] where it is empty"
	if strings.HasSuffix(path, "_id") {
		problem = "the id is missing; record the snapshot again, or write it"
	}
	return &SnapshotError{File: s.Path, Path: path, Problem: problem}
}
