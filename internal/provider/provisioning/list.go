package provisioning

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// NewJobList makes the list resource usersync_provisioning_job.
func NewJobList() list.ListResource {
	r := &jobResource{}
	return &tfutil.List{Listable: r, Config: ofPrincipals("Provisioning jobs of service principals."),
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			for _, j := range r.jobs(ctx, config, "Listing provisioning jobs", d) {
				out = append(
					out,
					tfutil.Listed{ImportID: j.ServicePrincipalID + "/" + j.JobID, Name: j.DisplayName + " " + j.JobID,
						Identity: identity("service_principal_id", j.ServicePrincipalID, "job_id", j.JobID)},
				)
			}
			return out
		}}
}

// NewMappingList makes the list resource usersync_provisioning_mapping.
func NewMappingList() list.ListResource {
	const operation = "Listing provisioning mappings"
	r := &mappingResource{}
	return &tfutil.List{
		Listable: r,
		Config:   ofPrincipals("Object mappings of the jobs of service principals."),
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			for _, j := range r.jobs(ctx, config, operation, d) {
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
						ImportID: mappingID(j.ServicePrincipalID, j.JobID, s.Rule, s.Object),
						Name:     j.DisplayName + " " + s.Rule + ": " + s.Object.Source + " to " + s.Object.Target,
						Identity: identity(
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

// ofPrincipals is what a list block takes that asks for jobs.
func ofPrincipals(description string) schema.Schema {
	return schema.Schema{
		MarkdownDescription: description + " Needs Terraform 1.14, and the application permission " +
			"`Synchronization.Read.All` with `Application.Read.All`.",
		Attributes: map[string]schema.Attribute{
			"service_principals": schema.ListAttribute{
				ElementType:         types.StringType,
				Required:            true,
				MarkdownDescription: "The service principals (enterprise applications), by `displayName` or object id.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
		},
	}
}

// jobs are those of the service principals that a list block names.
func (b *base) jobs(ctx context.Context, config tfsdk.Config, operation string, d *diag.Diagnostics) []directory.Job {
	var names []string
	d.Append(config.GetAttribute(ctx, path.Root("service_principals"), &names)...)
	if d.HasError() || b.Session.Client(ctx, operation, d) == nil {
		return nil
	}
	jobs, err := b.Session.Jobs(ctx, names)
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("service_principals"), operation, err))
		return nil
	}
	return jobs
}

// identity makes an identity of names and values, one after the other.
func identity(pairs ...string) map[string]*string {
	out := map[string]*string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = &pairs[i+1]
	}
	return out
}
