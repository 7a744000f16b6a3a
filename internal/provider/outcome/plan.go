package outcome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// compute decides from configuration and prior state alone
// [CONTRIBUTING: Planning is pure], and puts the computed attributes into plan.
// state is nil before the first create.
func compute(ctx context.Context, config, state, plan *model, d *diag.Diagnostics) {
	accepted := acceptedOf(state, d)
	r := decide.Decode(config.Directory.ValueString(), config.Organization.ValueString(), d)
	there := config.targetDirectory(d)
	if d.HasError() || !sameOwner(accepted, r, d) {
		return
	}
	q := config.Request(ctx, config.WhatIf, config.ReadAt, accepted.Kept(), d)
	q.TargetDirectory = there
	history := accepted.History()
	e := r.Engine(q, "", history, d)
	g := toGuardrails(ctx, config.Guardrails, d)
	if e == nil || d.HasError() {
		return
	}
	meanings := meaningsOf(r, q, g, accepted.Kept(), d)
	if d.HasError() {
		return
	}
	result := e.Decide()
	if g.MaxGroupsLost == nil {
		g.MaxGroupsLost = result.DefaultMaxGroupsLost()
	}
	watch := tfutil.Strings(ctx, config.WatchGroups, d)
	p := outcome.Of(result, accepted)
	// Without names, what is compared and kept has pseudonyms in their place.
	hide := func(o *outcome.Outcome) *outcome.Outcome { return o }
	if config.IDs() {
		hide = (*outcome.Outcome).WithoutNames
		accepted = hide(accepted)
	} else {
		accepted = accepted.NamedAs(p)
	}
	p = hide(p)
	drifted := hide(driftOf(accepted, e, p, r, history))
	changes := outcome.Compare(accepted, drifted, p, outcome.Compared{
		Directory:     r.Tenant.Directory,
		Watch:         watch,
		ExpectSkipped: outcome.ExpectedSkipped(meanings),
	})
	warnResult(result, config.IDs(), d)
	violations := g.Check(outcome.Check{Changes: changes, Drifted: drifted, Meanings: meanings, IDs: config.IDs()})
	approved, blocked := g.report(changes, violations, d)
	warnNames(slices.Concat(
		outcome.Advise(meanings, p, violations, config.IDs()),
		outcome.UnmatchedWatch(watch, accepted, p),
		result.UnmatchedDomains(),
	), d)
	if d.HasError() {
		return
	}
	if state != nil && accepted != nil && !changes.Any() && config.sameConfiguration(state) {
		plan.ID, plan.computed = state.ID, state.computed
		return
	}
	p.Expect(asRead(e, result))
	if config.IDs() {
		p = p.WithoutNames()
	}
	p.Remember(accepted, meanings, violations, approved)
	tell(changes, result, config, watch, d)
	severity := changes.Severity(blocked, outcome.SetOf(g.reviewWhen))
	fill(ctx, plan, config, filled{result, p, changes, violations, watch, severity}, d)
	checkSize(plan, config, d)
}

// asRead is the result without the what-if, which never enters what the target
// is expected to hold.
func asRead(e *decision.Engine, result *decision.Result) *decision.Result {
	if result.WhatIf.Empty() {
		return result
	}
	return e.DecideAsRead()
}

// warnResult warns of what the result rests on.
func warnResult(result *decision.Result, ids bool, d *diag.Diagnostics) {
	result.WarnAssumptions(func(argument, text string) {
		d.AddAttributeWarning(path.Root(argument), "Outcome rests on assumptions", text)
	})
	warnService(result, d)
	warnExpiring(result.Expiring(tfutil.MaxNames, ids), d)
}

// meaningsOf are what the names of the configuration mean.
func meaningsOf(
	r decide.Inputs, q decision.Request, g guardrails, kept decision.Resolved, d *diag.Diagnostics,
) []decision.Meaning {
	scope, err1 := q.Meanings(r.Tenant.Lookup, r.Tenant.Directory)
	users, err2 := g.Meanings(r.Tenant.Lookup, r.Tenant.Directory, kept)
	if err := errors.Join(err1, err2); err != nil {
		d.Append(tfutil.DecisionFailure("", decide.Operation, err))
	}
	return append(scope, users...)
}

