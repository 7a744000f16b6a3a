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
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

const doing = "Deciding who will sync"

// readings are the decoded inputs of a decision.
type readings struct {
	tenant       *reading.Tenant
	organization *directory.Organization
}

func decodeReadings(tenant, organization types.String, d *diag.Diagnostics) (r readings) {
	var err error
	if r.tenant, err = reading.Decode(tenant.ValueString()); err != nil {
		d.Append(diagnose.At(path.Root("directory"), doing, err))
	}
	if r.organization, err = directory.DecodeOrganization(organization.ValueString()); err != nil {
		d.Append(diagnose.At(path.Root("organization"), doing, err))
	}
	return r
}

// engineOf resolves a request and prepares its engine.
func (r readings) engineOf(q decision.Request, d *diag.Diagnostics) *decision.Engine {
	settings, notices, err := q.Resolve(r.tenant.Lookup, r.tenant.Directory)
	if err != nil {
		d.Append(diagnose.Argument(doing, err))
		return nil
	}
	for _, n := range notices {
		d.AddAttributeWarning(path.Root(n.Path[0]), "Argument may have no effect", diagnose.Named(n.Path, n.Text))
	}
	e, err := decision.NewEngine(r.tenant.Directory, r.tenant.Lookup, r.organization, settings)
	if err != nil {
		d.Append(diagnose.Argument(doing, err))
		return nil
	}
	return e
}

// compute decides from configuration and prior state alone
// [CONTRIBUTING: Planning is pure], and puts the computed attributes into plan.
// state is nil before the first create.
func compute(ctx context.Context, config, state, plan *model, d *diag.Diagnostics) {
	accepted := acceptedOf(state, d)
	r := decodeReadings(config.Directory, config.Organization, d)
	if d.HasError() {
		return
	}
	if !sameOwner(accepted, r, d) {
		return
	}
	q := config.request().toRequest(ctx, accepted.Kept(), d)
	e := r.engineOf(q, d)
	g := toGuardrails(ctx, config.Guardrails, d)
	if e == nil || d.HasError() {
		return
	}
	meanings := r.meanings(q, g, accepted.Kept(), d)
	if d.HasError() {
		return
	}
	result := e.Decide()
	if g.MaxGroupsLost == nil {
		g.MaxGroupsLost = result.DefaultMaxGroupsLost()
	}
	p := outcome.Of(result, accepted)
	// Without names, what is compared and kept has pseudonyms in their place.
	hide := func(o *outcome.Outcome) *outcome.Outcome { return o }
	if config.ids() {
		hide = (*outcome.Outcome).WithoutNames
		accepted = hide(accepted)
	} else {
		accepted = accepted.NamedAs(p)
	}
	p = hide(p)
	drifted := hide(driftOf(accepted, e, p, r))
	watch := stringsOf(ctx, config.WatchGroups, d)
	changes := outcome.Compare(accepted, drifted, p, outcome.Compared{
		Directory: r.tenant.Directory, Watch: watch, ExpectSkipped: outcome.ExpectedSkipped(meanings),
	})
	result.WarnAssumptions(func(argument, text string) {
		d.AddAttributeWarning(path.Root(argument), "Outcome rests on assumptions", text)
	})
	warnExpiring(result.Expiring(diagnose.MaxNames, config.ids()), d)
	violations := g.Check(outcome.Check{Changes: changes, Drifted: drifted, Meanings: meanings, IDs: config.ids()})
	approved, blocked := g.report(changes, violations, d)
	warnNames(outcome.Advise(meanings, p, violations, config.ids()), d)
	if d.HasError() {
		return
	}
	if state != nil && accepted != nil && !changes.Any() && config.sameConfiguration(state) {
		plan.copyComputed(state)
		return
	}
	p.Remember(accepted, meanings, violations, approved)
	tell(changes, result, config, watch, d)
	fill(plan, config, filled{
		result: result, outcome: p, changes: changes, violations: violations, watch: watch,
		severity: changes.Severity(blocked, outcome.SetOf(g.reviewWhen)),
	}, d)
	plannable(plan, config, d)
}

