// Package reconciliation is usersync_reconciliation: predicted against actual.
package reconciliation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
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
	Compared   int64   `tfsdk:"compared"`
	Agreed     int64   `tfsdk:"agreed"`
	Percent    float64 `tfsdk:"percent"`
	Unknown    int64   `tfsdk:"unknown"`
	Ambiguous  int64   `tfsdk:"ambiguous"`
	NoEvidence int64   `tfsdk:"no_evidence"`
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

// ValidateConfig finds what is wrong in the configuration alone.
func (s *Source) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m model
	d := &resp.Diagnostics
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	decide.Validate(ctx, &m.Connector, "", d)
	ValidateLastSync(m.LastSync, d)
	if m.Log.ValueBool() && !m.Connector.Connector.IsUnknown() &&
		!decision.OverJob(m.Connector.Connector.ValueString()) {
		d.AddAttributeError(
			path.Root("provisioning_log"),
			"This connector has no provisioning log",
			"provisioning_log is for the connectors over a provisioning job: the nested-groups connector "+
				"is Atlassian's, and Entra's log "+
				"has nothing of it.",
		)
	}
	if !m.OnDisagreement.IsNull() && m.MinAgreement.IsNull() {
		d.AddAttributeError(path.Root("on_disagreement"), "Missing argument", "on_disagreement needs min_agreement: "+
			"it says what an agreement below it is.")
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
	m.show(reconcile.Reconcile(*in), in.Result.TargetName(), d)
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
	q.Accounts = types.BoolValue(true) // of Atlassian's connectors
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
	if !s.evidence(ctx, m, in, d) {
		return nil
	}
	return in
}

// evidence reads what the target holds where that isn't an Atlassian organization, and
// the log where it is wanted.
func (s *Source) evidence(ctx context.Context, m *model, in *reconcile.Input, d *diag.Diagnostics) bool {
	connector := in.Result.Settings.Connector
	other := !decision.OfAtlassian(connector)
	if connector == decision.SCIMApplication {
		users, there, err := s.Session.ApplicationUsers(ctx)
		if err != nil {
			d.Append(tfutil.Failure("Reading the users of "+in.Result.TargetName(), err))
			return false
		}
		if there {
			m.ComparedWith = types.StringValue(withUsers)
			in.Evidence = reconcile.FromUsers(in.Result, targetUsers(users))
		}
	}
	byLog := other && in.Evidence == nil
	if !byLog && !(decision.OverJob(connector) && m.Log.ValueBool()) {
		return true
	}
	log, err := s.readLog(ctx, in.Result)
	if err != nil && m.Log.ValueBool() {
		d.Append(tfutil.FailureAt(path.Root("provisioning_log"), operationLog, err))
		return false
	}
	if err != nil {
		d.Append(tfutil.Failure(operationLog, err))
		return false
	}
	if m.Log.ValueBool() {
		in.Log = lastOf(in.Result, log)
	}
	if byLog {
		m.ComparedWith = types.StringValue(withLog)
		in.Evidence = reconcile.FromLog(in.Result, entriesOf(log))
	}
	return true
}

// What of a target other than Atlassian is compared with, and how reading the log is
// called.
const (
	withLog      = "provisioning_log"
	withUsers    = "scim_users"
	operationLog = "Reading the provisioning log"
)

// records reads what the SCIM connector fills, where it is configured.
func (s *Source) records(ctx context.Context, m *model, in *reconcile.Input, d *diag.Diagnostics) bool {
	if s.Session == nil {
		return true // said by who decides
	}
	key, err := s.Session.OrganizationKey(ctx, m.Organization.ValueString())
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
