// Package safefile reads and writes files that a configuration names. It opens
// regular files alone, never a named pipe or a device, and replaces only what
// is missing or bears the caller's mark: whole or not at all, under a lock.
package safefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// KindError says that something else than a regular file is at a path.
type KindError struct {
	Path string
	// Kind is what is there, with its article.
	Kind string
}

func (e *KindError) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Path, e.Kind)
}

// ForeignError says that a file isn't replaced, because it bears another mark
// than the writer's.
type ForeignError struct {
	Path string
	// Err says what the file is instead.
	Err error
}

func (e *ForeignError) Error() string { return fmt.Sprintf("%s isn't replaced: %v", e.Path, e.Err) }
func (e *ForeignError) Unwrap() error { return e.Err }

// ErrBusy says that another process holds the file.
var ErrBusy = errors.New("another process is writing it")

// kindOf names what isn't a regular file, "" for one that is.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&(fs.ModeDevice|fs.ModeCharDevice) != 0:
		return "a device"
	}
	return "a special file"
}

func regular(path string, info fs.FileInfo) error {
	if kind := kindOf(info.Mode()); kind != "" {
		return &KindError{path, kind}
	}
	return nil
}

func regularOrMissing(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return regular(path, info)
}

// Open opens a regular file for reading, through symbolic links, too.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, err
	}
	// Without waiting: a named pipe may have taken the file's place meanwhile.
	f, err := os.OpenFile(path, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ReadFile is os.ReadFile for a regular file.
func ReadFile(path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

// Mark looks at a file's content and says what it is instead of the caller's
// own; nil where it is that.
type Mark func(content io.Reader) error

// Place is a file that this process alone writes while it holds it. Beside the
// file are its lock and, while it is written, its part: hidden files of fixed
// names, so that what a killed process leaves is taken over by the next.
type Place struct {
	path string
	lock *flock.Flock
}

// TryHold is Hold without a wait.
func TryHold(path string) (*Place, error) { return hold(path, (*flock.Flock).TryLock) }

// Hold holds a file, whether it is there or not. Where another process has it,
// the error is ErrBusy after the wait. The lock is the operating system's: a
// process that dies gives it back.
func Hold(ctx context.Context, path string, wait time.Duration) (*Place, error) {
	return hold(path, func(lock *flock.Flock) (bool, error) {
		if held, err := lock.TryLock(); held || err != nil {
			return held, err
		}
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		held, err := lock.TryLockContext(waiting, 10*time.Millisecond)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return false, nil // the wait is over, not what the caller does
		}
		return held, err
	})
}

// hold takes the lock of a file; take is false where another process has it.
func hold(path string, take func(*flock.Flock) (bool, error)) (*Place, error) {
	p := &Place{path: path}
	name := p.beside("lock")
	if err := errors.Join(regularOrMissing(path), regularOrMissing(name)); err != nil {
		return nil, err
	}
	p.lock = flock.New(
		name,
		flock.SetFlag(os.O_CREATE|os.O_RDWR|withoutFollowing|withoutWaiting),
		flock.SetPermissions(0o600),
	)
	for {
		held, err := take(p.lock)
		switch {
		case err != nil:
			return nil, err
		case !held:
			return nil, ErrBusy
		case p.current():
			return p, nil
		}
		if err := p.lock.Unlock(); err != nil {
			return nil, err
		}
	}
}

// current reports whether the lock is the file of its name: its last holder
// may have removed it after it was opened here.
func (p *Place) current() bool {
	held, err := p.lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(p.lock.Path())
	return err == nil && os.SameFile(held, there)
}

// Release gives the file back and leaves no lock beside it, where the system
// lets an open file be removed.
func (p *Place) Release() error {
	_ = os.Remove(p.lock.Path())
	return p.lock.Unlock()
}

// LockInfo describes the lock as it was opened.
func (p *Place) LockInfo() (fs.FileInfo, error) { return p.lock.Stat() }

// beside is the path of a hidden file that belongs to this one.
func (p *Place) beside(what string) string {
	return filepath.Join(filepath.Dir(p.path), "."+filepath.Base(p.path)+".usersync-"+what)
}

// Check reports why the file must not be replaced: it is there, and isn't a
// regular file that bears the mark.
func (p *Place) Check(ours Mark) error { return check(p.path, ours) }

func check(path string, ours Mark) error {
	if err := regularOrMissing(path); err != nil {
		return err
	}
	f, err := Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := ours(f); err != nil {
		return &ForeignError{path, err}
	}
	return nil
}

// Replace writes the file, readable by its owner alone: a reader sees the old
// one or the new one.
func (p *Place) Replace(data []byte, ours Mark) error {
	if err := p.Check(ours); err != nil {
		return err
	}
	if err := p.writePart(data); err != nil {
		return err
	}
	return os.Rename(p.beside("part"), p.path)
}

// ReplaceKeeping is Replace that keeps the old file under another path, where
// nothing is or what bears the mark, too.
func (p *Place) ReplaceKeeping(data []byte, ours Mark, previous string) error {
	if err := errors.Join(p.Check(ours), check(previous, ours)); err != nil {
		return err
	}
	if err := p.writePart(data); err != nil {
		return err
	}
	if err := os.Rename(p.path, previous); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(p.beside("part"), p.path)
}

func (p *Place) writePart(data []byte) (err error) {
	part := p.beside("part")
	if err := regularOrMissing(part); err != nil {
		return err
	}
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) { // what a killed process left
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL|withoutFollowing, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}

// writingTakes is how long another process may hold a file that it writes at
// once.
const writingTakes = 10 * time.Second

// Replace holds a file, replaces it and gives it back.
func Replace(ctx context.Context, path string, data []byte, ours Mark) error {
	if err := check(path, ours); err != nil {
		return err // before a lock is left beside it
	}
	p, err := Hold(ctx, path, writingTakes)
	if err != nil {
		return err
	}
	return errors.Join(p.Replace(data, ours), p.Release())
}
