package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine is the class of the machine: what matters of it, and no names.
func machine() string {
	text := fmt.Sprintf("%d cores", runtime.NumCPU())
	if gib := memoryGiB(); gib > 0 {
		text += fmt.Sprintf(", %d GiB of memory", gib)
	}
	return text + ", " + runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version()
}

// memoryGiB is Linux's; elsewhere 0.
func memoryGiB() int {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err == nil {
				return (kib + 1<<19) >> 20
			}
		}
	}
	return 0
}
