package decision

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// mappingFix is a change of the job's mapping of users that is worth trying.
type mappingFix struct {
	change, caveats string
	// apply changes a mapping as Graph's schema has it; false where it can't.
	apply func(mapping map[string]any) bool
}

// saving is what a saved mapping does [graph 3.5].
const saving = "Saving the mapping starts a full cycle."

// mappingFixes are what mends a mapping that keeps everybody out: matching by what
// the target can be asked for, and Create.
func (*jobService) mappingFixes(code Code) []mappingFix {
	switch code {
	case reason.MatchingUnsupported:
		var out []mappingFix
		for _, target := range []string{"userName", "externalId"} {
			out = append(out, mappingFix{
				change:  "Match users by " + target + " first (matching precedence 1 in the job's mapping of users)",
				caveats: saving, apply: func(m map[string]any) bool { return matchBy(m, target) },
			})
		}
		return out
	case reason.CreateDisabled:
		return []mappingFix{
			{change: "Turn on Create in the job's mapping of users", caveats: saving, apply: turnOnCreate},
		}
	default:
		return nil
	}
}

func (nestedService) mappingFixes(Code) []mappingFix { return nil }

// matchBy makes one target the only one that users are matched by.
func matchBy(m map[string]any, target string) bool {
	rows, _ := m["attributeMappings"].([]any)
	found := false
	for _, row := range rows {
		r, ok := row.(map[string]any)
		if !ok {
			return false
		}
		r["matchingPriority"] = 0
		if name, _ := r["targetAttributeName"].(string); strings.EqualFold(name, target) {
			r["matchingPriority"], found = 1, true
		}
	}
	return found
}

func turnOnCreate(m map[string]any) bool {
	flow, _ := m["flowTypes"].(string)
	m["flowTypes"] = strings.TrimSuffix("Add, "+flow, ", ")
	return !slices.Contains(strings.Split(flow, ", "), "Add")
}

// tryMappings decides everybody again with the job's mapping changed. The first that
// helps is enough.
func (r *Result) tryMappings(i int32) []Fix {
	for _, f := range r.service.mappingFixes(r.Decisions[i].Code) {
		d, ok := r.withMapping(f.apply)
		if !ok {
			continue
		}
		e, err := NewEngineAfter(d, r.Lookup, r.Organization, r.Settings, r.history)
		if err != nil {
			continue // the row uses what the reading lacks
		}
		after := e.decide(r.WhatIf)
		if after.Decisions[i].Code.Verdict() != Sync {
			continue
		}
		n, cost := r.sideEffects(after, i)
		return []Fix{{
			Change: f.change, Who: "this tenant (Application Administrator)", Caveats: f.caveats, OthersChanged: n,
			Effect: fmt.Sprintf("%s, from the next cycle.%s", after.Text(i), cost),
		}}
	}
	return nil
}

// withMapping is the directory with every mapping of users of the job changed.
func (r *Result) withMapping(apply func(map[string]any) bool) (*directory.Directory, bool) {
	job := r.job()
	if job == nil {
		return nil, false
	}
	changed, did := *job, false
	changed.Mappings = slices.Clone(job.Mappings)
	for k, raw := range job.Mappings {
		var m map[string]any
		if json.Unmarshal([]byte(raw), &m) != nil || m["sourceObjectName"] != "User" || !apply(m) {
			continue
		}
		out, err := json.Marshal(m)
		if err != nil {
			return nil, false
		}
		changed.Mappings[k], did = string(out), true
	}
	jobs := slices.Clone(r.Directory.Jobs)
	for k := range jobs {
		if jobs[k].ServicePrincipalID == job.ServicePrincipalID {
			jobs[k] = changed
		}
	}
	return r.Directory.WithJobs(jobs), did
}
