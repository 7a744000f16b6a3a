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

// process runs a program that prints a report as JSON.
func process(ctx context.Context, env []string, program string, args ...string) (r report, err error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, problems.String())
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return r, fmt.Errorf("the report of %s: %w", filepath.Base(program), err)
	}
	return r, nil
}

// works runs one of our own measurements some times, each in a new process.
func works(ctx context.Context, users, runs int, args ...string) (measured, error) {
	self, err := os.Executable()
	if err != nil {
		return measured{}, err
	}
	return processes(ctx, users, runs, nil, self, args...)
}

// processes runs a program some times.
func processes(
	ctx context.Context,
	users, runs int,
	env []string,
	program string,
	args ...string,
) (m measured, err error) {
	for range runs {
		r, err := process(ctx, env, program, args...)
		if err != nil {
			return m, err
		}
		if r.Users != users {
			return m, fmt.Errorf("%s saw %d users instead of %d", filepath.Base(program), r.Users, users)
		}
		m.seconds, m.peak = append(m.seconds, r.Seconds...), max(m.peak, r.Peak)
		m.cpu, m.allocs = append(m.cpu, r.CPU), r.Allocs
	}
	return m, nil
}
