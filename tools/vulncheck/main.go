// Command vulncheck runs govulncheck where its database can be reached. Where it
// can't, it says that the check was left out, and doesn't fail: a build without
// the network is no worse than yesterday's. A vulnerability that is found fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience is how long the database may take to answer.
const patience = 10 * time.Second

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: vulncheck <govulncheck> [arguments]")
		os.Exit(2)
	}
	os.Exit(run(context.Background(), os.Args[1], os.Args[2:]))
}

// run checks against the database that GOVULNDB names, or the public one.
func run(ctx context.Context, program string, args []string) int {
	database := os.Getenv("GOVULNDB")
	if database == "" {
		database = "https://vuln.go.dev"
	}
	if err := reachable(ctx, database); err != nil {
		fmt.Printf("LEFT OUT: the vulnerability database %s can't be reached (%v), so that nothing was checked for known vulnerabilities.\n", database, err)
		return 0
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"-db=" + database}, args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// reachable asks the database for its smallest part.
func reachable(ctx context.Context, database string) error {
	if !strings.HasPrefix(database, "http") {
		return nil // a folder: govulncheck says what is wrong with it
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(database, "/")+"/index/db.json", nil)
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
