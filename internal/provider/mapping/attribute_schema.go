package mapping

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

func (r *attributeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	named := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Required:            true,
			MarkdownDescription: description + " Changing it makes another attribute.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	is := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
			MarkdownDescription: description + " Default `false`.",
		}
	}
	oneOf := func(description string, values []string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString(values[0]),
			MarkdownDescription: description + ": `" + values[0] + "` (default), `" + strings.Join(
				values[1:],
				"`, `",
			) + "`.",
			Validators: []validator.String{stringvalidator.OneOf(values...)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One attribute in the attribute list of a synchronization job's schema, for instance a " +
			"custom attribute of the target, or one of Workday's with its XPath. A row of a mapping can use it once " +
			"it is there: let the `usersync_provisioning_mapping` depend on it. The rest of the schema stays as it " +
			"is, byte for byte; so do metadata, references and the anchor of the attribute itself. Saving starts a " +
			"full cycle of the job. Destroying gives the template's definition back, or takes the attribute away " +
			"where the template has none; while a row still uses it, that is an error. Whether the target takes an " +
			"attribute is for the target to say.",
		Attributes: map[string]schema.Attribute{
			"id": syncjob.ID("`service_principal_id/job_id/directory/object/name`, as for import. A slash in a " +
				"directory or an object is `%2F`, a percent sign `%25`."),
			"service_principal_id": syncjob.ServicePrincipal(),
			"job_id":               syncjob.Job(),
			"directory": named("The name of the directory, as `directories` of `usersync_provisioning_schema` " +
				"lists it, for instance `customappsso`."),
			"object": named("The kind of object, for instance " +
				"`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`."),
			"name":        named("The attribute's name. Upper and lower case make a difference."),
			"type":        oneOf("The type of its values", mapping.AttributeTypes),
			"required":    is("Whether an object can't be made without it."),
			"multivalued": is("Whether it has several values."),
			"case_exact":  is("Whether upper and lower case of its values make a difference."),
			"mutability":  oneOf("Who may write it", mapping.Mutabilities),
			"default": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The default that the attribute list gives. `\"\"` is another value than none.",
			},
			"api_expressions": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Where the attribute stands in the source's answer, by the version of its API: " +
					"for Workday an XPath by `v21.1`, for instance. Not managed unless set.",
			},
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{
				Create: true, CreateDescription: savedFor,
				Update: true, UpdateDescription: savedFor,
				Delete: true, DeleteDescription: savedFor,
			}),
		},
	}
}

const savedFor = "How long to wait until the saved schema can be read, as a duration such as `2m` (default)."
