package outcome

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
	"github.com/usersync/terraform-provider-usersync/internal/report"
	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

var (
	_ datasource.DataSourceWithConfigure      = (*reportSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*reportSource)(nil)
)

type reportSource struct{ source }

// NewReport makes the data source usersync_report.
func NewReport() datasource.DataSource { return &reportSource{} }

type reportModel struct {
	sourceModel
	Names           types.String `tfsdk:"names"`
	Path            types.String `tfsdk:"path"`
	ChangesMarkdown types.String `tfsdk:"changes_markdown"`
	Reconciliation  types.Object `tfsdk:"reconciliation"`
	MaxFixes        types.Int64  `tfsdk:"max_fixes"`

	Markdown types.String `tfsdk:"markdown"`
	SHA256   types.String `tfsdk:"html_sha256"`
	Summary  types.Object `tfsdk:"summary"`
}

// reportReconciliation is the argument reconciliation.
type reportReconciliation struct {
	LastSync types.String `tfsdk:"last_sync"`
}

var reportSummaryTypes = map[string]attr.Type{
	"users": types.Int64Type, "synced": types.Int64Type, "skipped": types.Int64Type, "unknown": types.Int64Type, "not_in_scope": types.Int64Type,
	"agreement_percent": types.Float64Type, "mismatches": types.Int64Type,
}

func (s *reportSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_report"
}

func (s *reportSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	number := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who syncs and why, for people: Markdown for a pull-request comment, and one HTML page, written to a file, that needs no network and nothing beside itself. " +
			"The page filters and searches all users in scope and has each one's explanation, groups and fixes, the domains, the groups and, where they are wanted, an outcome's changes and the reconciliation. " +
			"Data sources are read whenever a configuration is planned, so **the file is written by `plan`**, too, and again by an apply that reads anew. The same readings and arguments give the same bytes. " +
			"It uses the provider's own reading of this plan.",
		Attributes: sourceAttributes(map[string]schema.Attribute{
			"taken_at": schema.StringAttribute{Optional: true, MarkdownDescription: "When the directory was read, RFC 3339: shown in the report, and for SCIM the clock of expressions that use Now(). Without it the report shows no time."},
			"names": schema.StringAttribute{Optional: true, MarkdownDescription: "How users are named: `principal_name` (default) or `id`. With `id` Markdown and page hold no principal name and no address of a user; what `changes_markdown` passes in follows its outcome's `names`.",
				Validators: []validator.String{stringvalidator.OneOf(namesUPN, namesID)}},
			"path": schema.StringAttribute{Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "The file that the HTML page is written to, at once and with mode 0600, since it names people. It replaces a missing file or an earlier report alone; anything else that is there is an error. Its folder must be there. A relative path starts at the folder in which the CLI runs (`-chdir`), not at the module. Default: no page."},
			"changes_markdown": schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "An outcome's `changes_markdown`, shown on the page as it is. Passed through a `local`: a data source that refers directly to a resource that the plan changes is put off to the apply."},
			"reconciliation": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "Compares the prediction, without what-if, with what the organization has, as `usersync_reconciliation` does; `{}` is enough. It reads the organization's accounts and groups. Default: no comparison.", Attributes: map[string]schema.Attribute{
				"last_sync": schema.StringAttribute{Optional: true, MarkdownDescription: "When the last sync began, as in `usersync_reconciliation`."},
			}},
			"max_fixes": schema.Int64Attribute{Optional: true, Validators: []validator.Int64{int64validator.Between(0, 10_000)},
				MarkdownDescription: "For how many users the page has fixes. To try the fixes of one decides the whole directory several times, so they are tried for one user of each situation (decision, home domain and type), the largest situations first; the page says of everybody else that they weren't tried. " +
					"Default: 100 in a directory of up to 25,000 users, 25 of 100,000, 5 from 500,000 on; `0` tries none. `usersync_decision` tries them for any user."},
			"markdown":    schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The report as Markdown, at most 60,000 characters: counts, reasons with what to do, a Mermaid flowchart of home domain, user type and verdict, the reconciliation in short, and who doesn't sync (the first hundred of each reason; the others are counted)."},
			"html_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "The SHA-256 of the page that was written, in hex; null without `path`. The page itself isn't kept in the state."},
			"summary": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "Counts.", Attributes: map[string]schema.Attribute{
				"users": number("Users in scope."), "synced": number("Users who sync."), "skipped": number("Users who don't."), "unknown": number("Users of whom it is unknown."),
				"not_in_scope":      number("Users of the reading who aren't in scope."),
				"agreement_percent": schema.Float64Attribute{Computed: true, MarkdownDescription: "How many of the compared users are as predicted, in percent; null without `reconciliation`."},
				"mismatches":        number("How many things aren't as predicted; null without `reconciliation`."),
			}},
		}),
	}
}

func (s *reportSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m reportModel
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	validateRequest(ctx, m.request(), d)
	var x reportReconciliation
	if object(ctx, m.Reconciliation, &x, d) && !x.LastSync.IsNull() && !x.LastSync.IsUnknown() {
		if _, err := time.Parse(time.RFC3339, x.LastSync.ValueString()); err != nil {
			d.AddAttributeError(path.Root("reconciliation"), "Invalid time", fmt.Sprintf("reconciliation.last_sync: expected RFC 3339, such as 2026-11-20T08:00:00Z; found %q.", x.LastSync.ValueString()))
		}
	}
}

