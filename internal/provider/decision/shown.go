package decision

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// perReason is how many users of a reason show = "summary" lists.
const perReason = 20

// Shown are the decisions as outcome and usersync_decisions show them.
type Shown struct {
	Decisions, Groups, GroupsHeldBack, Fingerprint, Settings types.String

	Service   Service
	Unchecked []string
}

// Service is the state of a connector's service.
type Service struct {
	State  string `tfsdk:"state"`
	Since  string `tfsdk:"since"`
	Detail string `tfsdk:"detail"`
}

// Show makes the JSON of an outcome.
func Show(o *outcome.Outcome, r *decision.Result, how arguments.Shown, d *diag.Diagnostics) Shown {
	// Keys are unique among all rows, those that aren't listed too.
	from, skipped := o, how.Show.ValueString() != arguments.ShowAll
	if how.Show.ValueString() == arguments.ShowSummary {
		from, skipped = firstOfReasons(o, perReason), false
	}
	decisions, err := from.Decisions(skipped, how.IDs())
	if err != nil {
		d.Append(tfutil.Failure(Operation, err))
	}
	if len(decisions) > packed.Max {
		tooLarge(d, "show", "The list of decisions is", len(decisions), packed.Max,
			"Use show = \"skipped\" (the default) or \"summary\", or narrow the scope.")
	}
	groups, err := o.GroupsJSON()
	if err != nil {
		d.Append(tfutil.Failure(Operation, err))
	}
	held, err := o.HeldJSON()
	if err != nil {
		d.Append(tfutil.Failure(Operation, err))
	}
	return Shown{
		GroupsHeldBack: types.StringValue(held),
		Service: Service{
			State:  o.Service.State,
			Since:  text.Plain(o.Service.Since),
			Detail: text.Plain(o.Service.Detail),
		},
		Unchecked:   append([]string{}, o.Unchecked...),
		Decisions:   types.StringValue(decisions),
		Groups:      types.StringValue(groups),
		Fingerprint: types.StringValue(o.Fingerprint()),
		Settings: tfutil.JSON(settingsJSON{
			TenantID:       o.TenantID,
			OrganizationID: o.OrganizationID,
			Settings:       r.Settings,
		}, Operation, d),
	}
}

// listed is an outcome with the rows that show lists.
func listed(o *outcome.Outcome, how arguments.Shown) *outcome.Outcome {
	switch how.Show.ValueString() {
	case arguments.ShowAll:
		return o
	case arguments.ShowSummary:
		return firstOfReasons(o, perReason)
	}
	return only(o, func(r *outcome.Row) bool { return r.Verdict != decision.Sync })
}

// only is an outcome with some of its rows.
func only(o *outcome.Outcome, keep func(*outcome.Row) bool) *outcome.Outcome {
	some := *o
	some.Rows = nil
	for i := range o.Rows {
		if keep(&o.Rows[i]) {
			some.Rows = append(some.Rows, o.Rows[i])
		}
	}
	return &some
}

// firstOfReasons is an outcome with, of each reason, at most so many users: the
// first by object id.
func firstOfReasons(o *outcome.Outcome, limit int) *outcome.Outcome {
	counts := map[string]int{}
	return only(o, func(r *outcome.Row) bool { // ascending by id
		counts[r.Code]++
		return counts[r.Code] <= limit
	})
}

// settingsJSON is what the function explain takes: the settings, and whose they
// are.
type settingsJSON struct {
	TenantID       string `json:"tenant_id"`
	OrganizationID string `json:"organization_id"`
	decision.Settings
}

// Summary counts the users of an outcome.
type Summary struct {
	Users        int64            `tfsdk:"users"`
	Synced       int64            `tfsdk:"synced"`
	Skipped      int64            `tfsdk:"skipped"`
	Unknown      int64            `tfsdk:"unknown"`
	NotInScope   int64            `tfsdk:"not_in_scope"`
	ByReason     map[string]int64 `tfsdk:"by_reason"`
	ByHomeDomain map[string]int64 `tfsdk:"by_home_domain"`
}

// SummaryOf is the summary of an outcome that a result gave.
func SummaryOf(o *outcome.Outcome, r *decision.Result) *Summary {
	s := o.Summary(r)
	return &Summary{
		Users:        int64(s.Users),
		Synced:       int64(s.Synced),
		Skipped:      int64(s.Skipped),
		Unknown:      int64(s.Unknown),
		NotInScope:   int64(s.NotInScope),
		ByReason:     int64s(s.ByReason),
		ByHomeDomain: int64s(s.ByHomeDomain),
	}
}

func int64s(m map[string]int) map[string]int64 {
	out := make(map[string]int64, len(m))
	for k, n := range m {
		out[k] = int64(n)
	}
	return out
}
