package outcome

import (
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// users checks users who must or must not sync. Unknown satisfies neither: who
// must not sync and perhaps does is a violation as well.
func (c Check) users(argument string, want bool) []Violation {
	guardrail := guardrailOf(argument)
	drift, plan := &Violation{Guardrail: guardrail, Cause: Drift}, &Violation{Guardrail: guardrail, Cause: ThisPlan}
	held := &Violation{Guardrail: guardrail, Cause: Drift, Held: true}
	for i := range c.Meanings {
		m := &c.Meanings[i]
		if m.Argument != argument || m.Moved() && c.gone(m) {
			continue // a name that moved from somebody who is gone is said as such
		}
		row := c.Changes.p.find(m.ID)
		before := (*Row)(nil)
		if !c.Changes.first {
			before = c.Changes.a.find(m.ID)
		}
		stopped := want && verdictFits(row, want) && !c.Changes.p.Service.Runs() && !provisioned(before)
		if verdictFits(row, want) && !stopped || m.ID == "" && !want {
			continue
		}
		item := c.userItem(m, guardrail, before, row)
		if stopped {
			item.Note += "; but the service doesn't run (" + healthText(
				c.Changes.p.Service,
			) + "), and they aren't known to be provisioned"
			item.key += " " + c.Changes.p.Service.State
		}
		v := plan
		switch {
		case c.Changes.first:
		case c.held(item.key), c.heldBefore(m, before, row, want):
			v = held
		case !m.New && !c.acceptable(guardrail, m.ID, want):
			v = drift
		case m.New && c.Changes.a.Memory.blank && verdictFits(before, want) && !verdictFits(c.Drifted.find(m.ID), want):
			v = drift // whether the entry is new isn't known
		}
		item.Cause = v.Cause
		v.Items = append(v.Items, item)
	}
	said := func(n int) string {
		if want {
			if n == 1 {
				return "1 user must sync and doesn't, or isn't known to"
			}
			return text.Plural(n, "user") + " must sync and don't, or aren't known to"
		}
		if n == 1 {
			return "1 user must not sync and does, or may"
		}
		return text.Plural(n, "user") + " must not sync and do, or may"
	}
	return append(finished(drift, plan, said), finished(held, nil, said)...)
}
