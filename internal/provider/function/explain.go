// Package function holds the provider's functions. They are pure, so they work
// on planned values.
package function

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
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
		MarkdownDescription: "Explains whether one user syncs, and why: `verdict`, `code`, `decision`, `explanation`, `confidence`, `groups`, `trace` (the rules looked at) and `fixes` " +
			"(changes after which the user syncs, each tried). It is pure: the same arguments give the same answer. The result names people, as readings do, and is sensitive where they are.",
		Parameters: []function.Parameter{
			parameter("directory", "The `reading` of a `usersync_directory`."),
			parameter("organization", "The `reading` of a `usersync_organization`."),
			parameter("settings", "The `settings` of a `usersync_outcome`."),
			parameter("user", "The user, by principal name, mail or object id."),
		},
		Return: function.ObjectReturn{AttributeTypes: outcome.ExplanationType},
	}
}

func (explain) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var dirText, orgText, settingsText, user string
	if resp.Error = req.Arguments.Get(ctx, &dirText, &orgText, &settingsText, &user); resp.Error != nil {
		return
	}
	tenant, err := reading.Decode(dirText)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	org, err := directory.DecodeOrganization(orgText)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	var settings decision.Settings
	if err := json.Unmarshal([]byte(settingsText), &settings); err != nil {
		resp.Error = function.NewArgumentFuncError(2, "This is no settings: expected the attribute \"settings\" of a usersync_outcome.")
		return
	}
	if resp.Error = settingsFit(settingsText, settings, tenant.Directory, org); resp.Error != nil {
		return
	}
	e, err := decision.NewEngine(tenant.Directory, tenant.Lookup, org, settings)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(2, err.Error())
		return
	}
	i, err := tenant.Lookup.User(user)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(3, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, outcome.Explanation(e.Decide().Explain(i)))
}

// settingsFit refuses the settings of an outcome of another tenant or
// organization: what they name by id isn't there, or is something else.
func settingsFit(raw string, settings decision.Settings, d *directory.Directory, o *directory.Organization) *function.FuncError {
	var of struct {
		TenantID       string `json:"tenant_id"`
		OrganizationID string `json:"organization_id"`
	}
	_ = json.Unmarshal([]byte(raw), &of) // what it can't read, decision.Settings couldn't either
	const other = "These are the settings of another outcome: its %s is %s, and that of the reading is %s. Pass the settings of the outcome that takes these readings."
	switch {
	case settings.Connector == "":
		return function.NewArgumentFuncError(2, "This is no settings: expected the attribute \"settings\" of a usersync_outcome, found no connector.")
	case of.TenantID != "" && !strings.EqualFold(of.TenantID, d.TenantID):
		return function.NewArgumentFuncError(2, fmt.Sprintf(other, "tenant", of.TenantID, d.TenantID))
	case of.OrganizationID != "" && !strings.EqualFold(of.OrganizationID, o.ID):
		return function.NewArgumentFuncError(2, fmt.Sprintf(other, "organization", of.OrganizationID, o.ID))
	}
	if of.TenantID != "" && d.WholeTenant() || len(settings.Groups) == 0 || slices.ContainsFunc(settings.Groups, func(g decision.GroupRef) bool { return d.GroupByID(strings.ToLower(g.ID)) >= 0 }) {
		return nil // one that is gone is a decision's to tell
	}
	g := settings.Groups[0]
	return function.NewArgumentFuncError(2, fmt.Sprintf("None of the groups of these settings is in the directory's reading, such as %s (%s): they are another outcome's, or the reading is limited to other groups. Pass the settings of the outcome that takes these readings.",
		text.Plain(g.Name), g.ID))
}
