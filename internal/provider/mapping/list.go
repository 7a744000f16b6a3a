package mapping

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// NewList makes the list resource usersync_provisioning_mapping.
func NewList() list.ListResource {
	const operation = "Listing provisioning mappings"
	r := &mappingResource{}
	return &tfutil.List{
		Listable: r,
		Config:   syncjob.ListConfig("Object mappings of the jobs of service principals."),
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			for _, j := range r.Jobs(ctx, config, operation, d) {
				raw, err := r.Session.Schema(ctx, j.ServicePrincipalID, j.JobID)
				var live *mapping.Schema
				if err == nil {
					live, err = mapping.ParseSchema(raw)
				}
				if err != nil {
					d.Append(tfutil.Failure(operation, err))
					return nil
				}
				for _, s := range live.Sections() {
					out = append(out, tfutil.Listed{
						ImportID: syncjob.MappingID(j.ServicePrincipalID, j.JobID, s.Rule, s.Object),
						Name:     j.DisplayName + " " + s.Rule + ": " + s.Object.Source + " to " + s.Object.Target,
						Identity: syncjob.Identity(
							"service_principal_id",
							j.ServicePrincipalID,
							"job_id",
							j.JobID,
							"rule",
							s.Rule,
							"source",
							s.Object.Source,
							"target",
							s.Object.Target,
						),
					})
				}
			}
			return out
		},
	}
}
