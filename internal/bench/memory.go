package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watchMemory looks at the provider's processes until the returned function is
// called, which gives the largest peak resident size, in bytes. It is Linux's
// /proc; elsewhere the answer is 0.
func watchMemory() (stop func() int) {
	done, result := make(chan struct{}), make(chan int)
	go func() {
		peak := 0
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				result <- peak
				return
			case <-tick.C:
				peak = max(peak, providersPeak())
			}
		}
	}()
	return func() int { close(done); return <-result }
}

func providersPeak() int {
	peak := 0
	names, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return 0
	}
	for _, name := range names {
		comm, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(comm), "terraform-provi") {
			continue
		}
		peak = max(peak, peakOf(filepath.Base(filepath.Dir(name))))
	}
	return peak
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
