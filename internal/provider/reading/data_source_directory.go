package reading

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
)

var _ datasource.DataSourceWithConfigure = (*directorySource)(nil)

type directorySource struct{ session *Session }

// NewDirectory makes the data source usersync_directory.
func NewDirectory() datasource.DataSource { return &directorySource{} }

type directoryModel struct {
	Groups            types.Set    `tfsdk:"groups"`
	Attributes        types.Set    `tfsdk:"attributes"`
	ServicePrincipals types.Set    `tfsdk:"service_principals"`
	TenantID          types.String `tfsdk:"tenant_id"`
	Reading           types.String `tfsdk:"reading"`
	ReadAt            types.String `tfsdk:"read_at"`
	Source            types.String `tfsdk:"source"`
	Counts            *counts      `tfsdk:"counts"`
}

type counts struct {
	Users       int64 `tfsdk:"users"`
	Groups      int64 `tfsdk:"groups"`
	Memberships int64 `tfsdk:"memberships"`
	Domains     int64 `tfsdk:"domains"`
}

func (s *directorySource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory"
}

func (s *directorySource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the Entra tenant: users, groups with their members, and domains. It is read once in a plan, whatever the number of resources that use it. " +
			"Don't let it depend on a resource: then the CLI puts the read off to apply, and who will sync isn't known at plan.",
		Attributes: map[string]schema.Attribute{
			"groups": schema.SetAttribute{ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Read only what is below these groups, named by `displayName` (exact; every group of that name) or object id. One that no group has is a warning. Default: the whole tenant. " +
					"A user who isn't below them can't be told from one who doesn't exist.",
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}},
			"attributes": schema.SetAttribute{ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Graph names of user properties to read beyond those that the connectors need: what mappings and filters use, such as `department` or `extensionAttribute1`.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}},
			"service_principals": schema.SetAttribute{ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Service principals, by `displayName` or object id, whose synchronization job, schema and assignments to read: what the SCIM connector needs, such as `Atlassian Cloud`. None by default.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}},
			"tenant_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The tenant's object id."},
			"reading": schema.StringAttribute{Computed: true, Sensitive: true,
				MarkdownDescription: "The facts that decide, in a compact canonical form: the same facts give the same text. Pass it on as it is. It names people and is kept in the state as data, only masked on screen: use an encrypted backend."},
			"read_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When it was read (RFC 3339, UTC); of a snapshot, what the file says."},
			"source":  schema.StringAttribute{Computed: true, MarkdownDescription: "Where it comes from: `live`; `cache`, where what was kept in `cache_dir` was brought up to date by what the service says has changed; or `snapshot`."},
			"counts": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "What it holds.", Attributes: map[string]schema.Attribute{
				"users":       schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of users."},
				"groups":      schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of groups."},
				"memberships": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of direct memberships of users in groups."},
				"domains":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of domains."},
			}},
		},
	}
}

func (s *directorySource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	s.session, _ = req.ProviderData.(*Session)
}

func (s *directorySource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m directoryModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	var groups, attributes, principals []string
	resp.Diagnostics.Append(m.ServicePrincipals.ElementsAs(ctx, &principals, false)...)
	resp.Diagnostics.Append(m.Groups.ElementsAs(ctx, &groups, false)...)
	resp.Diagnostics.Append(m.Attributes.ElementsAs(ctx, &attributes, false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const doing = "Reading the directory"
	if s.session == nil {
		resp.Diagnostics.Append(diagnose.NotConfigured(doing))
		return
	}
	if m.Groups.IsNull() {
		groups = nil
	}
	d, info, err := s.session.Directory(ctx, groups, attributes)
	if err == nil && len(principals) > 0 {
		var jobs []directory.Job
		jobs, err = s.session.Jobs(ctx, principals)
		d = d.WithJobs(jobs)
	}
	if err == nil {
		m.Reading, err = text(d.EncodeReading())
	}
	var missing *directory.NotFoundError
	if errors.As(err, &missing) {
		resp.Diagnostics.Append(diagnose.At(path.Root("service_principals"), doing, err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(doing, err))
		return
	}
	for _, w := range info.Warnings {
		resp.Diagnostics.AddWarning(w.Summary, w.Detail)
	}
	m.TenantID = types.StringValue(d.TenantID)
	m.ReadAt, m.Source = readAt(info), types.StringValue(info.Source)
	m.Counts = &counts{Users: int64(len(d.Users)), Groups: int64(len(d.Groups)), Domains: int64(len(d.Domains))}
	for i := range d.Groups {
		m.Counts.Memberships += int64(len(d.Groups[i].Users))
	}
	if len(d.Users) == 0 {
		resp.Diagnostics.AddWarning("The directory has no users", "Nobody can sync. Is this the right tenant, or, with groups set, do they have members?")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func text(s string, err error) (types.String, error) { return types.StringValue(s), err }

func readAt(i Info) types.String { return textOrNull(i.TakenAt) }

func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}
