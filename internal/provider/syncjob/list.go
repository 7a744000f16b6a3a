package syncjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// ListConfig is what a list block takes that asks for jobs.
func ListConfig(description string) schema.Schema {
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

// Jobs are those of the service principals that a list block names.
func (r *Resource) Jobs(
	ctx context.Context,
	config tfsdk.Config,
	operation string,
	d *diag.Diagnostics,
) []directory.Job {
	var names []string
	d.Append(config.GetAttribute(ctx, path.Root("service_principals"), &names)...)
	if d.HasError() || r.Session.Client(ctx, operation, d) == nil {
		return nil
	}
	jobs, err := r.Session.Jobs(ctx, names)
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("service_principals"), operation, err))
		return nil
	}
	return jobs
}

// Identity makes an identity of names and values, one after the other.
func Identity(pairs ...string) map[string]*string {
	out := map[string]*string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = &pairs[i+1]
	}
	return out
}
