package mapping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

const operation = "Previewing the mapping"

var _ datasource.DataSourceWithConfigure = (*previewSource)(nil)

type previewSource struct{ session.DataSource }

// NewPreview makes the data source usersync_mapping_preview.
func NewPreview() datasource.DataSource { return &previewSource{} }

type previewModel struct {
	ServicePrincipal    types.String `tfsdk:"service_principal"`
	Users               types.Set    `tfsdk:"users"`
	Mappings            types.List   `tfsdk:"mappings"`
	DirectoryGroups     types.Set    `tfsdk:"directory_groups"`
	DirectoryAttributes types.Set    `tfsdk:"directory_attributes"`
	ReadAt              types.String `tfsdk:"read_at"`
	Values              types.String `tfsdk:"values"`
}

func (s *previewSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mapping_preview"
}

func (s *previewSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))
	attributes := arguments.DataSourceAttributes(arguments.DirectoryArguments())
	attributes["service_principal"] = schema.StringAttribute{
		Required: true,
		MarkdownDescription: "The service principal whose job's mapping of users is meant, by `displayName` or " +
			"object id.",
	}
	attributes["users"] = schema.SetAttribute{
		ElementType:         types.StringType,
		Required:            true,
		MarkdownDescription: "Users, by principal name, mail or object id; at most 1,000.",
		Validators:          []validator.Set{notEmpty, setvalidator.SizeBetween(1, 1000)},
	}
	attributes["mappings"] = schema.ListAttribute{
		ElementType:         types.StringType,
		Optional:            true,
		MarkdownDescription: "`effective` of planned mappings, laid over the job's own.",
	}
	attributes["values"] = schema.StringAttribute{
		Computed:  true,
		Sensitive: true,
		MarkdownDescription: "A JSON object, user to `in_scope` (whether the scoping filter lets the user through) " +
			"and `attributes`: target attribute to `value`, or to `dropped`, `unknown` or `error` with the reason: a " +
			"manager's id at the target is `unknown`, since the target gives it. It holds personal data.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What the target would receive for given users: each target attribute's value, and why " +
			"where nothing flows. It uses the provider's own reading of this plan.",
		Attributes: attributes,
	}
}

func (s *previewSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m previewModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if s.Session == nil {
		resp.Diagnostics.Append(tfutil.NotConfigured(operation))
		return
	}
	text := s.preview(ctx, &m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	m.Values = types.StringValue(text)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

type userPreview struct {
	InScope    bool                        `json:"in_scope"`
	Filter     string                      `json:"filter_error,omitempty"`
	Attributes map[string]attributePreview `json:"attributes"`
}

type attributePreview struct {
	Value   any    `json:"value,omitempty"`
	Unknown string `json:"unknown,omitempty"`
	Dropped string `json:"dropped,omitempty"`
	Error   string `json:"error,omitempty"`
}

func (s *previewSource) preview(ctx context.Context, m *previewModel, d *diag.Diagnostics) string {
	users, planned := tfutil.Strings(ctx, m.Users, d), tfutil.Strings(ctx, m.Mappings, d)
	groups, attributes := tfutil.Strings(ctx, m.DirectoryGroups, d), tfutil.Strings(ctx, m.DirectoryAttributes, d)
	if d.HasError() {
		return ""
	}
	jobs, err := s.Session.Jobs(ctx, []string{m.ServicePrincipal.ValueString()})
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("service_principal"), "Reading the job", err))
		return ""
	}
	dir, _, err := s.Session.Directory(ctx, groups, session.WithSourceAttributes(attributes, jobs))
	if err != nil {
		d.Append(tfutil.Failure("Reading the directory", err))
		return ""
	}
	program, at, err := compile(&jobs[0], planned, dir, m.ReadAt.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root(at), operation, err))
		return ""
	}
	lookup, row, out := directory.NewLookup(dir), program.NewRow(), map[string]userPreview{}
	for _, name := range users {
		i, err := lookup.User(name)
		if err != nil {
			d.Append(tfutil.FailureAt(path.Root("users"), operation, err))
			return ""
		}
		out[name] = previewOf(program, row, i)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
	}
	return string(raw)
}

// compile prepares the mapping; on an error, at is the argument that it is
// about.
func compile(
	job *directory.Job, planned []string, dir *directory.Directory, readAt string,
) (program *mapping.Program, at string, err error) {
	m, err := decision.UserMapping(job, planned)
	var argument *decision.ArgumentError
	if errors.As(err, &argument) {
		err = argument.Err
	}
	if err != nil {
		return nil, "mappings", err
	}
	env := mapping.Env{Job: job}
	if readAt != "" {
		if env.Now, err = time.Parse(time.RFC3339, readAt); err != nil {
			return nil, "read_at", fmt.Errorf("%q is no time such as 2026-11-20T08:00:00Z", readAt)
		}
	}
	for _, domain := range dir.Domains {
		if domain.IsDefault {
			env.DefaultDomain = domain.Name
		}
	}
	program, err = mapping.Compile(m, dir, env)
	var missing *mapping.MissingAttributesError
	if errors.As(err, &missing) {
		return nil, "directory_attributes", fmt.Errorf("%s, which isn't read: add %s to "+
			"directory_attributes", missing.Uses(), missing.Quoted())
	}
	return program, "mappings", err
}

func previewOf(p *mapping.Program, row *mapping.Row, i int32) userPreview {
	list, in, err := p.Preview(row, i)
	out := userPreview{InScope: in, Attributes: make(map[string]attributePreview, len(list))}
	if err != nil {
		out.Filter = err.Error()
	}
	for _, a := range list {
		var x attributePreview
		switch {
		case a.Unknown:
			x.Unknown = a.Why
		case a.Failed:
			x.Error = a.Why
		case a.Why != "":
			x.Dropped = a.Why
		default:
			x.Value = a.Value.String()
			if values, ok := a.Value.List(); ok {
				x.Value = values
			}
		}
		out.Attributes[a.Target] = x
	}
	return out
}
