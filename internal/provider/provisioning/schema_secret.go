package provisioning

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

func (r *secretResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The credentials with which a service principal's synchronization reaches its target, " +
			"and the settings that the service keeps beside them. The service takes them as one set, so that this " +
			"resource manages the whole of it. Credentials are validated before they are written, and what was saved " +
			"is validated again. Their values are neither in the state nor in plans: the service doesn't give them " +
			"back either, so a value that someone else changed can't be seen, only a key that is missing or new. " +
			"Destroying empties them.",
		Attributes: secretAttributes(),
	}
}

func secretAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                   syncjob.ID("The service principal's object id."),
		"service_principal_id": syncjob.ServicePrincipal(),
		"job_id": schema.StringAttribute{
			Optional:   true,
			Validators: syncjob.IDValidators(),
			MarkdownDescription: "The job by which credentials are validated. Default: the service principal's only " +
				"job, or where it has none its default template.",
		},
		"credentials": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			WriteOnly:   true,
			Sensitive:   true,
			Validators:  []validator.Map{mapvalidator.SizeAtLeast(1)},
			MarkdownDescription: "The whole set of credentials by the service's keys: `BaseAddress` and " +
				"`SecretToken` for SCIM (for Atlassian the directory's base URL and its API key); " +
				"`AuthenticationType` (`SyncPolicy`) and `CompanyId` (the target tenant) for cross-tenant " +
				"synchronization; also settings such as `SkipOutOfScopeDeletions`. Write-only. Required, but for a " +
				"set that was imported, as a generated configuration has it: without them the service keeps what it " +
				"has, and nothing of the set can be changed.",
		},
		"credentials_version": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Required with `credentials`. Any value: when it changes, the credentials are " +
				"validated and written. After an import the first value is recorded without a write.",
		},
		"expires_on": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfutil.Date()},
			MarkdownDescription: "When the credentials expire, as `YYYY-MM-DD`: Atlassian's SCIM keys do after a " +
				"year, and nobody is mailed about it. From 30 days before, each refresh warns. Nothing is written " +
				"for it.",
		},
		"validate": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(true),
			MarkdownDescription: "Whether the service tries the credentials with the target. Default `true`; `false` " +
				"is for targets that aren't reachable yet.",
		},
		"sync_all": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
			MarkdownDescription: "Whether all users and groups of the tenant are taken, and not only those assigned " +
				"to the application. Default `false`. After it goes from `true` to `false`, restart the job " +
				"(`restart_triggers`).",
		},
		"notifications": notificationsArgument(),
		"keys": schema.SetAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The keys for which the service holds a value.",
		},
	}
}

func notificationsArgument() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Mail about quarantines, and the limit that holds back deletions. Left out: as the " +
			"service has it.",
		Attributes: map[string]schema.Attribute{
			"enabled": schema.BoolAttribute{
				Required:            true,
				MarkdownDescription: "Whether mail is sent when the job goes into quarantine.",
			},
			"email": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Who gets it.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"delete_threshold": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Hold deletions back when a cycle would make more than this many. Default: no " +
					"limit.",
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
		},
	}
}
