package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
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
	kind, file, url, tenant, ca string
	runs                        int
}

func (w *work) flags() {
	flag.StringVar(&w.kind, "work", "", "for the program itself: engine, snapshot or live")
	flag.StringVar(&w.file, "file", "", "for the program itself: the snapshot")
	flag.StringVar(&w.url, "url", "", "for the program itself: the simulator")
	flag.StringVar(&w.tenant, "tenant", "", "for the program itself: the tenant's id")
	flag.StringVar(&w.ca, "ca", "", "for the program itself: the simulator's certificate authority")
	flag.IntVar(&w.runs, "times", 1, "for the program itself: runs in one process")
}

// report is what a process says of its work. It says its own peak of memory: what
// the system says of a child has the parent's in it, up to the exec.
type report struct {
	Seconds []float64
	Users   int
	Peak    int // bytes; 0 where it isn't known
}

func (w *work) run(ctx context.Context) error {
	do := map[string]func(context.Context) (report, error){
		"engine":   w.engine,
		"snapshot": w.snapshot,
		"live":     w.live,
	}[w.kind]
	if do == nil {
		return fmt.Errorf("-work: there is no %q", w.kind)
	}
	r, err := do(ctx)
	if err != nil {
		return err
	}
	r.Peak = peakOf("self")
	return json.NewEncoder(os.Stdout).Encode(r)
}

func (w *work) snapshot(context.Context) (report, error) {
	start := time.Now()
	s, err := directory.ReadSnapshot(w.file, attributes)
	if err != nil {
		return report{}, err
	}
	d, err := s.Directory()
	if err != nil {
		return report{}, err
	}
	return report{Seconds: []float64{time.Since(start).Seconds()}, Users: len(d.Users)}, nil
}

// engine reads the tenant, which isn't measured, and decides everybody.
func (w *work) engine(context.Context) (report, error) {
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
	pem, err := os.ReadFile(w.ca)
	if err != nil {
		return report{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return report{}, fmt.Errorf("%s has no certificate", w.ca)
	}
	start := time.Now()
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
	return report{Seconds: []float64{time.Since(start).Seconds()}, Users: len(d.Users)}, nil
}
