package outcome

import (
	"context"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
)

// Schema describes the outcome.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := arguments.ResourceAttributes(arguments.ConnectorArguments(true), false)
	maps.Copy(attributes, readingsSchema())
	maps.Copy(attributes, arguments.ResourceAttributes([]arguments.Argument{
		arguments.Show(),
		arguments.IdentifyUsersBy(""),
	}, false))
	attributes["watch_groups"] = schema.SetAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Validators:  notEmpty(),
		MarkdownDescription: "Globs (`jira-*`, without regard to case) of groups whose gains and losses are named, " +
			"user by user.",
	}
	maps.Copy(attributes, computedSchema())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who will sync, and why: to Atlassian, to any SCIM application, or to another tenant by " +
			"cross-tenant synchronization. The state holds the outcome that was last " +
			"accepted; a plan shows every change in who syncs or why, whoever caused it, and tells drift (it has " +
			"already happened) from this plan's effect. Applying accepts what was planned; it writes nothing to " +
			"Entra or the target. Declining a plan doesn't undo drift: the target takes it at its next sync. A " +
			"policy " +
			"in the same configuration belongs into `what_if`: an outcome that leaves it out can't be empty after " +
			"the apply that converts people.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"scope":              arguments.ResourceBlock(arguments.ScopeBlock(), false),
			"connector_settings": arguments.ResourceBlock(arguments.SettingsBlock(), false),
			"what_if":            arguments.ResourceBlock(arguments.WhatIfBlock(true), true),
			"guardrails":         guardrailsSchema(),
		},
	}
}

func notEmpty() []validator.Set {
	return []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}
}

// readingsSchema are the arguments that the state doesn't keep.
func readingsSchema() map[string]schema.Attribute {
	out := arguments.ResourceAttributes([]arguments.Argument{arguments.ReadAt()}, true)
	out["directory"] = schema.StringAttribute{
		Required:            true,
		WriteOnly:           true,
		Sensitive:           true,
		MarkdownDescription: "The `reading` of a `usersync_directory`.",
	}
	out["organization"] = schema.StringAttribute{
		Optional:  true,
		WriteOnly: true,
		Sensitive: true,
		MarkdownDescription: "The `reading` of a `usersync_organization`. Required with the Atlassian connectors; " +
			"the " +
			"others have none.",
	}
	out["target_directory"] = schema.StringAttribute{
		Optional:  true,
		WriteOnly: true,
		Sensitive: true,
		MarkdownDescription: "For `cross_tenant_sync`: the `reading` of the target tenant's `usersync_directory`, " +
			"where " +
			"it is ours. With it, who is there already is known, and as which type. Its groups and attributes don't " +
			"matter.",
	}
	return out
}

func computedSchema() map[string]schema.Attribute {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	sensitive := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: description}
	}
	out := arguments.ResourceAttributes(arguments.Decisions(), false)
	out["id"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "An opaque id, made at create.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	out["severity"] = computed(severityText)
	out["changes"] = changesSchema()
	out["changes_markdown"] = sensitive("The changes as Markdown, at most 60,000 characters, for a pull-request " +
		"comment, with the old and the new decision, name and address of everybody who changes. It names people.")
	out["changes_json"] = sensitive("The changes as data, for `usersync_report` and for scripts: a JSON object of " +
		"`severity`, `total`, `violations` and `changes`, the first 2,000 by kind and name, each with `who`, `kind`, " +
		"`cause`, `before` and `after`. It names people.")
	out["what_if_applied"] = computed("What was assumed, in a line.")
	out["accepted"] = sensitive("The accepted outcome of every user in scope, compact. Later plans are compared with " +
		"it.")
	out["resolved"] = sensitive("What the names in the configuration mean: a JSON object, argument to name to object " +
		"id, as accepted. A name goes on meaning the object that it meant: one that was renamed still counts, and " +
		"another that takes the name doesn't.")
	return out
}

