//go:build unix

package safefile

import (
	"io/fs"
	"os"
	"syscall"
)

const (
	withoutWaiting   = syscall.O_NONBLOCK
	withoutFollowing = syscall.O_NOFOLLOW
)

// Mine reports a file that belongs to this process's user.
func Mine(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}
