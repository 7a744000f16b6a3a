package provisioning

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ datasource.DataSourceWithConfigure        = (*logSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*logSource)(nil)
	_ datasource.DataSourceWithValidateConfig   = (*logSource)(nil)
)

// logSource is usersync_provisioning_log.
type logSource struct{ session.DataSource }

// NewLog makes the data source usersync_provisioning_log.
func NewLog() datasource.DataSource { return &logSource{} }

// How many entries are read, unless the configuration says otherwise, and at
// most.
const (
	defaultLogLimit = 100
	maxLogLimit     = 10_000
)

var (
	logActions  = []string{"create", "update", "delete", "disable", "stagedDelete", "other"}
	logStatuses = []string{"success", "failure", "skipped", "warning"}
)

type logModel struct {
	ServicePrincipalID types.String `tfsdk:"service_principal_id"`
	JobID              types.String `tfsdk:"job_id"`
	CycleID            types.String `tfsdk:"cycle_id"`
	Action             types.String `tfsdk:"action"`
	Status             types.String `tfsdk:"status"`
	SourceID           types.String `tfsdk:"source_id"`
	SourceName         types.String `tfsdk:"source_name"`
	Since              types.String `tfsdk:"since"`
	Until              types.String `tfsdk:"until"`
	Limit              types.Int64  `tfsdk:"limit"`

	Entries     types.String `tfsdk:"entries"`
	Summary     types.Map    `tfsdk:"summary"`
	ByErrorCode types.Map    `tfsdk:"by_error_code"`
}

func (s *logSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_log"
}

func (s *logSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string, more ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: description,
			Validators:          append(more, stringvalidator.LengthAtLeast(1)),
		}
	}
	counts := func(description string) schema.MapAttribute {
		return schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What provisioning did: the newest entries of the tenant's provisioning log that fit " +
			"all filters. At least one of `service_principal_id` and `job_id` is needed. The service keeps the log " +
			"for 30 days (7 without a P1 or P2 license), and answers five requests in ten seconds, each with up to " +
			"999 entries. It needs the permission `AuditLog.Read.All`. With a snapshot in place of the services it " +
			"is an error: snapshots are read without their logs.",
		Attributes: map[string]schema.Attribute{
			"service_principal_id": filter("The object id of the service principal (the enterprise application)."),
			"job_id":               filter("The id of the synchronization job."),
			"cycle_id":             filter("The id of one cycle of a job."),
			"action": filter("What was done: `create`, `update`, `delete`, `disable`, `stagedDelete` or "+
				"`other`.", stringvalidator.OneOf(logActions...)),
			"status": filter("What became of it: `success`, `failure`, `skipped` or `warning`.",
				stringvalidator.OneOf(logStatuses...)),
			"source_id": filter("The object id of the user or group in Entra."),
			"source_name": filter("The display name of the user or group in Entra: exact, upper and lower case " +
				"matter."),
			"since": filter("Only entries after this moment, RFC 3339 (`2026-11-20T08:00:00Z`).", rfc3339{}),
			"until": filter("Only entries before this moment, RFC 3339.", rfc3339{}),
			"limit": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, maxLogLimit)},
				MarkdownDescription: "How many entries to read at most, the newest. Default 100, at most 10,000. " +
					"Where as many are read, there may be more.",
			},
			"entries": schema.StringAttribute{
				Computed:  true,
				Sensitive: true,
				MarkdownDescription: "A JSON list, newest first, of objects with `id`, `time` (RFC 3339, UTC), " +
					"`job_id`, `cycle_id`, `action`, `status`, `source` and `target` (each `id`, `name`, `type`), " +
					"`error_code`, `reason`, `recommended_action`, `skip_reason`, `steps` (each `type`, `name`, " +
					"`status`, `description`, and for scoping the `details`) and `modified` (names of attributes, " +
					"not their values). What the service doesn't say is `\"\"`. It names people.",
			},
			"summary":       counts("Number of these entries by status: `success`, `failure`, `skipped`, `warning`."),
			"by_error_code": counts("Number of these entries by the service's error code, of those that have one."),
		},
	}
}

// ConfigValidators want the log of one application, not the tenant's.
func (s *logSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.AtLeastOneOf(path.MatchRoot("service_principal_id"),
		path.MatchRoot("job_id"))}
}

// ValidateConfig finds a span of time that holds nothing.
func (s *logSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m logModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	since, until := timeOf(m.Since), timeOf(m.Until)
	if !since.IsZero() && !until.IsZero() && !since.Before(until) {
		resp.Diagnostics.AddAttributeError(path.Root("until"), "Invalid time range",
			fmt.Sprintf("until (%s) must be later than since (%s).", m.Until.ValueString(), m.Since.ValueString()))
	}
}

// Read asks the service for the entries.
func (s *logSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	const operation = "Reading the provisioning log"
	var m logModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	entries, err := s.read(ctx, m.query())
	if err != nil {
		resp.Diagnostics.Append(tfutil.Failure(operation, err))
		return
	}
	if err := m.fill(entries); err != nil {
		resp.Diagnostics.Append(tfutil.Failure(operation, err))
		return
	}
	if n := len(m.Entries.ValueString()); n > packed.Max {
		resp.Diagnostics.AddAttributeError(path.Root("limit"), "The log is too large", fmt.Sprintf(
			"It has %d MiB, more than the %d MiB that can pass between CLI and provider. Lower limit, or filter "+
				"more.", n>>20, packed.Max>>20))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// rfc3339 takes moments alone.
type rfc3339 struct{}

func (rfc3339) Description(context.Context) string {
	return "must be a moment, such as 2026-11-20T08:00:00Z"
}
func (v rfc3339) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }
func (rfc3339) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf(
			"Expected RFC 3339, such as 2026-11-20T08:00:00Z or 2026-11-20T09:00:00+01:00; found "+
				"%q.", req.ConfigValue.ValueString()))
	}
}
