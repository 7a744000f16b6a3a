package reading

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var _ datasource.DataSourceWithConfigure = (*organizationSource)(nil)

type organizationSource struct{ session.DataSource }

// NewOrganization makes the data source usersync_organization.
func NewOrganization() datasource.DataSource { return &organizationSource{} }

type organizationModel struct {
	Organization    types.String        `tfsdk:"organization"`
	Accounts        types.Bool          `tfsdk:"accounts"`
	SCIMRecords     types.Bool          `tfsdk:"scim_records"`
	OrganizationID  types.String        `tfsdk:"organization_id"`
	Reading         types.String        `tfsdk:"reading"`
	ReadAt          types.String        `tfsdk:"read_at"`
	Source          types.String        `tfsdk:"source"`
	VerifiedDomains types.Set           `tfsdk:"verified_domains"`
	Counts          *organizationCounts `tfsdk:"counts"`
}

type organizationCounts struct {
	Domains  int64 `tfsdk:"domains"`
	Accounts int64 `tfsdk:"accounts"`
	Groups   int64 `tfsdk:"groups"`
	Records  int64 `tfsdk:"scim_records"`
}

func (s *organizationSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_organization"
}

func (s *organizationSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an Atlassian organization: its domains, and on request its accounts and groups, " +
			"and the records of its SCIM directory. Don't let it depend on a resource: then the CLI puts the read " +
			"off to apply, and who will sync isn't known at plan.",
		Attributes: map[string]schema.Attribute{
			"organization": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The organization's key in the provider's `organizations`. Optional while there " +
					"is exactly one.",
			},
			"accounts": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read accounts and groups too: who holds an address already, whose " +
					"account is inactive, which group names are taken. Default `false`.",
			},
			"scim_records": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the SCIM directory too: who was provisioned, as what, linked " +
					"or not. It needs `scim_directory_id` and `scim_token` of the organization. Default `false`.",
			},
			"organization_id": computed("The organization's id; null where it is declared without one."),
			"reading": schema.StringAttribute{
				Computed:  true,
				Sensitive: true,
				MarkdownDescription: "The facts that decide, in a compact canonical form: the same facts give the " +
					"same text. Pass it on as it is. With `accounts` or `scim_records` it names people.",
			},
			"read_at": computed("When it was read (RFC 3339, UTC); of a snapshot, what the file says; null where it " +
				"is declared."),
			"source": computed("Where it comes from: `live`, `snapshot`, or `declared` by `verified_domains` of the " +
				"provider's `organizations`."),
			"verified_domains": schema.SetAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "Domains whose claim is `verified` or `missing_token`, in ASCII form.",
			},
			"counts": schema.SingleNestedAttribute{
				Computed:            true,
				MarkdownDescription: "What it holds.",
				Attributes: map[string]schema.Attribute{
					"domains":      number("Number of domains."),
					"accounts":     number("Number of accounts; 0 unless asked for."),
					"groups":       number("Number of groups; 0 unless asked for."),
					"scim_records": number("Number of users in the SCIM directory; 0 unless asked for."),
				},
			},
		},
	}
}

func (s *organizationSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m organizationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const operation = "Reading the organization"
	if s.Session == nil {
		resp.Diagnostics.Append(tfutil.NotConfigured(operation))
		return
	}
	key, err := s.Session.OrganizationKey(ctx, m.Organization.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tfutil.FailureAt(path.Root("organization"), operation, err))
		return
	}
	o, info, err := s.Session.Organization(ctx, key, session.Parts{
		Accounts:    m.Accounts.ValueBool(),
		SCIMRecords: m.SCIMRecords.ValueBool(),
	})
	if err == nil {
		m.Reading, err = text(o.EncodeReading())
	}
	if err != nil {
		resp.Diagnostics.Append(tfutil.Failure(operation, err))
		return
	}
	for _, w := range info.Warnings {
		resp.Diagnostics.AddWarning(w.Summary, w.Detail)
	}
	tellOfRecording(s.Session, &resp.Diagnostics)
	m.OrganizationID = textOrNull(o.ID)
	m.ReadAt, m.Source = readAt(info), types.StringValue(info.Source)
	m.Counts = &organizationCounts{
		Domains:  int64(len(o.Domains)),
		Accounts: int64(len(o.Accounts)),
		Groups:   int64(len(o.Groups)),
	}
	if o.Records != nil {
		m.Counts.Records = int64(len(o.Records.Users))
	}
	verified := map[string]bool{}
	for _, c := range o.Domains {
		if c.Counts() {
			verified[c.Name] = true
		}
	}
	names := make([]string, 0, len(verified))
	for n := range verified {
		names = append(names, n)
	}
	set, diags := types.SetValueFrom(ctx, types.StringType, names)
	resp.Diagnostics.Append(diags...)
	m.VerifiedDomains = set
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