func (s *reportSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d := &resp.Diagnostics
	var m reportModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	in := report.Input{IDs: m.Names.ValueString() == namesID, TakenAt: m.TakenAt.ValueString(), ChangesMarkdown: m.ChangesMarkdown.ValueString()}
	// First what reads more: its answers serve the report's own questions.
	if !s.compare(ctx, &m, &in, d) {
		return
	}
	if in.Result = s.decide(ctx, &m.sourceModel, d); in.Result == nil {
		return
	}
	in.MaxFixes = report.DefaultMaxFixes(len(in.Result.Directory.Users))
	if !m.MaxFixes.IsNull() {
		in.MaxFixes = int(m.MaxFixes.ValueInt64())
	}
	made := report.New(in)
	m.Markdown, m.SHA256 = types.StringValue(made.Markdown()), types.StringNull()
	if !m.Path.IsNull() {
		m.SHA256 = writePage(made, m.Path.ValueString(), d)
	}
	m.Summary = reportSummary(made)
	if d.HasError() {
		return
	}
	d.Append(resp.State.Set(ctx, &m)...)
}

// compare adds the reconciliation, where it is wanted.
func (s *reportSource) compare(ctx context.Context, m *reportModel, in *report.Input, d *diag.Diagnostics) bool {
	var x reportReconciliation
	if !object(ctx, m.Reconciliation, &x, d) {
		return !d.HasError()
	}
	of := &reconciliationModel{
		Organization: m.Organization, DirectoryGroups: m.DirectoryGroups, DirectoryAttributes: m.DirectoryAttributes, Connector: m.Connector, Scope: m.Scope,
		ServicePrincipal: m.ServicePrincipal, TakenAt: m.TakenAt, EntraDomains: m.EntraDomains, ConnectorRules: m.ConnectorRules, LastSync: x.LastSync,
	}
	with := (&reconciliationSource{s.source}).input(ctx, of, d)
	if with == nil {
		return false
	}
	in.Reconciliation, in.ComparedWith = reconcile.Reconcile(*with), of.Source.ValueString()
	if with.Result.Settings.Connector != decision.NestedGroups {
		return true
	}
	var err error
	if in.Calibration, err = calibrated(*with, 0); err != nil {
		d.Append(diagnose.Error(doing, err))
	}
	return err == nil
}

// writePage writes the page and gives its SHA-256.
func writePage(made *report.Report, file string, d *diag.Diagnostics) types.String {
	page, err := made.HTML()
	if err != nil {
		d.Append(diagnose.Error("Writing the report", err))
		return types.StringNull()
	}
	if err := safefile.Replace(file, page, report.IsPage); err != nil {
		d.AddAttributeError(path.Root("path"), "The report can't be written", notWritten(file, err))
		return types.StringNull()
	}
	sum := sha256.Sum256(page)
	return types.StringValue(hex.EncodeToString(sum[:]))
}

// notWritten says why a page wasn't written.
func notWritten(file string, err error) string {
	var kind *safefile.KindError
	var foreign *safefile.ForeignError
	switch {
	case errors.As(err, &kind):
		return fmt.Sprintf("A report replaces a missing file or an earlier report alone, and %s is %s. It was left as it is: name another file.", kind.Path, kind.Kind)
	case errors.As(err, &foreign):
		return fmt.Sprintf("A report replaces a missing file or an earlier report alone, and of %s there is this to say: %v. It was left as it is: name another file, or move that one away.", foreign.Path, foreign.Err)
	case errors.Is(err, safefile.ErrBusy):
		return fmt.Sprintf("Another process is writing %s, and has been for some seconds. Name another file, or wait until it has ended.", file)
	case errors.Is(err, fs.ErrNotExist):
		folder, _ := filepath.Abs(filepath.Dir(file))
		return fmt.Sprintf("Expected the folder %q to be there, and it isn't: %v. A relative path starts at the folder in which the CLI runs.", folder, err)
	}
	return fmt.Sprintf("Expected to write a file beside %q and to move it there: %v.\n\nName a file in a folder in which whoever runs the CLI may write.", file, err)
}

func reportSummary(made *report.Report) types.Object {
	s := made.Summary
	values := map[string]attr.Value{
		"users": types.Int64Value(int64(s.Users)), "synced": types.Int64Value(int64(s.Synced)), "skipped": types.Int64Value(int64(s.Skipped)),
		"unknown": types.Int64Value(int64(s.Unknown)), "not_in_scope": types.Int64Value(int64(s.NotInScope)),
		"agreement_percent": types.Float64Null(), "mismatches": types.Int64Null(),
	}
	if x := made.Reconciliation; x != nil {
		values["agreement_percent"], values["mismatches"] = types.Float64Value(x.Percent()), types.Int64Value(int64(len(x.Mismatches)))
	}
	return types.ObjectValueMust(reportSummaryTypes, values)
}
