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
