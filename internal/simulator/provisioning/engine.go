// Package provisioning is the cycle of a synchronization job: what Entra's provisioning service reads, decides and
// sends,
// into a SCIM directory or another tenant.
package provisioning

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Cycles is what the jobs did so far.
func (s *Engine) Cycles() []jobs.JobCycles {
	s.RunDue()
	s.Store.Mu.RLock()
	defer s.Store.Mu.RUnlock()
	out := []jobs.JobCycles{}
	for _, p := range s.Jobs.Principals {
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
func (s *Engine) FinishCycle(jobID string) error {
	s.Jobs.Running.Lock()
	defer s.Jobs.Running.Unlock()
	s.expire()
	p, j, err := s.runningJob(jobID)
	if err != nil {
		return err
	}
	s.runCycle(p, j, s.Clock.Now())
	return nil
}

// runningJob is a job with a cycle under way.
func (s *Engine) runningJob(id string) (*jobs.Principal, *jobs.Job, error) {
	s.Store.Mu.Lock()
	defer s.Store.Mu.Unlock()
	for _, p := range s.Jobs.Principals {
		j := p.Job(id)
		if j == nil {
			continue
		}
		if j.Started.IsZero() && !j.Active() {
			return nil, nil, fmt.Errorf("the job %q doesn't run", id)
		}
		if j.Started.IsZero() { // a paused job finishes the cycle under way [graph 3.2, D]
			s.Jobs.Begin(j)
		}
		return p, j, nil
	}
	return nil, nil, fmt.Errorf("no job %q", id)
}

// FinishCycles is FinishCycle of every job that runs.
func (s *Engine) FinishCycles() error {
	var failed []error
	for _, j := range s.Cycles() {
		if j.Running {
			failed = append(failed, s.FinishCycle(j.JobID))
		}
	}
	return errors.Join(failed...)
}

// Engine runs the cycles of jobs.
type Engine struct {
	Store    *tenant.Store
	Jobs     *jobs.Registry
	Others   *tenant.Others
	Orgs     *atlassian.Organizations
	Clock    *env.Clock
	Behavior *env.Behavior

	Applications *scimapp.Applications

	Handler http.Handler  // what answers for the server's own addresses
	URL     func() string // of the started server, "" before
	CA      func() []byte // of its certificate
	targets []trustedTarget
}

// Trust lets cycles provision into an address, by a transport; nil is the server itself.
func (s *Engine) Trust(base string, transport http.RoundTripper) error {
	if !strings.HasPrefix(base, "https://") {
		return fmt.Errorf("the target %q isn't an https address", base)
	}
	own := transport == nil
	if own {
		transport = InProcess{s.Handler}
	}
	s.targets = append(s.targets, trustedTarget{strings.TrimSuffix(base, "/"), transport, own})
	return nil
}
