package cache

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func folder(t *testing.T) *Folder {
	t.Helper()
	f, err := Open(filepath.Join(t.TempDir(), "a", "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func take(t *testing.T, f *Folder, group, name string) *Entry {
	t.Helper()
	e, err := f.Take(group, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Release() })
	return e
}

func TestSaveAndLoad(t *testing.T) {
	f := folder(t)
	e := take(t, f, "tenant", "one")
	if e.Load() != nil {
		t.Error("something is there before it was saved")
	}
	content := bytes.Repeat([]byte("facts "), 10_000)
	for range 2 {
		if err := e.Save(content); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(e.Load(), content) {
			t.Error("something else came back")
		}
	}
	other := take(t, f, "tenant", "two")
	if other.Load() != nil {
		t.Error("another name has it, too")
	}
	for path, want := range map[string]os.FileMode{f.path: 0o700, e.file: 0o600, lockOf(e): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Error(path, info.Mode(), err)
		}
	}
	if err := e.Drop(); err != nil || e.Load() != nil {
		t.Error("it is still there", err)
	}
	if err := e.Drop(); err != nil {
		t.Error("dropping nothing:", err)
	}
}

// Whatever happens to the file, it is the whole of what was saved or nothing.
func TestDamagedFiles(t *testing.T) {
	f := folder(t)
	e := take(t, f, "tenant", "one")
	if err := e.Save([]byte("what was kept")); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(e.file)
	if err != nil {
		t.Fatal(err)
	}
	put := func(raw []byte, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(e.file, raw, mode), os.Chmod(e.file, mode)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range whole {
		put(whole[:n], 0o600)
		if e.Load() != nil {
			t.Errorf("cut after %d bytes it is still taken", n)
		}
		changed := bytes.Clone(whole)
		changed[n] ^= 0x10
		put(changed, 0o600)
		if e.Load() != nil {
			t.Errorf("changed at %d it is still taken", n)
		}
	}
	put(append(bytes.Clone(whole), 'x'), 0o600)
	if e.Load() != nil {
		t.Error("with more at its end it is still taken")
	}
	older := bytes.Clone(whole)
	older[len(magic)] = Version - 1
	put(older, 0o600)
	if e.Load() != nil {
		t.Error("an older version is taken")
	}
	put(whole, 0o644)
	if e.Load() != nil {
		t.Error("a file that others can read is taken")
	}
	other := take(t, f, "tenant", "two")
	if err := errors.Join(os.WriteFile(other.file, whole, 0o600)); err != nil {
		t.Fatal(err)
	}
	if other.Load() != nil {
		t.Error("a file of another name is taken")
	}
	put(whole, 0o600)
	if string(e.Load()) != "what was kept" {
		t.Error("the whole file isn't taken")
	}
}

// What a dead run left half-written is in nobody's way.
func TestHalfWritten(t *testing.T) {
	f := folder(t)
	e := take(t, f, "tenant", "one")
	if err := errors.Join(e.Save([]byte("old")), os.WriteFile(beside(e, "part"), []byte("half"), 0o444)); err != nil {
		t.Fatal(err)
	}
	if string(e.Load()) != "old" {
		t.Error("the old content is gone")
	}
	if err := e.Save([]byte("new")); err != nil || string(e.Load()) != "new" {
		t.Error(err)
	}
}

// beside is the hidden file of an entry's that safefile puts there.
func beside(e *Entry, what string) string {
	return filepath.Join(filepath.Dir(e.file), "."+filepath.Base(e.file)+".usersync-"+what)
}

func lockOf(e *Entry) string { return beside(e, "lock") }

// A lock that somebody else made, or can open, isn't taken, and one that is a
// link isn't followed: in a folder that others can write to, anybody may put
// one there.
func TestForeignLock(t *testing.T) {
	target := filepath.Join(t.TempDir(), "target")
	for what, makeLock := range map[string]func(lock string) error{
		"a link":         func(lock string) error { return os.Symlink(target, lock) },
		"open to others": func(lock string) error { return errors.Join(os.WriteFile(lock, nil, 0o600), os.Chmod(lock, 0o666)) },
		"somebody else's": func(lock string) error {
			return errors.Join(os.WriteFile(lock, nil, 0o600), os.Lchown(lock, 12345, -1))
		},
		"a folder instead": func(lock string) error { return os.Mkdir(lock, 0o700) },
	} {
		t.Run(what, func(t *testing.T) {
			f := folder(t)
			e, err := f.Take("tenant", "one")
			if err != nil {
				t.Fatal(err)
			}
			lock := lockOf(e)
			if err := e.Release(); err != nil {
				t.Fatal(err)
			}
			if err := makeLock(lock); errors.Is(err, os.ErrPermission) {
				t.Skip("only root can give a file away")
			} else if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Take("tenant", "one"); err == nil || errors.Is(err, ErrBusy) {
				t.Errorf("the lock is taken: %v", err)
			}
			if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
				t.Error("a link's target was made")
			}
		})
	}
}

func TestOneHolder(t *testing.T) {
	f := folder(t)
	e := take(t, f, "tenant", "one")
	if _, err := f.Take("tenant", "one"); !errors.Is(err, ErrBusy) {
		t.Error("a second run holds it:", err)
	}
	if err := e.Release(); err != nil {
		t.Fatal(err)
	}
	take(t, f, "tenant", "one")
}

func TestDropGroup(t *testing.T) {
	f := folder(t)
	one, two, other := take(t, f, "tenant", "one"), take(t, f, "tenant", "two"), take(t, f, "another", "one")
	for _, e := range []*Entry{one, two, other} {
		if err := e.Save([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.DropGroup("tenant"); err != nil || one.Load() != nil || two.Load() != nil || other.Load() == nil {
		t.Error(err)
	}
}

func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file is a folder")
	}
}
