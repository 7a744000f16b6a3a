// Command bench measures the provider at the size of real tenants: its engine,
// its readings, and whole plans and applies through a real CLI, beside the same
// CLI's own time for Strings of that size and the SDK's own page iterator.
// "make bench" runs it, and writes docs/guides/performance.md for users and FIGURES.md
// beside this file for contributors.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// options are what a run is told.
type options struct {
	sizes    []int
	groups   int
	runs     int
	budget   time.Duration
	baseline string
	out      string
	figures  string
	previous string
	command  string
	only     string
	profile  string
}

func main() {
	var o options
	var w work
	sizes := flag.String("users", "1000,10000,100000,1000000", "sizes of the simulated tenants, in users")
	flag.IntVar(&o.groups, "groups", 1_000, "groups of each tenant")
	flag.IntVar(&o.runs, "runs", 3, "runs of each measurement up to 10,000 users; larger tenants get fewer")
	flag.DurationVar(&o.budget, "budget", 13*time.Minute, "begin no measurement after this time")
	flag.StringVar(&o.baseline, "baseline", "", "the program of tools/sdkbaseline; without it the second table is "+
		"left out")
	flag.StringVar(&o.out, "out", "", "where to write the page for users; none if empty")
	flag.StringVar(&o.figures, "figures", "", "where to write all figures; standard output if empty")
	flag.StringVar(&o.command, "command", "make bench", "the command that the page names to repeat it")
	flag.StringVar(&o.previous, "previous", "", "another build of the provider, to be measured beside this one")
	flag.StringVar(&o.only, "only", "", "measure one part alone: memory, bare, reading or cli")
	w.flags()
	flag.Parse()
	if err := do(context.Background(), o, &w, *sizes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// do is one measurement for the program itself, or all of them.
func do(ctx context.Context, o options, w *work, sizes string) (err error) {
	if w.kind != "" {
		return w.run(ctx)
	}
	o.profile = w.profile
	if o.sizes, err = numbers(sizes); err != nil {
		return err
	}
	return run(ctx, o)
}

func numbers(list string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-users: %q isn't a number of users", part)
		}
		out = append(out, n)
	}
	return out, nil
}

func run(ctx context.Context, o options) error {
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	for _, n := range o.sizes {
		if err := b.size(ctx, n); err != nil {
			return fmt.Errorf("%d users: %w", n, err)
		}
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(b.guide()), 0o644); err != nil {
			return err
		}
	}
	if o.figures == "" {
		fmt.Print(b.page())
		return nil
	}
	return os.WriteFile(o.figures, []byte(b.page()), 0o644)
}
