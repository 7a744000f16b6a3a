package decision

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

var _ function.Function = explain{}

type explain struct{}

// NewExplain makes the function explain.
func NewExplain() function.Function { return explain{} }

func (explain) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "explain"
}

func (explain) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	parameter := func(name, description string) function.Parameter {
		return function.StringParameter{Name: name, MarkdownDescription: description}
	}
	resp.Definition = function.Definition{
		Summary: "Explains one user's decision",
		MarkdownDescription: "Explains whether one user syncs, and why: `verdict`, `code`, `decision`, " +
			"`explanation`, `confidence`, `action`, `account`, `groups`, `trace` (the rules looked at) and `fixes` " +
			"(changes after which the user syncs, each tried). It is pure: the same arguments give the same answer. " +
			"The result names people, as readings do, and is sensitive where they are.",
		Parameters: []function.Parameter{
			parameter("directory", "The `reading` of a `usersync_directory`."),
			parameter(
				"organization",
				"The `reading` of a `usersync_organization`; with `cross_tenant_sync` that of the "+
					"target tenant's `usersync_directory`, where the outcome has it; `\"\"` where the connector has "+
					"none.",
			),
			parameter("settings", "The `settings` of a `usersync_outcome`."),
			parameter("user", "The user, by principal name, mail or object id."),
		},
		VariadicParameter: function.StringParameter{
			Name: "accepted",
			MarkdownDescription: "The `accepted` of the same `usersync_outcome`, at most once: what is known of the " +
				"user from before. Without it, what depends on that isn't looked at.",
		},
		Return: function.ObjectReturn{AttributeTypes: arguments.ObjectTypes(arguments.Explanation())},
	}
}

// Positions of explain's arguments.
const (
	argumentDirectory int64 = iota
	argumentOrganization
	argumentSettings
	argumentUser
	argumentAccepted
)

func (explain) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var tenantText, orgText, settingsText, user string
	var accepted []string
	if resp.Error = req.Arguments.Get(ctx, &tenantText, &orgText, &settingsText, &user, &accepted); resp.Error != nil {
		return
	}
	tenant, err := session.Decode(tenantText)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(argumentDirectory, err.Error())
		return
	}
	var settings decision.Settings
	if err := json.Unmarshal([]byte(settingsText), &settings); err != nil {
		resp.Error = function.NewArgumentFuncError(argumentSettings, notSettings+".")
		return
	}
	org, err := targetOf(orgText, &settings)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(argumentOrganization, err.Error())
		return
	}
	if resp.Error = settingsFit(settingsText, settings, tenant.Directory, org); resp.Error != nil {
		return
	}
	before, failure := acceptedOf(accepted, tenant.Directory)
	if resp.Error = failure; failure != nil {
		return
	}
	e, err := decision.NewEngineAfter(tenant.Directory, tenant.Lookup, org, settings, before.History())
	if err != nil {
		resp.Error = function.NewArgumentFuncError(argumentSettings, err.Error())
		return
	}
	i, err := tenant.Lookup.User(user)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(argumentUser, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, explanationOf(e.Decide().Explain(i)))
}

// targetOf decodes the target's reading: an organization's, with cross-tenant
// synchronization the target tenant's, where it isn't empty; with others there is none.
func targetOf(text string, settings *decision.Settings) (*directory.Organization, error) {
	switch {
	case settings.Connector == "", decision.OfAtlassian(settings.Connector):
		return directory.DecodeOrganization(text)
	case text == "":
	case settings.Connector == decision.CrossTenantSync:
		t, err := session.Decode(text)
		if err != nil {
			return nil, err
		}
		*settings = settings.WithTarget(t.Directory)
	default:
		return nil, fmt.Errorf("the connector %q has no organization: pass \"\"", settings.Connector)
	}
	return &directory.Organization{}, nil
}

// acceptedOf is the accepted outcome, nil for none; it refuses what no outcome of
// this tenant accepted.
func acceptedOf(accepted []string, d *directory.Directory) (*outcome.Outcome, *function.FuncError) {
	switch len(accepted) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, function.NewArgumentFuncError(argumentAccepted+1, fmt.Sprintf("Expected the accepted outcome at "+
			"most once, found it %d times.", len(accepted)))
	}
	o, err := outcome.DecodeOutcome(accepted[0])
	if err != nil {
		return nil, function.NewArgumentFuncError(argumentAccepted, fmt.Sprintf("Expected the attribute \"accepted\" "+
			"of a usersync_outcome: %v.", err))
	}
	if !strings.EqualFold(o.TenantID, d.TenantID) {
		return nil, function.NewArgumentFuncError(argumentAccepted, fmt.Sprintf(otherOutcome, "accepted "+
			"outcome", "tenant", o.TenantID, d.TenantID))
	}
	return o, nil
}

const (
	notSettings  = "Expected the attribute \"settings\" of a usersync_outcome"
	otherOutcome = "This is the %s of another outcome: its %s is %s, and that of the reading is %s. Pass that of the " +
		"outcome that takes these readings."
)

// settingsFit refuses the settings of an outcome of another tenant or
// organization: what they name by id isn't there, or is something else.
func settingsFit(
	raw string, settings decision.Settings, d *directory.Directory, o *directory.Organization,
) *function.FuncError {
	var of struct {
		TenantID       string `json:"tenant_id"`
		OrganizationID string `json:"organization_id"`
	}
	_ = json.Unmarshal([]byte(raw), &of) // what it can't read, decision.Settings couldn't either
	switch {
	case settings.Connector == "":
		return function.NewArgumentFuncError(argumentSettings, notSettings+", found no connector.")
	case of.TenantID != "" && !strings.EqualFold(of.TenantID, d.TenantID):
		return function.NewArgumentFuncError(argumentSettings,
			fmt.Sprintf(otherOutcome, "settings", "tenant", of.TenantID, d.TenantID))
	case of.OrganizationID != "" && o.ID != "" && !strings.EqualFold(of.OrganizationID, o.ID):
		return function.NewArgumentFuncError(argumentSettings,
			fmt.Sprintf(otherOutcome, "settings", "organization", of.OrganizationID, o.ID))
	}
	if of.TenantID != "" && d.WholeTenant() || len(settings.Groups) == 0 || slices.ContainsFunc(settings.Groups,
		func(g decision.GroupRef) bool { return d.GroupByID(strings.ToLower(g.ID)) >= 0 }) {
		return nil // one that is gone is a decision's to tell
	}
	g := settings.Groups[0]
	return function.NewArgumentFuncError(argumentSettings, fmt.Sprintf("None of the groups of these settings is in "+
		"the directory's reading, such as %s (%s): they are another outcome's, or the reading is limited to other "+
		"groups. Pass the settings of the outcome that takes these readings.",
		text.Plain(g.Name), g.ID))
}
