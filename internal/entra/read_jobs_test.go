package entra

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestReadJobs(t *testing.T) {
	ctx := context.Background()
	b, c, j := job(t)
	for _, names := range [][]string{{app}, {"O'Brien's app"}, {"O'Brien's app", app, strings.ToUpper(app)}} {
		jobs, err := c.ReadJobs(ctx, names, nil)
		if err != nil || len(jobs) != 1 {
			t.Fatal(jobs, err)
		}
		if got := jobs[0]; got.JobID != j.ID || got.ServicePrincipalID != app || got.DisplayName != "O'Brien's app" ||
			!slices.Equal(got.Assigned, []string{ann}) ||
			len(got.Mappings) == 0 {
			t.Errorf("%+v", got)
		}
	}
	for _, name := range []string{other, "O'Brien"} {
		var gone *directory.NotFoundError
		if _, err := c.ReadJobs(ctx, []string{name}, nil); !errors.As(err, &gone) || gone.Name != name {
			t.Error(err)
		}
	}
	if err := c.DeleteJob(ctx, app, j.ID); err != nil {
		t.Fatal(err)
	}
	var gone *directory.NotFoundError
	if _, err := c.ReadJobs(
		ctx,
		[]string{app},
		nil,
	); !errors.As(err, &gone) ||
		!strings.Contains(gone.Kind, "synchronization job") {
		t.Error(err)
	}
	b.ResetRequests()
	if jobs, err := c.ReadJobs(ctx, nil, nil); err != nil || jobs != nil || b.Requests().Total != 0 {
		t.Error(jobs, err)
	}
}

// The first request that the service refuses says which permission lacks.
func TestReadJobsRefused(t *testing.T) {
	for route, want := range map[string]Need{
		"GET /v1.0/servicePrincipals/{id}": NeedApplications, "GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo": NeedApplications,
		"GET /v1.0/servicePrincipals/{id}/synchronization/jobs": NeedSynchronization, "GET /v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/schema": NeedSynchronization,
	} {
		b, c, _ := job(t)
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: route, Status: 403})
		_, err := c.ReadJobs(context.Background(), []string{app}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Status != 403 || !slices.Equal(e.Permissions, want.AnyOf) ||
			!strings.Contains(e.Advice(), want.AnyOf[0]) {
			t.Errorf("%s: %v", route, err)
		}
	}
}
