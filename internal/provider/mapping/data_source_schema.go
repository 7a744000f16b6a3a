package mapping

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var _ datasource.DataSourceWithConfigure = (*schemaSource)(nil)

type schemaSource struct{ session.DataSource }

// NewSchema makes the data source usersync_provisioning_schema.
func NewSchema() datasource.DataSource { return &schemaSource{} }

type schemaModel struct {
	ServicePrincipalID types.String   `tfsdk:"service_principal_id"`
	JobID              types.String   `tfsdk:"job_id"`
	Mappings           []sectionModel `tfsdk:"mappings"`
	Directories        types.List     `tfsdk:"directories"`
	HCL                types.String   `tfsdk:"hcl"`
}

type sectionModel struct {
	ID               types.String `tfsdk:"id"`
	Rule             types.String `tfsdk:"rule"`
	RuleID           types.String `tfsdk:"rule_id"`
	Enabled          types.Bool   `tfsdk:"enabled"`
	Object           types.Object `tfsdk:"object"`
	Actions          types.Set    `tfsdk:"actions"`
	Attributes       types.Map    `tfsdk:"attributes"`
	ScopingFilter    types.Object `tfsdk:"scoping_filter"`
	InputFilter      types.Object `tfsdk:"input_filter"`
	CategoryFilter   types.Object `tfsdk:"category_filter"`
	Unreadable       types.Map    `tfsdk:"unreadable"`
	SourceAttributes types.List   `tfsdk:"source_attributes"`
	TargetAttributes types.List   `tfsdk:"target_attributes"`
}

func (s *schemaSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_schema"
}

func (s *schemaSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	notEmpty := []validator.String{stringvalidator.LengthAtLeast(1)}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The live schema of a synchronization job: its object mappings as typed values, the " +
			"attributes that source and target have, and configuration that imports the mappings as they are.",
		Attributes: map[string]schema.Attribute{
			"service_principal_id": schema.StringAttribute{
				Required:            true,
				Validators:          notEmpty,
				MarkdownDescription: "The service principal, by object id or `displayName`.",
			},
			"job_id": schema.StringAttribute{
				Optional:   true,
				Computed:   true,
				Validators: notEmpty,
				MarkdownDescription: "The id of the synchronization job. Left out: the service principal's job; " +
					"usually there is one.",
			},
			"hcl": text("Import blocks and `usersync_provisioning_mapping` resources for all mappings, ready to be " +
				"put into a file: planned as they stand, they import and change nothing. What a configuration can't " +
				"say (rows and filters that aren't of the documented language, rows that write nothing, mappings " +
				"that can't be told apart) stands there as comments, and stays as it is."),
			"directories": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "The source and the target, with the attributes that the schema lists of their " +
					"kinds of object, in its order. Null where the schema has none.",
				NestedObject: schema.NestedAttributeObject{Attributes: directoryAttributes()},
			},
			"mappings": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The object mappings, in the schema's order.",
				NestedObject: schema.NestedAttributeObject{
					Attributes: sectionAttributes(),
				},
			},
		},
	}
}

func sectionAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	names := func(description string) schema.ListAttribute {
		return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":      text("The id by which it is imported."),
		"rule":    text("The name of its synchronization rule."),
		"rule_id": text("The id of the rule, as provisioning on demand wants it."),
		"enabled": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the mapping is switched on."},
		"object": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The two kinds of object.",
			Attributes: map[string]schema.Attribute{
				"source": text("The kind of source object."),
				"target": text("The kind of target object."),
			},
		},
		"actions": schema.SetAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "`create`, `update`, `delete`.",
		},
		"attributes": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Target attribute to how it is filled.",
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"expression": text("The expression, in canonical form; null for a row without a source, which " +
						"gives its default."),
					"matching_priority": schema.Int64Attribute{
						Computed:            true,
						MarkdownDescription: "Above 0 for a matching attribute.",
					},
					"apply":   text("When it flows, as in `usersync_provisioning_mapping`."),
					"default": text("What flows where the expression gives null, or where there is none."),
				},
			},
		},
		"scoping_filter":  readFilter("The scoping filter; null where all are taken."),
		"input_filter":    readFilter("The input filter (`inputFilterGroups`); null where all are read."),
		"category_filter": readFilter("The category filter (`categoryFilterGroups`); null where there is none."),
		"unreadable": schema.MapAttribute{
			ElementType: types.StringType,
			Computed:    true,
			MarkdownDescription: "What a configuration can't say, and why: target attribute, or the name of a " +
				"filter, to the reason. It stays as it is.",
		},
		"source_attributes": names("The source attributes that the schema has; null where it doesn't say."),
		"target_attributes": names("The target attributes that the schema has; null where it doesn't say."),
	}
}

