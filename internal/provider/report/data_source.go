package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reconciliation"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
	"github.com/usersync/terraform-provider-usersync/internal/report"
	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

var (
	_ datasource.DataSourceWithConfigure      = (*reportSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*reportSource)(nil)
)

// reportSource is usersync_report.
type reportSource struct{ decide.Source }

// NewReport makes the data source usersync_report.
func NewReport() datasource.DataSource { return &reportSource{} }

type reportModel struct {
	decide.Question
	IdentifyUsersBy types.String `tfsdk:"identify_users_by"`
	Path            types.String `tfsdk:"path"`
	CSVPath         types.String `tfsdk:"csv_path"`
	ChangesJSON     types.String `tfsdk:"changes_json"`
	ExpectSkipped   types.Set    `tfsdk:"expect_skipped"`
	Reconciliation  types.Bool   `tfsdk:"reconciliation"`
	LastSync        types.String `tfsdk:"last_sync"`
	MaxFixes        types.Int64  `tfsdk:"max_fixes"`

	Markdown types.String   `tfsdk:"markdown"`
	SHA256   types.String   `tfsdk:"html_sha256"`
	Summary  *reportSummary `tfsdk:"summary"`
}

// reportSummary counts what a report shows.
type reportSummary struct {
	Users            int64    `tfsdk:"users"`
	Synced           int64    `tfsdk:"synced"`
	Skipped          int64    `tfsdk:"skipped"`
	Unknown          int64    `tfsdk:"unknown"`
	NotInScope       int64    `tfsdk:"not_in_scope"`
	AgreementPercent *float64 `tfsdk:"agreement_percent"`
	Mismatches       *int64   `tfsdk:"mismatches"`
}

func (s *reportSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_report"
}

func (s *reportSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	more := append(reportComputed(), arguments.IdentifyUsersBy("With `id` Markdown and page hold no principal name "+
		"and no address of a user; what `changes_json` passes in follows its outcome's `identify_users_by`."))
	resp.Schema = decide.SourceSchema("Who syncs and why, for people: Markdown for a pull-request comment, and one "+
		"HTML page, written to a file, that needs no network and nothing beside itself. The page filters and "+
		"searches all users in scope, keeps the filters in its address and saves what is shown as CSV. It begins with "+
		"the fixes that help the most people and has each user's explanation, groups and fixes, the domains, the "+
		"groups with their members and, where they are wanted, an outcome's changes and the reconciliation. Display "+
		"names stand beside addresses with `directory_attributes = [\"displayName\"]`. Data sources are read "+
		"whenever a configuration is planned, so **the file is written by `plan`**, too, and again by an apply that "+
		"reads anew. "+
		"The same readings and arguments give the same bytes. It uses the provider's own reading of this "+
		"plan.", []arguments.Block{arguments.WhatIfBlock(false)}, more...)
	resp.Schema.Attributes["read_at"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "When the directory was read, RFC 3339: shown in the report, and for SCIM the clock of " +
			"expressions that use Now(). Without it the report shows no time.",
	}
	resp.Schema.Attributes["path"] = schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: "The file that the HTML page is written to, at once and with mode 0600, since it names " +
			"people. It replaces a missing file or an earlier report alone; anything else that is there is an error. " +
			"Its folder must be there. A relative path starts at the folder in which the CLI runs (`-chdir`), not at " +
			"the module. Default: no page.",
	}
	resp.Schema.Attributes["csv_path"] = schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: "A file that the decisions of all users in scope are written to as CSV, as `csv` of " +
			"`usersync_decisions` has them, under the same conditions as `path`. Default: no CSV.",
	}
	resp.Schema.Attributes["changes_json"] = schema.StringAttribute{
		Optional:  true,
		Sensitive: true,
		MarkdownDescription: "An outcome's `changes_json`, shown on the page as a table. Passed through a `local`: " +
			"a data source that refers directly to a resource that the plan changes is put off to the apply.",
	}
	resp.Schema.Attributes["expect_skipped"] = schema.SetAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Users who are meant not to sync, as an outcome's `guardrails.expect_skipped` names " +
			"them: by principal name, mail or object id. The page doesn't count them as a problem. Leavers and whom " +
			"a filter leaves out never count as one.",
	}
	resp.Schema.Attributes["reconciliation"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to compare the prediction, without what-if, with what the organization has, as " +
			"`usersync_reconciliation` does. It reads the organization's accounts and groups. Default `false`.",
	}
	resp.Schema.Attributes["last_sync"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "With `reconciliation`: when the last sync began, as in `usersync_reconciliation`.",
	}
	resp.Schema.Attributes["max_fixes"] = schema.Int64Attribute{
		Optional:   true,
		Validators: []validator.Int64{int64validator.Between(0, 10_000)},
		MarkdownDescription: "For how many users the page has fixes. To try the fixes of one decides the whole " +
			"directory several times, so they are tried for one user of each situation (decision, home domain and " +
			"type), the largest situations first; the page says of all others that they weren't tried. Default: " +
			"100 in a directory of up to 25,000 users, 25 of 100,000, 5 from 500,000 on; `0` tries none. " +
			"`usersync_decision` tries them for any user.",
	}
}

