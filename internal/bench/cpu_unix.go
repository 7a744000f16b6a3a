//go:build unix

package main

import "syscall"

// cpu are the seconds that this process has used of the cores, the system's for it
// included.
func cpu() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
