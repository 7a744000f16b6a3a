package arguments

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

type whatIf struct {
	UserTypes       types.String `tfsdk:"user_types"`
	VerifiedDomains types.List   `tfsdk:"verified_domains"`
	Members         types.Map    `tfsdk:"members"`
	Assignments     types.Map    `tfsdk:"assignments"`
	Mappings        types.List   `tfsdk:"mappings"`
	Running         types.Bool   `tfsdk:"running"`
	CrossTenant     types.List   `tfsdk:"cross_tenant"`
}

// WhatIfBlock is what_if. With readings, cross_tenant takes the source tenant's
// reading: a data source would keep it in the state.
func WhatIfBlock(readings bool) Block {
	return Block{
		Name: "what_if",
		Description: "What this plan, or a plan to come, changes: decisions are made as if it were so. What matters " +
			"of it shows in the decisions.",
		Arguments: []Argument{
			{
				Name: "user_types",
				Type: types.StringType,
				Description: "A JSON object, user (principal name, mail or object id) to `Member` or `Guest`: a " +
					"policy's `desired`.",
			},
			{
				Name:        "verified_domains",
				Type:        stringList,
				Description: "Domains to count as verified beside the organization's.",
			},
			{
				Name: "members",
				Type: stringsMap,
				Description: "Users (principal name, mail or object id) to count as members of a group " +
					"(`displayName` or object id).",
			},
			{
				Name: "assignments",
				Type: types.MapType{ElemType: types.StringType},
				Description: "For a job: groups (`displayName` or object id) and users (principal name, mail or " +
					"object " +
					"id) to count as assigned to the application, each with the app role's name, `\"\"` for the " +
					"default " +
					"one. So an access request can be planned before it is granted.",
			},
			{
				Name:        "mappings",
				Type:        stringList,
				Description: "For a job: `effective` of planned mappings, laid over the job's own.",
			},
			flag("running", "For a job: whether this plan starts or restarts the job, `starts` of a "+
				"`usersync_provisioning_schedule`. `true` lifts that the job isn't started or is paused, never that "+
				"it is in quarantine or disabled."),
			CrossTenantArgument(readings),
		},
	}
}

// CrossTenantArgument is cross_tenant.
func CrossTenantArgument(readings bool) Argument {
	inside := []Argument{
		{
			Name: "home_domains",
			Type: stringList,
			Description: "The home domains of the source tenant's people. May be left out with `directory`: then " +
				"they are the source tenant's verified domains.",
		},
		{
			Name:        "mapping",
			Type:        types.StringType,
			Required:    true,
			Description: "`effective` of the source tenant's `usersync_provisioning_mapping` of users.",
		},
	}
	if readings {
		inside = append(inside, Argument{
			Name:      "directory",
			Type:      types.StringType,
			Sensitive: true,
			Description: "The source tenant's reading, where it is ours: expressions are then evaluated on its " +
				"users, and with its job among `service_principals` those who would newly come are named.",
		})
	} else {
		inside[0].Description = "The home domains of the source tenant's people."
	}
	return Argument{
		Name:    "cross_tenant",
		Objects: inside,
		Description: "What source tenants write by cross-tenant synchronization, or are planned to. A mapping of " +
			"`userType` with `apply = \"always\"` writes it for people who are here already, at the source user's " +
			"next change; `on_create`, the default there, only for new ones.",
	}
}

// ValidateWhatIf refuses an assumption that the connector has nothing for.
func ValidateWhatIf(ctx context.Context, connector types.String, o types.Object, in string, d *diag.Diagnostics) {
	var w whatIf
	if connector.IsNull() || connector.IsUnknown() || decision.OfAtlassian(connector.ValueString()) ||
		!tfutil.Object(ctx, o, &w, d) {
		return
	}
	if !w.VerifiedDomains.IsNull() {
		tfutil.ArgumentError(
			d,
			"Conflicting arguments",
			fmt.Sprintf("connector = %q has no Atlassian organization, and "+
				"so no domains to verify: leave verified_domains out.", connector.ValueString()),
			tfutil.Within(in, "what_if", "verified_domains")...)
	}
}

// addWhatIf adds what_if to a request.
func addWhatIf(ctx context.Context, o types.Object, r *decision.Request, d *diag.Diagnostics) {
	var w whatIf
	if !tfutil.Object(ctx, o, &w, d) {
		return
	}
	r.UserTypes = userTypes(w.UserTypes, d)
	r.Running = w.Running.ValueBool()
	r.VerifiedDomains = tfutil.Strings(ctx, w.VerifiedDomains, d)
	if !w.Members.IsNull() {
		d.Append(w.Members.ElementsAs(ctx, &r.Members, false)...)
	}
	if !w.Assignments.IsNull() {
		d.Append(w.Assignments.ElementsAs(ctx, &r.Assignments, false)...)
	}
	r.Mappings = tfutil.Strings(ctx, w.Mappings, d)
	r.CrossTenant = CrossTenants(ctx, w.CrossTenant, d, "what_if", "cross_tenant")
}

// userTypes reads the JSON object of user_types.
func userTypes(v types.String, d *diag.Diagnostics) map[string]string {
	if v.ValueString() == "" {
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(v.ValueString()), &m); err != nil {
		tfutil.ArgumentError(d, "Invalid user types", fmt.Sprintf("Expected a JSON object from user (principal name, "+
			"mail or object id) to \"Member\" or \"Guest\", such as a policy's \"desired\" or "+
			"jsonencode({ \"a@b.c\" = \"Guest\" }). The JSON parser says: %v.", err), "what_if", "user_types")
	}
	return m
}

// crossTenant is one source tenant, as data sources take it.
type crossTenant struct {
	HomeDomains types.List   `tfsdk:"home_domains"`
	Mapping     types.String `tfsdk:"mapping"`
}

// crossTenantReading is one source tenant, as resources take it.
type crossTenantReading struct {
	crossTenant
	Directory types.String `tfsdk:"directory"`
}

// CrossTenants are the source tenants of cross_tenant, which is at argument;
// their readings are decoded once in a process.
func CrossTenants(
	ctx context.Context, list types.List, d *diag.Diagnostics, argument ...string,
) []decision.CrossTenant {
	models := crossTenantModels(ctx, list, d)
	out := make([]decision.CrossTenant, len(models))
	for i, m := range models {
		out[i] = decision.CrossTenant{
			HomeDomains: tfutil.Strings(ctx, m.HomeDomains, d),
			Mapping:     m.Mapping.ValueString(),
		}
		if m.Directory.IsNull() {
			continue
		}
		tenant, err := session.Decode(m.Directory.ValueString())
		if err != nil {
			at := tfutil.FailureAt(path.Root(argument[0]), "Reading the source tenant", err)
			d.AddAttributeError(path.Root(argument[0]), at.Summary(),
				fmt.Sprintf("%s[%d].directory: %s", tfutil.Dotted(argument), i, at.Detail()))
			continue
		}
		out[i].Source = tenant.Directory
	}
	return out
}

func crossTenantModels(ctx context.Context, list types.List, d *diag.Diagnostics) (models []crossTenantReading) {
	if list.IsNull() || list.IsUnknown() {
		return nil
	}
	if of, ok := list.ElementType(ctx).(types.ObjectType); ok && of.AttrTypes["directory"] != nil {
		d.Append(list.ElementsAs(ctx, &models, false)...)
		return models
	}
	var without []crossTenant
	d.Append(list.ElementsAs(ctx, &without, false)...)
	for _, m := range without {
		models = append(models, crossTenantReading{crossTenant: m})
	}
	return models
}