// warnNames is one warning for all entries that a person should correct.
func warnNames(advice []string, d *diag.Diagnostics) {
	const shown = 20
	if more := len(advice) - shown; more > 0 {
		advice = append(advice[:shown:shown], fmt.Sprintf("… and %d more.", more))
	}
	if len(advice) > 0 {
		d.AddWarning("Names in the configuration need attention", strings.Join(advice, "\n"))
	}
}

// tell is the one warning that says what the plan changes.
func tell(c *outcome.Changes, r *decision.Result, config *model, watch []string, d *diag.Diagnostics) {
	if !c.Any() {
		return
	}
	t := outcome.PlanText{
		Connector: r.Settings.Connector,
		Target:    r.TargetName(),
		Watch:     watch,
		IDs:       config.IDs(),
		Effect:    effectOf(r),
		Remedy:    func(x *outcome.Change) string { return r.RemedyOf(x.ID) },
	}
	d.AddWarning(t.Headline(c), t.Body(c))
}

func acceptedOf(state *model, d *diag.Diagnostics) *outcome.Outcome {
	if state == nil || state.Accepted.ValueString() == "" {
		return nil
	}
	o, err := outcome.DecodeOutcome(state.Accepted.ValueString())
	if err != nil {
		d.AddError("The accepted outcome can't be read", tfutil.Capital(err.Error())+". It was written by a newer "+
			"provider, or the state was changed by hand. Use that provider, or forget the outcome (state rm) and "+
			"import it again: the next plan then shows everything.")
	}
	return o
}

// sameOwner refuses the readings of another tenant or organization. An
// organization that is declared has no id, and may get one later.
func sameOwner(a *outcome.Outcome, r decide.Inputs, d *diag.Diagnostics) bool {
	if a == nil {
		return true
	}
	if a.TenantID != r.Tenant.TenantID {
		d.AddAttributeError(path.Root("directory"), "The reading is of another tenant",
			fmt.Sprintf("This outcome was accepted for tenant %s; the reading is of tenant %s. Pass the reading of "+
				"the same tenant, or make another outcome for this one. To destroy this one all the same, run "+
				"destroy with -refresh=false.", a.TenantID, r.Tenant.TenantID))
	}
	if a.OrganizationID != r.Organization.ID && a.OrganizationID != "" && r.Organization.ID != "" {
		d.AddAttributeError(path.Root("organization"), "The reading is of another organization",
			fmt.Sprintf("This outcome was accepted for organization %s; the reading is of %s. Pass the reading of "+
				"the same organization, or make another outcome for this one. To destroy this one all the same, run "+
				"destroy with -refresh=false.", a.OrganizationID, r.Organization.ID))
	}
	return !d.HasError()
}

// driftOf is D: this reading under the accepted settings and what-if. Where
// the reading no longer covers the accepted scope, what has drifted can't be
// told, and D is A.
func driftOf(
	a *outcome.Outcome, present *decision.Engine, p *outcome.Outcome, r decide.Inputs, history decision.History,
) *outcome.Outcome {
	if a == nil {
		return nil
	}
	settings := a.Settings.ReadAs(present.Settings) // what time does is drift, not this plan's doing
	if reflect.DeepEqual(settings, present.Settings) {
		return p
	}
	if !r.Tenant.WholeTenant() && (a.Settings.Everyone || slices.ContainsFunc(a.Settings.Groups,
		func(g decision.GroupRef) bool { return r.Tenant.GroupByID(g.ID) < 0 })) {
		return a
	}
	e, err := decision.NewEngineAfter(r.Tenant.Directory, r.Tenant.Lookup, r.Organization, settings, history)
	if err != nil {
		return a // accepted under a connector that this provider doesn't know
	}
	return outcome.Of(e.Decide(), a)
}

