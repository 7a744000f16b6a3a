package reading

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var _ ephemeral.EphemeralResource = (*pinnedDirectory)(nil)

// pinnedDirectory is the ephemeral usersync_directory. It reads a file alone:
// a live tenant moves between plan and apply, and an ephemeral value is read
// in both, so that only what is pinned is the same in both.
type pinnedDirectory struct{}

// NewPinnedDirectory makes the ephemeral resource usersync_directory.
func NewPinnedDirectory() ephemeral.EphemeralResource { return &pinnedDirectory{} }

type pinnedModel struct {
	File              types.String `tfsdk:"file"`
	SHA256            types.String `tfsdk:"sha256"`
	Groups            types.Set    `tfsdk:"groups"`
	Attributes        types.Set    `tfsdk:"attributes"`
	ServicePrincipals types.Set    `tfsdk:"service_principals"`
	TenantID          types.String `tfsdk:"tenant_id"`
	Reading           types.String `tfsdk:"reading"`
	ReadAt            types.String `tfsdk:"read_at"`
}

func (p *pinnedDirectory) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory"
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (p *pinnedDirectory) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	names := []validator.Set{
		setvalidator.SizeAtLeast(1),
		setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
	}
	list := func(description string, more ...validator.Set) schema.SetAttribute {
		return schema.SetAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: description,
			Validators:          append(slices.Clone(names), more...),
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The Entra tenant as a pinned snapshot file, for readings that shall be in no state and " +
			"no plan file: nothing of it is kept but the decisions of the resources that take it. The file is read " +
			"at plan and again at apply; its SHA-256 makes sure that both see the same bytes. Record one with the " +
			"provider's `snapshot`, `mode = \"record\"`.",
		Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The snapshot file. A relative path starts at the folder in which the CLI runs " +
					"(`-chdir`), not at the module.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"sha256": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The SHA-256 of the file's bytes, in lower-case hex, as `sha256sum` prints it: " +
					"written down, not computed by `filesha256`, which would follow the file.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(sha256Hex, "expected 64 hex digits in lower case"),
				},
			},
			"groups": list("Only what is below these groups, as the data source `usersync_directory` takes them. " +
				"Default: the whole tenant."),
			"attributes": list("Graph names of user properties beyond those that the connectors need, `manager` and "+
				"`appRoleAssignments` included, as the data source `usersync_directory` takes them.",
				setvalidator.ValueStringsAre(tfutil.UserAttribute())),
			"service_principals": list("Service principals, by `displayName` or object id, whose job, schema and " +
				"assignments to take from the file."),
			"tenant_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The tenant's object id."},
			"reading": schema.StringAttribute{
				Computed:            true,
				Sensitive:           true,
				MarkdownDescription: "The facts that decide, for the write-only argument `directory` of resources.",
			},
			"read_at": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When the snapshot was taken (RFC 3339), as the file says.",
			},
		},
	}
}

// Open reads the file.
func (p *pinnedDirectory) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	const operation = "Reading the pinned directory"
	d := &resp.Diagnostics
	var m pinnedModel
	d.Append(req.Config.Get(ctx, &m)...)
	groups, principals := tfutil.Strings(ctx, m.Groups, d), tfutil.Strings(ctx, m.ServicePrincipals, d)
	attributes := tfutil.Strings(ctx, m.Attributes, d)
	if d.HasError() {
		return
	}
	snap, dir, at, err := pinned(&m, groups, attributes, principals)
	if err == nil {
		m.Reading, err = text(session.Encode(dir))
	}
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root(at), operation, err))
		return
	}
	if w := snap.Warning(); w != "" {
		d.AddWarning("The snapshot may be incomplete", w)
	}
	for _, w := range session.MissingGroups(dir, groups) {
		d.AddAttributeWarning(path.Root("groups"), w.Summary, w.Detail)
	}
	m.TenantID, m.ReadAt = types.StringValue(dir.TenantID), textOrNull(snap.DirectoryTakenAt())
	d.Append(resp.Result.Set(ctx, &m)...)
}

// pinned takes the directory out of the file; at is the argument that an error
// is about.
func pinned(
	m *pinnedModel, groups, attributes, principals []string,
) (snap *directory.Snapshot, dir *directory.Directory, at string, err error) {
	file, sum := m.File.ValueString(), m.SHA256.ValueString()
	wanted := attributes
	attributes = session.WithSourceAttributes(wanted, nil)
	if snap, err = directory.ReadPinned(file, sum, attributes); err != nil {
		return nil, nil, "file", err
	}
	var jobs []directory.Job
	if len(principals) > 0 {
		var missing *directory.NotFoundError
		if jobs, err = snap.Jobs(principals); errors.As(err, &missing) {
			return nil, nil, "service_principals", err
		}
	}
	if all := session.WithSourceAttributes(attributes, jobs); err == nil && len(jobs) > 0 {
		attributes = all
		snap, err = directory.ReadPinned(file, sum, attributes)
	}
	if err == nil {
		dir, err = snap.Directory()
	}
	if err != nil {
		return nil, nil, "file", err
	}
	dir = session.Project(dir, false, groups, attributes)
	return snap, dir.WithJobs(session.WithWantedRoles(jobs, wanted)), "file", nil
}