// meanings are what the names of the configuration mean.
func (r readings) meanings(q decision.Request, g guardrails, kept decision.Resolved, d *diag.Diagnostics) []decision.Meaning {
	scope, err1 := q.Meanings(r.tenant.Lookup, r.tenant.Directory)
	users, err2 := g.Meanings(r.tenant.Lookup, r.tenant.Directory, kept)
	if err := errors.Join(err1, err2); err != nil {
		d.Append(diagnose.Argument(doing, err))
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
	t := outcome.PlanText{Connector: r.Settings.Connector, Watch: watch, IDs: config.ids(), Effect: effectOf(r)}
	d.AddWarning(t.Headline(c), t.Body(c))
}

func acceptedOf(state *model, d *diag.Diagnostics) *outcome.Outcome {
	if state == nil || state.Accepted.ValueString() == "" {
		return nil
	}
	o, err := outcome.DecodeOutcome(state.Accepted.ValueString())
	if err != nil {
		d.AddError("The accepted outcome can't be read", capitalize(err.Error())+". It was written by a newer provider, or the state was changed by hand. "+
			"Use that provider, or forget the outcome (state rm) and import it again: the next plan then shows everything.")
	}
	return o
}

// sameOwner refuses the readings of another tenant or organization.
func sameOwner(a *outcome.Outcome, r readings, d *diag.Diagnostics) bool {
	if a == nil {
		return true
	}
	if a.TenantID != r.tenant.TenantID {
		d.AddAttributeError(path.Root("directory"), "The reading is of another tenant",
			fmt.Sprintf("This outcome was accepted for tenant %s; the reading is of tenant %s. Pass the reading of the same tenant, or make another outcome for this one. To destroy this one all the same, run destroy with -refresh=false.", a.TenantID, r.tenant.TenantID))
	}
	if a.OrganizationID != r.organization.ID {
		d.AddAttributeError(path.Root("organization"), "The reading is of another organization",
			fmt.Sprintf("This outcome was accepted for organization %s; the reading is of %s. Pass the reading of the same organization, or make another outcome for this one. To destroy this one all the same, run destroy with -refresh=false.", a.OrganizationID, r.organization.ID))
	}
	return !d.HasError()
}

// driftOf is D: this reading under the accepted settings and what-if. Where
// the reading no longer covers the accepted scope, what has drifted can't be
// told, and D is A.
func driftOf(a *outcome.Outcome, present *decision.Engine, p *outcome.Outcome, r readings) *outcome.Outcome {
	if a == nil {
		return nil
	}
	settings := a.Settings
	settings.Now = present.Settings.Now // what time does is drift, not this plan's doing
	if reflect.DeepEqual(settings, present.Settings) {
		return p
	}
	if !r.tenant.WholeTenant() && (a.Settings.Everyone || slices.ContainsFunc(a.Settings.Groups, func(g decision.GroupRef) bool { return r.tenant.GroupByID(g.ID) < 0 })) {
		return a
	}
	e, err := decision.NewEngine(r.tenant.Directory, r.tenant.Lookup, r.organization, settings)
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
		return r.EffectOfLoss(x.Before.Account, code, x.Kind == outcome.Left)
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
		lines = append(lines, x.Domain+": "+diagnose.First(x.Names, x.Users))
	}
	if len(lines) > 0 {
		d.AddAttributeWarning(path.Root("organization"), "Users sync only because of a verification that is about to lapse",
			"The organization lists these domains with claim status missing_token: their DNS record or file is gone. They count as verified for 14 days at most (reported); then these users no longer sync:\n"+
				strings.Join(lines, "\n")+"\n\nPublish the record or file again, or verify the domain anew at admin.atlassian.com. usersync_atlassian_domain_verification gives the record and watches it.")
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

// settingsJSON is what the function explain takes: the settings, and whose they
// are.
type settingsJSON struct {
	TenantID       string `json:"tenant_id"`
	OrganizationID string `json:"organization_id"`
	decision.Settings
}

// fill puts the computed attributes into the plan.
func fill(plan, config *model, f filled, d *diag.Diagnostics) {
	r, p := f.result, f.outcome
	decisions, err1 := p.Decisions(config.skippedOnly(), config.ids())
	groups, err2 := p.GroupsJSON()
	accepted, err3 := p.Encode()
	settings, err4 := json.Marshal(settingsJSON{TenantID: p.TenantID, OrganizationID: p.OrganizationID, Settings: r.Settings})
	resolved, err5 := json.Marshal(p.Memory.Resolved)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		if errors.Is(err, packed.ErrTooBig) {
			d.AddError("The outcome is too large", "What must be kept of it is "+err.Error()+". Narrow the scope, or split it over several outcomes.")
			return
		}
		d.Append(diagnose.Error(doing, err))
		return
	}
	if len(decisions) > packed.Max {
		d.AddAttributeError(path.Root("list"), "The list of decisions is too large", fmt.Sprintf(
			"It has %d MiB, more than the %d MiB that can pass between CLI and provider. Use list = \"skipped\" (the default), or narrow the scope.", len(decisions)>>20, packed.Max>>20))
		return
	}
	plan.Decisions, plan.Groups = types.StringValue(decisions), types.StringValue(groups)
	plan.Summary = summaryOf(p.Summary(r))
	plan.Severity, plan.Changes = types.StringValue(f.severity), changesOf(f.changes)
	plan.ChangesMarkdown = types.StringValue(f.changes.Markdown(f.severity, f.violations, f.watch, config.ids()))
	plan.WhatIfApplied = types.StringValue(decision.AssumedLine(r.Settings.WhatIf))
	plan.Fingerprint = types.StringValue(p.Fingerprint())
	plan.Settings, plan.Accepted = types.StringValue(string(settings)), types.StringValue(accepted)
	plan.Resolved = types.StringValue(string(resolved))
}

func capitalize(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
