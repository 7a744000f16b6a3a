package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// attributes make fourteen properties, with the nine that are always read.
var attributes = []string{"department", "jobTitle", "country", "officeLocation", "usageLocation"}

// work is one measurement in a process of its own, so that its peak of memory
// is its own, too.
type work struct {
	kind, file, url, tenant, ca, profile string
	runs, users                          int
}

func (w *work) flags() {
	flag.StringVar(&w.kind, "work", "", "for the program itself: engine, snapshot, live or bare")
	flag.StringVar(&w.file, "file", "", "for the program itself: the snapshot")
	flag.StringVar(&w.url, "url", "", "for the program itself: the simulator")
	flag.StringVar(&w.tenant, "tenant", "", "for the program itself: the tenant's id")
	flag.StringVar(&w.ca, "ca", "", "for the program itself: the simulator's certificate authority")
	flag.StringVar(&w.profile, "profile", "", "where to write a profile of the live read's CPU")
	flag.IntVar(&w.users, "of", 0, "for the program itself: users that a bare reading is of")
	flag.IntVar(&w.runs, "times", 1, "for the program itself: runs in one process")
}

// report is what a process says of its work. It says its own peak of memory: what
// the system says of a child has the parent's in it, up to the exec.
type report struct {
	Seconds []float64
	Users   int
	Peak    int     // bytes; 0 where it isn't known
	CPU     float64 // seconds of all cores; 0 where it isn't known
	Allocs  float64 // pieces of memory a user in a run; 0 where it isn't counted
}

func (w *work) run(ctx context.Context) error {
	do := map[string]func(context.Context) (report, error){
		"engine":   w.engine,
		"snapshot": w.snapshot,
		"live":     w.live,
		"bare":     w.bare,
	}[w.kind]
	if do == nil {
		return fmt.Errorf("-work: there is no %q", w.kind)
	}
	stop, err := w.profiled()
	if err != nil {
		return err
	}
	start := time.Now()
	r, err := do(ctx)
	if err != nil {
		return err
	}
	if r.Seconds == nil {
		r.Seconds = []float64{time.Since(start).Seconds()}
	}
	r.Peak, r.CPU = peakOf("self"), cpu()
	if err := stop(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// profiled writes a profile until the returned function is called, where one is wanted.
func (w *work) profiled() (stop func() error, err error) {
	if w.profile == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(w.profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() error { pprof.StopCPUProfile(); return f.Close() }, nil
}

func (w *work) snapshot(context.Context) (report, error) {
	s, err := directory.ReadSnapshot(w.file, attributes)
	if err != nil {
		return report{}, err
	}
	d, err := s.Directory()
	if err != nil {
		return report{}, err
	}
	return report{Users: len(d.Users)}, nil
}

// engine reads the tenant, which isn't measured, and decides everybody.
func (w *work) engine(context.Context) (out report, err error) {
	s, err := directory.ReadSnapshot(w.file, attributes)
	if err != nil {
		return report{}, err
	}
	d, err := s.Directory()
	if err != nil {
		return report{}, err
	}
	o, err := s.Organization("main", false)
	if err != nil {
		return report{}, err
	}
	l := directory.NewLookup(d)
	q := decision.Request{Connector: decision.NestedGroups, Groups: []string{simulator.SyntheticScopeGroup}}
	settings, _, err := q.Resolve(l, d)
	if err != nil {
		return report{}, err
	}
	r := report{Users: len(d.Users)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	defer func() {
		runtime.ReadMemStats(&after)
		out.Allocs = float64(after.Mallocs-before.Mallocs) / float64(w.runs*len(d.Users))
	}()
	for range w.runs {
		start := time.Now()
		e, err := decision.NewEngine(d, l, o, settings)
		if err != nil {
			return report{}, err
		}
		if len(e.Decide().Decisions) != r.Users {
			return report{}, errors.New("not everybody was decided")
		}
		r.Seconds = append(r.Seconds, time.Since(start).Seconds())
	}
	return r, nil
}

// live reads the tenant as a plan does.
func (w *work) live(ctx context.Context) (report, error) {
	roots, err := trusted(w.ca)
	if err != nil {
		return report{}, err
	}
	c, err := entra.New(entra.Config{
		TenantID: w.tenant, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		GraphEndpoint: w.url, AuthorityHost: w.url, Roots: roots,
	}, nil, nil)
	if err != nil {
		return report{}, err
	}
	d, err := c.ReadDirectory(ctx, entra.ReadOptions{Attributes: attributes})
	if err != nil {
		return report{}, err
	}
	return report{Users: len(d.Users)}, nil
}
