package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Fix is a change after which a user syncs: the engine made it and decided
// again.
type Fix struct {
	// Change is what to change.
	Change string `json:"change"`
	// Who must do it.
	Who string `json:"who"`
	// Effect is the decision afterwards, when it takes effect and what else the
	// change does.
	Effect string `json:"effect"`
	// Caveats are what may undo or spoil it, "" where nothing is known.
	Caveats string `json:"caveats"`
	// OthersChanged is how many other users are decided otherwise afterwards.
	OthersChanged int `json:"others_changed"`
}

// candidate is a change worth trying.
type candidate struct {
	change, who, effect, caveats string
	try                          WhatIf
	// joins says that the change puts the user into a group in scope; changesType
	// that it changes userType.
	joins, changesType bool
	// last says that it is offered only where nothing else helps.
	last bool
}

// Fixes tries each candidate change for a user who doesn't sync, in the order of
// fitness, then, where none is enough, each pair, and gives those after which the
// user syncs. For one who syncs until the source tenant writes their type back,
// it is what lasts. A leaver needs none. Where the service doesn't run, that comes
// first.
func (r *Result) Fixes(i int32) []Fix {
	fixes, _ := r.fixes(i)
	return fixes
}

// fixes are the fixes, and how many of them mend what the user's own decision is
// about: neither the service's nor a switch of the connector.
func (r *Result) fixes(i int32) (fixes []Fix, own int) {
	fixes = r.serviceFix()
	if r.view.Disabled(i) {
		return fixes, 0
	}
	if r.Decisions[i].Code.Verdict() == Sync {
		if r.Decisions[i].Warnings&reason.RevertedBySource == 0 || r.writtenBack(i) != TypeMember {
			return fixes, 0
		}
		if f, ok := r.try(i, r.sourceCandidate()); ok {
			fixes = append(fixes, f)
		}
		return fixes, 0
	}
	found := r.tryMappings(i)
	candidates := r.service.candidates(r, i)
	first := slices.DeleteFunc(slices.Clone(candidates), func(c candidate) bool { return c.last })
	tried := r.tryAll(i, first)
	if len(tried) == 0 && len(first) < len(candidates) {
		tried = r.tryAll(i, candidates)
	}
	found = append(found, tried...)
	fixes = append(fixes, found...)
	if f, ok := r.trySwitch(i); ok {
		fixes = append(fixes, f) // last: it is the dearest of all
	}
	return fixes, len(found)
}

// serviceFix is what to do about a service that doesn't run.
func (r *Result) serviceFix() []Fix {
	h := r.Health()
	f := Fix{
		Who:    "this tenant (Application Administrator)",
		Effect: "Nothing is provisioned, changed or disabled until the job runs: it " + stateText(h) + ".",
	}
	switch h.State {
	case directory.ServiceNotStarted, directory.ServicePaused:
		f.Change = "Start the job (usersync_provisioning_schedule)"
		if r.Settings.Connector == NestedGroups {
			f.Change, f.Who = "Sync now, or set sync to automatic", "the organization's administrator"
			f.Effect = "Nothing changes until somebody syncs."
		}
	case directory.ServiceQuarantined:
		f.Change = "Mend what keeps the job in quarantine, most often its credentials (" +
			r.Engine.target.credentials() + "); then restart it"
	case directory.ServiceDisabled:
		f.Change = "Mend what kept the job in quarantine, most often its credentials (" +
			r.Engine.target.credentials() + "); then start it again"
	default:
		return nil
	}
	return []Fix{f}
}

// tryAll tries candidates, then, where none is enough, each pair.
func (r *Result) tryAll(i int32, candidates []candidate) []Fix {
	var fixes []Fix
	spoiled := false
	for _, c := range candidates {
		if f, ok := r.try(i, c); ok {
			fixes = append(fixes, f)
			spoiled = spoiled || c.changesType && r.scope.OnlyDynamic(i)
		}
	}
	enough := len(fixes) > 0
	if enough && !spoiled {
		return fixes
	}
	for a := range candidates {
		for b := a + 1; b < len(candidates); b++ {
			c := both(candidates[a], candidates[b])
			if enough && (!c.changesType || !c.joins) {
				continue // a pair is only worth it where it spares the spoiled fix its trouble
			}
			if f, ok := r.try(i, c); ok {
				fixes = append(fixes, f)
			}
		}
	}
	return fixes
}

