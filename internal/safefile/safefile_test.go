package safefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const mark = "ours\n"

// bears is the mark of these tests: a first line.
func bears(content io.Reader) error {
	head := make([]byte, len(mark))
	if _, err := io.ReadFull(content, head); err != nil || string(head) != mark {
		return errors.New("it doesn't begin with the mark")
	}
	return nil
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	for _, text := range []string{mark + "one", mark + "two"} {
		if err := Replace(t.Context(), path, []byte(text), bears); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: others can read it", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("something is left beside the file: %v %v", entries, err)
	}
}

// What a killed process left half-written, under any content, is in nobody's
// way, and is gone afterwards.
func TestReplaceAfterKill(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	part := (&Place{path: path}).beside("part")
	if err := os.WriteFile(part, []byte("names of people"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := Replace(t.Context(), path, []byte(mark), bears); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(part); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the part is still there: %v", err)
	}
}

func TestReplaceFails(t *testing.T) {
	dir := t.TempDir()
	foreign, folder, link := filepath.Join(dir, "main.tf"), filepath.Join(dir, "folder"), filepath.Join(dir, "link")
	put(t, foreign, "resource {}")
	ours := filepath.Join(dir, "ours")
	put(t, ours, mark)
	if err := errors.Join(os.Mkdir(folder, 0o755), os.Symlink(ours, link)); err != nil {
		t.Fatal(err)
	}
	var kind *KindError
	var other *ForeignError
	if err := Replace(t.Context(), foreign, nil, bears); !errors.As(err, &other) {
		t.Errorf("a foreign file: %v", err)
	}
	for path, want := range map[string]string{folder: "a folder", link: "a symbolic link", os.DevNull: "a device"} {
		if err := check(path, bears); !errors.As(err, &kind) || kind.Kind != want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
	if err := Replace(t.Context(), link, []byte("x"), bears); !errors.As(err, &kind) || content(t, ours) != mark {
		t.Errorf("written through a link: %v", err)
	}
	if err := Replace(t.Context(), filepath.Join(dir, "absent", "file"), nil, bears); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if content(t, foreign) != "resource {}" {
		t.Error("the foreign file was replaced")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 {
		t.Errorf("something is left beside what wasn't replaced: %v %v", entries, err)
	}
}

func TestReplaceKeeping(t *testing.T) {
	dir := t.TempDir()
	path, previous := filepath.Join(dir, "tenant.json"), filepath.Join(dir, "tenant.json.previous")
	p, err := TryHold(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := p.ReplaceKeeping(fmt.Appendf(nil, "%s%d", mark, i), bears, previous); err != nil {
			t.Fatal(err)
		}
	}
	if content(t, path) != mark+"2" || content(t, previous) != mark+"1" {
		t.Errorf("got %q and %q", content(t, path), content(t, previous))
	}
	put(t, previous, "somebody's notes")
	var other *ForeignError
	if err := p.ReplaceKeeping([]byte(mark), bears, previous); !errors.As(err, &other) || other.Path != previous {
		t.Errorf("a foreign file where the old one is kept: %v", err)
	}
	if content(t, path) != mark+"2" || content(t, previous) != "somebody's notes" {
		t.Error("something was moved all the same")
	}
}

func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	p, err := TryHold(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryHold(path); !errors.Is(err, ErrBusy) {
		t.Errorf("a second holder: %v", err)
	}
	if info, err := p.LockInfo(); err != nil || !Mine(info) || info.Mode().Perm() != 0o600 {
		t.Errorf("the lock: %v %v", info, err)
	}
	if err := p.Release(); err != nil {
		t.Fatal(err)
	}
	if p, err = TryHold(path); err != nil {
		t.Fatal(err)
	}
	if err := p.Release(); err != nil {
		t.Fatal(err)
	}
}

// A lock that somebody put there as a link isn't followed.
func TestHoldFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "file"), filepath.Join(dir, "target")
	if err := os.Symlink(target, (&Place{path: path}).beside("lock")); err != nil {
		t.Fatal(err)
	}
	var kind *KindError
	if _, err := TryHold(path); !errors.As(err, &kind) {
		t.Errorf("the lock is a link: %v", err)
	}
	if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
		t.Error("the link's target was made")
	}
}

// Many writers at once leave one of their files, whole.
func TestReplaceSideBySide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	texts := []string{mark + strings.Repeat("a", 1<<20), mark + strings.Repeat("b", 1<<20)}
	var wg sync.WaitGroup
	for _, text := range texts {
		wg.Go(func() {
			for range 10 {
				if err := Replace(t.Context(), path, []byte(text), bears); err != nil {
					t.Error(err)
				}
				if got := content(t, path); got != texts[0] && got != texts[1] {
					t.Errorf("half a file: %d bytes", len(got))
				}
			}
		})
	}
	wg.Wait()
}
