// Package cache keeps bytes between runs, in a folder of files that only their
// owner can read. What comes out of it is what was put in under the same name,
// or nothing: a file that is cut short, changed, of another version or of
// another name counts as none. It knows nothing of what it keeps.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/klauspost/compress/zstd"

	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

// Version is that of the files. One of another version is none.
const Version = 2

// magic begins a file; the version, the hash of the name, the hash of what
// follows, and the compressed bytes come after it.
const magic = "usersync cache\n"

// maxContent bounds what a file may unpack to.
const maxContent = 2 << 30

// ErrBusy says that another run holds the entry.
var ErrBusy = errors.New("another run is using the cache")

// Folder is a folder of entries.
type Folder struct{ path string }

// Open makes the folder where it isn't there, for its owner alone.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("making the cache's folder: %w", err)
	}
	return &Folder{path}, nil
}

// Entry is one entry, held for this run.
type Entry struct {
	file  string
	name  [sha256.Size]byte
	place *safefile.Place
}

// Take holds an entry by its group and its name within it, whether it is there
// or not; ErrBusy where another run does.
func (f *Folder) Take(group, name string) (*Entry, error) {
	sum := sha256.Sum256([]byte(group + "\x00" + name))
	file := filepath.Join(f.path, short(group)+"-"+hex.EncodeToString(sum[:10])+".cache")
	place, err := safefile.TryHold(file)
	if errors.Is(err, safefile.ErrBusy) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	if info, err := place.LockInfo(); err != nil || !private(info) {
		return nil, errors.Join(fmt.Errorf("locking the cache: the lock in %s belongs to somebody else, or others "+
			"can open it: %w", f.path, fs.ErrPermission), err, place.Release())
	}
	return &Entry{file: file, name: sum, place: place}, nil
}

// short names a group in file names.
func short(group string) string {
	sum := sha256.Sum256([]byte(group))
	return hex.EncodeToString(sum[:6])
}

// Release gives the entry back.
func (e *Entry) Release() error { return e.place.Release() }

// Load gives what was saved, nil where there is nothing that can be used.
func (e *Entry) Load() []byte {
	info, err := os.Lstat(e.file)
	if err != nil || !private(info) {
		return nil
	}
	raw, err := safefile.ReadFile(e.file)
	if err != nil {
		return nil
	}
	rest, ok := bytes.CutPrefix(raw, e.head())
	if !ok || len(rest) < sha256.Size {
		return nil
	}
	if sum := sha256.Sum256(rest[sha256.Size:]); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return nil
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxContent), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil
	}
	defer d.Close()
	content, err := d.DecodeAll(rest[sha256.Size:], nil)
	if err != nil {
		return nil
	}
	return content
}

// private reports a regular file of this user that nobody else can read or
// write. Windows keeps that elsewhere.
func private(info os.FileInfo) bool {
	return info.Mode().IsRegular() && safefile.Mine(info) &&
		(runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0)
}

func (e *Entry) head() []byte {
	return append(append([]byte(magic), Version), e.name[:]...)
}

// Save replaces what is kept, at once or not at all.
func (e *Entry) Save(content []byte) error {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("writing the cache: %w", err)
	}
	packed := z.EncodeAll(content, nil)
	sum := sha256.Sum256(packed)
	if err := e.place.Replace(append(append(e.head(), sum[:]...), packed...), anything); err != nil {
		return fmt.Errorf("writing the cache: %w", err)
	}
	return nil
}

// anything is taken for the cache's own: what is damaged, or another version's,
// bears no mark, and its name is nobody else's.
func anything(io.Reader) error { return nil }

// Drop forgets what is kept under an entry.
func (e *Entry) Drop() error {
	if err := e.place.Check(anything); err != nil {
		return fmt.Errorf("dropping the cache: %w", err)
	}
	if err := os.Remove(e.file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("dropping the cache: %w", err)
	}
	return nil
}

// DropGroup forgets all entries of a group, held or not.
func (f *Folder) DropGroup(group string) error {
	files, err := filepath.Glob(filepath.Join(f.path, short(group)+"-*.cache"))
	if err != nil {
		return fmt.Errorf("dropping the cache: %w", err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("dropping the cache: %w", err)
		}
	}
	return nil
}
