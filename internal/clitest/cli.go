// Package clitest runs the real CLIs, Terraform and OpenTofu, with this
// provider from a local mirror against a simulated tenant: for the demo, the
// acceptance tests and the benchmarks. A mirror, not development overrides, so
// that "init" works as it does for users, offline.
package clitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// Version is the provider's version in the mirror.
const Version = "0.1.0"

// CLI is a Terraform or OpenTofu program.
type CLI struct {
	// Name is "terraform" or "tofu".
	Name, Path, Version string
}

// Queries reports a CLI that has the command "query": Terraform from 1.14 on.
// List resources are tested through the protocol server, too (package provider).
func (c CLI) Queries() bool {
	parts := strings.SplitN(c.Version, ".", 3)
	if c.Name != "terraform" || len(parts) < 2 {
		return false
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major > 1 || major == 1 && minor >= 14
}

// Host is the registry host whose providers the CLI takes by default.
func (c CLI) Host() string {
	if c.Name == "tofu" {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// Variables by which the make targets name the programs that they found or
// built.
const (
	EnvTofu      = "USERSYNC_TOFU"
	EnvTerraform = "USERSYNC_TERRAFORM"
	EnvProvider  = "USERSYNC_PROVIDER"
)

// CLIs are the programs that the make targets name; where they name none,
// those on PATH: OpenTofu first.
func CLIs(ctx context.Context) ([]CLI, error) {
	var out []CLI
	named := os.Getenv(EnvTofu) != "" || os.Getenv(EnvTerraform) != ""
	for _, c := range []struct{ name, env string }{{"tofu", EnvTofu}, {"terraform", EnvTerraform}} {
		path := os.Getenv(c.env)
		if path == "" && named {
			continue
		}
		if path == "" {
			found, err := exec.LookPath(c.name)
			if err != nil {
				continue
			}
			path = found
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		version, err := versionOf(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		out = append(out, CLI{c.name, path, version})
	}
	if len(out) == 0 {
		return nil, errors.New("neither tofu nor terraform was found; run through make, which builds OpenTofu")
	}
	return out, nil
}

func versionOf(ctx context.Context, path string) (string, error) {
	cmd := exec.CommandContext(ctx, path, "version", "-json")
	cmd.Env = cleanEnv()
	raw, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", filepath.Base(path), err)
	}
	var v struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", fmt.Errorf("reading the version of %s: %w", filepath.Base(path), err)
	}
	return v.Version, nil
}

// cleanEnv is the environment without what would configure the CLI or the
// provider from outside.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "ARM_") || strings.HasPrefix(name, "AZURE_") ||
			strings.HasPrefix(name, "ATLASSIAN_") {
			continue
		}
		env = append(env, kv)
	}
	return append(env, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
}

// Mirror puts a built provider into a local mirror below dir, for both
// registry hosts, and writes the CLI configuration that uses it.
func Mirror(dir, provider string) (config string, err error) {
	binary, err := os.ReadFile(provider)
	if err != nil {
		return "", fmt.Errorf("the provider isn't built: %w", err)
	}
	name := "terraform-provider-usersync_v" + Version
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		at := filepath.Join(dir, "mirror", host, "usersync", "usersync", Version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(at, 0o755); err != nil {
			return "", fmt.Errorf("making the mirror: %w", err)
		}
		if err := os.WriteFile(filepath.Join(at, name), binary, 0o755); err != nil {
			return "", fmt.Errorf("filling the mirror: %w", err)
		}
	}
	config = filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  "+
		"}\n}\n", filepath.Join(dir, "mirror"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("writing the CLI configuration: %w", err)
	}
	return config, nil
}

// Workspace is a folder in which a CLI runs.
type Workspace struct {
	CLI CLI
	Dir string
	// Env are variables beside the cleaned environment.
	Env []string
}

// Result is what a command left.
type Result struct {
	// Output is standard output and error as they came.
	Output string
	// Stdout is standard output alone.
	Stdout string
	Code   int
}

// NewWorkspace makes a workspace in dir for a CLI with the mirror's
// configuration.
func NewWorkspace(cli CLI, dir, config string) *Workspace {
	return &Workspace{CLI: cli, Dir: dir, Env: []string{"TF_CLI_CONFIG_FILE=" + config}}
}

// Command prepares a command of the CLI.
func (w *Workspace) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.CLI.Path, args...)
	cmd.Dir = w.Dir
	cmd.Env = append(cleanEnv(), w.Env...)
	return cmd
}

// Run runs the CLI and waits. Only a command that could not run is an error;
// what it said and its exit code are in the result.
func (w *Workspace) Run(ctx context.Context, args ...string) (Result, error) {
	cmd := w.Command(ctx, args...)
	var out bytes.Buffer
	all := &shared{}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(all, &out), all
	err := cmd.Run()
	r := Result{Output: all.b.String(), Stdout: out.String(), Code: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return r, fmt.Errorf("running %s %s: %w", w.CLI.Name, strings.Join(args, " "), err)
	}
	return r, nil
}

// shared is a buffer that standard output and error are both copied to.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