// effectOf says what a loss does to an account.
func effectOf(r *decision.Result) func(*outcome.Change) string {
	return func(x *outcome.Change) string {
		code := ""
		if x.After != nil {
			code = x.After.Code
		}
		return r.EffectOfLoss(x.Before.Account, code, x.Kind == outcome.Left, x.ID)
	}
}

// warnService says once, at each plan, that the service doesn't run, or what of it
// is off.
func warnService(r *decision.Result, d *diag.Diagnostics) {
	if text := r.ServiceText(); text != "" {
		d.AddWarning("The connector's service doesn't run", text)
	}
	if notes := r.Notes(); len(notes) > 0 {
		d.AddAttributeWarning(
			path.Root("connector"),
			"The job's configuration keeps users out",
			strings.Join(notes, "\n"),
		)
	}
}

// warnExpiring names who syncs only because of a verification that is about to
// lapse, at each plan until it doesn't.
func warnExpiring(list []decision.ExpiringDomain, d *diag.Diagnostics) {
	const shown = 20
	var lines []string
	for i, x := range list {
		if i == shown {
			lines = append(lines, fmt.Sprintf("… and %d more domains", len(list)-shown))
			break
		}
		lines = append(lines, x.Domain+": "+tfutil.FirstNames(x.Names, x.Users))
	}
	if len(lines) > 0 {
		d.AddAttributeWarning(path.Root("organization"), "Users sync only because of a verification that is about to "+
			"lapse",
			"The organization lists these domains with claim status missing_token: their DNS record or file is gone. "+
				"They count as verified for 14 days at most (reported); then these users no longer sync:\n"+
				strings.Join(lines, "\n")+"\n\nPublish the record or file again, or verify the domain anew at "+
				"admin.atlassian.com. usersync_atlassian_domain_verification gives the record and watches it.")
	}
}

// filled is what the computed attributes are made of.
type filled struct {
	result     *decision.Result
	outcome    *outcome.Outcome
	changes    *outcome.Changes
	violations []outcome.Violation
	watch      []string
	severity   string
}

// fill puts the computed attributes into the plan.
func fill(ctx context.Context, plan, config *model, f filled, d *diag.Diagnostics) {
	r, p := f.result, f.outcome
	shown := decide.Show(p, r, config.Shown, d)
	accepted, err1 := p.Encode()
	resolved, err2 := json.Marshal(p.Memory.Resolved)
	listed, err3 := f.changes.JSON(f.severity, f.violations, config.IDs())
	switch err := errors.Join(err1, err2, err3); {
	case errors.Is(err, packed.ErrTooBig):
		d.AddError(
			"Outcome too large",
			"What must be kept of it is "+err.Error()+". Narrow the scope, or split it over several outcomes.",
		)
		return
	case err != nil:
		d.Append(tfutil.Failure(decide.Operation, err))
		return
	}
	summary, diags := types.ObjectValueFrom(ctx, summaryTypes(), decide.SummaryOf(p, r))
	d.Append(diags...)
	service, diags := types.ObjectValueFrom(ctx, serviceTypes(), shown.Service)
	d.Append(diags...)
	unchecked, diags := types.ListValueFrom(ctx, types.StringType, shown.Unchecked)
	d.Append(diags...)
	plan.computed = computed{
		Decisions:       shown.Decisions,
		Groups:          shown.Groups,
		GroupsHeldBack:  shown.GroupsHeldBack,
		Service:         service,
		Unchecked:       unchecked,
		Summary:         summary,
		Severity:        types.StringValue(f.severity),
		Changes:         changesOf(ctx, f.changes, d),
		ChangesMarkdown: types.StringValue(f.changes.Markdown(f.severity, f.violations, f.watch, config.IDs())),
		ChangesJSON:     types.StringValue(listed),
		WhatIfApplied:   types.StringValue(decision.AssumedLine(r.Settings.WhatIf)),
		Fingerprint:     shown.Fingerprint,
		Settings:        shown.Settings,
		Accepted:        types.StringValue(accepted),
		Resolved:        types.StringValue(string(resolved)),
	}
}
