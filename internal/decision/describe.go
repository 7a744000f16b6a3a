package decision

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// What a report needs of a decision, for many users at once. Explain gives
// everything of one.

// Sentence is the decision of a user in words; with ids, others are named by object
// id.
func (r *Result) Sentence(i int32, ids bool) string { return r.sentence(i, ids) }

// UserType is a user's type under the assumptions, "" where there is none.
func (r *Result) UserType(i int32) string { return r.typeOf(i) }

// SeeksFixes reports whether Fixes looks for any: of a user who doesn't sync, or
// whose type the source tenant writes back.
func (r *Result) SeeksFixes(i int32) bool {
	d := r.Decisions[i]
	return d.Code.Verdict() != Sync || d.Warnings&reason.RevertedBySource != 0
}

// BlockedBy says which account or record holds what a user needs, "" for none. It
// names people.
func (r *Result) BlockedBy(i int32) string {
	t := &reason.Trace{}
	r.decideOne(i, t)
	r.traceShared(i, t)
	for _, s := range t.Steps {
		if s.Rule == ruleNameFree || s.Rule == atlassian.RuleAddressFree && s.Result == "applies" {
			return s.Observed
		}
	}
	return ""
}
