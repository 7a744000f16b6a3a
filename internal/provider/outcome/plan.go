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
		d.AddAttributeWarning(path.Root(n.Path[0]), "An argument may not do what it says", diagnose.Named(n.Path, n.Text))
	}
	e, err := decision.NewEngine(r.tenant.Directory, r.tenant.Lookup, r.organization, settings)
	if err != nil {
		d.Append(diagnose.Argument(doing, err))
		return nil
	}
	return e
}

// compute decides from configuration and prior state alone (design 3), and
// puts the computed attributes into plan. state is nil before the first
// create.
func compute(ctx context.Context, config, state, plan *model, d *diag.Diagnostics) {
	accepted := acceptedOf(state, d)
	r := decodeReadings(config.Directory, config.Organization, d)
	if d.HasError() {
		return
	}
	if !sameOwner(accepted, r, d) {
		return
	}
	e := r.engineOf(config.request().toRequest(ctx, knownGroups(accepted), d), d)
	if e == nil || d.HasError() {
		return
	}
	result := e.Decide()
	p := result.Outcome(accepted)
	// Without names, what is compared and kept has pseudonyms in their place.
	hide := func(o *decision.Outcome) *decision.Outcome { return o }
	if config.ids() {
		hide = (*decision.Outcome).WithoutNames
		accepted = hide(accepted)
	} else {
		accepted = accepted.NamedAs(p)
	}
	p = hide(p)
	drifted := hide(driftOf(accepted, e, p, r))
	changes := decision.Compare(accepted, drifted, p, r.tenant.Directory)
	result.WarnAssumptions(func(argument, text string) {
		d.AddAttributeWarning(path.Root(argument), "The outcome rests on what isn't so yet", text)
	})
	warnExpiring(result.Expiring(diagnose.MaxNames, config.ids()), d)
	var before types.Object
	if state != nil {
		before = state.Guardrails
	} else {
		before = types.ObjectNull(guardrailsType)
	}
	g := toGuardrails(ctx, config.Guardrails, before, d)
	if g.MaxGroupsLost == nil {
		g.MaxGroupsLost = result.DefaultMaxGroupsLost()
	}
	if state != nil && accepted != nil && !changes.Any() && config.sameConfiguration(state) {
		// Held violations are said again; nothing else is.
		held(g, changes, accepted, r, config.ids(), d)
		plan.copyComputed(state)
		return
	}
	severity, violations := g.check(changes, drifted, r, config.ids(), accepted == nil, d)
	if d.HasError() {
		return
	}
	warnLosses(changes, result, config.ids(), d)
	warnWatched(changes, stringsOf(ctx, config.WatchGroups, d), config.ids(), d)
	fill(plan, config, result, p, changes, severity, violations, stringsOf(ctx, config.WatchGroups, d), d)
	plannable(plan, config, d)
}

func acceptedOf(state *model, d *diag.Diagnostics) *decision.Outcome {
	if state == nil || state.Accepted.ValueString() == "" {
		return nil
	}
	o, err := decision.DecodeOutcome(state.Accepted.ValueString())
	if err != nil {
		d.AddError("The accepted outcome can't be read", capitalise(err.Error())+". It was written by a newer provider, or the state was changed by hand. "+
			"Use that provider, or forget the outcome (state rm) and import it again: the next plan then shows everything.")
	}
	return o
}

// sameOwner refuses the readings of another tenant or organisation.
func sameOwner(a *decision.Outcome, r readings, d *diag.Diagnostics) bool {
	if a == nil {
		return true
	}
	if a.TenantID != r.tenant.TenantID {
		d.AddAttributeError(path.Root("directory"), "The reading is of another tenant",
			fmt.Sprintf("This outcome was accepted for tenant %s; the reading is of tenant %s. Pass the reading of the same tenant, or make another outcome for this one.", a.TenantID, r.tenant.TenantID))
	}
	if a.OrganizationID != r.organization.ID {
		d.AddAttributeError(path.Root("organization"), "The reading is of another organisation",
			fmt.Sprintf("This outcome was accepted for organisation %s; the reading is of %s. Pass the reading of the same organisation, or make another outcome for this one.", a.OrganizationID, r.organization.ID))
	}
	return !d.HasError()
}

