package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Cycles is what the jobs did so far.
func (s *engine) Cycles() []jobs.JobCycles {
	s.runDue()
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	out := []jobs.JobCycles{}
	for _, p := range s.jobs.Principals {
		for _, j := range p.Jobs {
			runs := j.Runs
			runs.ServicePrincipalID, runs.JobID, runs.Running = p.ID, j.Text("id"), j.Active()
			out = append(out, runs)
		}
	}
	return out
}

// FinishCycle ends the cycle of a running job; if none is under way, one begins and ends. Where the
// job's BaseAddress is a SCIM directory of this server, or one of [WithTarget], the cycle provisions.
func (s *engine) FinishCycle(jobID string) error {
	s.jobs.Running.Lock()
	defer s.jobs.Running.Unlock()
	p, j, err := s.runningJob(jobID)
	if err != nil {
		return err
	}
	s.runCycle(p, j, s.clock.Now())
	return nil
}

// runningJob is a job with a cycle under way.
func (s *engine) runningJob(id string) (*jobs.Principal, *jobs.Job, error) {
	s.store.Mu.Lock()
	defer s.store.Mu.Unlock()
	for _, p := range s.jobs.Principals {
		j := p.Job(id)
		if j == nil {
			continue
		}
		if !j.Active() {
			return nil, nil, fmt.Errorf("the job %q doesn't run", id)
		}
		if j.Started.IsZero() {
			s.jobs.Begin(j)
		}
		return p, j, nil
	}
	return nil, nil, fmt.Errorf("no job %q", id)
}

// FinishCycles is FinishCycle of every job that runs.
func (s *engine) FinishCycles() error {
	var failed []error
	for _, j := range s.Cycles() {
		if j.Running {
			failed = append(failed, s.FinishCycle(j.JobID))
		}
	}
	return errors.Join(failed...)
}

// engine runs the cycles of jobs.
type engine struct {
	store    *tenant.Store
	jobs     *jobs.Registry
	others   *tenant.Others
	orgs     *atlassian.Organizations
	clock    *env.Clock
	behavior *env.Behavior

	handler http.Handler  // what answers for the server's own addresses
	url     func() string // of the started server, "" before
	ca      func() []byte // of its certificate
	targets []trustedTarget
}

// trust lets cycles provision into an address, by a transport; nil is the server itself.
func (s *engine) trust(base string, transport http.RoundTripper) error {
	if !strings.HasPrefix(base, "https://") {
		return fmt.Errorf("the target %q isn't an https address", base)
	}
	own := transport == nil
	if own {
		transport = inProcess{s.handler}
	}
	s.targets = append(s.targets, trustedTarget{strings.TrimSuffix(base, "/"), transport, own})
	return nil
}
