package directory

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// SnapshotVersion is the version of the snapshot file that is read and
// written.
const SnapshotVersion = 1

// Snapshot is what a snapshot file holds (design 2). A part that the file
// lacks is not covered: asking for it is an error that names it.
type Snapshot struct {
	Path string
	// TakenAt is RFC 3339, "" where the file has none.
	TakenAt  string
	TenantID string

	covered       map[string]bool
	builder       *Builder
	noMembers     string
	once          sync.Once
	directory     *Directory
	organizations map[string]*snapshotOrganization
}

type snapshotOrganization struct {
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
	f, err := os.Open(path)
	if err != nil {
		problem := err.Error()
		if errors.Is(err, os.ErrNotExist) {
			problem = "the file doesn't exist. Relative paths start at the folder in which the CLI runs, not at the module"
		}
		return nil, &SnapshotError{File: path, Problem: problem, Err: err}
	}
	defer func() { _ = f.Close() }()
	s, err := decodeSnapshot(bufio.NewReaderSize(f, 1<<20), attributes)
	if err != nil {
		return nil, locate(f, path, err)
	}
	s.Path = path
	return s, nil
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
	if _, err := io.CopyN(counter, f, syntax.Offset); err == nil || errors.Is(err, io.EOF) {
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

// snapshotReader walks the file with one decoder; each object is decoded by
// itself.
type snapshotReader struct {
	dec  *jsontext.Decoder
	item *Decoder
	snap *Snapshot
}

func decodeSnapshot(r io.Reader, attributes []string) (*Snapshot, error) {
	b := NewBuilder(attributes)
	s := &snapshotReader{
		dec:  jsontext.NewDecoder(r, relaxed...),
		item: NewDecoder(b.Attributes()),
		snap: &Snapshot{covered: map[string]bool{}, builder: b, organizations: map[string]*snapshotOrganization{}},
	}
	version := false
	err := s.object(func(name string) error {
		switch name {
		case "version":
			version = true
			return s.version()
		case "taken_at":
			return s.takenAt()
		case "entra":
			s.snap.covered["entra"] = true
			return s.entra()
		case "organizations":
			return s.object(func(key string) error { return s.organization(key) })
		}
		return s.skip()
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, s.problem("expected the end of the file after the snapshot's object")
	}
	if !version {
		return nil, &SyntaxError{Path: "/version", Problem: fmt.Sprintf("the version is missing; this provider reads version %d", SnapshotVersion)}
	}
	return s.snap, nil
}

func (s *snapshotReader) version() error {
	at := s.mark()
	var v int
	if err := s.value(&v); err != nil {
		return err
	}
	if v != SnapshotVersion {
		return at(fmt.Sprintf("the snapshot has version %d; this provider reads version %d. Use the provider that wrote it, or record it again", v, SnapshotVersion))
	}
	return nil
}

func (s *snapshotReader) takenAt() error {
	at := s.mark()
	if err := s.value(&s.snap.TakenAt); err != nil {
		return err
	}
	if _, err := time.Parse(time.RFC3339, s.snap.TakenAt); err != nil {
		return at(fmt.Sprintf("%q is no time such as 2026-11-20T08:00:00Z", s.snap.TakenAt))
	}
	return nil
}

func (s *snapshotReader) entra() error {
	return s.object(func(name string) error {
		s.snap.covered["entra."+name] = true
		b := s.snap.builder
		switch name {
		case "tenant_id":
			err := s.value(&s.snap.TenantID)
			s.snap.TenantID = strings.ToLower(s.snap.TenantID)
			return err
		case "domains":
			return s.elements(func(raw []byte) error {
				d, err := DecodeDomain(raw)
				if err == nil {
					b.AddDomain(d)
				}
				return err
			})
		case "users":
			return s.elements(func(raw []byte) error {
				u, values, has, err := s.item.User(raw)
				if err == nil && b.HasUser(u.ID) {
					err = &SyntaxError{Path: "/id", Problem: "a second user has the id " + u.ID}
				}
				if err == nil {
					b.AddUser(u, values, has)
				}
				return err
			})
		case "groups":
			return s.elements(func(raw []byte) error {
				g, err := s.item.Group(raw)
				if err != nil {
					return err
				}
				if !g.Covered && s.snap.noMembers == "" {
					s.snap.noMembers = g.DisplayName
				}
				b.AddGroup(g)
				return nil
			})
		}
		return s.skip()
	})
}

func (s *snapshotReader) organization(key string) error {
	o := &snapshotOrganization{covered: map[string]bool{}}
	s.snap.organizations[key] = o
	return s.object(func(name string) error {
		o.covered[name] = true
		switch name {
		case "organization_id":
			return s.value(&o.ID)
		case "domains":
			return s.elements(func(raw []byte) error {
				c, ok, err := DecodeClaim(raw)
				if ok {
					o.Domains = append(o.Domains, c)
				}
				return err
			})
		case "accounts":
			return s.elements(func(raw []byte) error {
				a, err := DecodeAccount(raw)
				o.Accounts = append(o.Accounts, a)
				return err
			})
		case "groups":
			return s.elements(func(raw []byte) error {
				g, err := DecodeAccountGroup(raw)
				o.Groups = append(o.Groups, g)
				return err
			})
		}
		return s.skip()
	})
}

// Directory gives the tenant's directory. It is safe for concurrent use.
func (s *Snapshot) Directory() (*Directory, error) {
	for _, part := range []string{"entra", "entra.tenant_id", "entra.users", "entra.groups", "entra.domains"} {
		if !s.covered[part] {
			return nil, s.missing(part)
		}
	}
	if s.noMembers != "" {
		return nil, &SnapshotError{File: s.Path, Path: "/entra/groups", Problem: fmt.Sprintf(
			"the group %q has no \"members\", so its membership isn't covered; write [] where it has none", s.noMembers)}
	}
	if lacking := s.builder.Lacking(); lacking != 0 {
		return nil, &SnapshotError{File: s.Path, Path: "/entra/users", Problem: "no user carries " + strings.Join(lacking.Names(), " or ") +
			", null included, so who syncs can't be told. Graph gives these properties only when they are named in $select"}
	}
	s.once.Do(func() { s.directory = s.builder.Build(s.TenantID, nil) })
	return s.directory, nil
}

// Names are Graph's names of the properties.
func (p Presence) Names() []string {
	var names []string
	if p&HasUserType != 0 {
		names = append(names, "userType")
	}
	if p&HasAccountEnabled != 0 {
		names = append(names, "accountEnabled")
	}
	return names
}

// OrganizationKeys are the keys of the organisations that the file holds.
func (s *Snapshot) OrganizationKeys() []string {
	keys := make([]string, 0, len(s.organizations))
	for k := range s.organizations {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Organization gives an organisation by its key, with accounts and groups
// where they are asked for.
func (s *Snapshot) Organization(key string, accounts bool) (*Organization, error) {
	o, ok := s.organizations[key]
	if !ok {
		return nil, &SnapshotError{File: s.Path, Path: "/organizations", Problem: fmt.Sprintf(
			"the snapshot has no organisation %q; it has: %s", key, strings.Join(s.OrganizationKeys(), ", "))}
	}
	parts := []string{"organization_id", "domains"}
	if accounts {
		parts = append(parts, "accounts", "groups")
	}
	for _, p := range parts {
		if !o.covered[p] {
			return nil, s.missing("organizations." + key + "." + p)
		}
	}
	out := o.Organization
	if !accounts {
		out.Accounts, out.Groups = nil, nil
	}
	out.AccountsCovered = accounts
	out.Sort()
	return &out, nil
}

// Sort puts domains, accounts and groups in canonical order.
func (o *Organization) Sort() {
	slices.SortFunc(o.Domains, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Status, b.Status))
	})
	slices.SortFunc(o.Accounts, func(a, b Account) int { return cmp.Compare(a.AccountID, b.AccountID) })
	slices.SortFunc(o.Groups, func(a, b AccountGroup) int { return cmp.Compare(a.ID, b.ID) })
	for i := range o.Groups {
		slices.Sort(o.Groups[i].Members)
	}
}

func (s *Snapshot) missing(part string) error {
	return &SnapshotError{File: s.Path, Path: "/" + strings.ReplaceAll(part, ".", "/"), Problem: "this part is missing, so it isn't covered; record the snapshot again, or write [] where it is empty"}
}

// object walks an object of the file.
func (s *snapshotReader) object(each func(name string) error) error {
	if s.dec.PeekKind() != '{' {
		return s.unexpected("an object")
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return s.place(err)
	}
	for s.dec.PeekKind() != '}' {
		t, err := s.dec.ReadToken()
		if err != nil {
			return s.place(err)
		}
		if err := each(t.String()); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return s.place(err)
}

// elements walks an array of the file, one raw value at a time.
func (s *snapshotReader) elements(each func(raw []byte) error) error {
	if s.dec.PeekKind() != '[' {
		return s.unexpected("an array")
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return s.place(err)
	}
	for s.dec.PeekKind() != ']' {
		v, err := s.dec.ReadValue()
		if err != nil {
			return s.place(err)
		}
		if err := each(v); err != nil {
			return under(string(s.dec.StackPointer()), s.dec.InputOffset()-int64(len(v)), err)
		}
	}
	_, err := s.dec.ReadToken()
	return s.place(err)
}

func (s *snapshotReader) value(into any) error {
	v, err := s.dec.ReadValue()
	if err != nil {
		return s.place(err)
	}
	if err := unmarshal(v, into); err != nil {
		return under(string(s.dec.StackPointer()), s.dec.InputOffset()-int64(len(v)), err)
	}
	return nil
}

func (s *snapshotReader) skip() error { return s.place(s.dec.SkipValue()) }

// mark remembers the place for an error about the value that comes.
func (s *snapshotReader) mark() func(problem string) error {
	path, offset := string(s.dec.StackPointer()), s.dec.InputOffset()
	return func(problem string) error { return &SyntaxError{Path: path, Offset: offset, Problem: problem} }
}

func (s *snapshotReader) problem(p string) error { return s.mark()(p) }

func (s *snapshotReader) unexpected(want string) error {
	if k := s.dec.PeekKind(); k != 0 {
		return s.problem("expected " + want + ", found " + kindName(k))
	}
	_, err := s.dec.ReadToken()
	return s.place(err)
}

func (s *snapshotReader) place(err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *jsontext.SyntacticError:
		problem := "not JSON: " + e.Err.Error()
		if errors.Is(e.Err, io.ErrUnexpectedEOF) {
			problem = "the file ends in the middle: it was cut short"
		}
		return &SyntaxError{Path: string(e.JSONPointer), Offset: e.ByteOffset, Problem: problem}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.problem("the file ends in the middle: it was cut short, or is empty")
	}
	return s.problem(err.Error())
}
