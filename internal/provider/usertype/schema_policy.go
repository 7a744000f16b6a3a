package usertype

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

func (r *policyResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := arguments.ResourceAttributes([]arguments.Argument{arguments.CrossTenantArgument(true)}, true)
	maps.Copy(attributes, policyArguments(ctx))
	maps.Copy(attributes, policyComputed())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Which users are `Member` and which `Guest`, by ordered rules, of which the first that " +
			"matches decides. With `mode = \"enforce\"` an apply converts whom the plan names, in batches; with " +
			"`audit` nothing is written and `violations` lists who differs. Changing userType changes neither the " +
			"principal name nor how a user signs in, and takes nobody out of a group; dynamic groups whose rule " +
			"reads userType are named in the plan. Destroying the policy, and leaving its rules, leaves people as " +
			"they are. Two policies over the same people would undo each other's work at every apply: keep their " +
			"matches apart.\n\nHand `desired` to `what_if.user_types` of `usersync_outcome`: the same plan then says " +
			"who syncs once the types are changed.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"rule": schema.ListNestedBlock{
				MarkdownDescription: "A rule: `match` and `user_type`, or `types` alone. Rules are asked in their " +
					"order. At least one is required.",
				Validators:   []validator.List{listvalidator.IsRequired(), listvalidator.SizeAtLeast(1)},
				NestedObject: ruleBlock(),
			},
		},
	}
}

func ruleBlock() schema.NestedBlockObject {
	return schema.NestedBlockObject{
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "A name, as violations and warnings show it.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"user_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "`Member` or `Guest`, for all whom `match` takes.",
				Validators:          []validator.String{stringvalidator.OneOf(decision.TypeMember, decision.TypeGuest)},
			},
			"types": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Instead of `match` and `user_type`: a JSON object from object id to type, each " +
					"their own, as `types` of `usersync_user_type_record` has it. That is how a conversion is undone.",
			},
		},
		Blocks: map[string]schema.Block{"match": arguments.ResourceBlock(arguments.MatchBlock(), false)},
	}
}

func policyArguments(ctx context.Context) map[string]schema.Attribute {
	const wait = "How long the conversions may take, with the wait until Entra's list of users shows them, as a " +
		"duration such as `30m` (default). Graph limits how fast a tenant can be written: raise it for thousands of " +
		"users, or use `wave_size`."
	return map[string]schema.Attribute{
		"directory": schema.StringAttribute{
			Required:  true,
			WriteOnly: true,
			Sensitive: true,
			MarkdownDescription: "The `reading` of a `usersync_directory`. It must be known at plan where the policy " +
				"enforces.",
		},
		"mode": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(modeAudit),
			MarkdownDescription: "`audit` (default) or `enforce`.",
			Validators:          []validator.String{stringvalidator.OneOf(modeAudit, modeEnforce)},
		},
		"record": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The `id` of a `usersync_user_type_record` of those whom the rules match: what they " +
				"were before. It makes sure that the record is in the state before any user is converted. Without " +
				"one, a plan that converts says that it can't be undone.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"max_changes": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "The most users that one apply may convert; a plan that would convert more is an " +
				"error with names. Default: no limit.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"wave_size": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Convert this many in one apply, in ascending order of object id, and the next in " +
				"the next. " +
				"Whoever the service refuses stays in the wave: give them a rule of their own. Default: all at once.",
			Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"identify_users_by": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(arguments.ByPrincipalName),
			Validators: []validator.String{stringvalidator.OneOf(arguments.ByPrincipalName, arguments.ByID)},
			MarkdownDescription: "How users are named in `assignments`, `violations` and messages: `principal_name` " +
				"(default) or `id`.",
		},
		"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{
			Create:            true,
			Update:            true,
			CreateDescription: wait,
			UpdateDescription: wait,
		}),
	}
}

func policyComputed() map[string]schema.Attribute {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "An opaque id, made at create.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"desired": computed("A JSON object, object id to type, of what the policy wants: with `wave_size` after this " +
			"wave. Known at plan. In `audit` it is what the policy would want: an outcome that takes it assumes " +
			"conversions that no apply makes."),
		"assignments": computed("A JSON object, user to type, of what is. In a plan that converts, its difference is " +
			"the list of changes."),
		"violations": computed("A JSON object, user to what differs, for instance `Member, policy says Guest " +
			"(partners are guests)`."),
		"resolved": schema.StringAttribute{
			Computed:  true,
			Sensitive: true,
			MarkdownDescription: "What the names in `match.groups` and `match.users` mean: a JSON object, argument " +
				"to name to object id. A name goes on meaning the object that it meant at the last apply; where " +
				"another bears it, the plan is refused and says to write the object id.",
		},
		"remaining": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many users later waves convert."},
	}
}
