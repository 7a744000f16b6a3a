package mapping

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// defaultEmptyPercent is the default of warn_empty_percent.
const defaultEmptyPercent = 20

func (r *mappingResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One object mapping of a synchronization job's schema: which attributes flow, by which " +
			"expressions, for whom. Only what is listed is managed, unless `manage` is `all`; everything else in the " +
			"schema stays as it is. The schema is read anew before each write, written whole, and alone for its job " +
			"within an apply. What someone else changed since the plan is an error, not overwritten. Saving starts a " +
			"full cycle of the job. Destroying gives the template's rows, actions and filter back to what was " +
			"managed.\n\nExpressions are in the language of Entra's attribute mappings and are checked when " +
			"planning. Two texts that mean the same are no difference.",
		Attributes: map[string]schema.Attribute{
			"id": syncjob.ID("`service_principal_id/job_id/rule/source/target`, as for import. A slash in a rule's " +
				"name or a source is `%2F`, a percent sign `%25`."),
			"service_principal_id": syncjob.ServicePrincipal(),
			"job_id":               syncjob.Job(),
			"rule": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The name of the synchronization rule, for instance `USER_OUTBOUND_USER`. May " +
					"be left out where only one rule of the job maps this pair of objects. Changing it makes another " +
					"mapping.",
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIfConfigured(),
				},
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"object": schema.SingleNestedAttribute{
				Required: true,
				MarkdownDescription: "The two kinds of object that are joined, as the job's schema names them. " +
					"Changing it makes another mapping.",
				PlanModifiers: []planmodifier.Object{objectplanmodifier.RequiresReplace()},
				Attributes:    objectArguments(),
			},
			"timeouts": tfutil.Timeouts(ctx, timeouts.Opts{Create: true, Update: true, Delete: true,
				CreateDescription: "How long to wait for the saved schema to show, as a duration such as `2m` " +
					"(default).",
				UpdateDescription: "How long to wait for the saved schema to show, as a duration such as `2m` " +
					"(default).",
				DeleteDescription: "How long to wait for the write, as a duration such as `2m` (default)."}),
		},
	}
	maps.Copy(resp.Schema.Attributes, mappingContent())
	maps.Copy(resp.Schema.Attributes, mappingOptions())
}

// mappingContent are the arguments that say what flows, and for whom.
func mappingContent() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"enabled": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(true),
			MarkdownDescription: "Whether the mapping is on. Default `true`: one that somebody switches off " +
				"shows as drift. A mapping that is off when it is first managed, where the template has it on, " +
				"needs `enabled = false` or `adopt`.",
		},
		"actions": schema.SetAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "What the job may do at the target: `create`, `update`, `delete`. Left out: as " +
				"the job has it.",
			Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(mapping.ActionCreate,
				mapping.ActionUpdate, mapping.ActionDelete))},
		},
		"attributes": schema.MapNestedAttribute{
			Required:            true,
			MarkdownDescription: "Target attribute to how it is filled. A target attribute is mapped once.",
			Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
			NestedObject:        schema.NestedAttributeObject{Attributes: attributeArguments()},
		},
		"scoping_filter": filterArgument("Who is taken: whoever passes any of the groups. `{ any_of = [] }` " +
			"takes all. Left out: as the job has it. Who leaves it is deprovisioned. The order and the " +
			"names of groups make no difference: a group that is only renamed isn't written."),
		"input_filter": filterArgument("Who is read at all, in the same form (Graph's `inputFilterGroups`): it " +
			"narrows `scoping_filter` further, and who leaves it is **not** deprovisioned. Left out: as the job has " +
			"it."),
		"category_filter": filterArgument("A filter in the same form that Graph calls experimental " +
			"(`categoryFilterGroups`). Left out: as the job has it."),
	}
}

// mappingOptions are the arguments that say how the mapping is managed and
// checked, and what comes of it.
func mappingOptions() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"manage": schema.StringAttribute{
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString(mapping.ManageListed),
			MarkdownDescription: "`listed` (default): rows that aren't listed stay as they are, also those that were " +
				"listed before. `all`: rows that aren't listed are removed, and rows that appear show as drift.",
			Validators: []validator.String{stringvalidator.OneOf(mapping.ManageListed, mapping.ManageAll)},
		},
		"adopt": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
			MarkdownDescription: "Whether creating the mapping, or listing a row for the first time, may replace " +
				"what the job has there beside the template's rows. Default `false`: that is an error which names " +
				"them and asks for an import.",
		},
		"directory": schema.StringAttribute{
			Optional:  true,
			WriteOnly: true,
			MarkdownDescription: "A reading (`reading` of `usersync_directory`), to count to whom nothing would " +
				"flow. With the job among the reading's `service_principals`, its assigned users are counted, else " +
				"all enabled ones. It isn't stored.",
		},
		"warn_empty_percent": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(0, 100)},
			MarkdownDescription: fmt.Sprintf("With `directory`: warn of a target attribute that stays empty for more "+
				"than this share of the users in scope, in percent. Default `%d`.", defaultEmptyPercent),
		},
		"effective": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The mapping as JSON in a canonical form, without ids: equal meaning, equal bytes. " +
				"It is known at plan: hand it to `what_if.mappings` of `usersync_outcome`.",
		},
	}
}

func attributeArguments() map[string]schema.Attribute {
	applies := make([]string, len(mapping.Applies))
	for i, a := range mapping.Applies {
		applies[i] = a.Apply
	}
	return map[string]schema.Attribute{
		"expression": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "An expression such as `[mail]`, `Join(\" \", [givenName], [surname])` or, for a " +
				"constant, a quoted text such as `\"Member\"`; at most 10,000 characters. Left out: the row has no " +
				"source (the portal's mapping type *None*) and gives its `default`.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"matching_priority": schema.Int64Attribute{
			Optional: true,
			Computed: true,
			Default:  int64default.StaticInt64(0),
			MarkdownDescription: "Above 0, the attribute finds the object at the target, the lowest first. Default " +
				"`0`: it isn't a matching attribute.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"apply": schema.StringAttribute{
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString(mapping.Applies[0].Apply),
			MarkdownDescription: "When it flows: `always` (default), `on_create` (Graph's `ObjectAddOnly`), or " +
				"Graph's other flow types `multi_value_add_only`, `value_add_only`, `attribute_add_only`.",
			Validators: []validator.String{stringvalidator.OneOf(applies...)},
		},
		"default": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What flows where the expression gives null, or where there is none. `\"\"` is " +
				"another value than none.",
		},
	}
}

func objectArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"source": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The kind of source object: `User` or `Group`; `\"\"` for a mapping that the schema " +
				"leaves without one.",
		},
		"target": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The kind of target object, for instance " +
				"`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`.",
		},
	}
}

func filterArgument(description string) schema.Attribute {
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: filterArguments()}
}

func filterArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"any_of": schema.ListNestedAttribute{
			Required:            true,
			MarkdownDescription: "Groups of clauses.",
			NestedObject:        schema.NestedAttributeObject{Attributes: groupArguments()},
		},
	}
}

func groupArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The group's name, as the provisioning log shows it.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"all_of": schema.ListNestedAttribute{
			Required:            true,
			MarkdownDescription: "Clauses, which must all be true.",
			NestedObject:        schema.NestedAttributeObject{Attributes: clauseArguments()},
		},
	}
}

func clauseArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"attribute": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The source attribute, by its name in provisioning.",
		},
		"operator": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "`" + strings.Join(scoping.OperatorNames(), "`, `") + "`.",
		},
		"values": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "The value to compare with; none for operators that take none.",
		},
	}
}
