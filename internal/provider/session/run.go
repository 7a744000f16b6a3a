package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// runOfCLI names the run of the CLI that this process belongs to. The CLI starts
// a process of the provider for each alias, and for the plan and the apply of
// one command, each of which ends when its work is done: what they have in
// common is their parent. A process id comes again, in containers always the
// same one; the time when the process began doesn't.
func runOfCLI() string {
	parent := os.Getppid()
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", parent, began(parent)))
	return hex.EncodeToString(sum[:8])
}

// began says when a process began, on Linux: in ticks since the system's start.
// Elsewhere it is "".
func began(process int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return ""
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	// The second field, the program's name in parentheses, may have blanks.
	_, rest, _ := strings.Cut(string(stat), ") ")
	if fields := strings.Fields(rest); len(fields) > 19 {
		return fields[19] + string(boot)
	}
	return ""
}