// reportComputed are the computed attributes.
func reportComputed() []arguments.Argument {
	return []arguments.Argument{
		{
			Name:      "markdown",
			Type:      types.StringType,
			Computed:  true,
			Sensitive: true,
			Description: "The report as Markdown, at most 60,000 characters: counts, reasons with what to do, a " +
				"Mermaid flowchart of home domain, user type and verdict, the reconciliation in short, and who " +
				"doesn't sync (the first hundred of each reason; the others are counted).",
		},
		{
			Name:     "html_sha256",
			Type:     types.StringType,
			Computed: true,
			Description: "The SHA-256 of the page that was written, in hex; null without `path`. The page itself " +
				"isn't kept in the state.",
		},
		{
			Name:        "summary",
			Computed:    true,
			Description: "Counts.",
			Object: append(arguments.Counts(),
				arguments.Argument{
					Name:     "agreement_percent",
					Type:     types.Float64Type,
					Computed: true,
					Description: "How many of the compared users are as predicted, in percent; null without " +
						"`reconciliation`.",
				},
				arguments.Argument{
					Name:        "mismatches",
					Type:        types.Int64Type,
					Computed:    true,
					Description: "How many things aren't as predicted; null without `reconciliation`.",
				},
			),
		},
	}
}

func (s *reportSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m reportModel
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	m.Validate(ctx, d)
	reconciliation.ValidateLastSync(m.LastSync, d)
	if !m.LastSync.IsNull() && !m.Reconciliation.IsUnknown() && !m.Reconciliation.ValueBool() {
		d.AddAttributeError(path.Root("last_sync"), "Missing argument", "last_sync needs reconciliation = true: it "+
			"dates what is compared.")
	}
}

func (s *reportSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d := &resp.Diagnostics
	var m reportModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	in := report.Input{
		IDs:     arguments.IDs(m.IdentifyUsersBy),
		TakenAt: m.ReadAt.ValueString(),
	}
	var err error
	if !m.ChangesJSON.IsNull() {
		if in.Changes, err = outcome.ParseChanges(m.ChangesJSON.ValueString()); err != nil {
			d.AddAttributeError(
				path.Root("changes_json"),
				"Invalid changes",
				"Expected an outcome's changes_json, and "+
					err.Error()+".",
			)
			return
		}
	}
	// First what reads more: its answers serve the report's own questions.
	if !s.compare(ctx, &m, &in, d) {
		return
	}
	if in.Result = s.Decide(ctx, &m.Question, "", d); in.Result == nil {
		return
	}
	in.MaxFixes = report.DefaultMaxFixes(len(in.Result.Directory.Users))
	if !m.MaxFixes.IsNull() {
		in.MaxFixes = int(m.MaxFixes.ValueInt64())
	}
	if m.Path.IsNull() {
		in.MaxFixes = 0 // to try them is for the page
	}
	s.names(ctx, &m, &in, d)
	made := report.New(in)
	m.Markdown, m.SHA256 = types.StringValue(made.Markdown()), types.StringNull()
	if !m.Path.IsNull() {
		m.SHA256 = writePage(ctx, made, m.Path.ValueString(), d)
	}
	if !m.CSVPath.IsNull() {
		writeCSV(ctx, outcome.Of(in.Result, nil), in.IDs, m.CSVPath.ValueString(), d)
	}
	m.Summary = summaryOf(made)
	if d.HasError() {
		return
	}
	d.Append(resp.State.Set(ctx, &m)...)
}

