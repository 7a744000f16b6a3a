// Package reconciliation is usersync_reconciliation: predicted against actual.
package reconciliation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
)

var (
	_ datasource.DataSourceWithConfigure      = (*Source)(nil)
	_ datasource.DataSourceWithValidateConfig = (*Source)(nil)
)

// Source is usersync_reconciliation.
type Source struct{ decide.Source }

// NewDataSource makes the data source usersync_reconciliation.
func NewDataSource() datasource.DataSource { return &Source{} }

// datesOfUsers are Graph's properties that date a change of a user.
var datesOfUsers = []string{"createdDateTime", "externalUserStateChangeDateTime"}

type model struct {
	arguments.Readings
	arguments.Connector
	IdentifyUsersBy types.String `tfsdk:"identify_users_by"`

	LastSync               types.String  `tfsdk:"last_sync"`
	Log                    types.Bool    `tfsdk:"provisioning_log"`
	MinAgreement           types.Float64 `tfsdk:"min_agreement"`
	OnDisagreement         types.String  `tfsdk:"on_disagreement"`
	MaxDistinguishingUsers types.Int64   `tfsdk:"max_distinguishing_users"`

	Agreement           *agreement       `tfsdk:"agreement"`
	Confusion           types.String     `tfsdk:"confusion"`
	Classes             map[string]int64 `tfsdk:"classes"`
	Mismatches          types.String     `tfsdk:"mismatches"`
	Calibration         []calibrated     `tfsdk:"calibration"`
	DistinguishingUsers types.String     `tfsdk:"distinguishing_users"`
	Best                types.String     `tfsdk:"best_connector_settings"`
	ComparedWith        types.String     `tfsdk:"compared_with"`
}

// agreement is how many users are as predicted.
type agreement struct {
	Compared  int64   `tfsdk:"compared"`
	Agreed    int64   `tfsdk:"agreed"`
	Percent   float64 `tfsdk:"percent"`
	Unknown   int64   `tfsdk:"unknown"`
	Ambiguous int64   `tfsdk:"ambiguous"`
}

// calibrated are settings that were tried, and how well they fit.
type calibrated struct {
	UserIdentifier string  `tfsdk:"user_identifier"`
	ExternalUsers  string  `tfsdk:"external_users"`
	Compared       int64   `tfsdk:"compared"`
	Agreed         int64   `tfsdk:"agreed"`
	Percent        float64 `tfsdk:"percent"`
	Default        bool    `tfsdk:"default"`
	HCL            string  `tfsdk:"hcl"`
}

// Metadata names the data source.
func (s *Source) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_reconciliation"
}

// Schema describes the data source.
func (s *Source) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	more := append(computed(), arguments.IdentifyUsersBy("With `id`, orphans are named by the id of their account or record."))
	resp.Schema = decide.SourceSchema("Predicted against actual: joins what this reading predicts, without what-if, with "+
		"what the organization has, and finds out which settings of the connector fit where Atlassian doesn't document them. "+
		"Users and accounts are joined by the tested address and the account's e-mail, both in one form (no spaces around, "+
		"lower case, the domain in ASCII form; that Atlassian compares so is inferred); with the SCIM connector and a "+
		"configured SCIM directory by its records: `externalId` and the object id, else `userName` or e-mail. No call tells "+
		"which accounts the nested-groups connector holds: an account counts as synced where its `managementSource` says so "+
		"(managed accounts only), or where it is in a group that the organization shows as externally synced. It uses the "+
		"provider's own reading of this plan, with the organization's accounts and groups, whatever `accounts` says; the API "+
		"key needs `read:directories:admin` and `read:groups:admin`, too.", nil, more...)
	resp.Schema.Attributes["last_sync"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "When the last sync began (RFC 3339): no API tells. With it, a user who was created or whose " +
			"invitation changed after it is `pending`; a change of type, address or groups has no date in Graph. It reads " +
			"`createdDateTime` and `externalUserStateChangeDateTime`: name them in `attributes` of a `usersync_directory` " +
			"beside it, and one read serves both. Without it such mismatches are `pending_or_predicted_wrong`.",
	}
	resp.Schema.Attributes["provisioning_log"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "For SCIM: whether `cause` also says what the provisioning log has last of a user (action, " +
			"status, error code or reason to skip, and when). It takes the newest 10,000 entries of the service principal and " +
			"needs the permission `AuditLog.Read.All`. Default `false`.",
	}
	resp.Schema.Attributes["min_agreement"] = schema.Float64Attribute{
		Optional:   true,
		Validators: []validator.Float64{float64validator.Between(0, 100)},
		MarkdownDescription: "The least agreement, in percent of the compared users; below it `on_disagreement` says what " +
			"happens. Pending users count as not agreeing.",
	}
	resp.Schema.Attributes["on_disagreement"] = schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.OneOf("warn", "error")},
		MarkdownDescription: "What an agreement below `min_agreement` is: `warn` (default), a warning; `error`, an error that " +
			"stops the plan.",
	}
	resp.Schema.Attributes["max_distinguishing_users"] = schema.Int64Attribute{
		Optional:            true,
		Validators:          []validator.Int64{int64validator.Between(0, 1000)},
		MarkdownDescription: "How many users `distinguishing_users` names. Default 10.",
	}
}

