package decision

import (
	"cmp"
	"slices"
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
	Notes []Note
}

// Note is a consequence that isn't one user's.
type Note struct {
	Text       string
	Source     string
	Confidence Confidence
}

// pageLeaving is Atlassian's page on leaving the nested-groups integration.
const (
	pageLeaving  = "https://support.atlassian.com/provisioning-users/docs/switch-from-azure-ad-for-nested-groups-to-scim/"
	pageEntering = "https://support.atlassian.com/provisioning-users/docs/switch-from-scim-to-azure-ad-for-nested-groups"
)

// CompareConnectors compares the same tenant under two sets of settings.
func CompareConnectors(from, to *Result) Switch {
	a, b := from.Outcome(nil), to.Outcome(nil)
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
		case d.Code == CodeDuplicateAddress && (before == nil || before.Code != d.Code.String()):
			s.Duplicated = append(s.Duplicated, *row)
		case d.Warnings&WarnUnlinksOnUpdate != 0 && (before == nil || from.Decisions[p].Warnings&WarnUnlinksOnUpdate == 0):
			s.Unlinked = append(s.Unlinked, *row)
		}
	}
	for i := range a.Rows {
		p := to.Directory.UserByID(a.Rows[i].ID)
		if a.Rows[i].Verdict != Sync || p < 0 {
			continue
		}
		if c := to.Decisions[p].Code; c == CodeNestedOnly || c == CodeNotInScope {
			for _, g := range from.directGroupsOf(p) {
				assign[to.Lookup.UniqueGroupName(g)] = true
			}
		}
	}
	s.GroupsToAssign = sortedKeys(assign)
	s.Notes = notesOf(from, to)
	return s
}

// directGroupsOf are the groups in scope that a user is a direct member of.
func (r *Result) directGroupsOf(i int32) []int32 {
	var out []int32
	for g, in := range r.scope.groups {
		if !in {
			continue
		}
		if _, ok := slices.BinarySearch(r.Directory.Groups[g].Users, i); ok {
			out = append(out, int32(g))
		}
	}
	return out
}

func notesOf(from, to *Result) []Note {
	if from.Settings.Connector == to.Settings.Connector {
		return nil
	}
	notes := []Note{{"The two connectors can't be used at the same time in one organisation.", pageLimits, Documented}}
	if from.Settings.Connector == NestedGroups {
		notes = append(notes, Note{"Leaving the nested-groups sync removes the domains that it verified in the organisation, and the accounts claimed through them; users and groups keep their access.", pageLeaving, Documented})
		for _, d := range sortedKeys(from.entra) {
			notes = append(notes, Note{d + " is verified by the nested-groups sync (entra_domains): verify it by DNS or HTTPS before leaving.", pageLeaving, Inferred})
		}
		notes = append(notes, Note{"Over SCIM a group that later leaves the assignment is deleted in Atlassian with its permissions; assigning it again doesn't restore them.", pageTutorial, Documented})
	} else {
		notes = append(notes, Note{"Existing accounts are matched by primary e-mail address on the first sync.", pageEntering, Documented})
	}
	slices.SortStableFunc(notes, func(a, b Note) int { return cmp.Compare(a.Confidence, b.Confidence) })
	return notes
}
