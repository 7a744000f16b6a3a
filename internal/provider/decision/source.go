package decision

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// attributesArgument is the argument that adds properties to what is read.
const attributesArgument = "directory_attributes"

// Source is what the data sources that decide share: they use the provider's
// own readings of this plan.
type Source struct{ session.DataSource }

// Question is what a data source that decides is asked.
type Question struct {
	arguments.Readings
	arguments.Connector
	WhatIf types.Object `tfsdk:"what_if"`
}

// Validate checks what can be told from the configuration alone.
func (q *Question) Validate(ctx context.Context, d *diag.Diagnostics) {
	Validate(ctx, &q.Connector, "", d)
	arguments.ValidateWhatIf(ctx, q.Connector.Connector, q.WhatIf, "", d)
}

// Validate checks a connector's arguments of a data source. block is the one
// that holds them, "" for none.
func Validate(ctx context.Context, c *arguments.Connector, block string, d *diag.Diagnostics) {
	c.Validate(ctx, block, d)
	if decision.OverJob(c.Connector.ValueString()) && !c.Connector.IsUnknown() && c.ServicePrincipal.IsNull() {
		tfutil.ArgumentError(d, "Missing argument", "service_principal is required with this connector: say whose job "+
			"provisions, by displayName or object id.", tfutil.Within(block, "service_principal")...)
	}
}

// sourceSchema is the schema of a data source that is asked a Question, with
// more attributes.
func sourceSchema(description string, more ...arguments.Argument) schema.Schema {
	return SourceSchema(description, []arguments.Block{arguments.WhatIfBlock(false)}, more...)
}

// SourceSchema is the schema of a data source that decides, with more blocks
// and attributes.
func SourceSchema(description string, blocks []arguments.Block, more ...arguments.Argument) schema.Schema {
	list := append(arguments.ReadingsArguments(), arguments.ConnectorArguments(true)...)
	out := schema.Schema{
		MarkdownDescription: description,
		Attributes:          arguments.DataSourceAttributes(append(list, more...)),
		Blocks:              map[string]schema.Block{},
	}
	for _, b := range append(blocks, arguments.ScopeBlock(), arguments.SettingsBlock()) {
		out.Blocks[b.Name] = arguments.DataSourceBlock(b)
	}
	return out
}

// Decide reads and decides; nil after a diagnostic. block is the one that holds
// the connector's arguments, "" for none.
func (s *Source) Decide(ctx context.Context, q *Question, block string, d *diag.Diagnostics) *decision.Result {
	request := q.Request(ctx, q.WhatIf, q.ReadAt, nil, d)
	if d.HasError() {
		return nil
	}
	in, ok := s.read(ctx, q, request, block, d)
	if !ok {
		return nil
	}
	e := in.Engine(request, block, decision.History{}, d)
	if e == nil {
		return nil
	}
	result := e.Decide()
	if advice := result.UnmatchedDomains(); len(advice) > 0 {
		d.AddWarning("Names in the configuration need attention", strings.Join(advice, "\n"))
	}
	return result
}

// read reads what is decided from.
func (s *Source) read(
	ctx context.Context, q *Question, request decision.Request, block string, d *diag.Diagnostics,
) (in Inputs, ok bool) {
	if s.Session == nil {
		d.Append(tfutil.NotConfigured(Operation))
		return in, false
	}
	var jobs []directory.Job
	var err error
	if request.ServicePrincipal != "" {
		jobs, err = s.Session.Jobs(ctx, []string{request.ServicePrincipal})
	}
	if err != nil {
		at := tfutil.Within(block, "service_principal")
		d.Append(tfutil.FailureOf(at, "Reading the job", err))
		return in, false
	}
	attributes := session.WithSourceAttributes(tfutil.Strings(ctx, q.DirectoryAttributes, d), jobs)
	dir, info, err := s.Session.Directory(ctx, tfutil.Strings(ctx, q.DirectoryGroups, d), attributes)
	if err != nil {
		d.Append(tfutil.Failure("Reading the directory", err))
		return in, false
	}
	dir = dir.WithJobs(jobs)
	for _, w := range info.Warnings {
		d.AddWarning(w.Summary, w.Detail)
	}
	org := &directory.Organization{}
	if decision.OfAtlassian(request.Connector) {
		if org, ok = s.organization(ctx, q, d); !ok {
			return in, false
		}
	}
	tenant := &session.Tenant{Directory: dir, Lookup: directory.NewLookup(dir)}
	return Inputs{Tenant: tenant, Organization: org, Attributes: attributesArgument}, true
}

// organization reads the organization of the Atlassian connectors.
func (s *Source) organization(
	ctx context.Context, q *Question, d *diag.Diagnostics,
) (org *directory.Organization, ok bool) {
	key, err := s.Session.OrganizationKey(ctx, q.Organization.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("organization"), Operation, err))
		return nil, false
	}
	org, info, err := s.Session.Organization(ctx, key, session.Parts{
		Accounts:    q.Accounts.ValueBool(),
		SCIMRecords: q.SCIMRecords.ValueBool(),
	})
	if err != nil {
		d.Append(tfutil.Failure("Reading the organization", err))
		return nil, false
	}
	for _, w := range info.Warnings {
		d.AddWarning(w.Summary, w.Detail)
	}
	return org, true
}

// RefuseOthers refuses a connector whose target isn't an Atlassian organization.
func RefuseOthers(c *arguments.Connector, what string, d *diag.Diagnostics) {
	if name := c.Connector.ValueString(); name != "" && !decision.OfAtlassian(name) {
		tfutil.ArgumentError(
			d,
			"Connector without an organization",
			fmt.Sprintf("%s, and connector = %q has none.", what, name),
			"connector",
		)
	}
}
