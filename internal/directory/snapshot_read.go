package directory

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

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
		snap: &Snapshot{
			covered:       map[string]bool{},
			takenAtOf:     map[string]string{},
			builder:       b,
			partly:        partly{without: map[Presence]int{}},
			organizations: map[string]*snapshotOrganization{},
		},
	}
	version := false
	err := s.object(func(name string) error {
		switch name {
		case "version":
			version = true
			return s.version()
		case "taken_at":
			return s.takenAt(&s.snap.takenAt)
		case "entra":
			s.snap.covered["/entra"] = true
			return s.entra()
		case "organizations":
			return s.object(func(key string) error { return s.organization(key) })
		case "value":
			return s.problem("this is an answer of Graph, not a snapshot: a snapshot is an object with version, " +
				"entra and organizations. Write what value holds into a list of it, such as entra.users, the pages " +
				"that @odata.nextLink leads to included")
		}
		return s.unknown(name, "version", "taken_at", "entra", "organizations")
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, s.problem("expected the end of the file after the snapshot's object")
	}
	if !version {
		return nil, &SyntaxError{Path: "/version", Problem: fmt.Sprintf("the version is missing; this provider reads "+
			"version %d", SnapshotVersion)}
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
		return at(fmt.Sprintf("the snapshot has version %d; this provider reads version %d. Use the provider that "+
			"wrote it, or record it again", v, SnapshotVersion))
	}
	return nil
}

func (s *snapshotReader) takenAt(into *string) error {
	at := s.mark()
	if err := s.value(into); err != nil {
		return err
	}
	if _, err := time.Parse(time.RFC3339, *into); err != nil {
		return at(fmt.Sprintf("%q is no time such as 2026-11-20T08:00:00Z", *into))
	}
	return nil
}

// takenAtOf reads when each part of an object was read.
func (s *snapshotReader) takenAtOf(part func(name string) string) error {
	return s.object(func(name string) error {
		var at string
		err := s.takenAt(&at)
		s.snap.takenAtOf[part(name)] = at
		return err
	})
}

func (s *snapshotReader) entra() error {
	return s.object(func(name string) error {
		s.snap.covered[entraPart(name)] = true
		switch name {
		case "taken_at":
			return s.takenAtOf(entraPart)
		case "tenant_id":
			err := s.value(&s.snap.TenantID)
			s.snap.TenantID = strings.ToLower(s.snap.TenantID)
			return err
		case "below":
			err := s.value(&s.snap.below)
			for i, id := range s.snap.below {
				s.snap.below[i] = strings.ToLower(id)
			}
			return err
		case "domains":
			return s.elements(func(raw []byte) error {
				d, err := DecodeDomain(raw)
				if err == nil {
					s.snap.builder.AddDomain(d)
				}
				return err
			})
		case "synchronization":
			return s.elements(func(raw []byte) error {
				j, err := DecodeJob(raw)
				s.snap.jobs = append(s.snap.jobs, j)
				return err
			})
		case "users":
			return s.elements(s.user)
		case "groups":
			return s.elements(s.group)
		}
		return s.unknown(name, "tenant_id", "below", "taken_at", "domains", "synchronization", "users", "groups")
	})
}

func (s *snapshotReader) user(raw []byte) error {
	u, values, has, err := s.item.User(raw)
	if err != nil {
		return err
	}
	if s.snap.builder.HasUser(u.ID) {
		return &SyntaxError{Path: "/id", Problem: "a second user has the id " + u.ID}
	}
	if u.UserType != "" && u.UserType != userTypeMember && u.UserType != userTypeGuest {
		return &SyntaxError{Path: "/userType", Problem: fmt.Sprintf("%q is no userType: expected Member, Guest or null",
			u.UserType)}
	}
	s.snap.builder.AddUser(u, values, has)
	s.snap.partly.add(has)
	return nil
}

