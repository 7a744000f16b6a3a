package outcome

import (
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// Switch is what changing from one set of settings to another does.
type Switch struct {
	Changes *Changes
	// Duplicated are users who collide on an address only afterwards; Unlinked
	// those whose account an update would unlink; both as rows of the outcome
	// afterwards.
	Duplicated, Unlinked []Row
	// GroupsToAssign are groups of whose direct members some sync before and are
	// out of scope, or nested only, afterwards; by ascending name.
	GroupsToAssign []string
	// Notes say what else the switch takes with it, with source and confidence.
	Notes []decision.Note
}

// CompareConnectors compares the same tenant under two sets of settings.
func CompareConnectors(from, to *decision.Result) Switch {
	a, b := Of(from, nil), Of(to, nil)
	s := Switch{Changes: Compare(a, a, b, Compared{Directory: to.Directory})}
	assign := map[string]bool{}
	for i := range b.Rows {
		row := &b.Rows[i]
		before := a.find(row.ID)
		p := to.Directory.UserByID(row.ID)
		if p < 0 {
			continue
		}
		d := to.Decisions[p]
		switch {
		case d.Code == reason.DuplicateAddress && (before == nil || before.Code != d.Code.String()):
			s.Duplicated = append(s.Duplicated, *row)
		case d.Warnings&reason.UnlinksOnUpdate != 0 &&
			(before == nil || from.Decisions[p].Warnings&reason.UnlinksOnUpdate == 0):
			s.Unlinked = append(s.Unlinked, *row)
		}
	}
	for i := range a.Rows {
		p := to.Directory.UserByID(a.Rows[i].ID)
		if a.Rows[i].Verdict != decision.Sync || p < 0 {
			continue
		}
		if c := to.Decisions[p].Code; c == reason.NestedOnly || c == reason.NotInScope {
			for _, g := range from.DirectGroupsOf(p) {
				assign[to.Lookup.UniqueGroupName(g)] = true
			}
		}
	}
	s.GroupsToAssign = slices.Sorted(maps.Keys(assign))
	s.Notes = decision.SwitchNotes(from, to)
	return s
}
