package faults

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// KillClients kills every process that has a connection to a listener, but its own, and waits till they are
// gone.
func KillClients(listener net.Listener) error {
	if listener == nil {
		return errors.New("the server doesn't listen: it has no clients")
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	inodes, err := clientSockets(number)
	if err != nil {
		return err
	}
	pids := ownersOf(inodes)
	if len(pids) == 0 {
		return fmt.Errorf("no other process has a connection to port %d", number)
	}
	for _, pid := range pids {
		p, err := os.FindProcess(pid)
		if err != nil {
			return err
		}
		if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("killing %d: %w", pid, err)
		}
	}
	return awaitDeath(pids, 10*time.Second)
}

// clientSockets are the inodes of the sockets whose other end is a port of this machine's.
func clientSockets(port int) (map[string]bool, error) {
	out := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, err := os.ReadFile(table)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(raw))
		for lines.Scan() {
			column := strings.Fields(lines.Text())
			if len(column) < 10 {
				continue
			}
			_, remote, _ := strings.Cut(column[2], ":")
			if n, err := strconv.ParseInt(remote, 16, 32); err == nil && int(n) == port && column[9] != "0" {
				out["socket:["+column[9]+"]"] = true
			}
		}
	}
	return out, nil
}

// ownersOf are the processes that hold one of some sockets, but our own.
func ownersOf(inodes map[string]bool) []int {
	var pids []int
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is a valid one
	for _, file := range open {
		pid, err := strconv.Atoi(strings.Split(file, "/")[2])
		if err != nil || pid == os.Getpid() || slices.Contains(pids, pid) {
			continue
		}
		if target, err := os.Readlink(file); err == nil && inodes[target] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// awaitDeath returns when none of some processes runs any more; one that its parent hasn't asked for yet is
// dead too.
func awaitDeath(pids []int, within time.Duration) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(within)
	defer end.Stop()
	for slices.ContainsFunc(pids, alive) {
		select {
		case <-tick.C:
		case <-end.C:
			return fmt.Errorf("the processes %v didn't end within %s", pids, within)
		}
	}
	return nil
}

func alive(pid int) bool {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}