// names adds what the configuration calls the organization, and who is meant not
// to sync.
func (s *reportSource) names(ctx context.Context, m *reportModel, in *report.Input, d *diag.Diagnostics) {
	if decision.OfAtlassian(in.Result.Settings.Connector) {
		if key, err := s.Session.OrganizationKey(ctx, m.Organization.ValueString()); err == nil {
			in.Organization = key
		}
	}
	for _, name := range tfutil.Strings(ctx, m.ExpectSkipped, d) {
		for _, i := range in.Result.Lookup.Users(name) {
			in.ExpectSkipped = append(in.ExpectSkipped, in.Result.Directory.Users[i].ID)
		}
	}
}

// compare adds the reconciliation, where it is wanted.
func (s *reportSource) compare(ctx context.Context, m *reportModel, in *report.Input, d *diag.Diagnostics) bool {
	if !m.Reconciliation.ValueBool() {
		return true
	}
	of := reconciliation.Question{Readings: m.Readings, Connector: m.Connector, LastSync: m.LastSync}
	compared := reconciliation.Compare(ctx, s.Source, of, d)
	if compared == nil {
		return false
	}
	in.Reconciliation, in.ComparedWith = reconcile.Reconcile(compared.Input), compared.With
	if compared.Input.Result.Settings.Connector != decision.NestedGroups {
		return true
	}
	var err error
	if in.Calibration, err = reconciliation.Calibrate(compared.Input, 0); err != nil {
		d.Append(tfutil.Failure(decide.Operation, err))
	}
	return err == nil
}

// writePage writes the page and gives its SHA-256.
func writePage(ctx context.Context, made *report.Report, file string, d *diag.Diagnostics) types.String {
	page, err := made.HTML()
	if err != nil {
		d.Append(tfutil.Failure("Writing the report", err))
		return types.StringNull()
	}
	if err := safefile.Replace(ctx, file, page, report.IsPage); err != nil {
		d.AddAttributeError(path.Root("path"), "The report can't be written", notWritten("A report", file, err))
		return types.StringNull()
	}
	sum := sha256.Sum256(page)
	return types.StringValue(hex.EncodeToString(sum[:]))
}

// writeCSV writes the decisions of all users in scope.
func writeCSV(ctx context.Context, o *outcome.Outcome, ids bool, file string, d *diag.Diagnostics) {
	text, err := decide.CSV(o, ids)
	if err != nil {
		d.Append(tfutil.Failure("Writing the CSV", err))
		return
	}
	if err := safefile.Replace(ctx, file, []byte(text), decide.IsCSV); err != nil {
		d.AddAttributeError(path.Root("csv_path"), "The CSV can't be written", notWritten("A CSV", file, err))
	}
}

// notWritten says why a file wasn't written.
func notWritten(what, file string, err error) string {
	var kind *safefile.KindError
	var foreign *safefile.ForeignError
	switch {
	case errors.As(err, &kind):
		return fmt.Sprintf("%s replaces a missing file or an earlier one of its kind alone, and %s is %s. It was "+
			"left as it is: name another file.", what, kind.Path, kind.Kind)
	case errors.As(err, &foreign):
		return fmt.Sprintf("%s replaces a missing file or an earlier one of its kind alone, and of %s there is this "+
			"to say: %v. It was left as it is: name another file, or move that one "+
			"away.", what, foreign.Path, foreign.Err)
	case errors.Is(err, safefile.ErrBusy):
		return fmt.Sprintf("Another process is writing %s, and has been for some seconds. Name another file, or wait "+
			"until it has ended.", file)
	case errors.Is(err, fs.ErrNotExist):
		folder, _ := filepath.Abs(filepath.Dir(file))
		return fmt.Sprintf("Expected the folder %q to be there, and it isn't: %v. A relative path starts at the "+
			"folder in which the CLI runs.", folder, err)
	}
	return fmt.Sprintf("Expected to write a file beside %q and to move it there: %v.\n\nName a file in a folder in "+
		"which whoever runs the CLI may write.", file, err)
}

func summaryOf(made *report.Report) *reportSummary {
	out := &reportSummary{
		Users:      int64(made.Summary.Users),
		Synced:     int64(made.Summary.Synced),
		Skipped:    int64(made.Summary.Skipped),
		Unknown:    int64(made.Summary.Unknown),
		NotInScope: int64(made.Summary.NotInScope),
	}
	if x := made.Reconciliation; x != nil {
		percent, mismatches := x.Percent(), int64(len(x.Mismatches))
		out.AgreementPercent, out.Mismatches = &percent, &mismatches
	}
	return out
}
