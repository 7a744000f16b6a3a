package tenant

import (
	"maps"
	"slices"
)

// WhatIf is what a decision assumes beyond the readings, resolved to ids.
type WhatIf struct {
	// UserTypes: user id -> type.
	UserTypes map[string]string `json:"user_types,omitempty"`
	// VerifiedDomains in ASCII form, ascending.
	VerifiedDomains []string `json:"verified_domains,omitempty"`
	// Members: group id -> user ids, ascending.
	Members map[string][]string `json:"members,omitempty"`
	// Assignments: id of a group or user that counts as assigned to the application ->
	// the app role, "" for the default one.
	Assignments map[string]string `json:"assignments,omitempty"`

	// Mappings are planned mappings in their traveling form, laid over the job's.
	Mappings []string `json:"mappings,omitempty"`
	// Running says that this plan starts or restarts the job.
	Running bool `json:"running,omitempty"`
	// WrittenBack: user id -> the type that the source tenant writes at the
	// source user's next change.
	WrittenBack map[string]string `json:"written_back,omitempty"`

	// Mails, Assigned (groups, by id) and Freed (groups, by id, whose
	// obstacle is taken away) are only tried by fixes.
	Mails    map[string]string `json:"-"`
	Assigned []string          `json:"-"`
	Freed    []string          `json:"-"`
}

// Empty reports whether nothing is assumed.
func (w WhatIf) Empty() bool {
	return len(w.UserTypes) == 0 && len(w.VerifiedDomains) == 0 && len(w.Members) == 0 && len(w.Mappings) == 0 &&
		len(w.Assignments) == 0 &&
		!w.Running &&
		len(w.WrittenBack) == 0 &&
		len(w.Mails) == 0 &&
		len(w.Assigned) == 0 &&
		len(w.Freed) == 0
}

// Merged gives what is assumed by both, the second winning.
func (w WhatIf) Merged(o WhatIf) WhatIf {
	out := w
	out.UserTypes = mergedMap(w.UserTypes, o.UserTypes)
	out.WrittenBack = mergedMap(w.WrittenBack, o.WrittenBack)
	out.Assignments = mergedMap(w.Assignments, o.Assignments)
	out.Mails = mergedMap(w.Mails, o.Mails)
	out.Assigned = slices.Concat(w.Assigned, o.Assigned)
	out.Freed = slices.Concat(w.Freed, o.Freed)
	out.Running = w.Running || o.Running
	if len(o.VerifiedDomains) > 0 {
		out.VerifiedDomains = slices.Concat(w.VerifiedDomains, o.VerifiedDomains)
		slices.Sort(out.VerifiedDomains)
		out.VerifiedDomains = slices.Compact(out.VerifiedDomains)
	}
	if len(o.Members) > 0 {
		out.Members = maps.Clone(w.Members)
		if out.Members == nil {
			out.Members = map[string][]string{}
		}
		for g, users := range o.Members {
			all := slices.Concat(out.Members[g], users)
			slices.Sort(all)
			out.Members[g] = slices.Compact(all)
		}
	}
	return out
}

func mergedMap[V any](a, b map[string]V) map[string]V {
	if len(b) == 0 {
		return a
	}
	out := make(map[string]V, len(a)+len(b))
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}