// computed are the computed attributes.
func computed() []arguments.Argument {
	text := func(name, description string) arguments.Argument {
		return arguments.Argument{Name: name, Type: types.StringType, Computed: true, Description: description}
	}
	number := func(name, description string) arguments.Argument {
		return arguments.Argument{Name: name, Type: types.Int64Type, Computed: true, Description: description}
	}
	percent := func(description string) arguments.Argument {
		return arguments.Argument{Name: "percent", Type: types.Float64Type, Computed: true, Description: description}
	}
	return []arguments.Argument{
		{
			Name:        "agreement",
			Computed:    true,
			Description: "How many users in scope are as predicted.",
			Object: []arguments.Argument{
				number("compared", "Users in scope of whom prediction and organization both say something."),
				number("agreed", "Those of whom both say the same."),
				percent("`agreed` of `compared`, in percent; 100 where nobody is compared."),
				number("unknown", "Users predicted as unknown; not compared."),
				number("ambiguous", "Users who can't be told from others, or have several accounts; not compared."),
			},
		},
		text("confusion", "A JSON object: decision code (`sync: guest`) to what the organization has (`synced`, `present`, "+
			"`absent`, `inactive`, `unlinked`, `ambiguous`) to the number of users in scope."),
		{
			Name:        "classes",
			Type:        types.MapType{ElemType: types.Int64Type},
			Computed:    true,
			Description: "Number of mismatches by class.",
		},
		text("mismatches", "A JSON list of every mismatch, sorted: `class`, `who`, `predicted`, `actual`, `groups`, `cause`. "+
			"Classes: `pending`, `pending_or_predicted_wrong`, `predicted_wrong`, `orphan` (what the sync holds of nobody in "+
			"scope), `duplicate` (several accounts of one user), `unlinked` (a SCIM record without account), "+
			"`missing_from_group`, `extra_in_group`, `ambiguous` (several users with one address), `group_missing`, `group_extra`, "+
			"`service_not_running` (nothing came since the job doesn't run), `leaver` (disabled in Entra, still active there), "+
			"`account_deactivated` (in Atlassian, behind an active record), `blocked` (another account or record holds the address), "+
			"`account_out_of_scope` and `account_without_user` (managed, active accounts that nothing of Entra's ends)."),
		{
			Name:     "calibration",
			Computed: true,
			Description: "Every combination of the connector's settings that nobody documents, best agreement first, the " +
				"default first among equals; empty for SCIM, which has no such settings.",
			Objects: []arguments.Argument{
				text("user_identifier", "As in an outcome's `connector_settings`."),
				text("external_users", "As in an outcome's `connector_settings`."),
				number("compared", "Users compared under it."),
				number("agreed", "Users who agree under it."),
				percent("In percent."),
				{Name: "default", Type: types.BoolType, Computed: true, Description: "Whether it is the default."},
				text("hcl", "The block to paste into an outcome, with what is configured here beside it."),
			},
		},
		text("distinguishing_users", "A JSON list of users whom these settings decide otherwise: `who`, `actual`, `decisions` "+
			"(by position in `calibration`), `fits` (the positions that agree). They are the evidence."),
		text("best_connector_settings", "`connector_settings` to paste, of the combination that fits better than every other; "+
			"\"\" where several fit alike."),
		text("compared_with", "What was compared: `accounts` of the organization, or `scim`, its SCIM directory."),
	}
}

// ValidateConfig finds what is wrong in the configuration alone.
func (s *Source) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m model
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	decide.Validate(ctx, &m.Connector, "", d)
	ValidateLastSync(m.LastSync, d)
	if m.Log.ValueBool() && !m.Connector.Connector.IsUnknown() && m.Connector.Connector.ValueString() != decision.SCIM {
		d.AddAttributeError(path.Root("provisioning_log"), "This connector has no provisioning log", "provisioning_log is for connector = \""+decision.SCIM+"\": the nested-groups connector is Atlassian's, and Entra's log has nothing of it.")
	}
	if !m.OnDisagreement.IsNull() && m.MinAgreement.IsNull() {
		d.AddAttributeError(path.Root("on_disagreement"), "Missing argument", "on_disagreement needs min_agreement: it says what an agreement below it is.")
	}
}