// trySwitch tries the other connector. It frees no address that another account or
// record holds [atlassian row 24].
func (r *Result) trySwitch(i int32) (Fix, bool) {
	if r.Decisions[i].Code == reason.AddressTaken {
		return Fix{}, false
	}
	settings, cost, known := r.service.other(r.Engine)
	if !known {
		return Fix{}, false
	}
	e, err := NewEngine(r.Directory, r.Lookup, r.Organization, settings)
	if err != nil {
		return Fix{}, false // its mapping uses what the reading lacks
	}
	after := e.decide(r.WhatIf)
	if after.Decisions[i].Code.Verdict() != Sync {
		return Fix{}, false
	}
	lost, gained, n := 0, 0, 0
	for j := range r.Decisions {
		was, is := r.Decisions[j].Code.Verdict() == Sync, after.Decisions[j].Code.Verdict() == Sync
		switch {
		case int32(j) == i || r.Decisions[j].Code == after.Decisions[j].Code:
			continue
		case was && !is:
			lost++
		case !was && is:
			gained++
		}
		n++
	}
	return Fix{
		Change: "Use the connector " + settings.Connector + " instead", Who: "the organization's administrator and " +
			"this tenant's (Application Administrator)",
		Effect: fmt.Sprintf("%s. The two can't be used at the same time, so it changes everybody: of %d others who "+
			"are decided otherwise %d would be gained and %d lost (data source usersync_connectors).",
			after.Text(i), n, gained, lost),
		Caveats: cost, OthersChanged: n,
	}, true
}

func both(a, b candidate) candidate {
	c := candidate{
		change: a.change + ", and " + lowerFirst(
			b.change,
		),
		who:         a.who,
		effect:      strings.TrimSpace(a.effect + " " + b.effect),
		caveats:     strings.TrimSpace(a.caveats + " " + b.caveats),
		try:         a.try.Merged(b.try),
		changesType: a.changesType || b.changesType,
		joins:       a.joins || b.joins,
		last:        a.last || b.last,
	}
	if b.who != a.who {
		c.who += "; " + b.who
	}
	if c.joins && c.changesType {
		// With a static group the user stays in scope whatever the rules do.
		c.caveats = strings.ReplaceAll(c.caveats, onlyDynamicNote, "")
		c.caveats = strings.TrimSpace(c.caveats)
	}
	return c
}

// lowerFirst lowers the first letter, but not of a name such as userType.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// try makes a change, decides everyone again, and tells whether the user syncs
// and what the change costs.
func (r *Result) try(i int32, c candidate) (Fix, bool) {
	after := r.decide(r.WhatIf.Merged(c.try))
	if after.Decisions[i].Code.Verdict() != Sync {
		return Fix{}, false
	}
	others, cost := r.sideEffects(after, i)
	return Fix{
		Change: c.change, Who: c.who, Caveats: c.caveats, OthersChanged: others,
		Effect: strings.TrimSpace(after.Text(i) + ", from the next sync. " + c.effect + cost),
	}, true
}

// sideEffects counts how many other users a change decides otherwise, and how.
func (r *Result) sideEffects(after *Result, i int32) (int, string) {
	counts := map[string]int{}
	n := 0
	for j := range r.Decisions {
		if int32(j) == i || r.Decisions[j] == after.Decisions[j] || !r.InScope(int32(j)) && !after.InScope(int32(j)) {
			continue
		}
		n++
		was, is := r.Decisions[j].Code, after.Decisions[j].Code
		if was != is {
			counts[was.String()+" becomes "+is.String()]++
		} else {
			counts["other facts or warnings under "+is.String()]++
		}
	}
	if n == 0 {
		return 0, ""
	}
	parts := make([]string, 0, len(counts))
	for k, c := range counts {
		parts = append(parts, fmt.Sprintf("%d: %s", c, k))
	}
	slices.Sort(parts)
	return n, fmt.Sprintf(" It also changes %s (%s).", text.Plural(n, "other user"), strings.Join(parts, "; "))
}

const onlyDynamicNote = "This user is in scope only by a dynamic group whose rule reads userType, so the change " +
	"itself may take them out of scope."
