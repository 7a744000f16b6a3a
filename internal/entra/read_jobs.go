package entra

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// ReadJobs reads the synchronization jobs of service principals, by
// displayName or object id, with their schema and who is assigned.
func (c *Client) ReadJobs(ctx context.Context, names []string, recorder *directory.Recorder) ([]directory.Job, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if err := c.SignIn(ctx, NeedApplications, NeedSynchronization); err != nil {
		return nil, err
	}
	var jobs []directory.Job
	for _, name := range names {
		sp, err := c.findServicePrincipal(ctx, name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(jobs, func(j directory.Job) bool { return j.ServicePrincipalID == sp.ID }) {
			continue
		}
		job, err := c.readJob(ctx, sp, recorder)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job)
	}
	slices.SortFunc(jobs, func(a, b directory.Job) int {
		return cmp.Compare(a.ServicePrincipalID, b.ServicePrincipalID)
	})
	return jobs, nil
}

// readJob reads a service principal's job. Usually there is one
// [graph 3.2]; of several, the first that the service lists.
func (c *Client) readJob(
	ctx context.Context, sp servicePrincipal, recorder *directory.Recorder,
) (job directory.Job, err error) {
	id, rawJob, err := c.firstJob(ctx, sp)
	if err != nil {
		return job, err
	}
	r, err := c.rawSynchronizationRequest(ctx, NeedSynchronization, http.MethodGet,
		"reading the schema of job "+id, sp.ID, "jobs", id, "schema")
	if err != nil {
		return job, err
	}
	schema, err := c.graph.Do(ctx, r)
	if err != nil {
		return job, err
	}
	assigned, err := c.assignedTo(ctx, sp)
	if err != nil {
		return job, err
	}
	raw, err := json.Marshal(map[string]any{
		"service_principal_id": sp.ID,
		"display_name":         sp.DisplayName,
		"job":                  rawJob,
		"schema":               json.RawMessage(schema.Body),
		"app_roles":            sp.AppRoles,
		"assigned":             assigned,
	})
	if err != nil {
		return job, fmt.Errorf("%s: %w", r.Operation, err)
	}
	if recorder != nil {
		recorder.Add("synchronization", sp.ID, raw)
	}
	// One decoder for both ways in, live and snapshot.
	if job, err = directory.DecodeJob(raw); err != nil {
		return job, fmt.Errorf("reading job %s: %w", id, err)
	}
	return job, nil
}

// firstJob is the first job of a service principal, as the service says it.
func (c *Client) firstJob(ctx context.Context, sp servicePrincipal) (id string, rawJob json.RawMessage, err error) {
	operation := "reading the synchronization jobs of " + sp.DisplayName
	s, err := c.synchronization(ctx, NeedSynchronization, operation, sp.ID)
	if err != nil {
		return "", nil, err
	}
	info, err := s.Jobs().ToGetRequestInformation(ctx, nil)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", operation, err)
	}
	r := synchronizationRequest(info, operation, NeedSynchronization)
	err = c.eachObject(ctx, r, func(raw []byte) error {
		if id != "" {
			return nil
		}
		var j struct {
			ID string `json:"id"`
		}
		rawJob = bytes.Clone(raw)
		err := json.Unmarshal(raw, &j)
		id = j.ID
		return err
	})
	if err == nil && id == "" {
		err = &directory.NotFoundError{Kind: "synchronization job of service principal", Name: sp.DisplayName}
	}
	return id, rawJob, err
}
