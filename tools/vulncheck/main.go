// Command vulncheck runs govulncheck against the vulnerability database that is
// pinned beside it as a Go module, and where the network allows against the
// live one too. A vulnerability that the provider's code reaches fails. What
// the modules of tools build is reported apart and fails nothing: they run on
// our own sources, on the machine of whoever builds, and are no part of what
// is released; the CLIs among them are tested as they were released.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// patience is how long the live database may take to answer.
const patience = 10 * time.Second

// exitFound is how govulncheck ends where it found something.
const exitFound = 3

func main() {
	govulncheck := flag.String("govulncheck", "", "govulncheck's program")
	pinned := flag.String("pinned", "", "folder of the pinned database, made by indexdb")
	version := flag.String("version", "", "version of the pinned database")
	flag.Parse()
	if *govulncheck == "" || *pinned == "" {
		fmt.Fprintln(os.Stderr, "usage: vulncheck -govulncheck program -pinned folder [-version v] [folder of a "+
			"tool module …]")
		os.Exit(2)
	}
	c := &check{
		out:       os.Stdout,
		run:       program(*govulncheck),
		reachable: reachable,
		pinned: database{
			"the pinned database " + *version,
			"file://" + *pinned,
		},
		live: database{"the live database", live()},
	}
	if err := c.all(context.Background(), flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// live is the database that GOVULNDB names, or the public one.
func live() string {
	if named := os.Getenv("GOVULNDB"); named != "" {
		return named
	}
	return "https://vuln.go.dev"
}

type database struct{ name, address string }

// check is one run. run runs govulncheck in a folder and gives what it said and
// how it ended; reachable asks a database for its smallest part.
type check struct {
	out          io.Writer
	run          func(ctx context.Context, folder string, args ...string) (said []byte, exit int, err error)
	reachable    func(ctx context.Context, address string) error
	pinned, live database
}

var errReached = errors.New("the provider reaches code with known vulnerabilities: raise the modules named above, " +
	"or the toolchain line of go.mod")

// all checks the provider against both databases, and the tool modules against
// the pinned one.
func (c *check) all(ctx context.Context, tools []string) error {
	databases := []database{c.pinned}
	if err := c.reachable(ctx, c.live.address); err != nil {
		fmt.Fprintf(c.out, "LEFT OUT: %s %s can't be reached from here (%v). The pinned one is asked all "+
			"the same.\n", c.live.name, c.live.address, err)
	} else {
		databases = append(databases, c.live)
	}
	found := false
	for _, db := range databases {
		said, exit, err := c.run(ctx, ".", "-db="+db.address, "./...")
		switch {
		case err != nil:
			return err
		case exit == 0:
			fmt.Fprintf(c.out, "By %s, the provider reaches no known vulnerability.\n", db.name)
		case exit == exitFound:
			fmt.Fprintf(c.out, "By %s:\n%s\n", db.name, said)
			found = true
		default:
			return fmt.Errorf("govulncheck with %s ended with %d:\n%s", db.name, exit, said)
		}
	}
	for _, folder := range tools {
		if err := c.tool(ctx, folder); err != nil {
			return err
		}
	}
	if found {
		return errReached
	}
	return nil
}

// tool reports what is known of the packages that a tool module builds.
func (c *check) tool(ctx context.Context, folder string) error {
	said, exit, err := c.run(ctx, folder, "-db="+c.pinned.address, "-scan=package", "-format=json", "tool", "./...")
	if err == nil && exit != 0 {
		err = fmt.Errorf("govulncheck in %s ended with %d:\n%s", folder, exit, said)
	}
	if err != nil {
		return err
	}
	ids, err := inPackages(said)
	if err != nil {
		return fmt.Errorf("reading what govulncheck says of %s: %w", folder, err)
	}
	if len(ids) == 0 {
		fmt.Fprintf(c.out, "  %s: none\n", folder)
		return nil
	}
	fmt.Fprintf(c.out, "  %s: %d in packages that it builds: %s\n", folder, len(ids), strings.Join(ids, " "))
	return nil
}

// inPackages are the ids of what was found in packages, not in modules alone.
func inPackages(said []byte) ([]string, error) {
	var ids []string
	messages := json.NewDecoder(bytes.NewReader(said))
	for {
		var m struct {
			Finding *struct {
				OSV   string
				Trace []struct{ Package string }
			}
		}
		err := messages.Decode(&m)
		if errors.Is(err, io.EOF) {
			slices.Sort(ids)
			return slices.Compact(ids), nil
		}
		if err != nil {
			return nil, err
		}
		if f := m.Finding; f != nil && len(f.Trace) > 0 && f.Trace[0].Package != "" {
			ids = append(ids, f.OSV)
		}
	}
}

// program runs a program; one that ends with another code than 0 is no error.
func program(path string) func(context.Context, string, ...string) ([]byte, int, error) {
	return func(ctx context.Context, folder string, args ...string) ([]byte, int, error) {
		cmd := exec.CommandContext(ctx, path, append([]string{"-C=" + folder}, args...)...)
		var said, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &complaints
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return append(said.Bytes(), complaints.Bytes()...), exit.ExitCode(), nil
		}
		return said.Bytes(), 0, err
	}
}

// reachable asks a database for its smallest part.
func reachable(ctx context.Context, address string) error {
	if !strings.HasPrefix(address, "http") {
		return nil // a folder: govulncheck says what is wrong with it
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/index/db.json", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
}
