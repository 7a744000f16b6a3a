package outcome

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// Advise says, in order, what to know of the entries that are no violation.
func Advise(list []decision.Meaning, p *Outcome, violations []Violation, ids bool) []string {
	said := map[string]bool{}
	for i := range violations {
		for _, x := range violations[i].Items {
			said[strings.ToLower(x.Shown)], said[x.ID] = true, true
		}
	}
	var out []string
	for _, m := range sortedMeanings(slices.Clone(list)) {
		kind := "user"
		switch m.Argument {
		case decision.ArgScopeGroups:
			kind = "group"
		case decision.ArgAssignments:
			kind = "group or user"
		}
		if m.Argument == decision.ArgServicePrincipal || said[strings.ToLower(m.Entry)] || m.ID != "" && said[m.ID] {
			continue
		}
		if ids && m.Now != "" {
			m.Now = "otherwise"
		}
		if text := m.Advice(kind); text != "" {
			out = append(out, text)
		}
		if row := p.find(m.ID); m.Argument == decision.ArgExpectSkipped && row != nil && row.Verdict == decision.Sync {
			out = append(out, m.Argument+": "+decision.Quoted(m.Entry)+" syncs ("+row.Text+"), and isn't expected to.")
		}
	}
	return out
}

// sortedMeanings orders meanings by argument and entry.
func sortedMeanings(list []decision.Meaning) []decision.Meaning {
	slices.SortFunc(list, func(a, b decision.Meaning) int {
		return strings.Compare(a.Argument+"\x00"+a.Entry, b.Argument+"\x00"+b.Entry)
	})
	return list
}
