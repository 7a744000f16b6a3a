package faults

import (
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

var (
	whole = flag.Bool("whole", false, "the whole matrix instead of the sample")
	only  = flag.String("case", "", "the cases whose story/step/request/kind/CLI this pattern matches, as a "+
		"failure prints them")
	chance  = flag.Uint64("seed", 1, "the seed of what is left to chance")
	hanging = flag.Duration("hang", 12*time.Second, "how long a request that hangs does so, before its connection ends")
	report  = flag.Bool("errors", false, "log each error that was seen, once")
)

// The workspaces that are initialized once, and the mirror, go when the tests
// end.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "usersync-faults-*")
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// Every request of every story, failed in every way: the apply does what it
// should or says clearly what failed, the next one does the rest, and nothing
// is lost, orphaned or made twice.
func TestFaults(t *testing.T) {
	if os.Getenv(clitest.EnvAcceptance) == "" {
		t.Skip("runs real CLIs: make faults, or set " + clitest.EnvAcceptance + "=1")
	}
	clis, err := clitest.CLIs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cases := choose(t, matrix(t, clis))
	t.Logf("%d cases, seed %d", len(cases), *chance)
	t.Cleanup(func() { noted.log(t) })
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			c.run(t)
			if t.Failed() {
				t.Logf("again: make faults CASE='%s' SEED=%d", c, c.seed)
			}
		})
	}
}

// matrix is every case: each request of each step of each story, with each
// kind that fits, through one of the CLIs in turn.
func matrix(t *testing.T, clis []clitest.CLI) []trial {
	t.Helper()
	wanted := slices.DeleteFunc(slices.Clone(stories), func(s story) bool {
		name, _, _ := strings.Cut(*only, "/")
		return *only != "" && !matches(name, s.name)
	})
	t.Run("without", func(t *testing.T) { // side by side
		for _, s := range wanted {
			for _, cli := range clis {
				t.Run(s.name+"/"+cli.Name, func(t *testing.T) {
					t.Parallel()
					baselineOf(t, &s, cli)
				})
			}
		}
	})
	var out []trial
	for i := range wanted {
		bases := make([]*baseline, len(clis))
		for j, cli := range clis {
			bases[j] = baselineOf(t, &wanted[i], cli)
		}
		for step := range wanted[i].steps {
			for k := 1; k <= longest(bases, step); k++ {
				for j, kind := range kinds {
					b := bases[(k+j)%len(bases)]
					if k > len(b.steps[step].requests) || !kind.fits(b.steps[step].requests[k-1]) {
						continue
					}
					out = append(out, trial{base: b, step: step, k: k, kind: kind, seed: *chance})
				}
			}
		}
	}
	return out
}

func longest(bases []*baseline, step int) int {
	n := 0
	for _, b := range bases {
		n = max(n, len(b.steps[step].requests))
	}
	return n
}

// choose takes what was asked for, in an order that mixes those that wait with
// those that work.
func choose(t *testing.T, all []trial) []trial {
	t.Helper()
	switch {
	case *only != "":
		all = slices.DeleteFunc(all, func(c trial) bool { return !matches(*only, c.String()) })
		if len(all) == 0 {
			t.Fatalf("no case is called %s", *only)
		}
	case !*whole:
		all = sample(all)
	}
	slices.SortStableFunc(all, func(a, b trial) int {
		x, y := a.random().Uint64(), b.random().Uint64()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return all
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// sample takes one case of each story and kind, another step and request each
// time: the same in every run. Of those that hang, which do nothing but wait, it
// takes one in all.
func sample(all []trial) []trial {
	groups := map[string][]trial{}
	var order []string
	for _, c := range all {
		key := c.base.story.name + "/" + c.kind.name
		if strings.HasPrefix(c.kind.name, "hang") {
			key = c.kind.name
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
	}
	var out []trial
	for _, key := range order {
		of := groups[key]
		out = append(out, of[of[0].random().IntN(len(of))])
	}
	return out
}

// noted are the errors that were seen, for whoever reads the texts.
var noted errorsSeen

type errorsSeen struct {
	mu   sync.Mutex
	seen map[string]string
}

func (e *errorsSeen) add(c trial, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen == nil {
		e.seen = map[string]string{}
	}
	e.seen[requestID.ReplaceAllString(jobID.ReplaceAllString(text, "JOB"), "ID")] = c.String()
}

func (e *errorsSeen) log(t *testing.T) {
	if !*report {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for text, c := range e.seen {
		out = append(out, c+"\n  "+text)
	}
	slices.Sort(out)
	t.Log(strings.Join(out, "\n"))
}
