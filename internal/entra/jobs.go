package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// Jobs reads the jobs of a service principal; usually there is one.
func (c *Client) Jobs(ctx context.Context, servicePrincipalID string) ([]SynchronizationJob, error) {
	r, err := c.synchronizationRequest(ctx, NeedSynchronization, http.MethodGet, "reading the synchronization jobs of service principal "+servicePrincipalID, servicePrincipalID, "jobs")
	if err != nil {
		return nil, err
	}
	var jobs []SynchronizationJob
	err = c.eachObject(ctx, r, func(raw []byte) error {
		j, err := decodeJob(raw)
		jobs = append(jobs, j)
		return err
	})
	if err != nil {
		return nil, err
	}
	return jobs, nil
}

// Job reads one job.
func (c *Client) Job(ctx context.Context, servicePrincipalID, jobID string) (SynchronizationJob, error) {
	r, err := c.synchronizationRequest(ctx, NeedSynchronization, http.MethodGet, "reading synchronization job "+jobID, servicePrincipalID, "jobs", jobID)
	if err != nil {
		return SynchronizationJob{}, err
	}
	return c.oneJob(ctx, r)
}

// CreateJob makes a job, which doesn't run yet. The request isn't repeated: after
// an error that leaves open whether it arrived, Jobs tells.
func (c *Client) CreateJob(ctx context.Context, servicePrincipalID, templateID string) (SynchronizationJob, error) {
	r, err := c.synchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPost, "creating a synchronization job from template "+templateID, servicePrincipalID, "jobs")
	if err != nil {
		return SynchronizationJob{}, err
	}
	if r.Body, err = json.Marshal(map[string]string{"templateId": templateID}); err != nil {
		return SynchronizationJob{}, fmt.Errorf("%s: %w", r.Operation, err)
	}
	return c.oneJob(ctx, r)
}

// oneJob sends a request that is answered with a job.
func (c *Client) oneJob(ctx context.Context, r graph.Request) (SynchronizationJob, error) {
	a, err := c.graph.Do(ctx, r)
	if err != nil {
		return SynchronizationJob{}, err
	}
	j, err := decodeJob(a.Body)
	if err != nil {
		return SynchronizationJob{}, graph.ShapeError(r.Operation, err)
	}
	return j, nil
}

// DeleteJob deletes a job; one that is gone already is no error.
func (c *Client) DeleteJob(ctx context.Context, servicePrincipalID, jobID string) error {
	r, err := c.synchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodDelete, "deleting synchronization job "+jobID, servicePrincipalID, "jobs", jobID)
	if err != nil {
		return err
	}
	if _, err = c.graph.Do(ctx, r); graph.NotFound(err) {
		return nil
	}
	return err
}

// StartJob lets a job run on from where it stood, and ends its quarantine. It
// isn't repeated: start isn't to be called on a running job [graph 3.2],
// which a repetition of one that arrived would do.
func (c *Client) StartJob(ctx context.Context, servicePrincipalID, jobID string) error {
	r, err := c.synchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPost, "starting synchronization job "+jobID, servicePrincipalID, "jobs", jobID, "start")
	if err != nil {
		return err
	}
	_, err = c.graph.Do(ctx, r)
	return err
}

// PauseJob holds a job; the cycle that runs is let finish. Pausing twice is
// pausing once, so that it is repeated where a request fails.
func (c *Client) PauseJob(ctx context.Context, servicePrincipalID, jobID string) error {
	r, err := c.synchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPost, "pausing synchronization job "+jobID, servicePrincipalID, "jobs", jobID, "pause")
	if err != nil {
		return err
	}
	r.Idempotent = true
	_, err = c.graph.Do(ctx, r)
	return err
}

// RestartJob resets what resetScope names ("Watermark, Escrows, …",
// [graph 3.2]) and starts the job. It isn't repeated: a second restart would throw away
// the cycle that the first began, and ForceDeletes accepts what was staged in
// between.
func (c *Client) RestartJob(ctx context.Context, servicePrincipalID, jobID, resetScope string) error {
	r, err := c.synchronizationRequest(ctx, NeedSynchronizationWrite, http.MethodPost, "restarting synchronization job "+jobID, servicePrincipalID, "jobs", jobID, "restart")
	if err != nil {
		return err
	}
	if resetScope == "" {
		return fmt.Errorf("%s: %w", r.Operation, errNoResetScope)
	}
	if r.Body, err = json.Marshal(map[string]any{"criteria": map[string]string{"resetScope": resetScope}}); err != nil {
		return fmt.Errorf("%s: %w", r.Operation, err)
	}
	_, err = c.graph.Do(ctx, r)
	return err
}

// Without criteria the service may well reset everything, links of source and
// target included; who wants that says Full.
var errNoResetScope = errors.New("it isn't said what to reset")
