package entra

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// servicePrincipal is what is read of one.
type servicePrincipal struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

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
	slices.SortFunc(jobs, func(a, b directory.Job) int { return cmp.Compare(a.ServicePrincipalID, b.ServicePrincipalID) })
	return jobs, nil
}

func (c *Client) findServicePrincipal(ctx context.Context, name string) (servicePrincipal, error) {
	var found []servicePrincipal
	if isGUID(name) {
		var sp servicePrincipal
		a, err := c.graph.Do(ctx, graph.Request{Method: http.MethodGet, URL: "/servicePrincipals/" + url.PathEscape(name) + "?$select=id,displayName", Operation: "reading service principal " + name, Need: NeedApplications})
		var e *graph.Error
		switch {
		case errors.As(err, &e) && e.Status == http.StatusNotFound:
			return sp, &directory.NotFoundError{Kind: "service principal", Name: name}
		case err != nil:
			return sp, err
		}
		return sp, json.Unmarshal(a.Body, &sp)
	}
	q := url.Values{"$select": {"id,displayName"}, "$filter": {"displayName eq '" + escapeQuotes(name) + "'"}}
	err := c.eachObject(ctx, graph.Request{Method: http.MethodGet, URL: "/servicePrincipals?" + encode(q), Operation: fmt.Sprintf("looking for service principal %q", name), Need: NeedApplications}, func(raw []byte) error {
		var sp servicePrincipal
		err := json.Unmarshal(raw, &sp)
		if err == nil && sp.DisplayName == name {
			found = append(found, sp)
		}
		return err
	})
	if err != nil {
		return servicePrincipal{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e := &directory.NotFoundError{Kind: "service principal", Name: name}
	for _, sp := range found {
		e.IDs = append(e.IDs, sp.ID)
	}
	slices.Sort(e.IDs)
	return servicePrincipal{}, e
}

func escapeQuotes(s string) string {
	return string(bytes.ReplaceAll([]byte(s), []byte("'"), []byte("''")))
}

// readJob reads a service principal's job. Usually there is one
// [graph 3.2]; of several, the first that the service lists.
func (c *Client) readJob(ctx context.Context, sp servicePrincipal, recorder *directory.Recorder) (directory.Job, error) {
	out := directory.Job{ServicePrincipalID: sp.ID, DisplayName: sp.DisplayName, Mappings: []string{}, Assigned: []string{}}
	base := "/servicePrincipals/" + url.PathEscape(sp.ID) + "/synchronization/jobs"
	var rawJob json.RawMessage
	err := c.eachObject(ctx, graph.Request{Method: http.MethodGet, URL: base, Operation: "reading the synchronization jobs of " + sp.DisplayName, Need: NeedSynchronization, Advise: synchronizationAdvice}, func(raw []byte) error {
		if out.JobID != "" {
			return nil
		}
		var j struct {
			ID string `json:"id"`
		}
		rawJob = bytes.Clone(raw)
		err := json.Unmarshal(raw, &j)
		out.JobID = j.ID
		return err
	})
	if err != nil {
		return out, err
	}
	if out.JobID == "" {
		return out, &directory.NotFoundError{Kind: "synchronization job of service principal", Name: sp.DisplayName}
	}
	schema, err := c.graph.Do(ctx, graph.Request{Method: http.MethodGet, URL: base + "/" + url.PathEscape(out.JobID) + "/schema", Operation: "reading the schema of job " + out.JobID, Need: NeedSynchronization, Advise: synchronizationAdvice})
	if err != nil {
		return out, err
	}
	if err := c.assigned(ctx, sp, &out); err != nil {
		return out, err
	}
	raw, err := json.Marshal(map[string]any{
		"service_principal_id": sp.ID, "display_name": sp.DisplayName, "job": rawJob,
		"schema": json.RawMessage(schema.Body), "assigned": out.Assigned,
	})
	if err != nil {
		return out, fmt.Errorf("reading the schema of job %s: %w", out.JobID, err)
	}
	if recorder != nil {
		recorder.Add("synchronization", sp.ID, raw)
	}
	// One decoder for both ways in, live and snapshot.
	if out, err = directory.DecodeJob(raw); err != nil {
		return out, fmt.Errorf("reading job %s: %w", out.JobID, err)
	}
	return out, nil
}

// assigned reads who is assigned to the application [graph 2].
func (c *Client) assigned(ctx context.Context, sp servicePrincipal, out *directory.Job) error {
	err := c.eachObject(ctx, graph.Request{
		Method: http.MethodGet, URL: "/servicePrincipals/" + url.PathEscape(sp.ID) + "/appRoleAssignedTo?$top=" + maxPageSize,
		Operation: "reading who is assigned to " + sp.DisplayName, Need: NeedApplications,
	}, func(raw []byte) error {
		var a struct {
			PrincipalID string `json:"principalId"`
		}
		err := json.Unmarshal(raw, &a)
		out.Assigned = append(out.Assigned, a.PrincipalID)
		return err
	})
	slices.Sort(out.Assigned)
	out.Assigned = slices.Compact(out.Assigned)
	return err
}