func (s *snapshotReader) group(raw []byte) error {
	g, err := s.item.Group(raw)
	if err != nil {
		return err
	}
	if !g.Covered && s.snap.noMembers == "" {
		s.snap.noMembers = g.DisplayName
	}
	if s.snap.builder.HasGroup(g.ID) {
		return &SyntaxError{Path: "/id", Problem: "a second group has the id " + g.ID}
	}
	s.snap.builder.AddGroup(g)
	return nil
}

func (s *snapshotReader) organization(key string) error {
	o := &snapshotOrganization{covered: map[string]bool{}}
	s.snap.organizations[key] = o
	defer o.Sort()
	return s.object(func(name string) error {
		o.covered[name] = true
		switch name {
		case "taken_at":
			return s.takenAtOf(func(part string) string { return organizationPart(key, part) })
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
		case "scim":
			return s.scim(&o.scim, o.covered)
		}
		return s.unknown(name, "organization_id", "taken_at", "domains", "accounts", "groups", "scim")
	})
}

func (s *snapshotReader) scim(d *SCIMDirectory, covered map[string]bool) error {
	return s.object(func(name string) error {
		covered["scim/"+name] = true
		switch name {
		case "users":
			return s.elements(func(raw []byte) error {
				u, err := DecodeSCIMUser(raw)
				d.Users = append(d.Users, u)
				return err
			})
		case "groups":
			return s.elements(func(raw []byte) error {
				g, err := DecodeSCIMGroup(raw)
				d.Groups = append(d.Groups, g)
				return err
			})
		}
		return s.skip()
	})
}

// object walks an object of the file. Of two values under one name it isn't
// known which is meant.
func (s *snapshotReader) object(each func(name string) error) error {
	if s.dec.PeekKind() != '{' {
		return s.unexpected("an object")
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return s.place(err)
	}
	seen := map[string]bool{}
	for s.dec.PeekKind() != '}' {
		t, err := s.dec.ReadToken()
		if err != nil {
			return s.place(err)
		}
		name := t.String()
		if seen[name] {
			return s.problem(fmt.Sprintf("%q is here a second time", name))
		}
		seen[name] = true
		if err := each(name); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return s.place(err)
}

// elements walks an array of the file, one raw value at a time.
func (s *snapshotReader) elements(each func(raw []byte) error) error {
	switch s.dec.PeekKind() {
	case '[':
	case '{':
		return s.problem("expected an array, found an object. Of an answer of Graph, write what its value holds, the " +
			"pages that @odata.nextLink leads to included")
	default:
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

// unknown skips what this provider doesn't know, unless it is one of its own
// names in another spelling, as PowerShell's objects have them.
func (s *snapshotReader) unknown(name string, known ...string) error {
	for _, k := range known {
		if name != k && strings.EqualFold(name, k) {
			return s.problem(fmt.Sprintf("%q is written %q in a snapshot", name, k))
		}
	}
	return s.skip()
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
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
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

// snapshotHead is what a snapshot is of.
type snapshotHead struct {
	version       int
	tenant        string // in lower case
	organizations []string
}

// readHead reads what a snapshot is of, and nobody's data.
func readHead(r io.Reader) (head snapshotHead, err error) {
	s := &snapshotReader{dec: jsontext.NewDecoder(asUTF8(r), relaxed...)}
	parts := 0
	err = s.object(func(name string) error {
		switch name {
		case "version":
			return s.value(&head.version)
		case "entra":
			parts++
			return s.only("tenant_id", &head.tenant)
		case "organizations":
			parts++
			return s.object(func(string) error {
				var id string
				err := s.only("organization_id", &id)
				head.organizations = append(head.organizations, id)
				return err
			})
		}
		return s.skip()
	})
	if err == nil && (head.version == 0 || parts == 0) {
		err = errors.New("it has no version, or neither entra nor organizations")
	}
	head.tenant = strings.ToLower(head.tenant)
	return head, err
}

// only reads one value of an object.
func (s *snapshotReader) only(wanted string, into *string) error {
	return s.object(func(name string) error {
		if name == wanted {
			return s.value(into)
		}
		return s.skip()
	})
}
