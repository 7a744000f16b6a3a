package outcome

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
)

// Descriptions that resource and data sources share.
const (
	connectorText       = "How users get to Atlassian: `atlassian_nested_groups` (Atlassian's own \"Azure AD for nested groups\") or `atlassian_scim` (Entra's gallery app \"Atlassian Cloud\")."
	scopeText           = "Who the connector is set to sync."
	scopeGroupsText     = "The selected groups, by `displayName` (exact) or object id. For nested groups, their child groups are included, at any depth; for SCIM they are the assigned groups (default: the job's assignments), of which only direct members are taken."
	scopeEveryoneText   = "Whether all users and groups sync. Default `false`."
	entraDomainsText    = "The domains, verified in Entra, that the sync is set to verify in Atlassian; `*` for all. They count as verified. Default: none."
	rulesText           = "How to read what Atlassian's documentation leaves open."
	exceptionText       = "Who passes although the domain isn't verified: `guest` (default; userType is Guest, as reported), `not_member` (userType isn't Member) or `ext_upn` (home is another tenant)."
	testedAddressText   = "Which address is tested: `email` (default) or `user_principal_name`."
	whatIfText          = "What this plan, or a plan to come, changes: decisions are made as if it were so. What matters of it shows in the decisions."
	userTypesText       = "A JSON object, user (principal name, mail or object id) to `Member` or `Guest`: a policy's `desired`."
	verifiedDomainText  = "Domains to count as verified beside the organization's."
	principalText       = "For SCIM: the service principal whose job provisions, by `displayName` or object id, where the reading holds several."
	crossTenantText     = "What source tenants write by cross-tenant synchronization, or are planned to. A mapping of `userType` with `apply = \"always\"` writes it for people who are here already, at the source user's next change; `on_create`, the default there, only for new ones."
	homeDomainsText     = "The home domains of the source tenant's people. May be left out with `directory`: then they are the source tenant's verified domains."
	sourceMappingText   = "`effective` of the source tenant's `usersync_provisioning_mapping` of users."
	sourceDirectoryText = "The source tenant's reading, where it is ours: expressions are then evaluated on its users, and with its job among `service_principals` those who would newly come are named."
	mappingsText        = "For SCIM: `effective` of planned mappings, laid over the job's own."
	membersText         = "Users (principal name, mail or object id) to count as members of a group (`displayName` or object id)."
)

var guardrailsType = map[string]attr.Type{
	"max_lost": types.Int64Type, "max_lost_percent": types.Float64Type, "max_groups_lost": types.Int64Type,
	"max_left": types.Int64Type, "max_left_percent": types.Float64Type, "max_gained": types.Int64Type,
	"must_sync": types.SetType{ElemType: types.StringType}, "must_not_sync": types.SetType{ElemType: types.StringType},
	"expect_skipped": types.SetType{ElemType: types.StringType},
	"on_plan":        types.StringType, "on_drift": types.StringType, "approve": types.StringType, "review_when": types.SetType{ElemType: types.StringType},
}

func kindNames() []string {
	var names []string
	for _, k := range outcome.Kinds {
		names = append(names, k.Name)
	}
	return names
}

