package directory

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	tenantA = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"
	tenantB = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a22"
	monday  = "2026-11-16T08:00:00Z"
	tuesday = "2026-11-17T08:00:00Z"
)

// answered is a read of the tenant's collections with these users.
func answered(users ...string) *Recorder {
	r := NewRecorder()
	for _, part := range []string{"users", "groups", "domains"} {
		r.Cover(part)
	}
	for _, id := range users {
		r.Add("users", id, []byte(`{"id":"`+id+`","userType":"Member","accountEnabled":true,"mail":null}`))
	}
	return r
}

func organization(key, id string, parts ...string) *Recorder {
	r := NewRecorder()
	for _, part := range parts {
		r.CoverOrganization(key, id, part)
	}
	return r
}

func add(t *testing.T, r *Recording, read *Recorder, tenant, at string) {
	t.Helper()
	if err := r.Add(t.Context(), read, tenant, at); err != nil {
		t.Fatal(err)
	}
}

func snapshotAt(t *testing.T, path string) *Snapshot {
	t.Helper()
	s, err := ReadSnapshot(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecording(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub.json")
	r := NewRecorder()
	r.Cover("domains")
	r.Cover("groups")
	r.Add("users", "u1", []byte(`{"id":"U1","userType":"Member","accountEnabled":true,"department":"A"}`))
	r.Add("users", "u1", []byte(`{"id":"U1","userType":"Guest","mail":"a@b.example"}`))
	r.Add("groups", "g1", []byte(`{"id":"G1","displayName":"<All>"}`))
	r.Add("groups", "g2", []byte(`{"id":"G2","displayName":"Empty"}`))
	r.Members("g1", []json.RawMessage{[]byte(`{"@odata.type":"#microsoft.graph.user","id":"U1"}`)})
	r.CoverOrganization("main", "o", "domains")
	add(t, NewRecording(path, "second"), r, "T", monday)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info.Mode(), err)
	}
	s, d, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.DirectoryTakenAt() != monday || d.TenantID != "t" || len(d.Domains) != 0 || len(d.Groups) != 2 {
		t.Errorf("%+v", d)
	}
	if u := d.Users[0]; u.UserType != "Guest" || u.Mail != "a@b.example" || u.AccountEnabled != True ||
		d.Columns[0][0] != `"A"` {
		t.Errorf("two answers about one user: %+v, %v", u, d.Columns)
	}
	if g := d.Groups[0]; len(g.Users) != 1 || g.DisplayName != "<All>" {
		t.Errorf("%+v", g)
	}
	if o, err := s.Organization("main", false); err != nil || o.ID != "o" {
		t.Error(err)
	}
	if _, err := s.Organization("main", true); err == nil {
		t.Error("accounts that weren't read are covered")
	}
}

// The file holds what this run has read, each part with its own time, and
// nothing of an earlier run, which is kept beside it.
func TestRecording_OneRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.json")
	earlier := NewRecording(path, "first")
	add(t, earlier, answered("old"), tenantA, monday)
	add(t, earlier, organization("main", "o", "domains"), tenantA, monday)
	r := NewRecording(path, "second")
	if s := snapshotAt(t, path); s.DirectoryTakenAt() != monday {
		t.Error("the file was touched before something was read")
	}
	// The organization alone is read; reading the directory fails.
	add(t, r, organization("main", "o", "domains"), tenantA, tuesday)
	s := snapshotAt(t, path)
	if _, err := s.Directory(); err == nil {
		t.Error("people whom this run didn't read are in its file")
	}
	if got := s.OrganizationTakenAt("main"); got != tuesday {
		t.Errorf("the organization was read %s, want %s", got, tuesday)
	}
	before := snapshotAt(t, path+PreviousSuffix)
	if d, err := before.Directory(); err != nil || len(d.Users) != 1 || before.DirectoryTakenAt() != monday {
		t.Errorf("the earlier run's file: %v, taken %s", err, before.DirectoryTakenAt())
	}
	// The directory comes later, and keeps its own time when more follows.
	add(t, r, answered("new"), tenantA, "2026-11-17T08:00:05Z")
	add(t, r, organization("emea", "p", "domains"), tenantA, "2026-11-17T08:00:09Z")
	s = snapshotAt(t, path)
	if d, err := s.Directory(); err != nil || len(d.Users) != 1 || d.Users[0].ID != "new" {
		t.Errorf("%+v %v", d, err)
	}
	got := []string{s.DirectoryTakenAt(), s.OrganizationTakenAt("main"), s.OrganizationTakenAt("emea"), s.takenAt}
	want := []string{"2026-11-17T08:00:05Z", tuesday, "2026-11-17T08:00:09Z", tuesday}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("parts were taken at %v, want %v", got, want)
	}
	if before := snapshotAt(t, path+PreviousSuffix); before.DirectoryTakenAt() != monday {
		t.Error("a later read of the same run took the earlier run's file away")
	}
}

// Two reads of one part are as old as the first, and people who are gone from
// the whole tenant at the second don't stay.
func TestRecording_ReadTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.json")
	r := NewRecording(path, "second")
	add(t, r, answered("stays", "leaves"), tenantA, monday)
	add(t, r, answered("stays"), tenantA, tuesday)
	s := snapshotAt(t, path)
	if d, err := s.Directory(); err != nil || len(d.Users) != 1 || s.DirectoryTakenAt() != monday {
		t.Errorf("%+v %v, taken %s", d, err, s.DirectoryTakenAt())
	}
}