// knownGroups are the ids of scope groups by the names under which they were
// accepted.
func knownGroups(a *decision.Outcome) map[string]string {
	if a == nil {
		return nil
	}
	m := map[string]string{}
	for _, g := range a.Settings.Groups {
		m[g.Name] = g.ID
	}
	return m
}

// driftOf is D: this reading under the accepted settings and what-if. Where
// the reading no longer covers the accepted scope, what has drifted can't be
// told, and D is A.
func driftOf(a *decision.Outcome, present *decision.Engine, p *decision.Outcome, r readings) *decision.Outcome {
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
	return e.Decide().Outcome(a)
}

// check holds the guardrails against the changes; the severity is for
// pipelines.
func (g guardrails) check(c *decision.Changes, drifted *decision.Outcome, r readings, ids, first bool, d *diag.Diagnostics) (severity string, violations []decision.Violation) {
	violations, err := g.Check(c, drifted, r.tenant.Lookup, r.tenant.Directory, ids)
	if err != nil {
		d.Append(diagnose.Argument(doing, err))
		return "", nil
	}
	hash := decision.ApprovalHash(violations)
	// What stands behind a slash tells one approval of the same set from another.
	named, _, _ := strings.Cut(g.approve, "/")
	approved := named == hash && g.approve != g.used
	blocked := false
	for _, v := range violations {
		at := path.Root("guardrails")
		on := g.onPlan
		if v.Cause == decision.Drift {
			on = g.onDrift
		}
		switch {
		case v.Held:
			d.AddAttributeWarning(at, "A guardrail is violated, as accepted before", violationText(v, "", first))
		case approved:
			d.AddAttributeWarning(at, "A guardrail is violated, and approved", violationText(v, "", first))
		case on == onWarn:
			blocked = true
			d.AddAttributeWarning(at, "A guardrail is violated", violationText(v, hash, first))
		default:
			detail := violationText(v, hash, first)
			if !first {
				detail += "\n\nTo destroy the outcome all the same, run destroy with -refresh=false."
			}
			d.AddAttributeError(at, "A guardrail forbids this", detail)
		}
	}
	if named == hash && !approved && len(violations) > 0 {
		d.AddAttributeWarning(path.Root("guardrails"), "approve was used already",
			fmt.Sprintf("guardrails.approve accepts a set once, and the accepted outcome used it. If exactly this set is meant once more, write approve = %q.", hash+"/2"))
	}
	if g.approve != "" && named != hash && g.approve != g.used && len(violations) > 0 {
		d.AddAttributeWarning(path.Root("guardrails"), "approve is for another set of violations",
			fmt.Sprintf("guardrails.approve is %q; these violations have %q. Read them, then write the new hash.", g.approve, hash))
	}
	return c.Severity(blocked, g.reviewWhen), violations
}

// held repeats the violations that were accepted before.
func held(g guardrails, c *decision.Changes, drifted *decision.Outcome, r readings, ids bool, d *diag.Diagnostics) {
	violations, err := g.Check(c, drifted, r.tenant.Lookup, r.tenant.Directory, ids)
	if err != nil {
		d.Append(diagnose.Argument(doing, err)) // a name that has come to fit several users
		return
	}
	for _, v := range violations {
		if v.Held {
			d.AddAttributeWarning(path.Root("guardrails"), "A guardrail is violated, as accepted before", violationText(v, "", false))
		}
	}
}

func violationText(v decision.Violation, hash string, first bool) string {
	by := map[decision.Cause]string{decision.Drift: "It has already happened in the tenant or the organisation (drift).",
		decision.ThisPlan: "This plan's configuration does it.", decision.NewRules: "A newer provider decides otherwise."}[v.Cause]
	s := "guardrails." + v.Guardrail + ": " + v.Text + ": " + diagnose.Names(v.Names) + "."
	if !v.Held && !first {
		s += " " + by
	}
	if hash != "" {
		s += fmt.Sprintf("\n\nIf this is meant, accept exactly this set, once: guardrails = { approve = %q }", hash)
	}
	return s
}

