package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithMoveState = (*jobResource)(nil)
	_ resource.ResourceWithMoveState = (*secretResource)(nil)
)

// What the azuread provider calls its resources, and how its addresses end,
// whatever the registry.
const (
	azureadProvider = "/hashicorp/azuread"
	azureadJob      = "azuread_synchronization_job"
	azureadSecret   = "azuread_synchronization_secret"
)

// azureadIDs reads the ids of azuread's resources: those of version 3,
// /servicePrincipals/X/synchronization/jobs/Y and /servicePrincipals/X, and those
// of version 2, X/job/Y and X/secret. job is "" for a secret.
func azureadIDs(id string) (sp, job string, ok bool) {
	parts := strings.Split(strings.Trim(id, "/"), "/")
	if parts[0] == "servicePrincipals" {
		parts = parts[1:]
	}
	if len(parts) == 0 || uuid.Validate(parts[0]) != nil {
		return "", "", false
	}
	sp = tfutil.LowerGUIDs(parts[0])
	switch rest := parts[1:]; {
	case len(rest) == 2 && rest[0] == "job":
		return sp, tfutil.LowerGUIDs(rest[1]), true
	case len(rest) == 3 && rest[0] == "synchronization" && rest[1] == "jobs":
		return sp, tfutil.LowerGUIDs(rest[2]), true
	}
	return sp, "", strings.HasPrefix(id, "/") || len(parts) == 2 && strings.HasPrefix(parts[1], "secret")
}

// fromAzuread lets an import take azuread's id of a job, beside ours.
func fromAzuread(req resource.ImportStateRequest) resource.ImportStateRequest {
	if sp, job, ok := azureadIDs(req.ID); ok && job != "" {
		req.ID = sp + "/" + job
	} else if ok {
		req.ID = sp
	}
	return req
}

// moved is what is read of azuread's state. Its credentials aren't looked at.
type moved struct {
	ID         string `json:"id"`
	TemplateID string `json:"template_id"`
	Schedule   []struct {
		Interval string `json:"interval"`
	} `json:"schedule"`
}

// readMoved reads the state of an azuread resource that is moved; ok is false
// where it is another's, which is another mover's to take.
func readMoved(req resource.MoveStateRequest, name string, resp *resource.MoveStateResponse) (m moved, ok bool) {
	if !strings.HasSuffix(req.SourceProviderAddress, azureadProvider) || req.SourceTypeName != name ||
		req.SourceRawState == nil {
		return m, false
	}
	if err := json.Unmarshal(req.SourceRawState.JSON, &m); err != nil {
		// What JSON says of a value may be a secret.
		resp.Diagnostics.AddError("The state can't be moved", "The state of "+name+" isn't of the form that azuread "+
			"writes. Remove it from the state (a removed block with destroy = false), and import the resource instead.")
		return m, false
	}
	return m, true
}

func notMoved(id, name string, resp *resource.MoveStateResponse) {
	resp.Diagnostics.AddError("The state can't be moved", fmt.Sprintf("The id %q of %s is neither of the form "+
		"/servicePrincipals/X/synchronization/jobs/Y nor X/job/Y. Remove it from the state (a removed block with "+
		"destroy = false), and import the resource instead.", id, name))
}

// MoveState takes azuread_synchronization_job.
func (r *jobResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest,
		resp *resource.MoveStateResponse) {
		was, ok := readMoved(req, azureadJob, resp)
		if !ok {
			return
		}
		sp, job, ok := azureadIDs(was.ID)
		if !ok || job == "" {
			notMoved(was.ID, azureadJob, resp)
			return
		}
		m := jobModel{
			ID: types.StringValue(
				job,
			),
			ServicePrincipalID: types.StringValue(sp),
			TemplateID:         types.StringValue(was.TemplateID),
			Interval:           types.StringNull(),
			Timeouts:           tfutil.NoTimeouts("create", "delete"),
		}
		if len(was.Schedule) > 0 {
			m.Interval = types.StringValue(was.Schedule[0].Interval)
		}
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, &m)...)
		tfutil.SetIdentity(ctx, resp.TargetIdentity, &resp.Diagnostics, "service_principal_id", sp, "job_id", job)
	}}}
}

// MoveState takes azuread_synchronization_secret, as an import would: its values
// aren't taken over.
func (r *secretResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest,
		resp *resource.MoveStateResponse) {
		was, ok := readMoved(req, azureadSecret, resp)
		if !ok {
			return
		}
		sp, _, ok := azureadIDs(was.ID)
		if !ok {
			notMoved(was.ID, azureadSecret, resp)
			return
		}
		m := importedSecret(sp)
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, &m)...)
		tfutil.SetIdentity(ctx, resp.TargetIdentity, &resp.Diagnostics, "service_principal_id", sp)
	}}}
}