// Schema describes the outcome.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	nonEmpty := []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who will sync to Atlassian, and why. The state holds the outcome that was last accepted; a plan shows every change in who syncs or why, " +
			"whoever caused it, and tells drift (it has already happened) from this plan's effect. Applying accepts what was planned; it writes nothing to Entra or Atlassian. " +
			"Declining a plan doesn't undo drift: Atlassian takes it at its next sync. A policy in the same configuration belongs into `what_if`: an outcome that leaves it out can't be empty after the apply that converts people.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "An opaque id, made at create.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
			"directory":    schema.StringAttribute{Required: true, WriteOnly: true, Sensitive: true, MarkdownDescription: "The `reading` of a `usersync_directory`."},
			"organization": schema.StringAttribute{Required: true, WriteOnly: true, Sensitive: true, MarkdownDescription: "The `reading` of a `usersync_organization`."},
			"taken_at":     schema.StringAttribute{Optional: true, WriteOnly: true, MarkdownDescription: "The directory's `taken_at`: the clock of expressions that use Now()."},
			"connector":    schema.StringAttribute{Required: true, MarkdownDescription: connectorText, Validators: []validator.String{stringvalidator.OneOf(decision.NestedGroups, decision.SCIM)}},
			"scope": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: scopeText, Attributes: map[string]schema.Attribute{
				"groups":   schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: scopeGroupsText, Validators: append(nonEmpty, setvalidator.SizeAtLeast(1))},
				"everyone": schema.BoolAttribute{Optional: true, MarkdownDescription: scopeEveryoneText},
			}},
			"service_principal": schema.StringAttribute{Optional: true, MarkdownDescription: principalText},
			"entra_domains":     schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: entraDomainsText, Validators: nonEmpty},
			"what_if": schema.SingleNestedAttribute{Optional: true, WriteOnly: true, MarkdownDescription: whatIfText, Attributes: map[string]schema.Attribute{
				"user_types":       schema.StringAttribute{Optional: true, WriteOnly: true, MarkdownDescription: userTypesText},
				"verified_domains": schema.ListAttribute{ElementType: types.StringType, Optional: true, WriteOnly: true, MarkdownDescription: verifiedDomainText},
				"members":          schema.MapAttribute{ElementType: types.ListType{ElemType: types.StringType}, Optional: true, WriteOnly: true, MarkdownDescription: membersText},
				"mappings":         schema.ListAttribute{ElementType: types.StringType, Optional: true, WriteOnly: true, MarkdownDescription: mappingsText},
				"cross_tenant": schema.ListNestedAttribute{Optional: true, WriteOnly: true, MarkdownDescription: crossTenantText, NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"home_domains": schema.ListAttribute{ElementType: types.StringType, Optional: true, WriteOnly: true, MarkdownDescription: homeDomainsText},
					"mapping":      schema.StringAttribute{Required: true, WriteOnly: true, MarkdownDescription: sourceMappingText},
					"directory":    schema.StringAttribute{Optional: true, WriteOnly: true, Sensitive: true, MarkdownDescription: sourceDirectoryText},
				}}},
			}},
			"connector_rules": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: rulesText, Attributes: map[string]schema.Attribute{
				"external_exception": schema.StringAttribute{Optional: true, MarkdownDescription: exceptionText,
					Validators: []validator.String{stringvalidator.OneOf(decision.ExternalUsersGuest, decision.ExternalUsersNotMember, decision.ExternalUsersExternal)}},
				"tested_address": schema.StringAttribute{Optional: true, MarkdownDescription: testedAddressText,
					Validators: []validator.String{stringvalidator.OneOf(decision.IdentifierEmail, decision.IdentifierUserPrincipalName)}},
			}},
			"guardrails": guardrailsSchema(nonEmpty),
			"watch_groups": schema.SetAttribute{ElementType: types.StringType, Optional: true, Validators: nonEmpty,
				MarkdownDescription: "Globs (`jira-*`, without regard to case) of groups whose gains and losses are named, user by user."},
			"list": schema.StringAttribute{Optional: true, MarkdownDescription: "Whom `decisions` lists: `skipped` (default: who doesn't sync, or of whom it is unknown) or `all`.",
				Validators: []validator.String{stringvalidator.OneOf(listSkipped, listAll)}},
			"names": schema.StringAttribute{Optional: true, MarkdownDescription: "How users are named in decisions, messages and reports: `principal_name` (default) or `id`, where plans are read by people who shouldn't see names.",
				Validators: []validator.String{stringvalidator.OneOf(namesUPN, namesID)}},

			"decisions":        schema.StringAttribute{Computed: true, MarkdownDescription: "A JSON object, user to decision, keys sorted: verdict (`sync`, `skip`, `unknown`), reason code, the facts that decided, and warnings. `reported` or `inferred` stands where the rule isn't documented."},
			"groups":           schema.StringAttribute{Computed: true, MarkdownDescription: "A JSON object, group as it would stand in Atlassian to its number of members."},
			"summary":          summarySchema(),
			"severity":         schema.StringAttribute{Computed: true, MarkdownDescription: severityText},
			"changes":          changesSchema(),
			"changes_markdown": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The changes as Markdown, at most 60,000 characters, for a pull-request comment. It names people."},
			"what_if_applied":  schema.StringAttribute{Computed: true, MarkdownDescription: "What was assumed, in a line."},
			"fingerprint":      schema.StringAttribute{Computed: true, MarkdownDescription: "A SHA-256, in hex, of all decisions and groups."},
			"settings":         schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "Connector, scope, rules and what-if as JSON, for the function `explain`."},
			"accepted":         schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The accepted outcome of every user in scope, compact. Later plans are compared with it."},
			"resolved": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "What the names in the configuration mean: a JSON object, argument to name to object id, as accepted. " +
					"A name goes on meaning the object that it meant: one that was renamed still counts, and another that takes the name doesn't.",
			},
		},
	}
}

