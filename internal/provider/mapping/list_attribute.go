package mapping

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// NewAttributeList makes the list resource usersync_provisioning_attribute.
func NewAttributeList() list.ListResource {
	const operation = "Listing provisioning attributes"
	r := &attributeResource{}
	config := syncjob.ListConfig("Attributes that the schemas of the jobs of service principals have beyond their " +
		"templates, or describe otherwise than those: what somebody added to a list of attributes, or changed in it. " +
		"Those that can't be told apart, because another has the same name, are left out.")
	config.Attributes["all"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to list all attributes, those of the templates included: hundreds for some " +
			"applications. Default `false`.",
	}
	return &tfutil.List{
		Listable: r,
		Config:   config,
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			var all types.Bool
			d.Append(config.GetAttribute(ctx, path.Root("all"), &all)...)
			for _, j := range r.Jobs(ctx, config, operation, d) {
				keys, err := r.attributes(ctx, j, all.ValueBool())
				if err != nil {
					d.Append(tfutil.Failure(operation, err))
					return nil
				}
				for _, k := range keys {
					out = append(out, listedAttribute(j, k))
				}
			}
			return out
		},
	}
}

// attributes are those of a job's schema that a list shows.
func (r *attributeResource) attributes(
	ctx context.Context, j directory.Job, all bool,
) ([]mapping.AttributeKey, error) {
	raw, err := r.Session.Schema(ctx, j.ServicePrincipalID, j.JobID)
	if err != nil {
		return nil, err
	}
	live, err := mapping.ParseSchema(raw)
	if err != nil {
		return nil, err
	}
	if all {
		return live.Keys(nil), nil
	}
	c, err := r.Session.Entra()
	if err != nil {
		return nil, err
	}
	template, err := syncjob.TemplateOf(ctx, c, j.ServicePrincipalID, j.JobID)
	if err != nil {
		return nil, err
	}
	return live.Keys(template), nil
}

func listedAttribute(j directory.Job, k mapping.AttributeKey) tfutil.Listed {
	m := attributeResourceModel{
		ServicePrincipalID: types.StringValue(j.ServicePrincipalID),
		JobID:              types.StringValue(j.JobID),
		Directory:          types.StringValue(k.Directory),
		Object:             types.StringValue(k.Object),
		Name:               types.StringValue(k.Name),
	}
	return tfutil.Listed{
		ImportID: m.identifier(),
		Name:     j.DisplayName + " " + k.String(),
		Identity: syncjob.Identity("service_principal_id", j.ServicePrincipalID, "job_id", j.JobID,
			"directory", k.Directory, "object", k.Object, "name", k.Name),
	}
}
