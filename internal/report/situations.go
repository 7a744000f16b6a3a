package report

import (
	"cmp"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// situation is users for whom fixes are sought and who look alike: the same
// decision, home domain and type. What helps one needn't help another (a group's
// rule may differ), so fixes are those of the one user for whom they were tried.
type situation struct {
	// people are positions in Report.people; the first is the one that is tried.
	people []int32
	tried  bool
	fixes  []decision.Fix
}

type situationKey struct{ text, home, userType string }

// situations finds them, and tries fixes for the first user of each of the
// largest; once for both forms.
func (r *Report) situations() []situation {
	if r.tried == nil {
		r.tried = r.findSituations()
	}
	return r.tried
}

func (r *Report) findSituations() []situation {
	at := map[situationKey]int{}
	list := []situation{}
	for i := range r.people {
		p := &r.people[i]
		if p.user < 0 || p.meant || !r.Result.SeeksFixes(p.user) {
			continue
		}
		key := situationKey{p.row.Text, p.home, p.userType}
		k, ok := at[key]
		if !ok {
			k = len(list)
			at[key] = k
			list = append(list, situation{})
		}
		list[k].people = append(list[k].people, int32(i))
	}
	slices.SortFunc(list, func(a, b situation) int {
		return cmp.Or(cmp.Compare(len(b.people), len(a.people)), cmp.Compare(a.people[0], b.people[0]))
	})
	r.found, r.Tried = len(list), min(len(list), r.MaxFixes)
	for k := range list[:r.Tried] {
		s := &list[k]
		s.tried, s.fixes = true, r.Result.Fixes(r.people[s.people[0]].user)
	}
	return list
}

// DefaultMaxFixes is for how many users fixes are tried where nobody says, in a
// directory of some users: to try the fixes of one decides everybody some ten
// times.
func DefaultMaxFixes(users int) int {
	const most, least, work = 100, 5, 2_500_000
	if users == 0 {
		return most
	}
	return min(most, max(least, work/users))
}
