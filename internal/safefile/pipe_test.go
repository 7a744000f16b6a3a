//go:build unix

package safefile

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// A named pipe is never opened: whoever opens one without a partner waits for
// ever, so that this test would hang.
func TestNamedPipe(t *testing.T) {
	dir := t.TempDir()
	pipe, file := filepath.Join(dir, "pipe"), filepath.Join(dir, "file")
	place := &Place{path: file}
	for _, path := range []string{pipe, place.beside("lock")} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var kind *KindError
	if _, err := Open(pipe); !errors.As(err, &kind) || kind.Kind != "a named pipe" {
		t.Errorf("read: %v", err)
	}
	if err := Replace(t.Context(), pipe, nil, bears); !errors.As(err, &kind) || kind.Path != pipe {
		t.Errorf("written: %v", err)
	}
	if err := Replace(t.Context(), file, nil, bears); !errors.As(err, &kind) || kind.Path != place.beside("lock") {
		t.Errorf("as lock: %v", err)
	}
	other := &Place{path: filepath.Join(dir, "other")}
	if err := syscall.Mkfifo(other.beside("part"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Replace(
		t.Context(),
		other.path,
		nil,
		bears,
	); !errors.As(err, &kind) ||
		kind.Path != other.beside("part") {
		t.Errorf("as part: %v", err)
	}
}
