package entra

import (
	"context"
	"errors"
	"fmt"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// Jobs reads the jobs of a service principal; usually there is one.
func (c *Client) Jobs(ctx context.Context, servicePrincipalID string) ([]SynchronizationJob, error) {
	operation := "reading the synchronization jobs of service principal " + servicePrincipalID
	s, err := c.synchronization(ctx, NeedSynchronization, operation, servicePrincipalID)
	if err != nil {
		return nil, err
	}
	info, err := s.Jobs().ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var jobs []SynchronizationJob
	r := synchronizationRequest(info, operation, NeedSynchronization)
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
	operation := "reading synchronization job " + jobID
	j, err := c.job(ctx, NeedSynchronization, operation, servicePrincipalID, jobID)
	if err != nil {
		return SynchronizationJob{}, err
	}
	info, err := j.ToGetRequestInformation(ctx, nil)
	if err != nil {
		return SynchronizationJob{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.oneJob(ctx, synchronizationRequest(info, operation, NeedSynchronization))
}

// CreateJob makes a job, which doesn't run yet. The request isn't repeated: after
// an error that leaves open whether it arrived, Jobs tells.
func (c *Client) CreateJob(ctx context.Context, servicePrincipalID, templateID string) (SynchronizationJob, error) {
	operation := "creating a synchronization job from template " + templateID
	s, err := c.synchronization(ctx, NeedSynchronizationWrite, operation, servicePrincipalID)
	if err != nil {
		return SynchronizationJob{}, err
	}
	body := models.NewSynchronizationJob()
	body.SetTemplateId(&templateID)
	info, err := s.Jobs().ToPostRequestInformation(ctx, body, nil)
	if err != nil {
		return SynchronizationJob{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.oneJob(ctx, synchronizationRequest(info, operation, NeedSynchronizationWrite))
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
	operation := "deleting synchronization job " + jobID
	j, err := c.job(ctx, NeedSynchronizationWrite, operation, servicePrincipalID, jobID)
	if err != nil {
		return err
	}
	info, err := j.ToDeleteRequestInformation(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return c.delete(ctx, synchronizationRequest(info, operation, NeedSynchronizationWrite))
}

// StartJob lets a job run on from where it stood, and ends its quarantine. It
// isn't repeated: start isn't to be called on a running job [graph 3.2],
// which a repetition of one that arrived would do.
func (c *Client) StartJob(ctx context.Context, servicePrincipalID, jobID string) error {
	operation := "starting synchronization job " + jobID
	j, err := c.job(ctx, NeedSynchronizationWrite, operation, servicePrincipalID, jobID)
	if err != nil {
		return err
	}
	info, err := j.Start().ToPostRequestInformation(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	_, err = c.graph.Do(ctx, synchronizationRequest(info, operation, NeedSynchronizationWrite))
	return err
}

// PauseJob holds a job; the cycle that runs is let finish. Pausing twice is
// pausing once, so that it is repeated where a request fails.
func (c *Client) PauseJob(ctx context.Context, servicePrincipalID, jobID string) error {
	operation := "pausing synchronization job " + jobID
	j, err := c.job(ctx, NeedSynchronizationWrite, operation, servicePrincipalID, jobID)
	if err != nil {
		return err
	}
	info, err := j.Pause().ToPostRequestInformation(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	r := synchronizationRequest(info, operation, NeedSynchronizationWrite)
	r.Idempotent = true
	_, err = c.graph.Do(ctx, r)
	return err
}

// RestartJob resets what resetScope names ("Watermark, Escrows, …",
// [graph 3.2]) and starts the job. It isn't repeated: a second restart would throw
// away the cycle that the first began, and ForceDeletes accepts what was staged in
// between.
func (c *Client) RestartJob(ctx context.Context, servicePrincipalID, jobID, resetScope string) error {
	operation := "restarting synchronization job " + jobID
	j, err := c.job(ctx, NeedSynchronizationWrite, operation, servicePrincipalID, jobID)
	if err != nil {
		return err
	}
	if resetScope == "" {
		return fmt.Errorf("%s: %w", operation, errNoResetScope)
	}
	criteria := models.NewSynchronizationJobRestartCriteria()
	// Not as the model's own property, whose enumeration drops all parts where it
	// doesn't know one.
	criteria.SetAdditionalData(map[string]any{"resetScope": resetScope})
	body := serviceprincipals.NewItemSynchronizationJobsItemRestartPostRequestBody()
	body.SetCriteria(criteria)
	info, err := j.Restart().ToPostRequestInformation(ctx, body, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	_, err = c.graph.Do(ctx, synchronizationRequest(info, operation, NeedSynchronizationWrite))
	return err
}

// Without criteria the service may well reset everything, links of source and
// target included; who wants that says Full.
var errNoResetScope = errors.New("it isn't said what to reset")
