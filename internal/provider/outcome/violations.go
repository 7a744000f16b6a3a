package outcome

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Summaries of the diagnostics about guardrails.
const (
	summaryViolated = "Plan violates a guardrail"
	summaryBlocked  = "Guardrail violated"
	summaryApproved = "Guardrail violation approved"
	summaryHeld     = "Guardrail violated, as accepted before"
)

// report says what is violated: at most one diagnostic for what forbids the
// plan, for what blocks a pipeline, for what is approved, and for what was
// accepted before.
func (g guardrails) report(
	c *outcome.Changes, violations []outcome.Violation, d *diag.Diagnostics,
) (approved, blocked bool) {
	hash := c.ApprovalHash(violations)
	approved = hash != "" && g.approve == hash
	var errs, warns, accepted, held []string
	named := map[string]string{}
	for i := range violations {
		v := &violations[i]
		text := violationText(v, c.First(), named)
		on := g.onPlan
		if v.Cause == outcome.Drift {
			on = g.onDrift
		}
		switch {
		case v.Held:
			held = append(held, text)
		case approved:
			accepted = append(accepted, text)
		case on == onWarn:
			warns = append(warns, text)
		default:
			errs = append(errs, text)
		}
	}
	at := path.Root("guardrails")
	how := g.howToAccept(hash)
	if len(errs) > 0 {
		if !c.First() {
			how += "\n\nTo destroy the outcome all the same, run destroy with -refresh=false."
		}
		d.AddAttributeError(at, summaryViolated, strings.Join(errs, "\n")+how)
		how = "\n\nThe hash of the error accepts this, too."
	}
	if len(warns) > 0 {
		d.AddAttributeWarning(at, summaryBlocked, strings.Join(warns, "\n")+how)
	}
	if len(accepted) > 0 {
		d.AddAttributeWarning(at, summaryApproved, strings.Join(accepted, "\n"))
	}
	if len(held) > 0 {
		d.AddAttributeWarning(at, summaryHeld, strings.Join(held, "\n"))
	}
	return approved, len(warns) > 0
}

// howToAccept offers the hash, and says why another one that is set accepts
// nothing.
func (g guardrails) howToAccept(hash string) string {
	s := fmt.Sprintf("\n\nIf this is meant, accept exactly this, once: approve = %q in the block guardrails", hash)
	if g.approve != "" {
		s += fmt.Sprintf("\nguardrails.approve is %q: it is for something else, or was used already.", g.approve)
	}
	return s
}

// violationText says what is violated, and by whom; whom an earlier one of the
// same users has named already isn't named again.
func violationText(v *outcome.Violation, first bool, named map[string]string) string {
	by := map[outcome.Cause]string{
		outcome.Drift:    "It has already happened in the tenant or the organization (drift).",
		outcome.ThisPlan: "This plan's configuration does it.",
		outcome.NewRules: "A newer provider decides otherwise.",
	}[v.Cause]
	names := tfutil.Names(v.Names())
	s := v.Guardrail + ": " + v.Text + ": " + names + "."
	if before, ok := named[names]; ok {
		s = v.Guardrail + ": " + v.Text + ": the same as of " + before + "."
	} else {
		named[names] = v.Guardrail
	}
	if v.Guardrail != outcome.NameMoved {
		s = "guardrails." + s
	}
	if !v.Held && !first {
		s += " " + by
	}
	return s
}
