package outcome

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

// sourceModel is what the deciding data sources take.
type sourceModel struct {
	Organization        types.String `tfsdk:"organization"`
	DirectoryGroups     types.Set    `tfsdk:"directory_groups"`
	Connector           types.String `tfsdk:"connector"`
	Scope               types.Object `tfsdk:"scope"`
	ServicePrincipal    types.String `tfsdk:"service_principal"`
	TakenAt             types.String `tfsdk:"taken_at"`
	DirectoryAttributes types.Set    `tfsdk:"directory_attributes"`
	EntraDomains        types.Set    `tfsdk:"entra_domains"`
	WhatIf              types.Object `tfsdk:"what_if"`
	ConnectorRules      types.Object `tfsdk:"connector_rules"`
}

func (m *sourceModel) request() request {
	return request{m.Connector, m.Scope, m.EntraDomains, m.WhatIf, m.ConnectorRules, m.ServicePrincipal, m.TakenAt}
}

// sourceAttributes are the arguments of the deciding data sources.
func sourceAttributes(more map[string]schema.Attribute) map[string]schema.Attribute {
	nonEmpty := []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}
	a := map[string]schema.Attribute{
		"organization": schema.StringAttribute{Optional: true, MarkdownDescription: "The organization's key in the provider's `organizations`. Optional while there is exactly one."},
		"directory_groups": schema.SetAttribute{ElementType: types.StringType, Optional: true, Validators: nonEmpty,
			MarkdownDescription: "Read only what is below these groups, as `groups` of `usersync_directory` does. Default: the whole tenant. The same value as there shares its read."},
		"connector": schema.StringAttribute{Required: true, MarkdownDescription: connectorText, Validators: []validator.String{stringvalidator.OneOf(decision.NestedGroups, decision.SCIM)}},
		"scope": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: scopeText, Attributes: map[string]schema.Attribute{
			"groups":   schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: scopeGroupsText, Validators: append(nonEmpty, setvalidator.SizeAtLeast(1))},
			"everyone": schema.BoolAttribute{Optional: true, MarkdownDescription: scopeEveryoneText},
		}},
		"directory_attributes": schema.SetAttribute{ElementType: types.StringType, Optional: true, Validators: nonEmpty,
			MarkdownDescription: "For SCIM: Graph names of user properties that mappings and filters use, as `attributes` of `usersync_directory`."},
		"service_principal": schema.StringAttribute{Optional: true, MarkdownDescription: "For SCIM: the service principal whose job provisions, by `displayName` or object id."},
		"taken_at":          schema.StringAttribute{Optional: true, MarkdownDescription: "For SCIM: the clock of expressions that use Now(), RFC 3339."},
		"entra_domains":     schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: entraDomainsText, Validators: nonEmpty},
		"what_if": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: whatIfText, Attributes: map[string]schema.Attribute{
			"user_types":       schema.StringAttribute{Optional: true, MarkdownDescription: userTypesText},
			"verified_domains": schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: verifiedDomainText},
			"members":          schema.MapAttribute{ElementType: types.ListType{ElemType: types.StringType}, Optional: true, MarkdownDescription: membersText},
			"mappings":         schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: mappingsText},
			"cross_tenant": schema.ListNestedAttribute{Optional: true, MarkdownDescription: crossTenantText, NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"home_domains": schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: homeDomainsText},
				"mapping":      schema.StringAttribute{Required: true, MarkdownDescription: sourceMappingText},
				"directory":    schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: sourceDirectoryText + " Unlike a resource, a data source keeps it in the state, masked on screen."},
			}}},
		}},
		"connector_rules": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: rulesText, Attributes: map[string]schema.Attribute{
			"external_exception": schema.StringAttribute{Optional: true, MarkdownDescription: exceptionText,
				Validators: []validator.String{stringvalidator.OneOf(decision.ExternalUsersGuest, decision.ExternalUsersNotMember, decision.ExternalUsersExternal)}},
			"tested_address": schema.StringAttribute{Optional: true, MarkdownDescription: testedAddressText,
				Validators: []validator.String{stringvalidator.OneOf(decision.IdentifierEmail, decision.IdentifierUserPrincipalName)}},
		}},
	}
	for name, attribute := range more {
		a[name] = attribute
	}
	return a
}