// ValidateLastSync checks last_sync.
func ValidateLastSync(v types.String, d *diag.Diagnostics) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, v.ValueString()); err != nil {
		d.AddAttributeError(path.Root("last_sync"), "Invalid time", fmt.Sprintf("Expected RFC 3339, such as "+
			"2026-11-20T08:00:00Z; found %q.", v.ValueString()))
	}
}

// Read compares.
func (s *Source) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d := &resp.Diagnostics
	var m model
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	in := s.input(ctx, &m, d)
	if in == nil {
		return
	}
	m.show(reconcile.Reconcile(*in), d)
	m.calibrate(ctx, *in, d)
	if d.HasError() {
		return
	}
	d.Append(resp.State.Set(ctx, &m)...)
}

// Question is what is compared, for those who compare beside their own answer.
type Question struct {
	arguments.Readings
	arguments.Connector
	LastSync types.String
}

// Compared is a comparison, and what was compared.
type Compared struct {
	Input reconcile.Input
	With  string
}

// Compare reads and predicts; nil after a diagnostic.
func Compare(ctx context.Context, s decide.Source, q Question, d *diag.Diagnostics) *Compared {
	m := &model{Readings: q.Readings, Connector: q.Connector, LastSync: q.LastSync}
	in := (&Source{s}).input(ctx, m, d)
	if in == nil {
		return nil
	}
	return &Compared{Input: *in, With: m.ComparedWith.ValueString()}
}

// input reads and predicts; nil after a diagnostic.
func (s *Source) input(ctx context.Context, m *model, d *diag.Diagnostics) *reconcile.Input {
	q := &decide.Question{Readings: m.Readings, Connector: m.Connector}
	q.Accounts = types.BoolValue(true)
	in := &reconcile.Input{Changed: func(int32) time.Time { return time.Time{} }}
	if !m.LastSync.IsNull() {
		in.LastSync, _ = time.Parse(time.RFC3339, m.LastSync.ValueString())
		attributes := append(tfutil.Strings(ctx, m.DirectoryAttributes, d), datesOfUsers...)
		set, diags := types.SetValueFrom(ctx, types.StringType, attributes)
		d.Append(diags...)
		q.DirectoryAttributes = set
	}
	if m.Connector.Connector.ValueString() == decision.SCIM && !s.records(ctx, m, in, d) {
		return nil
	}
	q.SCIMRecords = types.BoolValue(in.SCIM != nil) // the prediction looks at the same
	r := s.Decide(ctx, q, "", d)
	if r == nil {
		return nil
	}
	in.Result, in.Organization = r, r.Organization
	if !m.LastSync.IsNull() {
		in.Changed = changedAt(r.Directory)
	}
	m.ComparedWith = types.StringValue("accounts")
	if in.SCIM != nil {
		m.ComparedWith = types.StringValue("scim")
	}
	if r.Settings.Connector == decision.SCIM && m.Log.ValueBool() {
		var err error
		if in.Log, err = s.logOf(ctx, in.Result); err != nil {
			d.Append(tfutil.FailureAt(path.Root("provisioning_log"), "Reading the provisioning log", err))
			return nil
		}
	}
	return in
}

// records reads what the SCIM connector fills, where it is configured.
func (s *Source) records(ctx context.Context, m *model, in *reconcile.Input, d *diag.Diagnostics) bool {
	if s.Session == nil {
		return true // said by who decides
	}
	key, err := s.Session.OrganizationKey(m.Organization.ValueString())
	if err == nil {
		in.SCIM, err = s.Session.SCIM(ctx, key)
	}
	if err != nil {
		d.Append(tfutil.Failure("Reading the SCIM directory", err))
		return false
	}
	return true
}

// changedAt dates the last change of a user that Graph dates.
func changedAt(dir *directory.Directory) func(int32) time.Time {
	var columns [][]string
	for _, name := range datesOfUsers {
		if c, ok := dir.Column(name); ok {
			columns = append(columns, c)
		}
	}
	return func(i int32) (last time.Time) {
		for _, c := range columns {
			var at time.Time
			if c[i] != "" && json.Unmarshal([]byte(c[i]), &at) == nil && at.After(last) {
				last = at
			}
		}
		return last
	}
}

// mismatchJSON is one mismatch as the attribute shows it.
type mismatchJSON struct {
	Class     string   `json:"class"`
	Who       string   `json:"who"`
	Predicted string   `json:"predicted"`
	Actual    string   `json:"actual"`
	Groups    []string `json:"groups"`
	Cause     string   `json:"cause"`
}

