// Command cmd runs the simulated Entra tenant and Atlassian organizations, for scripts and for people
// who want to try a plan without touching a real tenant.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

type settings struct {
	snapshot  string
	synthetic int
	groups    int
	seed      uint64
	write     string
	listen    string
	latency   time.Duration
	caFile    string
	envFile   string
	shellFile string
	quiet     bool
}

func main() {
	s, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = run(ctx, s, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

func parse(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("simulator", flag.ContinueOnError)
	f.StringVar(&s.snapshot, "snapshot", "", "snapshot file to start from")
	f.IntVar(&s.synthetic, "synthetic", 0, "start from a made-up tenant of so many users instead")
	f.IntVar(&s.groups, "groups", 0, "groups of the made-up tenant; default one for a hundred users")
	f.Uint64Var(&s.seed, "seed", 1, "seed of the made-up tenant and of faults with a probability")
	f.StringVar(&s.write, "write", "", "write the starting state as a snapshot to this file and exit")
	f.StringVar(&s.listen, "listen", "127.0.0.1:8443", "address to listen on; port 0 takes a free one")
	f.DurationVar(&s.latency, "latency", 0, "delay of every answer")
	f.StringVar(&s.caFile, "ca-file", "", "where to write the certificate authority; default in a temporary folder")
	f.StringVar(&s.envFile, "env-file", "", "write KEY=VALUE lines to this file once the server listens")
	f.StringVar(&s.shellFile, "shell-file", "", "write to this file what a shell reads to point the provider here")
	f.BoolVar(&s.quiet, "quiet", false, "print nothing")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if (s.snapshot == "") == (s.synthetic == 0) {
		return s, errors.New("give either -snapshot file.json or -synthetic 10000")
	}
	return s, nil
}

// run serves until the context ends.
func run(ctx context.Context, s settings, out io.Writer) error {
	server, err := open(s)
	if err != nil {
		return err
	}
	if s.write != "" {
		return writeSnapshot(server, s.write)
	}
	if err := server.Listen(s.listen); err != nil {
		return err
	}
	defer server.Close()
	if s.caFile == "" {
		dir, err := os.MkdirTemp("", "usersync-simulator-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		s.caFile = filepath.Join(dir, "simulator-ca.pem")
	}
	if s.caFile, err = filepath.Abs(s.caFile); err != nil {
		return err
	}
	if err := server.WriteCA(s.caFile); err != nil {
		return err
	}
	if s.envFile != "" {
		if err := writeEnvironment(server, s.envFile, s.caFile); err != nil {
			return err
		}
	}
	if s.shellFile != "" {
		if err := writeShell(server, s.shellFile, s.caFile); err != nil {
			return err
		}
	}
	if !s.quiet {
		greet(out, server, s)
	}
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		server.Close()
	}
	if !s.quiet {
		fmt.Fprintln(out, "\nStopped.")
	}
	return nil
}

// open makes the server from a file or out of thin air.
func open(s settings) (*simulator.Server, error) {
	options := []simulator.Option{simulator.WithSeed(s.seed)}
	if s.latency > 0 {
		options = append(options, simulator.WithLatency(func(string, string) time.Duration { return s.latency }))
	}
	if s.synthetic > 0 {
		return simulator.NewSynthetic(
			simulator.Synthetic{Users: s.synthetic, Groups: s.groups, Seed: s.seed},
			options...)
	}
	file, err := os.Open(s.snapshot)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	server, err := simulator.New(file, options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.snapshot, err)
	}
	return server, nil
}

func writeSnapshot(server *simulator.Server, path string) error {
	return replaceFile(path, 0o600, server.Snapshot)
}

// replaceFile writes a file so that nobody sees half of it.
func replaceFile(path string, mode os.FileMode, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already where all went well
	if err := errors.Join(write(file), file.Chmod(mode), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
