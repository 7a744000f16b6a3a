package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watched is what the provider's processes used.
type watched struct {
	peak int     // the largest resident size of one, in bytes
	cpu  float64 // seconds of all cores, of all of them together
}

// watchProviders looks at the provider's processes until the returned function is
// called, which gives what they used. It is Linux's /proc; elsewhere the answer is
// zero.
func watchProviders() (stop func() watched) {
	done, result := make(chan struct{}), make(chan watched)
	go func() {
		var w watched
		used := map[string]float64{} // by process
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				for _, s := range used {
					w.cpu += s
				}
				result <- w
				return
			case <-tick.C:
				for _, pid := range providers() {
					w.peak = max(w.peak, peakOf(pid))
					used[pid] = max(used[pid], cpuOf(pid))
				}
			}
		}
	}()
	return func() watched { close(done); return <-result }
}

// providers are the process ids of the provider's processes.
func providers() (pids []string) {
	names, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return nil
	}
	for _, name := range names {
		comm, err := os.ReadFile(name)
		if err == nil && strings.HasPrefix(string(comm), "terraform-provi") {
			pids = append(pids, filepath.Base(filepath.Dir(name)))
		}
	}
	return pids
}

// peakOf is the largest resident size that a process has had, in bytes.
func peakOf(pid string) int {
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err == nil {
				return kib << 10
			}
		}
	}
	return 0
}

// cpuOf are the seconds of all cores that a process has used so far.
func cpuOf(pid string) float64 {
	raw, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return 0
	}
	// The name, in parentheses, may hold blanks; user and system time are the twelfth
	// and thirteenth fields behind it, in hundredths of a second.
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	const user, system, ticks = 11, 12, 100
	if len(fields) <= system {
		return 0
	}
	u, err := strconv.Atoi(string(fields[user]))
	if err != nil {
		return 0
	}
	s, err := strconv.Atoi(string(fields[system]))
	if err != nil {
		return 0
	}
	return float64(u+s) / ticks
}
