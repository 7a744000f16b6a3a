package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Input is what is reported.
type Input struct {
	Result *decision.Result
	// IDs names users by object id, without principal names and addresses.
	IDs bool
	// TakenAt is when the directory was read, shown as it is; "" where nobody said.
	TakenAt string
	// Organization is what the configuration calls the organization, "" for nothing.
	Organization string
	// Changes are an outcome's, nil for none.
	Changes *outcome.ChangeList
	// ExpectSkipped are object ids of users who are meant not to sync.
	ExpectSkipped []string
	// Reconciliation is nil where none is wanted. Its result may be another than
	// Result: it is without what-if.
	Reconciliation *reconcile.Report
	// Calibration is nil where none is wanted, or the connector has no rules that
	// are undocumented.
	Calibration *reconcile.Calibration
	// ComparedWith is "accounts" or "scim".
	ComparedWith string
	// MaxFixes is for how many users the page's fixes are tried.
	MaxFixes int
}

// Report is what both forms show.
type Report struct {
	Input
	Summary outcome.Summary
	// Tried is for how many users HTML tried fixes.
	Tried int
	// found is how many situations there are.
	found   int
	outcome *outcome.Outcome
	people  []person
	flows   []flow
	// tried are the situations, once they were sought.
	tried      []situation
	domainList []decision.DomainReport
}

// person is a user in scope; they are sorted by the name that is shown.
type person struct {
	row *outcome.Row
	// user is a position in the directory, -1 for a member who can't be read.
	user                        int32
	shown, home, userType, code string
	verdict                     decision.Verdict
	// meant says that not to sync is what is wanted, or no problem of the sync's.
	meant bool
}

// New prepares a report.
func New(in Input) *Report {
	r := &Report{Input: in, outcome: outcome.Of(in.Result, nil)}
	r.Summary = r.outcome.Summary(in.Result)
	r.people = make([]person, len(r.outcome.Rows))
	for i := range r.outcome.Rows {
		row := &r.outcome.Rows[i]
		p := person{
			row:     row,
			user:    in.Result.Directory.UserByID(row.ID),
			shown:   row.Shown(in.IDs),
			code:    row.Code,
			verdict: row.Verdict,
		}
		if p.user >= 0 {
			p.home = decision.HomeDomain(&in.Result.Directory.Users[p.user])
			p.userType = in.Result.UserType(p.user)
		}
		p.meant = r.meant(&p)
		r.people[i] = p
	}
	slices.SortFunc(r.people, func(a, b person) int {
		return cmp.Or(strings.Compare(a.shown, b.shown), strings.Compare(a.row.ID, b.row.ID))
	})
	r.flows = flowsOf(r.people)
	return r
}

// meant reports that somebody doesn't sync and nothing is to be done about it: a
// leaver, whom a filter leaves out, or who is named as meant not to sync.
func (r *Report) meant(p *person) bool {
	return p.verdict == decision.Skip && (meantCode(p.code) || slices.Contains(r.ExpectSkipped, p.row.ID))
}

// notMeant counts who is meant not to sync.
func (r *Report) notMeant() (n int) {
	for i := range r.people {
		if r.people[i].meant {
			n++
		}
	}
	return n
}

// meantCode reports that whoever is skipped for a reason is so on purpose.
func meantCode(code string) bool {
	return code == reason.AccountDisabled.String() || code == reason.ScopingFilter.String()
}

// target is what texts call the target.
func (r *Report) target() string { return text.Plain(r.Result.TargetName()) }

// reasonCount is a reason code that decided somebody.
type reasonCount struct {
	*decision.CodeInfo
	Users int
	// NotMeant are those of them who are meant not to sync.
	NotMeant int
}

// Meant reports that all of them are meant not to sync.
func (c reasonCount) Meant() bool { return c.NotMeant == c.Users }

// order is who doesn't sync first, then unknown, who is meant not to, and who syncs.
func (c reasonCount) order() int {
	switch {
	case c.Verdict == decision.Sync:
		return 3
	case c.Meant():
		return 2
	case c.Verdict == decision.Unknown:
		return 1
	}
	return 0
}

// reasons are those of a report in their order; each by number.
func (r *Report) reasons() []reasonCount {
	var list []reasonCount
	notMeant := map[string]int{}
	for i := range r.people {
		if r.people[i].meant {
			notMeant[r.people[i].code]++
		}
	}
	for i := range decision.Codes {
		if n := r.Summary.ByReason[decision.Codes[i].Name]; n > 0 {
			list = append(list, reasonCount{&decision.Codes[i], n, notMeant[decision.Codes[i].Name]})
		}
	}
	slices.SortStableFunc(list, func(a, b reasonCount) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(b.Users, a.Users))
	})
	return list
}

// scopeText says who is in scope.
func (r *Report) scopeText() string {
	s := r.Result.Settings
	var parts []string
	if s.Everyone {
		parts = append(parts, "everyone")
	}
	for i, g := range s.Groups {
		if i == maxScopeNames {
			parts = append(parts, text.Plural(len(s.Groups)-i, "more group"))
			break
		}
		name := g.Name
		if at := r.Result.Directory.GroupByID(g.ID); at >= 0 {
			name = r.Result.Lookup.UniqueGroupName(at)
		}
		parts = append(parts, text.Plain(name))
	}
	if len(parts) == 0 {
		return "what is assigned to the application"
	}
	return strings.Join(parts, ", ")
}

// maxScopeNames is how many groups of a scope are named.
const maxScopeNames = 20
