package provisioning

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// NewJobList makes the list resource usersync_provisioning_job.
func NewJobList() list.ListResource {
	r := &jobResource{}
	return &tfutil.List{Listable: r, Config: syncjob.ListConfig("Provisioning jobs of service principals."),
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			for _, j := range r.Jobs(ctx, config, "Listing provisioning jobs", d) {
				out = append(
					out,
					tfutil.Listed{ImportID: j.ServicePrincipalID + "/" + j.JobID, Name: j.DisplayName + " " + j.JobID,
						Identity: syncjob.Identity("service_principal_id", j.ServicePrincipalID, "job_id", j.JobID)},
				)
			}
			return out
		}}
}

// NewScheduleList makes the list resource usersync_provisioning_schedule.
func NewScheduleList() list.ListResource {
	r := &scheduleResource{}
	return &tfutil.List{Listable: r, Config: syncjob.ListConfig("Schedules of the provisioning jobs of service " +
		"principals."),
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			for _, j := range r.Jobs(ctx, config, "Listing provisioning schedules", d) {
				out = append(
					out,
					tfutil.Listed{ImportID: j.ServicePrincipalID + "/" + j.JobID, Name: j.DisplayName + " " + j.JobID,
						Identity: syncjob.Identity("service_principal_id", j.ServicePrincipalID, "job_id", j.JobID)},
				)
			}
			return out
		}}
}

// NewSecretList makes the list resource usersync_provisioning_secret.
func NewSecretList() list.ListResource {
	r := &secretResource{}
	return &tfutil.List{Listable: r, Config: syncjob.ListConfig("Credentials of the service principals that have a " +
		"provisioning job: which keys the service holds a value for, and the settings beside them. No API gives the " +
		"values, so that a generated configuration has neither `credentials` nor `credentials_version`: it imports " +
		"the set and leaves it alone, until both are written."),
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			seen := map[string]bool{}
			for _, j := range r.Jobs(ctx, config, "Listing provisioning credentials", d) {
				if seen[j.ServicePrincipalID] {
					continue // one set, however many jobs
				}
				seen[j.ServicePrincipalID] = true
				out = append(out, tfutil.Listed{ImportID: j.ServicePrincipalID, Name: j.DisplayName,
					Identity: syncjob.Identity("service_principal_id", j.ServicePrincipalID)})
			}
			return out
		}}
}