// source is what the deciding data sources share: the provider's own readings
// of this plan.
type source struct{ session *reading.Session }

func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	s.session, _ = req.ProviderData.(*reading.Session)
}

// decide reads and decides; nil after a diagnostic.
func (s *source) decide(ctx context.Context, m *sourceModel, d *diag.Diagnostics) *decision.Result {
	return s.decideWith(ctx, m, false, d)
}

// decideWith does the same, with the organization's accounts where they are
// wanted.
func (s *source) decideWith(ctx context.Context, m *sourceModel, accounts bool, d *diag.Diagnostics) *decision.Result {
	if s.session == nil {
		d.Append(diagnose.Error(doing, &diagnose.NotConfiguredError{Problem: "The provider isn't configured yet"}))
		return nil
	}
	q := m.request().toRequest(ctx, nil, d)
	groups := stringsOf(ctx, m.DirectoryGroups, d)
	if d.HasError() {
		return nil
	}
	key, err := s.session.OrganizationKey(m.Organization.ValueString())
	if err != nil {
		d.Append(diagnose.At(path.Root("organization"), doing, err))
		return nil
	}
	dir, info, err := s.session.Directory(ctx, groups, stringsOf(ctx, m.DirectoryAttributes, d))
	if err == nil && q.Connector == decision.SCIM && q.ServicePrincipal != "" {
		var jobs []directory.Job
		jobs, err = s.session.Jobs(ctx, []string{q.ServicePrincipal})
		dir = dir.WithJobs(jobs)
	}
	if err != nil {
		d.Append(diagnose.Error("Reading the directory", err))
		return nil
	}
	for _, w := range info.Warnings {
		d.AddWarning(w.Summary, w.Detail)
	}
	org, _, err := s.session.Organization(ctx, key, accounts)
	if err != nil {
		d.Append(diagnose.Error("Reading the organization", err))
		return nil
	}
	r := readings{tenant: &reading.Tenant{Directory: dir, Lookup: directory.NewLookup(dir)}, organization: org}
	e := r.engineOf(q, d)
	if e == nil {
		return nil
	}
	return e.Decide()
}

var (
	_ datasource.DataSourceWithConfigure      = (*decisionSource)(nil)
	_ datasource.DataSourceWithConfigure      = (*decisionsSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*decisionSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*decisionsSource)(nil)
)

type decisionSource struct{ source }

// NewDecision makes the data source usersync_decision.
func NewDecision() datasource.DataSource { return &decisionSource{} }

type decisionModel struct {
	sourceModel
	User        types.String `tfsdk:"user"`
	UserID      types.String `tfsdk:"user_id"`
	Verdict     types.String `tfsdk:"verdict"`
	Code        types.String `tfsdk:"code"`
	Decision    types.String `tfsdk:"decision"`
	Explanation types.String `tfsdk:"explanation"`
	Confidence  types.String `tfsdk:"confidence"`
	Groups      types.List   `tfsdk:"groups"`
	Trace       types.List   `tfsdk:"trace"`
	Fixes       types.List   `tfsdk:"fixes"`
}

func (s *decisionSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_decision"
}

func (s *decisionSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(d string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: d}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One user: whether they sync, why, which rules were looked at, and fixes that the engine has itself tried. It uses the provider's own reading of this plan.",
		Attributes: sourceAttributes(map[string]schema.Attribute{
			"user":        schema.StringAttribute{Required: true, MarkdownDescription: "The user, by principal name, mail or object id."},
			"user_id":     text("The user's object id."),
			"verdict":     text("`sync`, `skip` or `unknown`."),
			"code":        text("The reason code."),
			"decision":    text("The decision as an outcome shows it."),
			"explanation": text("The decision in words."),
			"confidence":  text("`documented`, `reported` or `inferred`."),
			"groups":      schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "The groups that the user lands in, in Atlassian."},
			"trace": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The rules that were looked at, in order.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"rule": text("The rule."), "saw": text("What it found."), "result": text("`applies`, `doesn't apply` or `noted`."), "source": text("Where the rule is described."), "confidence": text("How sure the rule is."),
			}}},
			"fixes": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Changes after which the user syncs, each tried: single ones, and where none is enough, pairs.", NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"change": text("What to change."), "who": text("Who must do it."), "effect": text("The decision afterwards, and what else the change does."), "undone_by": text("What may undo or spoil it."),
				"others_changed": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many other users are decided otherwise afterwards."},
			}}},
		}),
	}
}