func guardrailsSchema(nonEmpty []validator.Set) schema.Attribute {
	mode := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: text, Validators: []validator.String{stringvalidator.OneOf(onError, onWarn)}}
	}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "Limits on what a plan may change. On create only `must_sync` and `must_not_sync` hold. The CLIs drop a misspelled key of an object without a word: check in the first plan that the limits are there.", Attributes: map[string]schema.Attribute{
		"max_lost":         schema.Int64Attribute{Optional: true, MarkdownDescription: "The most users who may no longer sync; leavers (deleted, disabled) aren't counted. Held against drift, against this plan, and against both together where this plan adds to drift. Default: no limit.", Validators: []validator.Int64{int64validator.AtLeast(0)}},
		"max_lost_percent": schema.Float64Attribute{Optional: true, MarkdownDescription: "The same in percent of those who sync in the accepted outcome. Default: no limit.", Validators: []validator.Float64{float64validator.Between(0, 100)}},
		"max_left": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "The most users who synced and may be deleted or disabled now. Default: no limit.",
		},
		"max_left_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{float64validator.Between(0, 100)},
			MarkdownDescription: "The same in percent of those who sync in the accepted outcome. It holds from six leavers on. Default: 10.",
		},
		"max_gained": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "The most users who may newly sync, hires included. Default: no limit.",
		},
		"expect_skipped": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Validators: nonEmpty,
			MarkdownDescription: "Users who are meant not to sync (service accounts, shared mailboxes), by principal name, mail or object id: " +
				"they aren't *missed* where they are newly in scope. A warning names those who sync all the same.",
		},
		"max_groups_lost": schema.Int64Attribute{Optional: true, MarkdownDescription: "The most groups that may leave. Default: no limit (0 for SCIM, where a lost group loses its permissions).", Validators: []validator.Int64{int64validator.AtLeast(0)}},
		"must_sync":       schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "Users who must sync, by principal name, mail or object id. *Unknown* doesn't satisfy it.", Validators: nonEmpty},
		"must_not_sync":   schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "Users who must not sync. *Unknown* doesn't satisfy it.", Validators: nonEmpty},
		"on_plan":         mode("What a violation by this configuration, or by a newer provider's rules, does: `error` (default) or `warn`."),
		"on_drift":        mode("What a violation by what has already happened does: `warn` (default; blocking would only block the repair) or `error`."),
		"approve":         schema.StringAttribute{Optional: true, MarkdownDescription: "The hash that a violation prints: accepts exactly what that plan would do, once."},
		"review_when": schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "Kinds of change that a person must see, also as drift: one of them in any difference of a user or group makes `severity` `review`. Default `[\"" + strings.Join(outcome.DefaultReview(), "\", \"") + "\"]`.",
			Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(kindNames()...))}},
	}}
}

func summarySchema() schema.Attribute {
	number := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "Counts of the accepted outcome.", Attributes: map[string]schema.Attribute{
		"users": number("Users in scope."), "synced": number("Users who sync."), "skipped": number("Users who don't."), "unknown": number("Users of whom it is unknown."),
		"not_in_scope":   number("Users of the reading who aren't in scope."),
		"by_reason":      schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "Users in scope by reason code."},
		"by_home_domain": schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "Users in scope by home domain: the hundred largest, and the rest together."},
	}}
}

func changesSchema() schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, k := range outcome.Kinds {
		attributes[k.Name] = schema.SingleNestedAttribute{Computed: true, MarkdownDescription: k.Description, Attributes: map[string]schema.Attribute{
			"drift":     schema.Int64Attribute{Computed: true, MarkdownDescription: "It has already happened."},
			"this_plan": schema.Int64Attribute{Computed: true, MarkdownDescription: "This plan's configuration does it."},
			"rules":     schema.Int64Attribute{Computed: true, MarkdownDescription: "A newer provider decides otherwise."},
		}}
	}
	return schema.SingleNestedAttribute{
		Computed: true, Sensitive: true, Attributes: attributes,
		MarkdownDescription: "Changes against the outcome accepted before, by kind and cause. A user counts once, in the first kind that fits. " +
			"They keep their value while nothing changes, so they are masked on the screen: a diff of last time's counts would mislead.",
	}
}

const severityText = "For a pipeline: `none` where nobody changes; `auto` if every change is drift and none of its differences is of a kind in `review_when`; " +
	"`review`; `blocked` if a guardrail is violated under `warn` and not approved. It is about what this plan changes, and keeps its value while nothing does."