// readFilter is a filter as it is read.
func readFilter(description string) schema.SingleNestedAttribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"any_of": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Groups of clauses.",
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"name": text("The group's name."),
						"all_of": schema.ListNestedAttribute{
							Computed:            true,
							MarkdownDescription: "Clauses.",
							NestedObject: schema.NestedAttributeObject{
								Attributes: map[string]schema.Attribute{
									"attribute": text("The source attribute."),
									"operator":  text("The operator, as the portal spells it."),
									"values": schema.ListAttribute{
										ElementType:         types.StringType,
										Computed:            true,
										MarkdownDescription: "The value to compare with.",
									},
								},
							},
						},
					},
				},
			},
		},
	}
}

func (s *schemaSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	const operation = "Reading the provisioning schema"
	var m schemaModel
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	if s.Session == nil {
		d.Append(tfutil.NotConfigured(operation))
		return
	}
	sp, job := s.job(ctx, &m, d)
	if d.HasError() {
		return
	}
	m.JobID = types.StringValue(job)
	live, err := s.Session.Schema(ctx, sp, job)
	if entra.NotFound(err) {
		d.Append(tfutil.FailureAt(path.Root("job_id"), operation, err))
		return
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	parsed, err := mapping.ParseSchema(live)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	m.fill(ctx, parsed, sp, job, d)
	d.Append(resp.State.Set(ctx, &m)...)
}

// job is the job whose schema is asked for: names are looked up.
func (s *schemaSource) job(ctx context.Context, m *schemaModel, d *diag.Diagnostics) (sp, job string) {
	sp, job = tfutil.LowerGUIDs(m.ServicePrincipalID.ValueString()), tfutil.LowerGUIDs(m.JobID.ValueString())
	if _, err := uuid.Parse(sp); err == nil && job != "" {
		return sp, job
	}
	jobs, err := s.Session.Jobs(ctx, []string{sp})
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("service_principal_id"), "Reading the job", err))
		return "", ""
	}
	if job == "" {
		job = jobs[0].JobID
	}
	return jobs[0].ServicePrincipalID, job
}

// fill writes a schema into the model.
func (m *schemaModel) fill(ctx context.Context, parsed *mapping.Schema, sp, job string, d *diag.Diagnostics) {
	sections := parsed.Sections()
	names := labels(sections)
	var hcl []string
	m.Mappings = []sectionModel{}
	for i, section := range sections {
		var values mappingModel
		values.fill(ctx, section.Mapping(), d)
		has := parsed.Attributes(section)
		_, left := mapping.Importable(section)
		unreadable, diags := types.MapValueFrom(ctx, types.StringType, left)
		d.Append(diags...)
		m.Mappings = append(m.Mappings, sectionModel{
			ID:               types.StringValue(syncjob.MappingID(sp, job, section.Rule, section.Object)),
			Rule:             types.StringValue(section.Rule),
			RuleID:           types.StringValue(section.RuleID),
			Enabled:          types.BoolValue(section.Enabled),
			Object:           values.Object,
			Actions:          values.Actions,
			Attributes:       values.Attributes,
			ScopingFilter:    values.ScopingFilter,
			InputFilter:      values.InputFilter,
			CategoryFilter:   values.CategoryFilter,
			Unreadable:       unreadable,
			SourceAttributes: namesValue(has.Source),
			TargetAttributes: namesValue(has.Target),
		})
		hcl = append(hcl, importHCL(names[i], sp, job, parsed, section))
	}
	m.Directories = directoriesValue(ctx, parsed.Directories(), d)
	m.HCL = types.StringValue(strings.Join(hcl, "\n"))
}

// namesValue is null where nothing is known.
func namesValue(names []string) types.List {
	if names == nil {
		return types.ListNull(types.StringType)
	}
	values := make([]attr.Value, len(names))
	for i, n := range names {
		values[i] = types.StringValue(n)
	}
	return types.ListValueMust(types.StringType, values)
}
