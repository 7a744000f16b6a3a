package outcome

import (
	"fmt"
	"slices"
	"strings"
)

const unfittingWatch = "watch_groups: %q fits none of the %d groups that sync, so that nobody's gain or loss is " +
	"named by it. Groups are named as in the target%s"

// UnmatchedWatch says which globs of watched groups fit no group of some outcomes: what they watch shows nowhere.
func UnmatchedWatch(watch []string, outcomes ...*Outcome) (advice []string) {
	names := map[string]bool{}
	for _, o := range outcomes {
		if o == nil {
			continue
		}
		for _, g := range o.Groups {
			names[g.Name] = true
		}
	}
	for _, glob := range slices.Sorted(slices.Values(watch)) {
		fits := false
		for name := range names {
			if fits = matchesAny([]string{glob}, name); fits {
				break
			}
		}
		if !fits {
			advice = append(advice, fmt.Sprintf(unfittingWatch, glob, len(names), closest(glob, names)))
		}
	}
	return advice
}

// closest is the end of a sentence that names groups which a glob may mean: those whose names begin alike.
func closest(glob string, names map[string]bool) string {
	const letters, shown = 3, 5
	start := strings.ToLower(strings.TrimLeft(glob, "*?"))
	if len(start) > letters {
		start = start[:letters]
	}
	var alike []string
	for name := range names {
		if len(start) == letters && strings.HasPrefix(strings.ToLower(name), start) {
			alike = append(alike, name)
		}
	}
	if len(alike) == 0 {
		return "."
	}
	slices.Sort(alike)
	return ", for instance " + strings.Join(alike[:min(len(alike), shown)], ", ") + "."
}