// warnLosses is one warning for each kind of loss, with up to ten names.
func warnLosses(c *decision.Changes, r *decision.Result, ids bool, d *diag.Diagnostics) {
	effects := func(k decision.Kind) string {
		seen := map[string]bool{}
		var out []string
		for i := range c.List {
			x := &c.List[i]
			if x.Kind == k && x.Before != nil {
				if s := r.EffectOfLoss(x); !seen[s] {
					seen[s] = true
					out = append(out, s)
				}
			}
		}
		slices.Sort(out)
		return strings.Join(out, "; ")
	}
	for _, k := range []decision.Kind{decision.Lost, decision.Uncertain, decision.Left} {
		drift, planned := c.Names(k, ids, decision.Drift), c.Names(k, ids, decision.ThisPlan, decision.NewRules)
		if len(drift)+len(planned) == 0 {
			continue
		}
		title := map[decision.Kind]string{decision.Lost: "Users who synced no longer will", decision.Uncertain: "Of users who synced it is no longer known",
			decision.Left: "Users who synced have left (deleted or disabled)"}[k]
		var lines []string
		if len(planned) > 0 {
			lines = append(lines, fmt.Sprintf("By this plan %d: %s.", len(planned), diagnose.Names(planned)))
		}
		if len(drift) > 0 {
			line := fmt.Sprintf("By drift %d: %s.", len(drift), diagnose.Names(drift))
			if k != decision.Uncertain {
				line += " Atlassian takes it at its next sync; declining a plan doesn't undo it."
			}
			lines = append(lines, line)
		}
		if k == decision.Uncertain {
			lines = append(lines, advice(c))
		}
		if e := effects(k); e != "" && k != decision.Uncertain {
			lines = append(lines, "Expected effect: "+e+".")
		}
		d.AddWarning(title, strings.Join(lines, "\n"))
	}
}

// advice says what to do about users of whom it is no longer known.
func advice(c *decision.Changes) string {
	var remedies []string
	for i := range c.List {
		x := &c.List[i]
		if x.Kind != decision.Uncertain || x.After == nil {
			continue
		}
		if code, err := decision.CodeByName(x.After.Code()); err == nil && !slices.Contains(remedies, code.Info().Remedy) {
			remedies = append(remedies, code.Info().Remedy)
		}
	}
	slices.Sort(remedies)
	return strings.Join(remedies, " ")
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
			"The organisation lists these domains with claim status missing_token: their DNS record or file is gone. They count as verified for 14 days at most (reported); then these users no longer sync:\n"+
				strings.Join(lines, "\n")+"\n\nPublish the record or file again, or verify the domain anew at admin.atlassian.com. usersync_atlassian_domain_verification gives the record and watches it.")
	}
}

// warnWatched names who gains or loses a watched group.
func warnWatched(c *decision.Changes, watch []string, ids bool, d *diag.Diagnostics) {
	moves := c.Watched(watch, ids)
	if len(moves) == 0 {
		return
	}
	names := make([]string, 0, len(moves))
	for g := range moves {
		names = append(names, g)
	}
	slices.Sort(names)
	var lines []string
	for i, g := range names {
		if i == 20 {
			lines = append(lines, fmt.Sprintf("… and %d more groups", len(names)-i))
			break
		}
		lines = append(lines, decision.Plain(g)+": "+diagnose.Names(moves[g]))
	}
	d.AddWarning("Watched groups change", strings.Join(lines, "\n"))
}

// fill puts the computed attributes into the plan.
func fill(plan, config *model, r *decision.Result, p *decision.Outcome, c *decision.Changes, severity string, violations []decision.Violation, watch []string, d *diag.Diagnostics) {
	decisions, err1 := p.Decisions(config.skippedOnly(), config.ids())
	groups, err2 := p.GroupsJSON()
	accepted, err3 := p.Encode()
	settings, err4 := json.Marshal(r.Settings)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
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
	plan.Summary, plan.Changes = summaryOf(r.Summary(p)), changesOf(c, severity)
	plan.ChangesMarkdown = types.StringValue(c.Markdown(severity, violations, decision.ApprovalHash(violations), watch, config.ids()))
	plan.WhatIfApplied = types.StringValue(r.Settings.WhatIf.Line())
	plan.Fingerprint = types.StringValue(p.Fingerprint())
	plan.Settings, plan.Accepted = types.StringValue(string(settings)), types.StringValue(accepted)
}

func capitalise(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
