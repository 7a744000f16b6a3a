package provisioning

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

func (r *scheduleResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := scheduleArguments()
	maps.Copy(attributes, scheduleComputed())
	const wait = "How long to wait for what `wait_for` says, as a duration such as `20m` (default)."
	attributes["timeouts"] = tfutil.Timeouts(ctx, timeouts.Opts{
		Create:            true,
		Update:            true,
		Delete:            true,
		CreateDescription: wait,
		UpdateDescription: wait,
		DeleteDescription: "How long to wait until the job is paused, as a duration such as `20m` (default).",
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Whether a synchronization job runs. It starts the job, pauses it, and restarts it. " +
			"`start_after` makes sure that the job doesn't run before its mappings and credentials are in place: a " +
			"first cycle with the template's mappings would provision all users by them. Destroying pauses the " +
			"job.\n\nRestarting is also an action (`usersync_restart_job`), for CLIs that have actions; " +
			"`restart_triggers` does it in all of them.",
		Attributes: attributes,
	}
}

func scheduleArguments() map[string]schema.Attribute {
	scope := make([]attr.Value, len(defaultReset))
	for i, s := range defaultReset {
		scope[i] = types.StringValue(s)
	}
	return map[string]schema.Attribute{
		"service_principal_id": syncjob.ServicePrincipal(),
		"job_id":               syncjob.Job(),
		"start_after": schema.SetAttribute{
			ElementType: types.StringType,
			Required:    true,
			Validators:  []validator.Set{setvalidator.SizeAtLeast(1)},
			MarkdownDescription: "The `id` of each mapping of the job, and of its secret: the job starts after them, " +
				"and pauses before they are destroyed. After an import it holds the ids of the job's mappings.",
		},
		"enabled": schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
			MarkdownDescription: "Whether the job runs. Default `true`.",
		},
		"restart_triggers": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Any values: when they change while the job is enabled, it is restarted. The first " +
				"values are recorded without a restart, and so are values that change while it isn't enabled: a " +
				"start afterwards goes on from where the job stood.",
		},
		"restart_scope": schema.SetAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Computed:    true,
			Default:     setdefault.StaticValue(types.SetValueMust(types.StringType, scope)),
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1),
				setvalidator.ValueStringsAre(stringvalidator.OneOf(resetScopes...)),
			},
			MarkdownDescription: "What a restart resets: `Watermark` (all users are looked at again), `Escrows` " +
				"(failures are tried again), `QuarantineState`, `ConnectorDataStore`, `ForceDeletes` (deletions that " +
				"were held back are let through), `Full` (all; also breaks the links between source and target). " +
				"Default: the first three.",
		},
		"wait_for": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(waitStarted),
			Validators: []validator.String{stringvalidator.OneOf(waitNothing, waitStarted, waitFirstCycle)},
			MarkdownDescription: "What to wait for after a start: `started` (default: the service shows the job as " +
				"active), `first_cycle` (a cycle has ended; it can take hours: raise `timeouts`), or `nothing`. " +
				"Where it doesn't come in time, the create warns, and an update is an error.",
		},
	}
}

func scheduleComputed() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": syncjob.ID("The job's id."),
		"starts": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether the plan starts or restarts the job. Known at plan, so that an outcome of " +
				"the same plan can take it as `what_if.running`. The next refresh sets it to `false`.",
		},
		"quarantine": schema.SingleNestedAttribute{
			Computed: true,
			MarkdownDescription: "Why the job is in quarantine; null where it isn't. A quarantine is a warning at " +
				"each refresh.",
			Attributes: quarantineAttributes(),
		},
	}
}

func quarantineAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"reason":        text("The reason, in the service's word."),
		"since":         text("When it began, RFC 3339."),
		"next_attempt":  text("When the service tries again, RFC 3339."),
		"error_code":    text("The code of the error behind it."),
		"error_message": text("The service's text."),
	}
}
