package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// bench is a run: where it works, and what it has measured.
type bench struct {
	options
	dir, config string
	clis        []clitest.CLI
	started     time.Time
	ours        []row // first table
	cli         []compared
	sdk         []compared
	ratios      []versus
	facts       []string
}

// compared is a line of a table with two columns of times.
type compared struct {
	users        int
	what         string
	ours, theirs measured
}

func newBench(ctx context.Context, o options) (*bench, error) {
	b := &bench{options: o, started: time.Now()}
	var err error
	if b.dir, err = os.MkdirTemp("", "usersync-bench-*"); err != nil {
		return nil, err
	}
	if b.config, err = clitest.Mirror(b.dir, os.Getenv(clitest.EnvProvider)); err != nil {
		return nil, err
	}
	b.clis, err = clitest.CLIs(ctx)
	return b, err
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// tenant is a simulated tenant with its snapshot.
type tenant struct {
	*simulator.Server
	users         int
	dir, ca, file string
}

// late says whether the time for new measurements is over.
func (b *bench) late() bool { return time.Since(b.started) > b.budget }

// leftOut is a measurement that the time didn't allow.
var leftOut = measured{left: "the time was over"}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// runsOf is how often something is measured in a tenant of a size.
func (b *bench) runsOf(users int) int {
	switch {
	case users <= 10_000:
		return b.runs
	case users <= 100_000:
		return max(1, min(b.runs, 3))
	}
	return 1
}

// size measures everything in a tenant of a size.
func (b *bench) size(ctx context.Context, users int) error {
	t, err := b.newTenant(users)
	if err != nil {
		return err
	}
	defer t.Close()
	for _, part := range []struct {
		name string
		do   func(context.Context, *tenant) error
	}{{"memory", b.inMemory}, {"bare", b.besideBare}, {"reading", b.reading}, {"cli", b.throughCLIs}} {
		if b.only != "" && b.only != part.name {
			continue
		}
		if err := part.do(ctx, t); err != nil {
			return err
		}
	}
	return os.RemoveAll(t.dir)
}

func (b *bench) newTenant(users int) (*tenant, error) {
	progress("%d users: making the tenant …", users)
	server, err := simulator.NewSynthetic(
		simulator.Synthetic{Users: users, Groups: b.groups, NestingDepth: 10, Seed: 1},
	)
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	t := &tenant{Server: server, users: users, dir: filepath.Join(b.dir, strconv.Itoa(users))}
	t.ca, t.file = filepath.Join(t.dir, "ca.pem"), filepath.Join(t.dir, "tenant.json")
	if err := os.MkdirAll(t.dir, 0o755); err != nil {
		return nil, err
	}
	if err := server.WriteCA(t.ca); err != nil {
		return nil, err
	}
	return t, nil
}

// writeSnapshot writes the tenant's snapshot.
func (t *tenant) writeSnapshot() error {
	f, err := os.Create(t.file)
	if err != nil {
		return err
	}
	if err := t.Snapshot(f); err != nil {
		return err
	}
	return f.Close()
}

// add keeps a measurement of ours.
func (b *bench) add(users int, what string, m measured, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	progress("%d users: %s: %s s, %s MiB", users, what, m, m.memory())
	b.ours = append(b.ours, row{users, what, m})
	return nil
}

// inMemory measures what needs no server.
func (b *bench) inMemory(ctx context.Context, t *tenant) error {
	if err := t.writeSnapshot(); err != nil {
		return err
	}
	m, err := works(ctx, t.users, 1, "-work=engine", "-times="+strconv.Itoa(max(b.runsOf(t.users), 3)), "-file="+t.file)
	what := fmt.Sprintf("engine: everybody decided, %.1f allocations a user", m.allocs)
	if err := b.add(t.users, what, m, err); err != nil {
		return err
	}
	m, err = works(ctx, t.users, b.runsOf(t.users), "-work=snapshot", "-file="+t.file)
	return b.add(t.users, "snapshot read", m, err)
}

// latency is how long the simulator waits before each answer where that is measured,
// in a tenant of the middle size.
const latency = 200 * time.Millisecond

// reading measures the live read, and the SDK's beside it.
func (b *bench) reading(ctx context.Context, t *tenant) error {
	defer t.SetLatency(0)
	waits := []time.Duration{0}
	if t.users == b.middle() {
		waits = append(waits, latency)
	}
	for _, wait := range waits {
		runs := b.runsOf(t.users)
		t.SetLatency(wait)
		what := fmt.Sprintf("live read, %d ms a request", wait.Milliseconds())
		m, err := leftOut, error(nil)
		if !b.late() {
			t.ResetRequests()
			m, err = works(ctx, t.users, runs, "-work=live", "-url="+t.URL(), "-tenant="+t.TenantID(), "-ca="+t.ca)
			m.requests = t.Requests().Total / runs
		}
		if err := b.add(t.users, what, m, err); err != nil {
			return err
		}
		if wait > 0 || t.users > b.middle() {
			continue
		}
		theirs, err := b.iterator(ctx, t)
		if err != nil {
			return err
		}
		b.sdk = append(b.sdk, compared{t.users, what, m, theirs})
	}
	return nil
}

// middle is the largest tenant of up to 100,000 users, else the first.
func (b *bench) middle() int {
	n := 0
	for _, users := range b.sizes {
		if users <= 100_000 {
			n = max(n, users)
		}
	}
	if n == 0 {
		return b.sizes[0]
	}
	return n
}

// properties are the fourteen that both read.
const properties = "id,userPrincipalName,mail,otherMails,userType,creationType,externalUserState," +
	"accountEnabled,onPremisesSyncEnabled,department,jobTitle,country,officeLocation,usageLocation"

// iterator measures the SDK's own page iterator over the same tenant, once: its
// requests come one after another.
func (b *bench) iterator(ctx context.Context, t *tenant) (measured, error) {
	switch {
	case b.baseline == "":
		return measured{left: "tools/sdkbaseline wasn't built"}, nil
	case b.late():
		return leftOut, nil
	}
	const runs = 1
	t.ResetRequests()
	m, err := processes(
		ctx,
		t.users,
		runs,
		[]string{"BASELINE_SECRET=" + simulator.DefaultClientSecret},
		b.baseline,
		"-url="+t.URL(),
		"-tenant="+t.TenantID(),
		"-client="+simulator.DefaultClientID,
		"-ca="+t.ca,
		"-select="+properties,
	)
	if err != nil {
		return m, err
	}
	m.requests = t.Requests().Total / runs
	progress("%d users: the SDK's page iterator: %s s, %s MiB", t.users, m, m.memory())
	return m, nil
}