// show puts the comparison into the model, and holds the limit.
func (m *model) show(r *reconcile.Report, d *diag.Diagnostics) {
	m.Agreement = &agreement{
		Compared:  int64(r.Compared),
		Agreed:    int64(r.Agreed),
		Percent:   r.Percent(),
		Unknown:   int64(r.Unknown),
		Ambiguous: int64(r.Ambiguous),
	}
	m.Classes = map[string]int64{}
	list := make([]mismatchJSON, 0, len(r.Mismatches))
	for _, x := range r.Mismatches {
		m.Classes[string(x.Class)]++
		groups := x.Groups
		if groups == nil {
			groups = []string{}
		}
		who := x.Name
		if (arguments.IDs(m.IdentifyUsersBy) || who == "") && x.ID != "" {
			who = x.ID
		}
		list = append(list, mismatchJSON{string(x.Class), who, x.Predicted, x.Actual, groups, x.Cause})
	}
	m.Mismatches, m.Confusion = tfutil.JSON(list, decide.Doing, d), tfutil.JSON(r.Confusion, decide.Doing, d)
	if size := len(m.Mismatches.ValueString()); size > packed.Max {
		d.AddError("List of mismatches too large", fmt.Sprintf("It has %d MiB, more than the %d MiB that can pass between "+
			"CLI and provider. Narrow the scope: so many mismatches say that the settings aren't the connector's.",
			size>>20, packed.Max>>20))
	}
	if least := m.MinAgreement; !least.IsNull() && r.Percent() < least.ValueFloat64() {
		summary, detail := "Agreement below min_agreement", fmt.Sprintf("%d of %d users in scope are in the organization as predicted: %.2f %%, and min_agreement is %g %%. mismatches lists the others with the likely cause; calibration says whether other settings of the connector fit better.",
			r.Agreed, r.Compared, r.Percent(), least.ValueFloat64())
		if m.OnDisagreement.ValueString() == "error" {
			d.AddAttributeError(path.Root("min_agreement"), summary, detail)
		} else {
			d.AddAttributeWarning(path.Root("min_agreement"), summary, detail)
		}
	}
}

// distinguishingJSON is one distinguishing user as the attribute shows it.
type distinguishingJSON struct {
	Who       string   `json:"who"`
	Actual    string   `json:"actual"`
	Decisions []string `json:"decisions"`
	Fits      []int    `json:"fits"`
}

// defaultDistinguishing is the default of max_distinguishing_users.
const defaultDistinguishing = 10

// calibrate tries every combination of the undocumented settings.
func (m *model) calibrate(ctx context.Context, in reconcile.Input, d *diag.Diagnostics) {
	m.Calibration, m.DistinguishingUsers, m.Best = []calibrated{}, types.StringValue("[]"), types.StringValue("")
	if in.Result.Settings.Connector != decision.NestedGroups {
		return
	}
	limit := defaultDistinguishing
	if !m.MaxDistinguishingUsers.IsNull() {
		limit = int(m.MaxDistinguishingUsers.ValueInt64())
	}
	c, err := Calibrate(in, limit)
	if err != nil {
		d.Append(tfutil.Failure(decide.Doing, err))
		return
	}
	for i := range c.Readings {
		x := &c.Readings[i]
		m.Calibration = append(m.Calibration, calibrated{
			UserIdentifier: x.UserIdentifier,
			ExternalUsers:  x.ExternalUsers,
			Compared:       int64(x.Compared),
			Agreed:         int64(x.Agreed),
			Percent:        x.Percent(),
			Default:        x.Default,
			HCL:            m.SettingsHCL(ctx, x.UserIdentifier, x.ExternalUsers, d),
		})
	}
	list := make([]distinguishingJSON, 0, len(c.Telling))
	for _, t := range c.Telling {
		x := distinguishingJSON{Who: t.Name, Actual: t.Actual, Decisions: t.Decisions, Fits: append([]int{}, t.Fits...)}
		if arguments.IDs(m.IdentifyUsersBy) || x.Who == "" {
			x.Who = t.ID
		}
		list = append(list, x)
	}
	m.DistinguishingUsers = tfutil.JSON(list, decide.Doing, d)
	if c.Decided() {
		m.Best = types.StringValue(m.Calibration[0].HCL)
	}
}

// Calibrate tries every combination of the undocumented settings; limit bounds
// the distinguishing users.
func Calibrate(in reconcile.Input, limit int) (*reconcile.Calibration, error) {
	return reconcile.Calibrate(in, func(identifier, externalUsers string) (*decision.Result, error) {
		settings := in.Result.Settings
		settings.ConnectorSettings.UserIdentifier = identifier
		settings.ConnectorSettings.ExternalUsers = externalUsers
		e, err := decision.NewEngine(in.Result.Directory, in.Result.Lookup, in.Result.Organization, settings)
		if err != nil {
			return nil, err
		}
		return e.Decide(), nil
	}, limit)
}