func (s *decisionSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m decisionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		validateRequest(ctx, m.request(), &resp.Diagnostics)
	}
}

func (s *decisionSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m decisionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r := s.decide(ctx, &m.sourceModel, &resp.Diagnostics)
	if r == nil {
		return
	}
	i, err := r.Lookup.User(m.User.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.At(path.Root("user"), doing, err))
		return
	}
	e := r.Explain(i)
	o := Explanation(e).Attributes()
	m.UserID = types.StringValue(e.UserID)
	m.Verdict, m.Code, m.Decision = o["verdict"].(types.String), o["code"].(types.String), o["decision"].(types.String)
	m.Explanation, m.Confidence = o["explanation"].(types.String), o["confidence"].(types.String)
	m.Groups, m.Trace, m.Fixes = o["groups"].(types.List), o["trace"].(types.List), o["fixes"].(types.List)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

type decisionsSource struct{ source }

// NewDecisions makes the data source usersync_decisions.
func NewDecisions() datasource.DataSource { return &decisionsSource{} }

type decisionsModel struct {
	sourceModel
	List        types.String `tfsdk:"list"`
	Names       types.String `tfsdk:"names"`
	Decisions   types.String `tfsdk:"decisions"`
	Groups      types.String `tfsdk:"groups"`
	Summary     types.Object `tfsdk:"summary"`
	Fingerprint types.String `tfsdk:"fingerprint"`
	Settings    types.String `tfsdk:"settings"`
}

func (s *decisionsSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_decisions"
}

func (s *decisionsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	number := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "All decisions, without accepting them: no comparison, no guardrails. It uses the provider's own reading of this plan.",
		Attributes: sourceAttributes(map[string]schema.Attribute{
			"list":      schema.StringAttribute{Optional: true, MarkdownDescription: "Whom `decisions` lists: `skipped` (default) or `all`.", Validators: []validator.String{stringvalidator.OneOf(listSkipped, listAll)}},
			"names":     schema.StringAttribute{Optional: true, MarkdownDescription: "How users are named: `principal_name` (default) or `id`.", Validators: []validator.String{stringvalidator.OneOf(namesUPN, namesID)}},
			"decisions": schema.StringAttribute{Computed: true, MarkdownDescription: "A JSON object, user to decision, keys sorted."},
			"groups":    schema.StringAttribute{Computed: true, MarkdownDescription: "A JSON object, group as it would stand in Atlassian to its number of members."},
			"summary": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "Counts.", Attributes: map[string]schema.Attribute{
				"users": number("Users in scope."), "synced": number("Users who sync."), "skipped": number("Users who don't."), "unknown": number("Users of whom it is unknown."),
				"not_in_scope":   number("Users of the reading who aren't in scope."),
				"by_reason":      schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "Users in scope by reason code."},
				"by_home_domain": schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "Users in scope by home domain: the hundred largest, and the rest together."},
			}},
			"fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "A SHA-256, in hex, of all decisions and groups."},
			"settings":    schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "Connector, scope, rules and what-if as JSON, for the function `explain`."},
		}),
	}
}

func (s *decisionsSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m decisionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		validateRequest(ctx, m.request(), &resp.Diagnostics)
	}
}

func (s *decisionsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m decisionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r := s.decide(ctx, &m.sourceModel, &resp.Diagnostics)
	if r == nil {
		return
	}
	out := &model{}
	o := outcome.Of(r, nil)
	empty := outcome.Compare(nil, nil, o, outcome.Compared{Directory: r.Directory})
	fill(out, &model{List: m.List, Names: m.Names}, filled{result: r, outcome: o, changes: empty, severity: outcome.SeverityNone}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	m.Decisions, m.Groups, m.Summary, m.Fingerprint, m.Settings = out.Decisions, out.Groups, out.Summary, out.Fingerprint, out.Settings
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