// Only a snapshot of the same tenant and version is replaced; whatever else is
// there stays as it is, as does what is where the old one would be kept.
func TestRecording_ForeignFile(t *testing.T) {
	snapshot := func(version, tenant string) string {
		return `{"version":` + version + `,"entra":{"tenant_id":"` + tenant + `","users":[],"groups":[],"domains":[]}}`
	}
	for what, c := range map[string]struct{ content, says string }{
		"another tenant":  {snapshot("1", tenantB), "it is the snapshot of another tenant (" + tenantB + ", not " + tenantA + ")"},
		"another version": {snapshot("2", tenantA), "it is a snapshot of version 2"},
		"a configuration": {`resource "x" "y" {}`, "it isn't a snapshot"},
		"other JSON":      {`{"version":1,"name":"package"}`, "it isn't a snapshot"},
		"an empty file":   {"", "it isn't a snapshot"},
	} {
		for _, at := range []string{"", PreviousSuffix} {
			dir := t.TempDir()
			path := filepath.Join(dir, "tenant.json")
			if err := os.WriteFile(path+at, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := NewRecording(path, "second").Add(t.Context(), answered("u"), tenantA, monday)
			var e *SnapshotError
			if !errors.As(err, &e) || !strings.Contains(e.Problem, c.says) || !strings.Contains(e.Problem, path+at) {
				t.Errorf("%s at %q: got %v, want %q", what, at, err, c.says)
			}
			if raw, err := os.ReadFile(path + at); err != nil || string(raw) != c.content {
				t.Errorf("%s at %q: the file is another now: %v", what, at, err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".*part")); len(left) > 0 {
				t.Errorf("%s: left behind: %v", what, left)
			}
		}
	}
}

// Before the tenant is known, an organization says whose file it is.
func TestRecording_BeforeTheTenantIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.json")
	earlier := NewRecording(path, "first")
	add(t, earlier, answered(), tenantA, monday)
	add(t, earlier, organization("main", "o", "domains"), tenantA, monday)
	other := NewRecording(path, "second")
	if err := other.Add(t.Context(), organization("main", "another", "domains"), "", tuesday); err == nil {
		t.Error("another organization's run replaced the file")
	}
	add(t, NewRecording(path, "second"), organization("key", "o", "domains"), "", tuesday)
}

// Two aliases are two processes of one run, at once or one after the other:
// neither takes the other's parts away, and of what both read nobody is lost.
func TestRecording_TwoAliases(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.json")
	add(t, NewRecording(path, "first"), answered("old"), tenantA, monday)
	narrow := func(user, group string) *Recorder {
		r := answered(user)
		r.Add("groups", group, []byte(`{"id":"`+group+`","displayName":"`+group+`"}`))
		r.Members(group, []json.RawMessage{[]byte(`{"@odata.type":"#microsoft.graph.user","id":"` + user + `"}`)})
		r.Limit([]string{group})
		return r
	}
	var all sync.WaitGroup
	for key, read := range map[string]*Recorder{"main": narrow("a", "g"), "emea": narrow("b", "h")} {
		alias := NewRecording(path, "second")
		all.Go(func() {
			if err := errors.Join(
				alias.Add(t.Context(), read, tenantA, tuesday),
				alias.Add(t.Context(), organization(key, "o-"+key, "domains", "scim/users"), tenantA, tuesday),
			); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := snapshotAt(t, path)
	d, err := s.Directory()
	if err != nil || len(d.Users) != 2 || len(d.Groups) != 2 || len(d.Below) != 2 || len(d.Groups[0].Users) != 1 ||
		len(d.Groups[1].Users) != 1 {
		t.Errorf("%+v %v", d, err)
	}
	for _, key := range []string{"main", "emea"} {
		if o, err := s.Organization(key, false); err != nil || o.ID != "o-"+key {
			t.Errorf("%s: %+v %v", key, o, err)
		}
	}
	if before, err := snapshotAt(
		t,
		path+PreviousSuffix,
	).Directory(); err != nil || len(before.Users) != 1 ||
		before.Users[0].ID != "old" {
		t.Errorf("the earlier run's: %+v %v", before, err)
	}
	if err := NewRecording(
		path,
		"second",
	).Add(t.Context(), answered(), tenantB, tuesday); err == nil ||
		!strings.Contains(err.Error(), "another tenant") {
		t.Errorf("an alias of another tenant: %v", err)
	}
}

func TestRecording_NoRegularFile(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, nil, 0o600), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{dir: "a folder", link: "a symbolic link"} {
		var e *SnapshotError
		if err := NewRecording(
			path,
			"second",
		).Add(t.Context(), answered(), tenantA, monday); !errors.As(err, &e) ||
			!strings.Contains(e.Problem, says) {
			t.Errorf("%s: got %v, want %q", path, err, says)
		}
	}
	if err := NewRecording(
		filepath.Join(dir, "absent", "file"),
		"second",
	).Add(t.Context(), answered(), tenantA, monday); !errors.Is(
		err,
		fs.ErrNotExist,
	) {
		t.Errorf("no folder: %v", err)
	}
}

// What a narrow read recorded reads back as narrow: who isn't in it isn't
// taken for deleted.
func TestRecordOfANarrowRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "narrow.json")
	recorder := answered()
	recorder.Add("groups", "g", []byte(`{"id":"g","displayName":"Staff"}`))
	recorder.Limit([]string{"g"})
	add(t, NewRecording(path, "second"), recorder, tenantA, monday)
	d, err := snapshotAt(t, path).Directory()
	if err != nil || d.WholeTenant() || len(d.Below) != 1 || d.Below[0] != "g" {
		t.Errorf("%+v %v", d, err)
	}
}