// kindNames are the kinds of change.
func kindNames() []string {
	var names []string
	for _, k := range outcome.Kinds {
		names = append(names, k.Name)
	}
	return names
}

func guardrailsSchema() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Limits on what a plan may change. On create only `must_sync` and `must_not_sync` hold.",
		Attributes: map[string]schema.Attribute{
			"max_lost": limit("The most users who may no longer sync; leavers (deleted, disabled) aren't counted. " +
				"Held against drift, against this plan, and against both together where this plan adds to drift. " +
				"Default: no limit."),
			"max_lost_percent": percent("The same in percent of those who sync in the accepted outcome. Default: no " +
				"limit."),
			"max_left": limit("The most users who synced and may be deleted or disabled now. Default: no limit."),
			"max_left_percent": percent("The same in percent of those who sync in the accepted outcome. It holds " +
				"from six leavers on. Default: 10."),
			"max_gained": limit("The most users who may newly sync, hires included. Default: no limit."),
			"max_groups_lost": limit("The most groups that may leave. Default: no limit (0 for SCIM, where a lost " +
				"group loses its permissions)."),
			"must_sync": users("Users who must sync, by principal name, mail or object id. *Unknown* doesn't satisfy " +
				"it."),
			"must_not_sync": users("Users who must not sync. *Unknown* doesn't satisfy it."),
			"expect_skipped": users("Users who are meant not to sync (service accounts, shared mailboxes), by " +
				"principal name, mail or object id: they aren't *missed* where they are newly in scope. A warning " +
				"names those who sync all the same."),
			"on_plan": errorOrWarn("What a violation by this configuration, or by a newer provider's rules, does: " +
				"`error` (default) or `warn`."),
			"on_drift": errorOrWarn("What a violation by what has already happened does: `warn` (default; blocking " +
				"would only block the repair) or `error`."),
			"approve": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The hash that a violation prints: accepts exactly what that plan would do, once.",
			},
			"review_when": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(kindNames()...))},
				MarkdownDescription: "Kinds of change that a person must see, also as drift: one of them in any " +
					"difference of a user or group makes `severity` `review`. Default " +
					"`[\"" + strings.Join(outcome.DefaultReview(), "\", \"") + "\"]`.",
			},
		},
	}
}

// limit is a guardrail on a number of users or groups.
func limit(description string) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.Int64{int64validator.AtLeast(0)},
	}
}

func percent(description string) schema.Float64Attribute {
	return schema.Float64Attribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.Float64{float64validator.Between(0, 100)},
	}
}

func users(description string) schema.SetAttribute {
	return schema.SetAttribute{
		ElementType:         types.StringType,
		Optional:            true,
		MarkdownDescription: description,
		Validators:          notEmpty(),
	}
}

func errorOrWarn(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.String{stringvalidator.OneOf(onError, onWarn)},
	}
}

func changesSchema() schema.SingleNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for _, k := range outcome.Kinds {
		attributes[k.Name] = schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: k.Description,
			Attributes: map[string]schema.Attribute{
				"drift": schema.Int64Attribute{Computed: true, MarkdownDescription: "It has already happened."},
				"this_plan": schema.Int64Attribute{
					Computed:            true,
					MarkdownDescription: "This plan's configuration does it.",
				},
				"rules": schema.Int64Attribute{
					Computed:            true,
					MarkdownDescription: "A newer provider decides otherwise.",
				},
			},
		}
	}
	return schema.SingleNestedAttribute{
		Computed:   true,
		Sensitive:  true,
		Attributes: attributes,
		MarkdownDescription: "Changes against the outcome accepted before, by kind and cause. A user counts once, in " +
			"the first kind that fits. They keep their value while nothing changes, so they are masked on the " +
			"screen: a diff of last time's counts would mislead.",
	}
}

const severityText = "For a pipeline: `none` where nobody changes; `auto` if every change is drift and none of its " +
	"differences is of a kind in `review_when`; `review`; `blocked` if a guardrail is violated under `warn` and not " +
	"approved. It is about what this plan changes, and keeps its value while nothing does."
