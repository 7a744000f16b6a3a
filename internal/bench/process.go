package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// process runs a program that prints a report as JSON, and gives its times and
// its peak of memory.
func process(ctx context.Context, env []string, program string, args ...string) (raw []byte, peak int, err error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, 0, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, problems.String())
	}
	return out.Bytes(), peakOf(cmd.ProcessState), nil
}

// works runs one of our own measurements some times, each in a new process.
func (b *bench) works(ctx context.Context, users, runs int, args ...string) (measured, error) {
	self, err := os.Executable()
	if err != nil {
		return measured{}, err
	}
	var m measured
	for range runs {
		raw, peak, err := process(ctx, nil, self, args...)
		if err != nil {
			return m, err
		}
		var r report
		if err := json.Unmarshal(raw, &r); err != nil {
			return m, fmt.Errorf("the measurement's report: %w", err)
		}
		if r.Users != users {
			return m, fmt.Errorf("it saw %d users instead of %d", r.Users, users)
		}
		m.seconds, m.peak = append(m.seconds, r.Seconds...), max(m.peak, peak)
	}
	return m, nil
}
