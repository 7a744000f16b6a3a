package directory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub.json")
	r := NewRecorder(path)
	r.Start("T", "2026-11-20T08:00:00Z")
	r.Cover("domains")
	r.Cover("groups")
	r.Add("users", "u1", []byte(`{"id":"U1","userType":"Member","accountEnabled":true,"department":"A"}`))
	r.Add("users", "u1", []byte(`{"id":"U1","userType":"Guest","mail":"a@b.example"}`))
	r.Add("groups", "g1", []byte(`{"id":"G1","displayName":"<All>"}`))
	r.Add("groups", "g2", []byte(`{"id":"G2","displayName":"Empty"}`))
	r.Members("g1", []json.RawMessage{[]byte(`{"@odata.type":"#microsoft.graph.user","id":"U1"}`)})
	r.CoverOrganization("main", "o", "domains")
	r.Start("", "2026-11-20T09:00:00Z")
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info.Mode(), err)
	}
	s, d, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.TakenAt != "2026-11-20T09:00:00Z" || d.TenantID != "t" || len(d.Domains) != 0 || len(d.Groups) != 2 {
		t.Errorf("%+v", d)
	}
	if u := d.Users[0]; u.UserType != "Guest" || u.Mail != "a@b.example" || u.AccountEnabled != True || d.Columns[0][0] != `"A"` {
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

// The file is the old one or the new one, and nothing is left beside it.
func TestWriteIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tenant.json")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	texts := []string{strings.Repeat("a", 1<<20), strings.Repeat("b", 1<<20)}
	for _, text := range texts {
		wg.Go(func() {
			for range 10 {
				if err := WriteFileAtomically(path, []byte(text)); err != nil {
					t.Error(err)
				}
				if got, err := os.ReadFile(path); err != nil || string(got) != texts[0] && string(got) != texts[1] {
					t.Errorf("half a file: %d bytes, %v", len(got), err)
				}
			}
		})
	}
	wg.Wait()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
}

func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "absent", "tenant.json")
	if err := WriteFileAtomically(missing, nil); err == nil || !strings.Contains(err.Error(), "writing "+missing) {
		t.Error(err)
	}
	folder := filepath.Join(dir, "folder", "in the way")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFileAtomically(filepath.Dir(folder), []byte("x")); err == nil {
		t.Error("a folder was replaced")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// What a narrow read recorded reads back as narrow: who isn't in it isn't
// taken for deleted.
func TestRecordOfANarrowRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "narrow.json")
	r, keep := NewRecorder(path), NewRecorder("")
	keep.Start("3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11", "2026-11-20T08:00:00Z")
	for _, part := range []string{"users", "groups", "domains"} {
		keep.Cover(part)
	}
	keep.Add("groups", "g", []byte(`{"id":"g","displayName":"Staff"}`))
	keep.Limit([]string{"g"})
	r.Merge(keep)
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSnapshot(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Directory()
	if err != nil || d.WholeTenant() || len(d.Below) != 1 || d.Below[0] != "g" {
		t.Errorf("%+v %v", d, err)
	}
}
