package reconciliation

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
)

// Schema describes the data source.
func (s *Source) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	more := append(computed(), arguments.IdentifyUsersBy("With `id`, orphans are named by the id of their account or "+
		"record."))
	resp.Schema = decide.SourceSchema("Predicted against actual: joins what this reading predicts, without what-if, "+
		"with what the target has: Atlassian's organization, a SCIM application (`scim`), or another tenant "+
		"(`cross_tenant_sync`). Over Atlassian it finds out which settings of "+
		"the connector fit where Atlassian doesn't "+
		"document them. Users and accounts are joined by the tested address "+
		"and the account's e-mail, both in one "+
		"form (no spaces around, lower case, the domain in ASCII form; that "+
		"Atlassian compares so is inferred); with "+
		"the SCIM connector and a configured SCIM directory by its records: "+
		"`externalId` and the object id, else "+
		"`userName` or e-mail. No call tells which accounts the nested-groups "+
		"connector holds: an account counts as "+
		"synced where its `managementSource` says so (managed accounts only), "+
		"or where it is in a group that the "+
		"organization shows as externally synced. It uses the provider's own reading of this plan, with the "+
		"organization's accounts and groups, whatever `accounts` says; the API "+
		"key needs `read:directories:admin` "+
		"and `read:groups:admin`, too.\n\nWith `scim` and `cross_tenant_sync` "+
		"the provisioning log says who is there: "+
		"of each user the last successful create, update, disable, delete or "+
		"restore among the newest 10,000 entries of "+
		"the service principal (`AuditLog.Read.All`), which the service keeps "+
		"for 7 to 30 days. Of whom it says nothing, "+
		"nobody is compared; `agreement.no_evidence` counts them. With `scim`, "+
		"where the environment has `SCIM_ENDPOINT` "+
		"and `SCIM_TOKEN`, the application's own users say it: joined by "+
		"`externalId` where that is the object id, else by "+
		"the `userName` that is sent, ignoring case. Address and token are in "+
		"no configuration, plan or state. Groups are "+
		"compared for Atlassian alone.", nil, more...)
	resp.Schema.Attributes["last_sync"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "When the last sync began (RFC 3339): no API tells. With it, a user " +
			"who was created or " +
			"whose invitation changed after it is `pending`; a change of type, " +
			"address or groups has no date in " +
			"Graph. It reads `createdDateTime` and " +
			"`externalUserStateChangeDateTime`: name them in `attributes` of a " +
			"`usersync_directory` beside it, and one read serves both. Without it such mismatches are " +
			"`pending_or_predicted_wrong`.",
	}
	resp.Schema.Attributes["provisioning_log"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "For the connectors over a job: whether `cause` also says what the " +
			"provisioning log has last of a user " +
			"(action, status, error code or reason to skip, and when). It takes " +
			"the newest 10,000 entries of the " +
			"service principal and needs the permission `AuditLog.Read.All`. Default `false`.",
	}
	resp.Schema.Attributes["min_agreement"] = schema.Float64Attribute{
		Optional:   true,
		Validators: []validator.Float64{float64validator.Between(0, 100)},
		MarkdownDescription: "The least agreement, in percent of the compared users; below it " +
			"`on_disagreement` says " +
			"what happens. Pending users count as not agreeing.",
	}
	resp.Schema.Attributes["on_disagreement"] = schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.OneOf("warn", "error")},
		MarkdownDescription: "What an agreement below `min_agreement` is: `warn` (default), a " +
			"warning; `error`, an " +
			"error that stops the plan.",
	}
	resp.Schema.Attributes["max_distinguishing_users"] = schema.Int64Attribute{
		Optional:            true,
		Validators:          []validator.Int64{int64validator.Between(0, 1000)},
		MarkdownDescription: "How many users `distinguishing_users` names. Default 10.",
	}
}

// computed are the computed attributes.
func computed() []arguments.Argument {
	text := func(name, description string) arguments.Argument {
		return arguments.Argument{Name: name, Type: types.StringType, Computed: true, Description: description}
	}
	return []arguments.Argument{
		agreementArgument(),
		text("confusion", "A JSON object: decision code (`sync: guest`) to what the target has (`synced`, "+
			"`present`, `absent`, `inactive`, `unlinked`, `ambiguous`) to the number of users in scope."),
		{
			Name:        "classes",
			Type:        types.MapType{ElemType: types.Int64Type},
			Computed:    true,
			Description: "Number of mismatches by class.",
		},
		text("mismatches", "A JSON list of every mismatch, sorted: `class`, `who`, `predicted`, `actual`, `groups`, "+
			"`cause`. Classes: `pending`, `pending_or_predicted_wrong`, "+
			"`predicted_wrong`, `orphan` (what the sync "+
			"holds of nobody in scope), `duplicate` (several accounts of one "+
			"user), `unlinked` (a SCIM record "+
			"without account), `missing_from_group`, `extra_in_group`, `ambiguous` "+
			"(several users with one address), "+
			"`group_missing`, `group_extra`, `service_not_running` (nothing came "+
			"since the job doesn't run), "+
			"`leaver` (disabled in Entra, still active there), "+
			"`account_deactivated` (in Atlassian, behind an active "+
			"record), `blocked` (another account or record holds the address), `account_out_of_scope` and "+
			"`account_without_user` (managed, active accounts that nothing of Entra's ends)."),
		{
			Name:     "calibration",
			Computed: true,
			Description: "Every combination of the connector's settings that nobody documents, best agreement first, " +
				"the default first among equals; empty for SCIM, which has no such settings.",
			Objects: []arguments.Argument{
				text("user_identifier", "As in an outcome's `connector_settings`."),
				text("external_users", "As in an outcome's `connector_settings`."),
				number("compared", "Users compared under it."),
				number("agreed", "Users who agree under it."),
				percent("In percent."),
				{Name: "default", Type: types.BoolType, Computed: true, Description: "Whether it is the default."},
				text("hcl", "The block to paste into an outcome, with what is configured here beside it."),
			},
		},
		text("distinguishing_users", "A JSON list of users whom these settings decide otherwise: `who`, `actual`, "+
			"`decisions` (by position in `calibration`), `fits` (the positions that agree). They are the evidence."),
		text("best_connector_settings", "`connector_settings` to paste, of the combination that fits better than "+
			"every other; \"\" where several fit alike."),
		text(
			"compared_with",
			"What was compared: `accounts` of the organization, or `scim`, its SCIM directory; with the "+
				"other connectors `provisioning_log`, or `scim_users`, the application's own.",
		),
	}
}

func agreementArgument() arguments.Argument {
	return arguments.Argument{
		Name:        "agreement",
		Computed:    true,
		Description: "How many users in scope are as predicted.",
		Object: []arguments.Argument{
			number("compared", "Users in scope of whom prediction and target both say something."),
			number("agreed", "Those of whom both say the same."),
			percent("`agreed` of `compared`, in percent; 100 where nobody is compared."),
			number("unknown", "Users predicted as unknown; not compared."),
			number("ambiguous", "Users who can't be told from others, or have several accounts; not compared."),
			number("no_evidence", "Users of whom the provisioning log says nothing; not compared. 0 for Atlassian."),
		},
	}
}

func number(name, description string) arguments.Argument {
	return arguments.Argument{Name: name, Type: types.Int64Type, Computed: true, Description: description}
}

func percent(description string) arguments.Argument {
	return arguments.Argument{Name: "percent", Type: types.Float64Type, Computed: true, Description: description}
}
