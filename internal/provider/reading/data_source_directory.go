// Package reading is usersync_directory, the data source and the ephemeral
// resource, and usersync_organization.
package reading

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var _ datasource.DataSourceWithConfigure = (*directorySource)(nil)

type directorySource struct{ session.DataSource }

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

func (s *directorySource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_directory"
}

func (s *directorySource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the Entra tenant: users, groups with their members, and domains. It is read once " +
			"in a plan, whatever the number of resources that use it. Don't let it depend on a resource: then the " +
			"CLI puts the read off to apply, and who will sync isn't known at plan.",
		Attributes: map[string]schema.Attribute{
			"groups": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Read only what is below these groups, named by `displayName` (exact; every " +
					"group of that name) or object id. One that no group has is a warning. Default: the whole " +
					"tenant. A user who isn't below them can't be told from one who doesn't exist.",
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), notEmpty},
			},
			"attributes": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Graph names of user properties to read beyond those that the connectors and " +
					"the jobs of `service_principals` need: what expressions and filters of this configuration use, " +
					"such as `department` or `extensionAttribute1`. `manager` reads who leads each user, in one " +
					"request more for each 15 users (20 of them a batch); `appRoleAssignments` keeps the app roles " +
					"by which users and groups are assigned to the applications of `service_principals`, as is done " +
					"for a job whose own mapping of users uses them.",
				Validators: []validator.Set{notEmpty, setvalidator.ValueStringsAre(tfutil.UserAttribute())},
			},
			"service_principals": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Service principals, by `displayName` or object id, whose synchronization job, " +
					"schema, status and assignments to read: what the SCIM connector needs, such as `Atlassian " +
					"Cloud`. The properties that the job's mappings, matching and filters use are read by " +
					"themselves. None by default.",
				Validators: []validator.Set{notEmpty},
			},
			"tenant_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The tenant's object id."},
			"reading": schema.StringAttribute{
				Computed:  true,
				Sensitive: true,
				MarkdownDescription: "The facts that decide, in a compact canonical form: the same facts give the " +
					"same text. Pass it on as it is. It names people and is kept in the state as data, only masked " +
					"on screen: use an encrypted backend.",
			},
			"read_at": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When it was read (RFC 3339, UTC); of a snapshot, what the file says.",
			},
			"source": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Where it comes from: `live`; `cache`, where what was kept in `cache_dir` was " +
					"brought up to date by what the service says has changed; or `snapshot`.",
			},
			"counts": schema.SingleNestedAttribute{
				Computed:            true,
				MarkdownDescription: "What it holds.",
				Attributes:          countsAttributes(),
			},
		},
	}
}

func countsAttributes() map[string]schema.Attribute {
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"users":       number("Number of users."),
		"groups":      number("Number of groups."),
		"memberships": number("Number of direct memberships of users in groups."),
		"domains":     number("Number of domains."),
	}
}

func (s *directorySource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	const operation = "Reading the directory"
	d := &resp.Diagnostics
	var m directoryModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	if s.Session == nil {
		d.Append(tfutil.NotConfigured(operation))
		return
	}
	jobs, err := s.Session.Jobs(ctx, tfutil.Strings(ctx, m.ServicePrincipals, d))
	var missing *directory.NotFoundError
	if errors.As(err, &missing) {
		d.Append(tfutil.FailureAt(path.Root("service_principals"), operation, err))
		return
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	wanted := tfutil.Strings(ctx, m.Attributes, d)
	attributes := session.WithSourceAttributes(wanted, jobs)
	dir, info, err := s.Session.Directory(ctx, tfutil.Strings(ctx, m.Groups, d), attributes)
	if err == nil {
		dir = dir.WithJobs(session.WithWantedRoles(jobs, wanted))
		m.Reading, err = text(session.Encode(dir))
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	for _, w := range info.Warnings {
		d.AddWarning(w.Summary, w.Detail)
	}
	tellOfRecording(s.Session, d)
	m.fill(dir, info)
	if len(dir.Users) == 0 {
		d.AddWarning("Directory without users", "Nobody can sync. Is this the right tenant, or, with groups set, do "+
			"they have members?")
	}
	d.Append(resp.State.Set(ctx, &m)...)
}

// tellOfRecording says that reading has written a file: a plan changes nothing else.
func tellOfRecording(s *session.Session, d *diag.Diagnostics) {
	if file := s.RecordedFile(); file != "" {
		d.AddWarning("Snapshot recorded", fmt.Sprintf("This run writes what it reads to %s (mode 0600), as the "+
			"provider's snapshot with mode = \"record\" asks for. The file names people, and isn't part of the plan. "+
			"A file of the same tenant that was there is kept as %s.previous.", file, file))
	}
}

// fill sets what is computed, but for the reading.
func (m *directoryModel) fill(dir *directory.Directory, info session.Info) {
	m.TenantID = types.StringValue(dir.TenantID)
	m.ReadAt, m.Source = readAt(info), types.StringValue(info.Source)
	m.Counts = &counts{Users: int64(len(dir.Users)), Groups: int64(len(dir.Groups)), Domains: int64(len(dir.Domains))}
	for i := range dir.Groups {
		m.Counts.Memberships += int64(len(dir.Groups[i].Users))
	}
}

func text(s string, err error) (types.String, error) { return types.StringValue(s), err }

func readAt(i session.Info) types.String { return textOrNull(i.ReadAt) }

func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}
