package reconciliation

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
)

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
func (m *model) show(r *reconcile.Report, target string, d *diag.Diagnostics) {
	m.Agreement = &agreement{
		Compared:   int64(r.Compared),
		Agreed:     int64(r.Agreed),
		Percent:    r.Percent(),
		Unknown:    int64(r.Unknown),
		Ambiguous:  int64(r.Ambiguous),
		NoEvidence: int64(r.NoEvidence),
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
	m.Mismatches, m.Confusion = tfutil.JSON(list, decide.Operation, d), tfutil.JSON(r.Confusion, decide.Operation, d)
	if size := len(m.Mismatches.ValueString()); size > packed.Max {
		d.AddError("List of mismatches too large", fmt.Sprintf("It has %d MiB, more than the %d MiB that can pass "+
			"between CLI and provider. Narrow the scope: so many mismatches say that the settings aren't the "+
			"connector's.",
			size>>20, packed.Max>>20))
	}
	if least := m.MinAgreement; !least.IsNull() && r.Percent() < least.ValueFloat64() {
		summary, detail := "Agreement below min_agreement", fmt.Sprintf("%d of %d users in scope are at %s "+
			"as predicted: %.2f %%, and min_agreement is %g %%. mismatches lists the others with the likely cause; "+
			"calibration says whether other settings of the connector fit better, where it has any.",
			r.Agreed, r.Compared, target, r.Percent(), least.ValueFloat64())
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
		d.Append(tfutil.Failure(decide.Operation, err))
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
	list := make([]distinguishingJSON, 0, len(c.Distinguishing))
	for _, t := range c.Distinguishing {
		x := distinguishingJSON{Who: t.Name, Actual: t.Actual, Decisions: t.Decisions, Fits: append([]int{}, t.Fits...)}
		if arguments.IDs(m.IdentifyUsersBy) || x.Who == "" {
			x.Who = t.ID
		}
		list = append(list, x)
	}
	m.DistinguishingUsers = tfutil.JSON(list, decide.Operation, d)
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
